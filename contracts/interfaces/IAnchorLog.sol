// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IPartnerRegistry} from "./IPartnerRegistry.sol";

/// @title The log of sealed batches
/// @notice Each operator has its own log. A batch says: these `count` statements, the `first`-th and following of my
/// log, have this Merkle root. Batches are contiguous, so nothing can be slipped in, dropped or reordered after
/// sealing.
/// @dev Trees are those of RFC 6962 with SHA-256. Statements, batches and positions count from 0, times are Unix
/// seconds.
///
/// Powers: none beyond sealing. There is no owner, no upgrade and no pause, and a seal never changes. Who may seal is
/// decided by the registry at the moment of sealing.
///
/// Warning: a seal proves that a root existed at a time and in which order; it says nothing about what the leaves say.
/// Who signed them, and whether they might, is checked against the registry.
/// Warning: an operator whose key was compromised may have sealed batches that it did not mean to; they stay in the
/// log.
interface IAnchorLog {
    /// @notice A batch was sealed; its time is that of the block.
    event Anchored(address indexed operator, uint64 indexed batch, uint64 first, uint32 count, bytes32 root);

    /// @notice There is no contract at the registry's address.
    error AnchorLog_NoRegistry(address registry);
    /// @notice The registry does not let the caller seal now.
    error AnchorLog_NotOperator(address caller);
    /// @notice The batch is not the caller's next one. Also what sending the same batch twice
    /// gives: retry, then look at `next` and `sealOf`.
    error AnchorLog_NotNext(uint64 first, uint64 next);
    /// @notice A batch holds a statement at least.
    error AnchorLog_ZeroCount();
    /// @notice 0 is the root of nothing.
    error AnchorLog_ZeroRoot();

    /// @notice The registry that decides who is an operator; fixed at deployment.
    function registry() external view returns (IPartnerRegistry);

    /// @notice Seals the caller's next batch. Only an operator.
    /// @param first position in the caller's log of the batch's first statement; must equal `next(caller)`
    /// @param count statements in the batch, not 0
    /// @param root RFC 6962 root of the batch's leaves, not 0
    /// @return batch number of the batch in the caller's log
    /// @dev Warning: count and root are taken at the operator's word. With a wrong count its own paths fail.
    function anchor(uint64 first, uint32 count, bytes32 root) external returns (uint64 batch);

    /// @notice How many statements an operator has sealed: the `first` that its next batch must carry.
    function next(address operator) external view returns (uint64);

    /// @notice What was sealed. All zero where there is no such batch; a seal has `sealedAt` not 0.
    /// @return root RFC 6962 root
    /// @return first position in the operator's log of the batch's first statement
    /// @return count statements in the batch
    /// @return sealedAt time of the block that sealed it
    function sealOf(address operator, uint64 batch)
        external
        view
        returns (bytes32 root, uint64 first, uint32 count, uint64 sealedAt);

    /// @notice Whether a leaf stands at a position of a sealed batch.
    /// @param index position inside the batch
    /// @param leafHash SHA-256(0x00 ‖ statement digest ‖ signature)
    /// @param path audit path from the leaf to the root, nearest sibling first
    /// @return sealedAt time of the seal; 0 if not proven, whatever the reason. It never reverts.
    /// @dev Warning: compute `leafHash` from the statement and signature yourself. An operator that sealed a wrong
    /// count could have an inner node pass for a leaf, but never the hash of a statement that is not in the tree.
    function verify(address operator, uint64 batch, uint32 index, bytes32 leafHash, bytes32[] calldata path)
        external
        view
        returns (uint64 sealedAt);
}
