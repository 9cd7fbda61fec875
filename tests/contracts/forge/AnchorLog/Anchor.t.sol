// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorLog} from "../../../../contracts/AnchorLog.sol";
import {IAnchorLog} from "../../../../contracts/interfaces/IAnchorLog.sol";
import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract AnchorLogAnchorTest is Scenario {
    function anchor(uint64 first, uint32 count, bytes32 root) private returns (uint64) {
        vm.prank(KEY);
        return log.anchor(first, count, root);
    }

    function test_constructor_fixes_the_registry() public view {
        require(address(log.registry()) == address(registry), "registry");
    }

    function test_constructor_reverts_when_the_registry_has_no_code() public {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_NoRegistry.selector, STRANGER));
        new AnchorLog(IPartnerRegistry(STRANGER));
    }

    function testFuzz_anchor_stores_the_seal_and_emits_it(uint32 count, bytes32 root, uint32 later) public {
        vm.assume(count != 0 && root != 0);
        vm.warp(START + later);
        vm.expectEmit(address(log));
        emit IAnchorLog.Anchored(KEY, 0, 0, count, root);
        equal(anchor(0, count, root), 0, "batch");
        (bytes32 sealedRoot, uint64 first, uint32 sealedCount, uint64 sealedAt) = log.sealOf(KEY, 0);
        require(sealedRoot == root, "root");
        equal(first, 0, "first");
        equal(sealedCount, count, "count");
        equal(sealedAt, START + later, "sealedAt");
        equal(log.next(KEY), count, "next");
    }

    function test_anchor_numbers_batches_and_statements_per_operator() public {
        address other = address(0x0743);
        addKey(other);
        equal(anchor(0, 3, "a"), 0, "first batch");
        equal(anchor(3, 4, "b"), 1, "second batch");
        vm.prank(other);
        equal(log.anchor(0, 9, "c"), 0, "another log");
        equal(log.next(KEY), 7, "next");
        equal(log.next(other), 9, "next of the other");
        (, uint64 first,,) = log.sealOf(KEY, 1);
        equal(first, 3, "first");
    }

    function test_anchor_reverts_when_sent_twice() public {
        anchor(0, 3, "a");
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_NotNext.selector, 0, 3));
        anchor(0, 3, "a");
    }

    function testFuzz_anchor_reverts_when_first_is_not_next(uint64 first) public {
        anchor(0, 3, "a");
        vm.assume(first != 3);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_NotNext.selector, first, 3));
        anchor(first, 1, "b");
    }

    function test_anchor_reverts_when_count_is_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_ZeroCount.selector));
        anchor(0, 0, "a");
    }

    function test_anchor_reverts_when_root_is_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_ZeroRoot.selector));
        anchor(0, 1, 0);
    }

    function refused(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_NotOperator.selector, caller));
        vm.prank(caller);
        log.anchor(0, 1, "a");
    }

    function testFuzz_anchor_reverts_when_the_key_is_unknown(address caller) public {
        vm.assume(caller != KEY);
        refused(caller);
    }

    function test_anchor_reverts_when_the_partner_has_no_operator_role() public {
        setRoles(~OPERATOR);
        refused(KEY);
    }

    function test_anchor_reverts_while_the_partner_is_suspended_and_not_after() public {
        suspend();
        refused(KEY);
        reinstate();
        anchor(0, 1, "a");
    }

    function test_anchor_reverts_when_the_key_is_not_yet_valid_or_ended() public {
        address key = address(0x1A7E);
        vm.prank(ADMIN);
        registry.addKey(partner, key, BY_PARTNER, START + 10, START + 2 days);
        refused(key);
        vm.warp(START + 2 days);
        refused(key);
        vm.warp(START + 2 days - 1);
        vm.prank(key);
        log.anchor(0, 1, "a");
    }

    function test_anchor_reverts_when_the_key_is_compromised() public {
        vm.prank(ADMIN);
        registry.reportCompromised(KEY, START);
        refused(KEY);
    }

    function test_sealOf_is_zero_where_nothing_is_sealed() public view {
        (bytes32 root, uint64 first, uint32 count, uint64 sealedAt) = log.sealOf(KEY, 0);
        require(root == 0 && first == 0 && count == 0 && sealedAt == 0, "zero");
    }
}
