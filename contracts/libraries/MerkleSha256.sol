// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle trees of RFC 6962 with SHA-256
/// @notice leaf = SHA-256(0x00 ‖ data), node = SHA-256(0x01 ‖ left ‖ right); order is kept, so a path proves the
/// position.
library MerkleSha256 {
    /// @notice Hash of a leaf's data (RFC 6962 section 2.1).
    function leafHash(bytes memory data) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), data));
    }

    /// @notice Hash of an inner node (RFC 6962 section 2.1).
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether `path` leads from the leaf at `index` of a tree of `count` leaves to `root` (RFC 9162 section
    /// 2.1.3.2).
    /// @dev False, never an error, for an index outside the tree and for a path that is too short or too long.
    function proves(bytes32 root, uint256 count, uint256 index, bytes32 leaf, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (index >= count) return false;
        uint256 last = count - 1;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                node = nodeHash(path[i], node);
                // A right edge without a sibling rises unhashed until it is a right child.
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                node = nodeHash(node, path[i]);
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 && node == root;
    }
}
