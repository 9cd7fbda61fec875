// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLog} from "../../../../contracts/interfaces/IAnchorLog.sol";
import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract PartnerRegistryRotateOperatorTest is Scenario {
    address private constant HEIR = address(0x4E18);

    function setUp() public override {
        super.setUp();
        addKey(HEIR);
        vm.prank(KEY);
        log.anchor(0, 7, "root");
        vm.warp(START + 100);
    }

    function rotate(address key, address successor) private {
        vm.prank(ADMIN);
        registry.rotateOperator(key, successor);
    }

    function test_rotateOperator_ends_sealing_in_this_block_and_leaves_the_final_length() public {
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.OperatorRotated(partner, KEY, HEIR);
        rotate(KEY, HEIR);
        (address successor, uint64 rotatedAt) = registry.successorOf(KEY);
        require(successor == HEIR && rotatedAt == START + 100, "link");
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.AnchorLog_NotOperator.selector, KEY));
        vm.prank(KEY);
        log.anchor(7, 1, "more");
        equal(log.next(KEY), 7, "final length");
        vm.prank(HEIR);
        equal(log.anchor(0, 1, "first of the new log"), 0, "the successor counts from 0");
    }

    function test_rotateOperator_keeps_the_past_and_the_key_good_for_statements() public {
        rotate(KEY, HEIR);
        require(registry.isOperator(KEY, START + 99), "operator before");
        require(!registry.isOperator(KEY, START + 100), "operator from then");
        equal(statusOf(KEY, START + 100), GOOD, "still signs");
    }

    function test_rotateOperator_links_a_compromised_key() public {
        vm.prank(ADMIN);
        registry.reportCompromised(KEY, START + 50);
        rotate(KEY, HEIR);
        (address successor,) = registry.successorOf(KEY);
        require(successor == HEIR, "link");
    }

    function test_rotateOperator_reverts_when_rotated_before() public {
        rotate(KEY, HEIR);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_AlreadyRotated.selector, KEY, HEIR));
        rotate(KEY, HEIR);
    }

    function test_rotateOperator_reverts_when_the_successor_was_rotated() public {
        rotate(KEY, HEIR);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotOperator.selector, KEY));
        rotate(HEIR, KEY);
    }

    function test_rotateOperator_reverts_when_the_successor_is_another_partners() public {
        bytes32 other = admit("did:web:other.example", OPERATOR);
        vm.prank(ADMIN);
        registry.addKey(other, address(0x0743), BY_PARTNER, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_OtherPartner.selector, KEY, address(0x0743))
        );
        rotate(KEY, address(0x0743));
    }

    function test_rotateOperator_reverts_when_the_successor_is_the_key_itself() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_OtherPartner.selector, KEY, KEY));
        rotate(KEY, KEY);
    }

    function test_rotateOperator_reverts_when_a_key_is_unknown() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownKey.selector, STRANGER));
        rotate(STRANGER, HEIR);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownKey.selector, STRANGER));
        rotate(KEY, STRANGER);
    }

    function test_rotateOperator_reverts_when_the_successor_is_not_good_yet() public {
        vm.prank(ADMIN);
        registry.addKey(partner, address(0x1A7E), BY_PARTNER, START + 101, 0);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotOperator.selector, address(0x1A7E)));
        rotate(KEY, address(0x1A7E));
    }
}
