// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleSha256Harness} from "../../../../contracts/mocks/MerkleSha256Harness.sol";
import {Scenario} from "../Scenario.sol";

/// Values published with the reference implementation of Certificate Transparency (RFC 6962): eight leaves, their root,
/// and audit paths in trees of 8, 5 and 3 of them.
contract MerkleSha256PublishedTest is Scenario {
    MerkleSha256Harness private merkle;

    bytes32 private constant ROOT_3 = 0xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77;
    bytes32 private constant ROOT_8 = 0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328;

    function setUp() public override {
        merkle = new MerkleSha256Harness();
    }

    function test_leafHash_of_no_data_is_the_published_one() public view {
        require(merkle.leafHash("") == 0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d, "leaf");
    }

    function test_proves_the_published_path_of_leaf_0_of_8() public view {
        bytes32[] memory path = new bytes32[](3);
        path[0] = 0x96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7;
        path[1] = 0x5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e;
        path[2] = 0x6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4;
        require(merkle.proves(ROOT_8, 8, 0, merkle.leafHash(""), path), "path");
        require(!merkle.proves(ROOT_8, 8, 1, merkle.leafHash(""), path), "position");
        require(!merkle.proves(ROOT_8, 4, 0, merkle.leafHash(""), path), "count");
    }

    function test_proves_the_published_path_of_leaf_2_of_3() public view {
        bytes32[] memory path = new bytes32[](1);
        path[0] = 0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125;
        require(merkle.proves(ROOT_3, 3, 2, merkle.leafHash(hex"10"), path), "path");
        require(!merkle.proves(ROOT_3, 3, 2, merkle.leafHash(hex"11"), path), "leaf");
    }

    function testFuzz_proves_nothing_in_an_empty_tree(bytes32 root, uint256 index, bytes32[] calldata path)
        public
        view
    {
        require(!merkle.proves(root, 0, index, root, path), "empty");
    }
}
