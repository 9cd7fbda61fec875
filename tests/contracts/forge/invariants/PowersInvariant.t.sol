// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartnerRegistry} from "../../../../contracts/PartnerRegistry.sol";
import {Cheatcodes} from "../Cheatcodes.sol";
import {Scenario} from "../Scenario.sol";

/// Four people try every power in any order, and the registry must accept exactly what its rules allow. What those rules
/// make of admin, offer, guardian, roles, suspensions and a key's life is kept here, to be compared.
contract People {
    Cheatcodes private constant vm = Cheatcodes(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    PartnerRegistry private immutable registry;
    bytes32[2] private partners;
    address private immutable key;
    address public admin;
    address public pendingAdmin;
    address public guardian;
    uint32[2] public roles;
    bool[2] public suspended;
    bool public compromised;

    constructor(PartnerRegistry registry_, address admin_, bytes32[2] memory partners_, address key_, uint32 roles_) {
        registry = registry_;
        admin = admin_;
        partners = partners_;
        key = key_;
        roles = [roles_, roles_];
    }

    function person(uint256 who) public pure returns (address) {
        return address([uint160(0xAD), 0x6A, 0x5CC, 0x57][who % 4]);
    }

    // Half the attempts by those in office: a stranger's refusal is soon seen, a long hand-over is not.
    function _caller(uint256 who, address inOffice) private pure returns (address) {
        return who % 2 == 0 && inOffice != address(0) ? inOffice : person(who / 2);
    }

    function _try(address caller, bytes memory data, bool allowed) private {
        vm.prank(caller);
        (bool done,) = address(registry).call(data);
        require(done == allowed, allowed ? "refused what the rules allow" : "accepted what the rules forbid");
    }

    function offerAdmin(uint256 who, uint256 to) external {
        address caller = _caller(who, admin);
        address successor = to % 5 == 0 ? address(0) : person(to);
        bool allowed = caller == admin;
        _try(caller, abi.encodeCall(registry.offerAdmin, (successor)), allowed);
        if (allowed) pendingAdmin = successor;
    }

    function acceptAdmin(uint256 who) external {
        address caller = _caller(who, pendingAdmin);
        bool allowed = caller == pendingAdmin;
        _try(caller, abi.encodeCall(registry.acceptAdmin, ()), allowed);
        if (allowed) (admin, pendingAdmin) = (caller, address(0));
    }

    function setGuardian(uint256 who, uint256 to) external {
        address caller = _caller(who, admin);
        address successor = to % 5 == 0 ? address(0) : person(to);
        bool allowed = caller == admin;
        _try(caller, abi.encodeCall(registry.setGuardian, (successor)), allowed);
        if (allowed) guardian = successor;
    }

    function suspend(uint256 who, uint256 which) external {
        address caller = _caller(who, guardian);
        bool allowed = (caller == admin || caller == guardian) && !suspended[which % 2];
        _try(caller, abi.encodeCall(registry.suspend, (partners[which % 2])), allowed);
        if (allowed) suspended[which % 2] = true;
    }

    function reinstate(uint256 who, uint256 which) external {
        address caller = _caller(who, admin);
        bool allowed = caller == admin && suspended[which % 2];
        _try(caller, abi.encodeCall(registry.reinstate, (partners[which % 2])), allowed);
        if (allowed) suspended[which % 2] = false;
    }

    function setRoles(uint256 who, uint256 which, uint32 to) external {
        address caller = _caller(who, guardian);
        bool allowed = caller == admin;
        _try(caller, abi.encodeCall(registry.setRoles, (partners[which % 2], to)), allowed);
        if (allowed) roles[which % 2] = to;
    }

    function reportCompromised(uint256 who) external {
        address caller = _caller(who, guardian);
        bool allowed = caller == admin && !compromised;
        _try(caller, abi.encodeCall(registry.reportCompromised, (key, uint64(block.timestamp))), allowed);
        if (allowed) compromised = true;
    }
}

contract PowersInvariantTest is Scenario {
    People private people;
    bytes32[2] private partners;

    function setUp() public override {
        super.setUp();
        partners = [partner, admit("did:web:other.example", PRODUCER | OPERATOR)];
        people = new People(registry, ADMIN, partners, KEY, PRODUCER | OPERATOR);
        people.setGuardian(0, 1);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(people);
    }

    function invariant_the_admin_changes_in_two_steps_and_the_guardian_by_the_admin_alone() public view {
        require(registry.admin() == people.admin(), "admin");
        require(registry.pendingAdmin() == people.pendingAdmin(), "offer");
        require(registry.guardian() == people.guardian(), "guardian");
    }

    function invariant_a_guardian_adds_suspensions_and_changes_nothing_else() public view {
        uint64 time = uint64(block.timestamp);
        for (uint256 i = 0; i < 2; ++i) {
            (, uint32 roles, bool suspended) = registry.partnerAt(partners[i], time);
            equal(roles, people.roles(i), "roles");
            require(suspended == people.suspended(i), "suspended");
        }
        uint8 expected = people.compromised() ? COMPROMISED : people.suspended(0) ? SUSPENDED : GOOD;
        equal(statusOf(KEY, time), expected, "key");
    }
}
