// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceTree} from "../ReferenceTree.sol";
import {Scenario} from "../Scenario.sol";

contract AnchorLogVerifyTest is Scenario {
    using ReferenceTree for bytes32[];

    function sealTree(uint256 count) private returns (bytes32[] memory hashes) {
        hashes = ReferenceTree.leaves(count);
        uint64 first = log.next(KEY);
        bytes32 root = hashes.root();
        vm.prank(KEY);
        log.anchor(first, uint32(count), root);
    }

    function testFuzz_verify_gives_the_time_of_the_seal_for_every_leaf(uint8 size, uint8 at, uint16 later) public {
        uint256 count = 1 + size % 70;
        uint256 index = at % count;
        vm.warp(START + later);
        bytes32[] memory hashes = sealTree(count);
        vm.warp(START + later + 1000);
        equal(log.verify(KEY, 0, uint32(index), hashes[index], hashes.path(index)), START + later, "sealedAt");
    }

    function testFuzz_verify_gives_zero_for_any_other_position(uint8 size, uint8 at, uint32 claimed) public {
        uint256 count = 1 + size % 70;
        uint256 index = at % count;
        vm.assume(claimed != index);
        bytes32[] memory hashes = sealTree(count);
        equal(log.verify(KEY, 0, claimed, hashes[index], hashes.path(index)), 0, "other position");
        uint32 near = claimed % 70;
        uint64 expected = near == index ? START : 0;
        equal(log.verify(KEY, 0, near, hashes[index], hashes.path(index)), expected, "near position");
    }

    function testFuzz_verify_gives_zero_when_any_word_of_the_path_or_the_leaf_differs(
        uint8 size,
        uint8 at,
        uint8 place,
        bytes32 word
    ) public {
        uint256 count = 2 + size % 69;
        uint256 index = at % count;
        bytes32[] memory hashes = sealTree(count);
        bytes32[] memory path = hashes.path(index);
        bytes32 leaf = hashes[index];
        uint256 changed = place % (path.length + 1);
        if (changed == path.length) {
            vm.assume(word != leaf);
            leaf = word;
        } else {
            vm.assume(word != path[changed]);
            path[changed] = word;
        }
        equal(log.verify(KEY, 0, uint32(index), leaf, path), 0, "changed");
    }

    function testFuzz_verify_gives_zero_when_the_path_is_shorter_or_longer(uint8 size, uint8 at, bytes32 extra) public {
        uint256 count = 2 + size % 69;
        uint256 index = at % count;
        bytes32[] memory hashes = sealTree(count);
        bytes32[] memory path = hashes.path(index);
        bytes32[] memory shorter = new bytes32[](path.length - 1);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) {
            if (i < shorter.length) shorter[i] = path[i];
            longer[i] = path[i];
        }
        longer[path.length] = extra;
        equal(log.verify(KEY, 0, uint32(index), hashes[index], shorter), 0, "shorter");
        equal(log.verify(KEY, 0, uint32(index), hashes[index], longer), 0, "longer");
    }

    function test_verify_gives_zero_for_an_inner_node_at_every_position() public {
        bytes32[] memory hashes = sealTree(5);
        bytes32 inner = sha256(bytes.concat(hex"01", hashes[0], hashes[1]));
        bytes32[] memory fromInner = new bytes32[](2);
        fromInner[0] = sha256(bytes.concat(hex"01", hashes[2], hashes[3]));
        fromInner[1] = hashes[4];
        bytes32[] memory none = new bytes32[](0);
        for (uint32 index = 0; index < 6; ++index) {
            equal(log.verify(KEY, 0, index, inner, fromInner), 0, "inner node");
            equal(log.verify(KEY, 0, index, hashes.root(), none), 0, "root");
        }
    }

    /// Where a count is too small for its root, the path that reaches the root is longer than that count allows.
    function test_verify_gives_zero_when_the_root_lies_above_a_tree_of_that_count() public {
        bytes32[] memory hashes = ReferenceTree.leaves(2);
        bytes32 root = hashes.root();
        vm.prank(KEY);
        log.anchor(0, 1, root);
        equal(log.verify(KEY, 0, 0, hashes[0], hashes.path(0)), 0, "as a left child");
        equal(log.verify(KEY, 0, 0, hashes[1], hashes.path(1)), 0, "as a right child");
    }

    function test_verify_gives_zero_for_a_batch_or_an_operator_that_sealed_nothing() public {
        bytes32[] memory hashes = sealTree(1);
        equal(log.verify(KEY, 0, 0, hashes[0], new bytes32[](0)), START, "sealed");
        equal(log.verify(KEY, 1, 0, hashes[0], new bytes32[](0)), 0, "no such batch");
        equal(log.verify(STRANGER, 0, 0, hashes[0], new bytes32[](0)), 0, "no such operator");
        equal(log.verify(STRANGER, 0, 0, 0, new bytes32[](0)), 0, "nothing proves nothing");
    }

    function test_verify_tells_batches_of_one_operator_apart() public {
        sealTree(3);
        bytes32[] memory hashes = sealTree(4);
        equal(log.verify(KEY, 1, 2, hashes[2], hashes.path(2)), START, "its batch");
        equal(log.verify(KEY, 0, 2, hashes[2], hashes.path(2)), 0, "the other batch");
    }

    function test_verify_still_holds_after_the_operator_was_suspended() public {
        bytes32[] memory hashes = sealTree(1);
        suspend();
        equal(log.verify(KEY, 0, 0, hashes[0], new bytes32[](0)), START, "sealed");
    }
}
