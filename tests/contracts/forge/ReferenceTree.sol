// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 6962 trees as section 2.1 defines them, by recursion; the oracle of the iterative check
library ReferenceTree {
    function leaf(bytes memory data) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", data));
    }

    function leaves(uint256 count) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            hashes[i] = leaf(abi.encode(i));
        }
    }

    function root(bytes32[] memory hashes) internal pure returns (bytes32) {
        return _root(hashes, 0, hashes.length);
    }

    /// Siblings of the leaf at `index`, nearest first (RFC 6962 section 2.1.1).
    function path(bytes32[] memory hashes, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[] memory farthestFirst = new bytes32[](32);
        uint256 found = 0;
        uint256 from = 0;
        uint256 to = hashes.length;
        while (to - from > 1) {
            uint256 middle = from + _split(to - from);
            if (index < middle) {
                farthestFirst[found++] = _root(hashes, middle, to);
                to = middle;
            } else {
                farthestFirst[found++] = _root(hashes, from, middle);
                from = middle;
            }
        }
        siblings = new bytes32[](found);
        for (uint256 i = 0; i < found; ++i) {
            siblings[i] = farthestFirst[found - 1 - i];
        }
    }

    function _root(bytes32[] memory hashes, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return hashes[from];
        uint256 middle = from + _split(to - from);
        return sha256(bytes.concat(hex"01", _root(hashes, from, middle), _root(hashes, middle, to)));
    }

    /// The largest power of two smaller than `count`.
    function _split(uint256 count) private pure returns (uint256 power) {
        power = 1;
        while (power * 2 < count) power *= 2;
    }
}
