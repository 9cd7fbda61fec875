// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Who may speak in this network, in which role, with which key, from when until when
/// @notice History is append-only: what `statusAt` and `isOperator` answer for a time before the current block never
/// changes again, except that a report of compromise may move a key's `compromised` status to an earlier time, and that
/// a key added later reads `not yet valid` there instead of `unknown`.
/// @dev All times are Unix seconds and all intervals half-open: a key is good from `validFrom` up to, not at,
/// `validTo`.
///
/// Powers: one admin holds every power named "Admin only" below. It can admit, suspend, add, end and compromise, and so
/// decides who speaks from now on; it cannot rewrite who spoke before, cannot move a key to another partner, cannot
/// take back a report of compromise, and cannot touch a seal. One guardian, whom the admin names and replaces, shares a
/// single one of these powers: `suspend`. It cannot reinstate, and changes neither roles nor keys nor who is admin or
/// guardian. There is no upgrade and no pause.
///
/// Warning: a guardian can suspend every partner, the operator included, whose seals then stop. The admin's remedy is
/// `setGuardian(0)`, then `reinstate` for each partner: in that order, or the guardian suspends again. What fell into
/// the suspended time stays suspended.
/// Warning: the guardian survives a hand-over of the admin's powers, until the new admin changes it.
/// Warning: the answer for the current block's own second is final only once that block is. A change takes effect at
/// its block's time, so something sealed in the same block before the change reads as if it came after it.
/// Warning: the answer for a future time is a forecast; later changes may alter it.
interface IPartnerRegistry {
    // ------------------------------------------------------------------ events

    /// @notice The admin offered its powers; a successor of 0 withdrew the offer.
    event AdminOffered(address indexed offeredBy, address indexed successor);
    /// @notice The powers moved; the former admin is 0 at deployment.
    event AdminChanged(address indexed former, address indexed successor);
    /// @notice The admin named another guardian; 0 stands for none, as at deployment.
    event GuardianChanged(address indexed former, address indexed successor);
    /// @notice A partner may speak from this block on; `partner` is keccak256(bytes(did)).
    event PartnerAdmitted(bytes32 indexed partner, string did, uint32 roles);
    /// @notice All roles of the partner from this block on.
    event RolesSet(bytes32 indexed partner, uint32 roles);
    /// @notice No key of the partner is good from this block on.
    event PartnerSuspended(bytes32 indexed partner);
    /// @notice The suspension ended with this block.
    event PartnerReinstated(bytes32 indexed partner);
    /// @notice A key of the partner, good from `validFrom` until `validTo` (0: no end).
    event KeyAdded(bytes32 indexed partner, address indexed key, uint8 custody, uint64 validFrom, uint64 validTo);
    /// @notice The key's end; a later event for the same key replaces it.
    event KeyEndPlanned(bytes32 indexed partner, address indexed key, uint64 validTo);
    /// @notice The key is not good from `compromisedAt` on, which may be long before this block.
    event KeyCompromised(bytes32 indexed partner, address indexed key, uint64 compromisedAt);
    /// @notice `key` seals no more from this block on; `successor` continues.
    event OperatorRotated(bytes32 indexed partner, address indexed key, address indexed successor);

    // ------------------------------------------------------------------ errors

    /// @notice A network needs a name.
    error PartnerRegistry_EmptyNetwork();
    /// @notice 0 can be neither admin nor key.
    error PartnerRegistry_ZeroAddress();
    /// @notice Only the admin may do this.
    error PartnerRegistry_NotAdmin(address caller);
    /// @notice Only the admin or the guardian may suspend.
    error PartnerRegistry_NotAdminOrGuardian(address caller);
    /// @notice Nobody offered the admin's powers to the caller.
    error PartnerRegistry_NotOffered(address caller);
    /// @notice A partner needs a DID.
    error PartnerRegistry_EmptyDid();
    /// @notice A partner is admitted once.
    error PartnerRegistry_PartnerExists(bytes32 partner);
    /// @notice No partner was admitted under this id.
    error PartnerRegistry_UnknownPartner(bytes32 partner);
    /// @notice The partner is suspended.
    error PartnerRegistry_AlreadySuspended(bytes32 partner);
    /// @notice The partner is not suspended.
    error PartnerRegistry_NotSuspended(bytes32 partner);
    /// @notice An address belongs to one partner for ever and is added once; a key that
    /// ended is replaced by another one.
    error PartnerRegistry_KeyExists(address key);
    /// @notice The key was never added.
    error PartnerRegistry_UnknownKey(address key);
    /// @notice Custody is 1 or 2.
    error PartnerRegistry_UnknownCustody(uint8 custody);
    /// @notice A key cannot begin before this block; `earliest` is its time.
    error PartnerRegistry_StartInPast(uint64 validFrom, uint64 earliest);
    /// @notice A key's end lies after its start.
    error PartnerRegistry_EndBeforeStart(uint64 validTo, uint64 validFrom);
    /// @notice An end is planned at least 24 hours ahead.
    error PartnerRegistry_EndTooSoon(uint64 validTo, uint64 earliest);
    /// @notice The key's end was reached and can be moved no more.
    error PartnerRegistry_KeyEnded(address key, uint64 validTo);
    /// @notice The time is 0, in the future, or not before the one reported already.
    error PartnerRegistry_CompromiseTime(uint64 compromisedAt, uint64 latest);
    /// @notice A key is rotated once.
    error PartnerRegistry_AlreadyRotated(address key, address successor);
    /// @notice The successor is the key itself or another partner's.
    error PartnerRegistry_OtherPartner(address key, address successor);
    /// @notice The successor could not seal now.
    error PartnerRegistry_NotOperator(address key);

