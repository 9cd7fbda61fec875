// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleSha256Harness} from "../../../../contracts/mocks/MerkleSha256Harness.sol";
import {Scenario} from "../Scenario.sol";

/// @title A JSON file of vectors that others made; its tests are skipped, saying so, where it is not there
abstract contract VectorFile is Scenario {
    string internal json;
    MerkleSha256Harness internal merkle;

    function location() internal pure virtual returns (string memory);

    function setUp() public override {
        super.setUp();
        merkle = new MerkleSha256Harness();
        // Forge refuses, instead of answering no, where even the folder is missing.
        try vm.readFile(location()) returns (string memory content) {
            json = content;
        } catch {
            vm.skip(true, string.concat(location(), " cannot be read"));
        }
    }

    /// The JSON path of an element of a list.
    function element(string memory list, uint256 index) internal pure returns (string memory) {
        return string.concat(list, "[", vm.toString(index), "]");
    }

    function has(string memory key) internal view returns (bool) {
        return vm.keyExistsJson(json, key);
    }

    /// Seals a tree as the operator's next batch; the number of the batch.
    function seal(uint256 count, bytes32 root) internal returns (uint64) {
        uint64 first = log.next(KEY);
        vm.prank(KEY);
        return log.anchor(first, uint32(count), root);
    }

    /// The leaf is proven at its index and nowhere beside it, and no other leaf is.
    function provenThereOnly(uint64 batch, uint32 index, bytes32 leaf, bytes32[] memory path, string memory what)
        internal
        view
    {
        equal(log.verify(KEY, batch, index, leaf, path), START, what);
        equal(log.verify(KEY, batch, index + 1, leaf, path), 0, string.concat("moved: ", what));
        equal(log.verify(KEY, batch, index, ~leaf, path), 0, string.concat("altered: ", what));
    }
}
