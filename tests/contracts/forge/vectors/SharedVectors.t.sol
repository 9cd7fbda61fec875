// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VectorFile} from "./VectorFile.sol";

/// The one vector file that Solidity, Python and JavaScript read (tests/vectors/README.md).
contract SharedVectorsTest is VectorFile {
    function location() internal pure override returns (string memory) {
        return "tests/vectors/vectors.json";
    }

    function test_verify_agrees_with_every_tree() public {
        uint256 trees = 0;
        for (; has(element(".trees", trees)); ++trees) {
            string memory tree = element(".trees", trees);
            bytes32[] memory leaves = vm.parseJsonBytes32Array(json, string.concat(tree, ".leafHashes"));
            uint64 batch = seal(leaves.length, vm.parseJsonBytes32(json, string.concat(tree, ".root")));
            for (uint32 index = 0; index < leaves.length; ++index) {
                string memory key = element(string.concat(tree, ".paths"), index);
                provenThereOnly(batch, index, leaves[index], vm.parseJsonBytes32Array(json, key), key);
            }
        }
        require(trees >= 12, "fewer vectors than there were");
    }

    function test_verify_refuses_every_refused_path() public {
        uint256 i = 0;
        for (; has(element(".refusedPaths", i)); ++i) {
            string memory key = element(".refusedPaths", i);
            string memory why = vm.parseJsonString(json, string.concat(key, ".why"));
            bytes32 root = vm.parseJsonBytes32(json, string.concat(key, ".root"));
            bytes32 leaf = vm.parseJsonBytes32(json, string.concat(key, ".leafHash"));
            bytes32[] memory path = vm.parseJsonBytes32Array(json, string.concat(key, ".path"));
            uint256 index = vm.parseJsonUint(json, string.concat(key, ".index"));
            uint256 count = vm.parseJsonUint(json, string.concat(key, ".count"));
            require(!merkle.proves(root, count, index, leaf, path), why);
            // The log seals no empty batch; an index of more than 32 bits cannot be asked of it.
            if (count == 0 || index > type(uint32).max) continue;
            equal(log.verify(KEY, seal(count, root), uint32(index), leaf, path), 0, why);
        }
        require(i >= 12, "fewer vectors than there were");
    }

    function test_leafHash_agrees_with_every_statement() public view {
        uint256 i = 0;
        for (; has(element(".statements", i)); ++i) {
            string memory statement = element(".statements", i);
            bytes memory data = vm.parseJsonBytes(json, string.concat(statement, ".leafData"));
            bytes32 expected = vm.parseJsonBytes32(json, string.concat(statement, ".leafHash"));
            require(merkle.leafHash(data) == expected, statement);
        }
        require(i >= 6, "fewer vectors than there were");
    }

    function test_proves_every_published_path_of_certificate_transparency() public view {
        string memory tree = ".published.rfc6962";
        bytes[] memory data = vm.parseJsonBytesArray(json, string.concat(tree, ".leafData"));
        bytes32[] memory roots = vm.parseJsonBytes32Array(json, string.concat(tree, ".roots"));
        uint256 i = 0;
        for (; has(element(string.concat(tree, ".paths"), i)); ++i) {
            string memory key = element(string.concat(tree, ".paths"), i);
            bytes32[] memory path = vm.parseJsonBytes32Array(json, string.concat(key, ".path"));
            uint256 index = vm.parseJsonUint(json, string.concat(key, ".index"));
            uint256 size = vm.parseJsonUint(json, string.concat(key, ".size"));
            require(merkle.proves(roots[size], size, index, merkle.leafHash(data[index]), path), key);
        }
        require(i >= 5, "fewer vectors than there were");
    }
}
