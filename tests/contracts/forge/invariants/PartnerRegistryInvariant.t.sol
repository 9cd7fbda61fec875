// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartnerRegistry} from "../../../../contracts/PartnerRegistry.sol";
import {Cheatcodes} from "../Cheatcodes.sol";
import {Scenario} from "../Scenario.sol";

/// Uses every power of the admin, and of the guardian, in any order over two partners and four keys. After each step it notes what the
/// registry answers for a second that is now past, to be compared with what it answers ever after.
contract Registrar {
    Cheatcodes private constant vm = Cheatcodes(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    struct Note {
        address key;
        uint64 time;
        bytes32 answer;
        bool operator;
    }

    PartnerRegistry private immutable registry;
    address private immutable admin;
    address private constant GUARDIAN = address(0x6A);
    bytes32[2] private partners;
    uint256 public constant KEYS = 4;
    Note[] public notes;
    mapping(address key => uint64) public compromisedAt;
    uint256 public performed;
    uint64 private time;

    constructor(PartnerRegistry registry_, address admin_, bytes32[2] memory partners_, uint64 time_) {
        registry = registry_;
        admin = admin_;
        partners = partners_;
        time = time_;
    }

    function noteCount() external view returns (uint256) {
        return notes.length;
    }

    function keyAt(uint256 which) public pure returns (address) {
        return address(uint160(0x1000 + which % KEYS));
    }

    modifier step(uint256 which) {
        _;
        // The second that just was is over for every key; for one, some second before it is noted too.
        for (uint256 i = 0; i < KEYS; ++i) {
            _note(keyAt(i), time);
        }
        _note(keyAt(which / 7), time - uint64(which % 5 days));
        time += uint64(1 + which % 2 days);
        vm.warp(time);
    }

    function _note(address key, uint64 at) private {
        (bytes32 partner, uint32 roles, uint8 custody, uint8 status) = registry.statusAt(key, at);
        bytes32 answer = keccak256(abi.encode(partner, roles, custody, status));
        notes.push(Note(key, at, answer, registry.isOperator(key, at)));
    }

    // Calls the registry refuses are part of the walk: what counts is that none of them rewrites the past.
    function _try(bytes memory data) private {
        _tryAs(admin, data);
    }

    function _tryAs(address caller, bytes memory data) private {
        vm.prank(caller);
        (bool done,) = address(registry).call(data);
        if (done) ++performed;
    }

    function addKey(uint256 which, uint8 custody, uint32 ahead, uint32 length) external step(which) {
        uint64 from = ahead % 3 == 0 ? 0 : time - 1 days + ahead % 4 days;
        uint64 to = length % 3 == 0 ? 0 : time - 1 days + length % 9 days;
        _try(abi.encodeCall(registry.addKey, (partners[custody % 2], keyAt(which), 1 + custody % 2, from, to)));
    }

    function endKey(uint256 which, uint32 ahead) external step(which) {
        _try(abi.encodeCall(registry.endKey, (keyAt(which), time - 2 days + ahead % 7 days)));
    }

    function setRoles(uint256 which, uint32 roles) external step(which) {
        _try(abi.encodeCall(registry.setRoles, (partners[which % 2], roles)));
    }

    function suspend(uint256 which) external step(which) {
        _try(abi.encodeCall(registry.suspend, (partners[which % 2])));
    }

    function suspendAsGuardian(uint256 which) external step(which) {
        _tryAs(GUARDIAN, abi.encodeCall(registry.suspend, (partners[which % 2])));
    }

    function setGuardian(uint256 which) external step(which) {
        _try(abi.encodeCall(registry.setGuardian, (which % 3 == 0 ? address(0) : GUARDIAN)));
    }

    function reinstate(uint256 which) external step(which) {
        _try(abi.encodeCall(registry.reinstate, (partners[which % 2])));
    }

    function rotateOperator(uint256 which, uint256 successor) external step(which) {
        _try(abi.encodeCall(registry.rotateOperator, (keyAt(which), keyAt(successor))));
    }

    function reportCompromised(uint256 which, uint32 ago) external step(which) {
        address key = keyAt(which);
        uint64 since = time - ago % 20 days;
        uint256 before = performed;
        _try(abi.encodeCall(registry.reportCompromised, (key, since)));
        if (performed == before) return;
        require(compromisedAt[key] == 0 || since < compromisedAt[key], "moved later");
        compromisedAt[key] = since;
    }
}

contract PartnerRegistryInvariantTest is Scenario {
    bytes32 private constant UNKNOWN_ANSWER = keccak256(abi.encode(bytes32(0), uint32(0), uint8(0), uint8(0)));

    Registrar private registrar;

    function setUp() public override {
        super.setUp();
        bytes32 other = admit("did:web:other.example", OPERATOR);
        registrar = new Registrar(registry, ADMIN, [partner, other], START);
        for (uint256 i = 0; i < 3; ++i) {
            addKey(registrar.keyAt(i));
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(registrar);
    }

    /// Every answer about the past is as it was given, but for a report of compromise and for keys then unknown. Looked at when a walk ends: no
    /// power could put a rewritten past back.
    function afterInvariant() external view {
        for (uint256 i = 0; i < registrar.noteCount(); ++i) {
            (address key, uint64 time, bytes32 answer, bool operator) = registrar.notes(i);
            (bytes32 holder, uint32 roles, uint8 custody, uint8 status) = registry.statusAt(key, time);
            uint64 compromisedAt = registrar.compromisedAt(key);
            if (compromisedAt != 0 && time >= compromisedAt) {
                equal(status, COMPROMISED, "status after a report");
                require(!registry.isOperator(key, time), "a compromised operator");
            } else if (answer == UNKNOWN_ANSWER) {
                require(!registry.isOperator(key, time), "an unknown operator");
                require(status == UNKNOWN || status == NOT_YET_VALID, "a key that was good before it was added");
            } else {
                require(keccak256(abi.encode(holder, roles, custody, status)) == answer, "the past changed");
                require(registry.isOperator(key, time) == operator, "the past of an operator changed");
            }
        }
    }

    /// Many walks: a rewrite of the past takes several steps in a certain order.
    /// forge-config: default.invariant.runs = 256
    function invariant_an_operator_is_good_holds_the_role_and_was_not_rotated() public view {
        for (uint256 i = 0; i < registrar.KEYS(); ++i) {
            address key = registrar.keyAt(i);
            (address successor,) = registry.successorOf(key);
            bool expected = statusOf(key, uint64(block.timestamp)) == GOOD && successor == address(0)
                && rolesOf(key, uint64(block.timestamp)) & OPERATOR != 0;
            require(registry.isOperator(key, uint64(block.timestamp)) == expected, "operator");
        }
    }
}
