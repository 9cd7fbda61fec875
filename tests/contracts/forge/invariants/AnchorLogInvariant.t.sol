// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorLog} from "../../../../contracts/AnchorLog.sol";
import {Cheatcodes} from "../Cheatcodes.sol";
import {Scenario} from "../Scenario.sol";

/// Seals for several operators in any order, and tries what must fail; remembers every seal it was told of.
contract Sealer {
    Cheatcodes private constant vm = Cheatcodes(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    AnchorLog private immutable log;
    address[] public operators;
    mapping(address operator => bytes32[]) public remembered;
    uint256 public wronglyAccepted;
    uint256 private time;

    constructor(AnchorLog log_, address[] memory operators_, uint256 time_) {
        log = log_;
        operators = operators_;
        time = time_;
    }

    function anchor(uint256 who, uint32 count, bytes32 root, uint16 later) external {
        address operator = operators[who % operators.length];
        if (count == 0) count = 1;
        if (root == 0) root = "root";
        time += later;
        vm.warp(time);
        uint64 first = log.next(operator);
        vm.prank(operator);
        uint64 batch = log.anchor(first, count, root);
        require(batch == remembered[operator].length, "batch number");
        remembered[operator].push(keccak256(abi.encode(root, first, count, uint64(time))));
    }

    function anchorElsewhere(uint256 who, uint64 first, uint32 count, bytes32 root) external {
        address operator = operators[who % operators.length];
        if (first == log.next(operator)) ++first;
        vm.prank(operator);
        try log.anchor(first, count, root) {
            ++wronglyAccepted;
        } catch {}
    }

    function batchesOf(address operator) external view returns (uint256) {
        return remembered[operator].length;
    }
}

contract AnchorLogInvariantTest is Scenario {
    Sealer private sealer;
    address[] private operators = [KEY, address(0x0702), address(0x0703)];

    function setUp() public override {
        super.setUp();
        addKey(operators[1]);
        addKey(operators[2]);
        sealer = new Sealer(log, operators, START);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(sealer);
    }

    function invariant_batches_are_contiguous_and_their_counts_sum_to_next() public view {
        for (uint256 i = 0; i < operators.length; ++i) {
            uint64 sum = 0;
            uint256 batches = sealer.batchesOf(operators[i]);
            for (uint64 batch = 0; batch < batches; ++batch) {
                (, uint64 first, uint32 count,) = log.sealOf(operators[i], batch);
                equal(first, sum, "first");
                sum += count;
            }
            equal(log.next(operators[i]), sum, "next");
            (bytes32 root,, uint32 none, uint64 sealedAt) = log.sealOf(operators[i], uint64(batches));
            require(root == 0 && none == 0 && sealedAt == 0, "a batch beyond the last");
        }
    }

    function invariant_a_seal_never_changes() public view {
        for (uint256 i = 0; i < operators.length; ++i) {
            for (uint64 batch = 0; batch < sealer.batchesOf(operators[i]); ++batch) {
                (bytes32 root, uint64 first, uint32 count, uint64 sealedAt) = log.sealOf(operators[i], batch);
                require(
                    keccak256(abi.encode(root, first, count, sealedAt)) == sealer.remembered(operators[i], batch),
                    "changed"
                );
            }
        }
    }

    function invariant_nothing_is_sealed_out_of_order() public view {
        equal(sealer.wronglyAccepted(), 0, "accepted");
    }
}
