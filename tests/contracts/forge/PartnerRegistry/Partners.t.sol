// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract PartnerRegistryPartnersTest is Scenario {
    bytes32 private constant NOBODY = keccak256("did:web:nobody.example");

    function test_admitPartner_names_the_partner_by_the_keccak_of_its_did() public {
        string memory did = "did:web:ports.example";
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.PartnerAdmitted(keccak256(bytes(did)), did, 4);
        require(admit(did, 4) == keccak256(bytes(did)), "id");
    }

    function test_admitPartner_reverts_when_the_did_is_empty() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_EmptyDid.selector));
        vm.prank(ADMIN);
        registry.admitPartner("", 1);
    }

    function test_admitPartner_reverts_when_admitted_before() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_PartnerExists.selector, partner));
        vm.prank(ADMIN);
        registry.admitPartner(DID, 1);
    }

    function test_setRoles_suspend_reinstate_revert_when_the_partner_is_unknown() public {
        bytes[3] memory calls = [
            abi.encodeCall(registry.setRoles, (NOBODY, 1)),
            abi.encodeCall(registry.suspend, (NOBODY)),
            abi.encodeCall(registry.reinstate, (NOBODY))
        ];
        bytes memory expected = abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownPartner.selector, NOBODY);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(ADMIN);
            (bool done, bytes memory answer) = address(registry).call(calls[i]);
            require(!done && keccak256(answer) == keccak256(expected), vm.toString(i));
        }
    }

    function test_setRoles_holds_from_its_block_and_keeps_what_was() public {
        vm.warp(START + 100);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.RolesSet(partner, 4);
        setRoles(4);
        vm.warp(START + 200);
        equal(rolesOf(KEY, START - 1), 0, "before admission");
        equal(rolesOf(KEY, START + 99), PRODUCER | OPERATOR, "before the change");
        equal(rolesOf(KEY, START + 100), 4, "at the change");
        equal(rolesOf(KEY, START + 200), 4, "after the change");
    }

    function test_setRoles_of_a_suspended_partner_leaves_it_suspended() public {
        suspend();
        vm.warp(START + 10);
        setRoles(OPERATOR);
        equal(statusOf(KEY, START + 10), SUSPENDED, "status");
        require(!registry.isOperator(KEY, START + 10), "operator");
    }

    function test_setRoles_twice_in_a_second_keeps_the_later() public {
        vm.warp(START + 5);
        setRoles(1);
        setRoles(8);
        vm.warp(START + 6);
        setRoles(16);
        equal(rolesOf(KEY, START + 4), PRODUCER | OPERATOR, "before");
        equal(rolesOf(KEY, START + 5), 8, "that second");
    }

    function test_suspend_and_reinstate_bound_a_half_open_interval() public {
        vm.warp(START + 100);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.PartnerSuspended(partner);
        suspend();
        vm.warp(START + 200);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.PartnerReinstated(partner);
        reinstate();
        equal(statusOf(KEY, START + 99), GOOD, "before");
        equal(statusOf(KEY, START + 100), SUSPENDED, "first second");
        equal(statusOf(KEY, START + 199), SUSPENDED, "last second");
        equal(statusOf(KEY, START + 200), GOOD, "after");
        equal(rolesOf(KEY, START + 150), PRODUCER | OPERATOR, "roles are kept");
    }

    function test_partnerAt_tells_admission_roles_and_suspension_apart() public {
        vm.warp(START + 10);
        suspend();
        (bool admitted, uint32 roles, bool suspended) = registry.partnerAt(partner, START - 1);
        require(!admitted && roles == 0 && !suspended, "before admission");
        (admitted, roles, suspended) = registry.partnerAt(partner, START);
        require(admitted && roles == PRODUCER | OPERATOR && !suspended, "admitted");
        (admitted, roles, suspended) = registry.partnerAt(partner, START + 10);
        require(admitted && roles == PRODUCER | OPERATOR && suspended, "suspended");
        (admitted, roles, suspended) = registry.partnerAt(NOBODY, START + 10);
        require(!admitted && roles == 0 && !suspended, "nobody");
    }

    function test_suspend_reverts_when_suspended() public {
        suspend();
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_AlreadySuspended.selector, partner));
        suspend();
    }

    function test_reinstate_reverts_when_not_suspended() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotSuspended.selector, partner));
        reinstate();
    }

    /// The search over a long history agrees with a plain list of what was set when.
    function testFuzz_statusAt_answers_every_time_of_a_history(
        uint16[12] memory gaps,
        uint32[12] memory roles,
        uint64 time
    ) public {
        uint64 now_ = START;
        uint64[12] memory since;
        for (uint256 i = 0; i < 12; ++i) {
            now_ += gaps[i] % 50;
            since[i] = now_;
            vm.warp(now_);
            setRoles(roles[i]);
        }
        time = START - 10 + time % (now_ + 20 - START);
        uint32 expected = time < START ? 0 : PRODUCER | OPERATOR;
        for (uint256 i = 0; i < 12; ++i) {
            if (since[i] <= time) expected = roles[i];
        }
        equal(rolesOf(KEY, time), expected, "roles");
    }
}
