// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract PartnerRegistryKeysTest is Scenario {
    address private constant FRESH = address(0xF5E5);

    function add(address key, uint8 custody, uint64 validFrom, uint64 validTo) private {
        vm.prank(ADMIN);
        registry.addKey(partner, key, custody, validFrom, validTo);
    }

    function end(address key, uint64 validTo) private {
        vm.prank(ADMIN);
        registry.endKey(key, validTo);
    }

    function compromise(address key, uint64 since) private {
        vm.prank(ADMIN);
        registry.reportCompromised(key, since);
    }

    // ---------------------------------------------------------------- addKey

    function test_addKey_from_zero_is_good_from_this_block_without_end() public {
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.KeyAdded(partner, FRESH, BY_OPERATOR, START, 0);
        add(FRESH, BY_OPERATOR, 0, 0);
        (bytes32 holder, uint32 roles, uint8 custody, uint8 status) = registry.statusAt(FRESH, START);
        require(holder == partner && roles == PRODUCER | OPERATOR && custody == BY_OPERATOR && status == GOOD, "status");
        equal(statusOf(FRESH, START - 1), NOT_YET_VALID, "before");
        equal(statusOf(FRESH, type(uint64).max), GOOD, "for ever");
    }

    function test_addKey_with_both_bounds_is_good_in_the_half_open_interval() public {
        add(FRESH, BY_PARTNER, START + 10, START + 2 days);
        equal(statusOf(FRESH, START + 9), NOT_YET_VALID, "before");
        equal(statusOf(FRESH, START + 10), GOOD, "first second");
        equal(statusOf(FRESH, START + 2 days - 1), GOOD, "last second");
        equal(statusOf(FRESH, START + 2 days), ENDED, "after");
    }

    function test_addKey_reverts_when_the_partner_is_unknown() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownPartner.selector, bytes32("x")));
        vm.prank(ADMIN);
        registry.addKey("x", FRESH, BY_PARTNER, 0, 0);
    }

    function test_addKey_reverts_when_the_key_is_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_ZeroAddress.selector));
        add(address(0), BY_PARTNER, 0, 0);
    }

    function test_addKey_reverts_when_the_address_is_another_partners() public {
        bytes32 other = admit("did:web:other.example", 1);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_KeyExists.selector, KEY));
        vm.prank(ADMIN);
        registry.addKey(other, KEY, BY_PARTNER, 0, 0);
    }

    function test_addKey_reverts_when_the_key_ended() public {
        add(FRESH, BY_PARTNER, 0, START + 1 days);
        vm.warp(START + 3 days);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_KeyExists.selector, FRESH));
        add(FRESH, BY_PARTNER, 0, 0);
    }

    function testFuzz_addKey_reverts_when_custody_is_neither_1_nor_2(uint8 custody) public {
        vm.assume(custody != 1 && custody != 2);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownCustody.selector, custody));
        add(FRESH, custody, 0, 0);
    }

    function testFuzz_addKey_reverts_when_validFrom_is_in_the_past(uint64 validFrom) public {
        validFrom = 1 + validFrom % (START - 1);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_StartInPast.selector, validFrom, START));
        add(FRESH, BY_PARTNER, validFrom, 0);
    }

    function test_addKey_reverts_when_the_end_is_less_than_24_hours_ahead() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartnerRegistry.PartnerRegistry_EndTooSoon.selector, START + 1 days - 1, START + 1 days
            )
        );
        add(FRESH, BY_PARTNER, 0, START + 1 days - 1);
    }

    function testFuzz_addKey_reverts_when_the_end_is_not_after_the_start(uint64 validFrom, uint64 validTo) public {
        validFrom = START + validFrom % (type(uint64).max - START);
        validTo = 1 + validTo % validFrom;
        vm.expectRevert(
            abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_EndBeforeStart.selector, validTo, validFrom)
        );
        add(FRESH, BY_PARTNER, validFrom, validTo);
    }

    // ---------------------------------------------------------------- endKey

    function test_endKey_ends_the_key_then() public {
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.KeyEndPlanned(partner, KEY, START + 1 days);
        end(KEY, START + 1 days);
        equal(statusOf(KEY, START + 1 days - 1), GOOD, "last second");
        equal(statusOf(KEY, START + 1 days), ENDED, "after");
    }

    function test_endKey_moves_an_end_that_was_not_reached() public {
        end(KEY, START + 2 days);
        end(KEY, START + 9 days);
        equal(statusOf(KEY, START + 8 days), GOOD, "later");
        end(KEY, START + 1 days);
        equal(statusOf(KEY, START + 1 days), ENDED, "earlier");
    }

    function test_endKey_reverts_when_the_key_ended() public {
        end(KEY, START + 1 days);
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_KeyEnded.selector, KEY, START + 1 days));
        end(KEY, START + 9 days);
    }

    function testFuzz_endKey_reverts_when_less_than_24_hours_ahead(uint64 validTo) public {
        vm.warp(START + 60);
        validTo = START + 1 + validTo % (1 days + 59);
        vm.expectRevert(
            abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_EndTooSoon.selector, validTo, START + 60 + 1 days)
        );
        end(KEY, validTo);
    }

    function test_endKey_reverts_when_before_the_start() public {
        add(FRESH, BY_PARTNER, START + 9 days, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPartnerRegistry.PartnerRegistry_EndBeforeStart.selector, START + 9 days, START + 9 days
            )
        );
        end(FRESH, START + 9 days);
    }

    function test_endKey_reverts_when_the_key_is_unknown() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownKey.selector, FRESH));
        end(FRESH, START + 9 days);
    }

    // ---------------------------------------------------------------- reportCompromised

    function test_reportCompromised_reaches_into_the_past_but_not_beyond() public {
        vm.warp(START + 100);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.KeyCompromised(partner, KEY, START + 40);
        compromise(KEY, START + 40);
        equal(statusOf(KEY, START + 39), GOOD, "before");
        equal(statusOf(KEY, START + 40), COMPROMISED, "from then");
        require(!registry.isOperator(KEY, START + 100), "operator now");
        require(registry.isOperator(KEY, START + 39), "operator before");
    }

    function test_reportCompromised_moves_earlier() public {
        vm.warp(START + 100);
        compromise(KEY, START + 40);
        compromise(KEY, START + 20);
        equal(statusOf(KEY, START + 20), COMPROMISED, "earlier");
    }

    function testFuzz_reportCompromised_reverts_when_not_earlier_than_reported(uint64 since) public {
        vm.warp(START + 100);
        compromise(KEY, START + 40);
        vm.assume(since >= START + 40);
        vm.expectRevert(
            abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_CompromiseTime.selector, since, START + 39)
        );
        compromise(KEY, since);
    }

    function test_reportCompromised_reverts_when_in_the_future() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_CompromiseTime.selector, START + 1, START)
        );
        compromise(KEY, START + 1);
    }

    function test_reportCompromised_reverts_when_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_CompromiseTime.selector, 0, START));
        compromise(KEY, 0);
    }

    function test_reportCompromised_reverts_when_the_key_is_unknown() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownKey.selector, FRESH));
        compromise(FRESH, START);
    }

    // ---------------------------------------------------------------- statusAt

    function testFuzz_statusAt_is_all_zero_for_an_unknown_key(address key, uint64 time) public view {
        vm.assume(key != KEY);
        (bytes32 holder, uint32 roles, uint8 custody, uint8 status) = registry.statusAt(key, time);
        require(holder == 0 && roles == 0 && custody == 0 && status == UNKNOWN, "zero");
        require(!registry.isOperator(key, time), "operator");
    }

    function test_statusAt_names_the_gravest_of_several_states() public {
        add(FRESH, BY_PARTNER, 0, START + 1 days);
        vm.warp(START + 2 days);
        suspend();
        equal(statusOf(FRESH, START + 2 days), ENDED, "ended over suspended");
        compromise(FRESH, START - 5);
        equal(statusOf(FRESH, START + 2 days), COMPROMISED, "compromised over ended");
        equal(statusOf(FRESH, START - 5), COMPROMISED, "compromised over not yet valid");
        equal(statusOf(FRESH, START - 6), NOT_YET_VALID, "before all");
    }
}