    // ------------------------------------------------------------------ reading

    /// @notice Name of the network, such as `demo-00112233445566ff`; fixed at deployment.
    function network() external view returns (string memory);

    /// @notice The address that holds every power named "Admin only".
    function admin() external view returns (address);

    /// @notice The address that may take over by `acceptAdmin`; 0 when there is none.
    function pendingAdmin() external view returns (address);

    /// @notice The address that may suspend besides the admin, and nothing else; 0 when there is none, as at deployment.
    function guardian() external view returns (address);

    /// @notice Whose key it was at a time, and whether it was good.
    /// @param time Unix seconds; for check 4 of a verdict the time of the seal.
    /// @return partner keccak256 of the partner's DID (UTF-8); 0 if the key is unknown
    /// @return roles bits of the roles that the partner held at that time: brand 1, producer 2, logistics 4, warehouse
    /// 8, inspector 16, customs 32, sensor_gateway 64, operator 128, arbiter 256. Other bits have no meaning yet.
    /// @return custody who holds the key: 1 the partner itself, 2 the operator on its behalf; 0 if the key is unknown
    /// @return status 0 unknown, 1 good, 2 not yet valid, 3 ended, 4 partner suspended, 5 compromised. Where several
    /// hold, the answer is the first of 5, 2, 3, 4. Only 1 is good: roles are given for the other states too.
    function statusAt(address key, uint64 time)
        external
        view
        returns (bytes32 partner, uint32 roles, uint8 custody, uint8 status);

    /// @notice What a partner was at a time, whatever its keys.
    /// @return admitted whether it had been admitted; a partner is never removed, only suspended
    /// @return roles bits as in `statusAt`; kept while suspended
    function partnerAt(bytes32 partner, uint64 time) external view returns (bool admitted, uint32 roles, bool suspended);

    /// @notice Whether a key could seal at a time: it was good, its partner held the operator role, and it had not been
    /// rotated. Same rules for the past, the current block and the future as `statusAt`.
    function isOperator(address key, uint64 time) external view returns (bool);

    /// @notice The operator key that continues the work of a rotated one.
    /// @dev From `rotatedAt` on the old key can seal no more, so `AnchorLog.next(key)` is the final length of its log
    /// and the successor's log continues there, counting from 0 again.
    /// @return successor 0 while the key has not been rotated
    /// @return rotatedAt Unix seconds
    function successorOf(address key) external view returns (address successor, uint64 rotatedAt);

    // ------------------------------------------------------------------ admin and guardian

    /// @notice Admin only. Offers the admin's powers; nothing changes until the successor accepts. Offering again
    /// replaces the offer, offering to 0 withdraws it.
    function offerAdmin(address successor) external;

    /// @notice Only the address that was offered the powers. The former admin loses them; the guardian stays.
    /// @dev Warning: a new admin that does not trust the former one's guardian calls `setGuardian` first.
    function acceptAdmin() external;

    /// @notice Admin only. Names the guardian from this block on, in place of the former one; 0 leaves none.
    /// @dev Warning: nothing here proves that the guardian agrees or that anybody holds its key.
    function setGuardian(address successor) external;

    // ------------------------------------------------------------------ partners

    /// @notice Admin only. Admits a partner from this block on.
    /// @dev Warning: the DID is public for ever; it must not name a person.
    /// @return partner keccak256(bytes(did))
    function admitPartner(string calldata did, uint32 roles) external returns (bytes32 partner);

    /// @notice Admin only. Sets all roles of a partner from this block on; 0 leaves it none.
    /// @dev Warning: taking the operator role away stops the partner's seals in this block.
    function setRoles(bytes32 partner, uint32 roles) external;

    /// @notice Admin or guardian. From this block on no key of the partner is good; its roles are kept.
    /// @dev Warning: statements that were signed before and are not sealed yet will fail check 4 when they are.
    /// Warning: suspending an operator's partner stops its seals in this block.
    function suspend(bytes32 partner) external;

    /// @notice Admin only. Ends a suspension from this block on. The suspended time stays suspended.
    function reinstate(bytes32 partner) external;

    // ------------------------------------------------------------------ keys

    /// @notice Admin only. Adds a key.
    /// @param custody 1 the partner holds it, 2 the operator holds it
    /// @param validFrom 0 means this block; otherwise not in the past
    /// @param validTo 0 means no end; otherwise at least 24 hours ahead and after `validFrom`
    /// @dev Warning: nothing here proves that the partner consents or holds the key; the admin vouches for it.
    function addKey(bytes32 partner, address key, uint8 custody, uint64 validFrom, uint64 validTo) external;

    /// @notice Admin only. Plans the end of a key, or moves a planned end that has not been reached.
    /// @param validTo at least 24 hours ahead, so that statements already signed still seal, and after `validFrom`
    function endKey(address key, uint64 validTo) external;

    /// @notice Admin only. Says since when a key is no longer under its holder's control. Can be repeated only with an
    /// earlier time and never be taken back.
    /// @param since Unix seconds, not 0 and not in the future
    /// @dev Warning: this is the one statement about the past. Everything sealed with the key at or after `since` stops
    /// verifying, honest statements included. If the key is an operator's, rotate it too: seals it made stay in the
    /// log.
    function reportCompromised(address key, uint64 since) external;

    /// @notice Admin only. Ends the sealing of an operator's key in this block and names the key that continues it.
    /// The old key stays good for statements until its own end. Final: a key is rotated once.
    /// @param key a key, good or not, of the same partner as `successor`
    /// @param successor a key that is an operator now; its own log starts at 0
    function rotateOperator(address key, address successor) external;
}
