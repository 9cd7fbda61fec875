// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartnerRegistry} from "../../../../contracts/PartnerRegistry.sol";
import {IPartnerRegistry} from "../../../../contracts/interfaces/IPartnerRegistry.sol";
import {Scenario} from "../Scenario.sol";

contract PartnerRegistryAdminTest is Scenario {
    address private constant SUCCESSOR = address(0x5CC);

    function test_constructor_fixes_network_and_admin() public view {
        require(keccak256(bytes(registry.network())) == keccak256("test-0011223344556677"), "network");
        require(registry.admin() == ADMIN && registry.pendingAdmin() == address(0), "admin");
    }

    function test_constructor_reverts_when_the_network_has_no_name() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_EmptyNetwork.selector));
        new PartnerRegistry("", ADMIN);
    }

    function test_constructor_reverts_when_the_admin_is_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_ZeroAddress.selector));
        new PartnerRegistry("n", address(0));
    }

    function test_every_power_reverts_for_a_stranger_with_NotAdmin() public {
        bytes[9] memory calls = [
            abi.encodeCall(registry.setGuardian, (STRANGER)),
            abi.encodeCall(registry.offerAdmin, (STRANGER)),
            abi.encodeCall(registry.admitPartner, ("did:web:x.example", 1)),
            abi.encodeCall(registry.setRoles, (partner, 1)),
            abi.encodeCall(registry.reinstate, (partner)),
            abi.encodeCall(registry.addKey, (partner, address(1), 1, 0, 0)),
            abi.encodeCall(registry.endKey, (KEY, START + 30 days)),
            abi.encodeCall(registry.reportCompromised, (KEY, START)),
            abi.encodeCall(registry.rotateOperator, (KEY, address(1)))
        ];
        bytes memory expected = abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdmin.selector, STRANGER);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool done, bytes memory answer) = address(registry).call(calls[i]);
            require(!done && keccak256(answer) == keccak256(expected), vm.toString(i));
        }
    }

    function test_offerAdmin_changes_nothing_until_accepted() public {
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.AdminOffered(ADMIN, SUCCESSOR);
        vm.prank(ADMIN);
        registry.offerAdmin(SUCCESSOR);
        require(registry.admin() == ADMIN && registry.pendingAdmin() == SUCCESSOR, "offered");
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdmin.selector, SUCCESSOR));
        vm.prank(SUCCESSOR);
        registry.setRoles(partner, 1);
    }

    function test_acceptAdmin_moves_the_powers_once_offered() public {
        vm.prank(ADMIN);
        registry.offerAdmin(SUCCESSOR);
        vm.expectEmit(address(registry));
        emit IPartnerRegistry.AdminChanged(ADMIN, SUCCESSOR);
        vm.prank(SUCCESSOR);
        registry.acceptAdmin();
        require(registry.admin() == SUCCESSOR && registry.pendingAdmin() == address(0), "accepted");
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotAdmin.selector, ADMIN));
        vm.prank(ADMIN);
        registry.setRoles(partner, 1);
    }

    function test_acceptAdmin_reverts_when_not_offered() public {
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotOffered.selector, STRANGER));
        vm.prank(STRANGER);
        registry.acceptAdmin();
    }

    function test_acceptAdmin_reverts_when_the_offer_was_withdrawn() public {
        vm.prank(ADMIN);
        registry.offerAdmin(SUCCESSOR);
        vm.prank(ADMIN);
        registry.offerAdmin(address(0));
        vm.expectRevert(abi.encodeWithSelector(IPartnerRegistry.PartnerRegistry_NotOffered.selector, SUCCESSOR));
        vm.prank(SUCCESSOR);
        registry.acceptAdmin();
    }
}
