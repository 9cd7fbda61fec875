// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorLog} from "../../../contracts/AnchorLog.sol";
import {PartnerRegistry} from "../../../contracts/PartnerRegistry.sol";
import {Cheatcodes} from "./Cheatcodes.sol";

/// @title A network with one partner and its operator key, and the words that tests are written in
abstract contract Scenario {
    Cheatcodes internal constant vm = Cheatcodes(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    uint64 internal constant START = 1_800_000_000;
    uint32 internal constant PRODUCER = 2;
    uint32 internal constant OPERATOR = 128;
    uint8 internal constant BY_PARTNER = 1;
    uint8 internal constant BY_OPERATOR = 2;
    uint8 internal constant UNKNOWN = 0;
    uint8 internal constant GOOD = 1;
    uint8 internal constant NOT_YET_VALID = 2;
    uint8 internal constant ENDED = 3;
    uint8 internal constant SUSPENDED = 4;
    uint8 internal constant COMPROMISED = 5;

    string internal constant DID = "did:web:farm.example";
    address internal constant ADMIN = address(0xAD);
    address internal constant STRANGER = address(0x57);
    address internal constant KEY = address(0xBEEF);

    PartnerRegistry internal registry;
    AnchorLog internal log;
    bytes32 internal partner;

    function setUp() public virtual {
        vm.warp(START);
        registry = new PartnerRegistry("test-0011223344556677", ADMIN);
        log = new AnchorLog(registry);
        partner = admit(DID, PRODUCER | OPERATOR);
        addKey(KEY);
    }

    function admit(string memory did, uint32 roles) internal returns (bytes32) {
        vm.prank(ADMIN);
        return registry.admitPartner(did, roles);
    }

    function addKey(address key) internal {
        vm.prank(ADMIN);
        registry.addKey(partner, key, BY_PARTNER, 0, 0);
    }

    function setRoles(uint32 roles) internal {
        vm.prank(ADMIN);
        registry.setRoles(partner, roles);
    }

    function suspend() internal {
        vm.prank(ADMIN);
        registry.suspend(partner);
    }

    function reinstate() internal {
        vm.prank(ADMIN);
        registry.reinstate(partner);
    }

    function statusOf(address key, uint64 time) internal view returns (uint8 status) {
        (,,, status) = registry.statusAt(key, time);
    }

    function rolesOf(address key, uint64 time) internal view returns (uint32 roles) {
        (, roles,,) = registry.statusAt(key, time);
    }

    function equal(uint256 actual, uint256 expected, string memory what) internal pure {
        require(
            actual == expected,
            string.concat(what, ": ", vm.toString(actual), " where ", vm.toString(expected), " is expected")
        );
    }
}
