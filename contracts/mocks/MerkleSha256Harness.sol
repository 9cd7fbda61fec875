// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleSha256} from "../libraries/MerkleSha256.sol";

/// @title The library's internal functions as calls, for tests only
contract MerkleSha256Harness {
    function leafHash(bytes calldata data) external pure returns (bytes32) {
        return MerkleSha256.leafHash(data);
    }

    function nodeHash(bytes32 left, bytes32 right) external pure returns (bytes32) {
        return MerkleSha256.nodeHash(left, right);
    }

    function proves(bytes32 root, uint256 count, uint256 index, bytes32 leaf, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        return MerkleSha256.proves(root, count, index, leaf, path);
    }
}
