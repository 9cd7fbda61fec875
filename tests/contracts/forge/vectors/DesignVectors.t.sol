// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VectorFile} from "./VectorFile.sol";

/// The design's own vectors, made by an implementation that shares no code with the project.
contract DesignVectorsTest is VectorFile {
    bytes32 private constant RULE =
        keccak256("leaf data i = SHA-256 of the ASCII decimal i, three times, then its first byte");

    function location() internal pure override returns (string memory) {
        return "../shared/data/design-vectors.json";
    }

    function test_verify_agrees_with_every_tree_of_the_design() public {
        uint256 trees = 0;
        uint256 paths = 0;
        for (; has(element(".trees", trees)); ++trees) {
            string memory tree = element(".trees", trees);
            bytes[] memory data = leafData(tree);
            uint64 batch = seal(data.length, vm.parseJsonBytes32(json, string.concat(tree, ".root")));
            for (uint32 index = 0; index < data.length; ++index) {
                string memory key = string.concat(tree, ".paths.", vm.toString(index));
                if (!has(key)) continue;
                bytes32[] memory path = vm.parseJsonBytes32Array(json, key);
                provenThereOnly(batch, index, merkle.leafHash(data[index]), path, key);
                ++paths;
            }
        }
        require(trees >= 14 && paths >= 39, "fewer vectors than there were");
    }

    function test_leafHash_agrees_with_every_statement_of_the_design() public view {
        uint256 i = 0;
        for (; has(element(".statements", i)); ++i) {
            string memory statement = element(".statements", i);
            bytes memory data = vm.parseJsonBytes(json, string.concat(statement, ".leafData"));
            bytes32 expected = vm.parseJsonBytes32(json, string.concat(statement, ".leafHash"));
            require(merkle.leafHash(data) == expected, statement);
        }
        require(i >= 6, "fewer vectors than there were");
    }

    /// A list of leaves, or for the large trees the one rule by which `n` of them are made.
    function leafData(string memory tree) private view returns (bytes[] memory data) {
        string memory key = string.concat(tree, ".leafData");
        if (!has(string.concat(key, ".rule"))) return vm.parseJsonBytesArray(json, key);
        string memory rule = vm.parseJsonString(json, string.concat(key, ".rule"));
        require(keccak256(bytes(rule)) == RULE, "unknown rule of leaf data");
        data = new bytes[](vm.parseJsonUint(json, string.concat(tree, ".n")));
        for (uint256 i = 0; i < data.length; ++i) {
            bytes32 digest = sha256(bytes(vm.toString(i)));
            data[i] = bytes.concat(digest, digest, digest, digest[0]);
        }
    }
}
