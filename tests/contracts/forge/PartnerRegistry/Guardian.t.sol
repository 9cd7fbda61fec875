// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract PartnerRegistryGuardianTest is Scenario {
    address private constant GUARDIAN = address(0x6A);
    address private constant SUCCESSOR = address(0x5CC);

    function setGuardian(address guardian) private {
        vm.prank(ADMIN);
        registry.setGuardian(guardian);
    }

    function expectNotAdminOrGuardian(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdminOrGuardian.selector, caller));
    }

    function test_constructor_names_no_guardian() public view {
        require(registry.guardian() == address(0), "guardian");
    }

    function test_setGuardian_names_and_replaces_the_guardian() public {
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.GuardianChanged(address(0), GUARDIAN);
        setGuardian(GUARDIAN);
        require(registry.guardian() == GUARDIAN, "named");
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.GuardianChanged(GUARDIAN, SUCCESSOR);
        setGuardian(SUCCESSOR);
        require(registry.guardian() == SUCCESSOR, "replaced");
        expectNotAdminOrGuardian(GUARDIAN);
        vm.prank(GUARDIAN);
        registry.suspend(partner);
    }

    function test_suspend_by_the_guardian_holds_as_one_by_the_admin() public {
        setGuardian(GUARDIAN);
        vm.warp(START + 10);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.PartnerSuspended(partner);
        vm.prank(GUARDIAN);
        registry.suspend(partner);
        equal(statusOf(KEY, START + 9), GOOD, "before");
        equal(statusOf(KEY, START + 10), SUSPENDED, "from then on");
        equal(rolesOf(KEY, START + 10), PRODUCER | OPERATOR, "roles are kept");
        require(!registry.isOperator(KEY, START + 10), "its seals stop");
    }

    function test_suspend_by_the_admin_needs_no_guardian() public {
        suspend();
        reinstate();
        setGuardian(GUARDIAN);
        suspend();
        equal(statusOf(KEY, START), SUSPENDED, "status");
    }

    function test_suspend_by_the_guardian_reverts_when_suspended() public {
        setGuardian(GUARDIAN);
        suspend();
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_AlreadySuspended.selector, partner));
        vm.prank(GUARDIAN);
        registry.suspend(partner);
    }

    function test_suspend_by_the_guardian_reverts_when_the_partner_is_unknown() public {
        setGuardian(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_UnknownPartner.selector, bytes32("x")));
        vm.prank(GUARDIAN);
        registry.suspend("x");
    }

    function test_reinstate_after_setGuardian_0_is_the_admins_remedy() public {
        setGuardian(GUARDIAN);
        vm.prank(GUARDIAN);
        registry.suspend(partner);
        vm.warp(START + 10);
        setGuardian(address(0));
        reinstate();
        require(registry.isOperator(KEY, START + 10) && !registry.isOperator(KEY, START), "seals again from then on");
        expectNotAdminOrGuardian(GUARDIAN);
        vm.prank(GUARDIAN);
        registry.suspend(partner);
    }

    function test_acceptAdmin_leaves_the_guardian_until_the_new_admin_changes_it() public {
        setGuardian(GUARDIAN);
        vm.prank(ADMIN);
        registry.offerAdmin(SUCCESSOR);
        vm.prank(SUCCESSOR);
        registry.acceptAdmin();
        require(registry.guardian() == GUARDIAN, "survives");
        vm.prank(GUARDIAN);
        registry.suspend(partner);
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdmin.selector, ADMIN));
        setGuardian(address(0));
        vm.prank(SUCCESSOR);
        registry.setGuardian(address(0));
        require(registry.guardian() == address(0), "changed");
    }

    function testFuzz_suspend_reverts_for_all_but_admin_and_guardian(address guardian, address caller) public {
        vm.assume(caller != ADMIN && caller != guardian);
        setGuardian(guardian);
        expectNotAdminOrGuardian(caller);
        vm.prank(caller);
        registry.suspend(partner);
    }

    /// Whatever the arguments, and whether the partner is suspended already: the guardian is refused before all else.
    function testFuzz_every_other_power_reverts_for_the_guardian_with_its_error(
        address guardian,
        address key,
        uint64 time,
        uint32 roles,
        bool suspended
    ) public {
        vm.assume(guardian != ADMIN && guardian != address(0));
        setGuardian(guardian);
        if (suspended) suspend();
        bytes[9] memory calls = [
            abi.encodeCall(registry.offerAdmin, (guardian)),
            abi.encodeCall(registry.setGuardian, (key)),
            abi.encodeCall(registry.admitPartner, ("did:web:x.example", roles)),
            abi.encodeCall(registry.setRoles, (partner, roles)),
            abi.encodeCall(registry.reinstate, (partner)),
            abi.encodeCall(registry.addKey, (partner, key, BY_PARTNER, 0, 0)),
            abi.encodeCall(registry.endKey, (KEY, time)),
            abi.encodeCall(registry.reportCompromised, (KEY, time)),
            abi.encodeCall(registry.rotateOperator, (KEY, key))
        ];
        bytes memory notAdmin = abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdmin.selector, guardian);
        for (uint256 i = 0; i < calls.length; ++i) {
            refused(guardian, calls[i], notAdmin);
        }
        bytes memory notOffered = abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotOffered.selector, guardian);
        refused(guardian, abi.encodeCall(registry.acceptAdmin, ()), notOffered);
    }

    function refused(address caller, bytes memory call, bytes memory expected) private {
        vm.prank(caller);
        (bool done, bytes memory answer) = address(registry).call(call);
        require(!done && keccak256(answer) == keccak256(expected), vm.toString(uint32(bytes4(call))));
    }
}
