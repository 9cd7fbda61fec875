// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLog} from "./interfaces/IAnchorLog.sol";
import {IPartnerRegistry} from "./interfaces/IPartnerRegistry.sol";
import {MerkleSha256} from "./libraries/MerkleSha256.sol";

/// @title The log of sealed batches; see IAnchorLog
contract AnchorLog is IAnchorLog {
    // Two slots, the least a seal can take: sealing is what this contract's gas is spent on.
    struct Seal {
        bytes32 root;
        uint64 first;
        uint32 count;
        uint64 sealedAt;
    }

    // One slot, written by every seal.
    struct Length {
        uint64 statements;
        uint64 batches;
    }

    /// @inheritdoc IAnchorLog
    IPartnerRegistry public immutable registry;

    mapping(address operator => Length) private _lengths;
    mapping(address operator => mapping(uint64 batch => Seal)) private _seals;

    constructor(IPartnerRegistry registry_) {
        if (address(registry_).code.length == 0) revert AnchorLog_NoRegistry(address(registry_));
        registry = registry_;
    }

    /// @inheritdoc IAnchorLog
    function anchor(uint64 first, uint32 count, bytes32 root) external returns (uint64 batch) {
        if (!registry.isOperator(msg.sender, uint64(block.timestamp))) revert AnchorLog_NotOperator(msg.sender);
        Length memory length = _lengths[msg.sender];
        if (first != length.statements) revert AnchorLog_NotNext(first, length.statements);
        if (count == 0) revert AnchorLog_ZeroCount();
        if (root == 0) revert AnchorLog_ZeroRoot();

        batch = length.batches;
        _lengths[msg.sender] = Length(first + count, batch + 1);
        _seals[msg.sender][batch] = Seal(root, first, count, uint64(block.timestamp));
        emit Anchored(msg.sender, batch, first, count, root);
    }

    /// @inheritdoc IAnchorLog
    function next(address operator) external view returns (uint64) {
        return _lengths[operator].statements;
    }

    /// @inheritdoc IAnchorLog
    function sealOf(address operator, uint64 batch)
        external
        view
        returns (bytes32 root, uint64 first, uint32 count, uint64 sealedAt)
    {
        Seal memory found = _seals[operator][batch];
        return (found.root, found.first, found.count, found.sealedAt);
    }

    /// @inheritdoc IAnchorLog
    function verify(address operator, uint64 batch, uint32 index, bytes32 leafHash, bytes32[] calldata path)
        external
        view
        returns (uint64 sealedAt)
    {
        Seal memory found = _seals[operator][batch];
        // A batch that was never sealed has count 0, and no index lies in it.
        if (MerkleSha256.proves(found.root, found.count, index, leafHash, path)) return found.sealedAt;
    }
}
