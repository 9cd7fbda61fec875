// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceTree} from "./ReferenceTree.sol";
import {Scenario} from "./Scenario.sol";

/// What senders pay, 21,000 base included: each call runs as a transaction of its own (`isolate` in foundry.toml).
contract GasTest is Scenario {
    using ReferenceTree for bytes32[];

    uint256 private constant BUDGET = 85_000;

    function measure(uint32 count) private returns (uint256 firstGas, uint256 laterGas) {
        bytes32 root = keccak256("a root without zero bytes");
        vm.prank(KEY);
        log.anchor(0, count, root);
        firstGas = vm.snapshotGasLastCall("AnchorLog", string.concat("anchor first, count ", vm.toString(count)));
        vm.prank(KEY);
        log.anchor(count, count, root);
        laterGas = vm.snapshotGasLastCall("AnchorLog", string.concat("anchor later, count ", vm.toString(count)));
    }

    function test_anchor_costs_at_most_85000_gas_after_the_first_of_an_operator() public {
        uint32[3] memory counts = [uint32(1), 1000, 4096];
        for (uint256 i = 0; i < counts.length; ++i) {
            setUp();
            (uint256 firstGas, uint256 laterGas) = measure(counts[i]);
            require(laterGas <= BUDGET, string.concat("later batch: ", vm.toString(laterGas)));
            require(firstGas <= BUDGET + 20_000, string.concat("first batch: ", vm.toString(firstGas)));
        }
    }

    function test_anchor_stays_in_budget_with_a_long_log_and_history() public {
        for (uint64 i = 1; i < 30; ++i) {
            vm.warp(START + i);
            setRoles(PRODUCER | OPERATOR | uint32(i << 16));
        }
        bytes32 root = keccak256("a root without zero bytes");
        vm.prank(KEY);
        log.anchor(0, type(uint32).max, root);
        vm.prank(KEY);
        log.anchor(type(uint32).max, type(uint32).max, root);
        uint256 gas = vm.snapshotGasLastCall("AnchorLog", "anchor later, widest numbers, 30 standings");
        require(gas <= BUDGET, vm.toString(gas));
    }

    function test_verify_at_depth_12() public {
        bytes32[] memory hashes = ReferenceTree.leaves(4096);
        bytes32 root = hashes.root();
        vm.prank(KEY);
        log.anchor(0, 4096, root);
        bytes32[] memory path = hashes.path(1365);
        uint64 sealedAt = log.verify(KEY, 0, 1365, hashes[1365], path);
        vm.snapshotGasLastCall("AnchorLog", "verify at depth 12");
        require(sealedAt == START && path.length == 12, "proven");
    }
}
