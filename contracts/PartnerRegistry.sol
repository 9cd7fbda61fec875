// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartnerRegistry} from "./interfaces/IPartnerRegistry.sol";
import {Standings} from "./libraries/Standings.sol";

/// @title Who may speak in this network; see IPartnerRegistry
contract PartnerRegistry is IPartnerRegistry {
    using Standings for Standings.History;

    uint32 private constant OPERATOR = 128;
    uint64 private constant NOTICE = 24 hours;

    uint8 private constant UNKNOWN = 0;
    uint8 private constant GOOD = 1;
    uint8 private constant NOT_YET_VALID = 2;
    uint8 private constant ENDED = 3;
    uint8 private constant SUSPENDED = 4;
    uint8 private constant COMPROMISED = 5;

    uint8 private constant HELD_BY_PARTNER = 1;
    uint8 private constant HELD_BY_OPERATOR = 2;

    struct Partner {
        bytes32 id;
        Standings.History standings;
    }

    // One slot: with a partner's number instead of its 32-byte id, each seal reads one slot less.
    struct Key {
        uint32 partner; // number from 1; 0 means unknown
        uint8 custody;
        bool rotated;
        uint64 validFrom;
        uint64 validTo; // 0: no end
        uint64 compromisedAt; // 0: never
    }

    struct Rotation {
        address successor;
        uint64 time;
    }

    /// @inheritdoc IPartnerRegistry
    string public network;
    /// @inheritdoc IPartnerRegistry
    address public admin;
    /// @inheritdoc IPartnerRegistry
    address public pendingAdmin;
    /// @inheritdoc IPartnerRegistry
    address public guardian;

    uint32 private _partnerCount;
    mapping(bytes32 id => uint32 number) private _numberOf;
    mapping(uint32 number => Partner) private _partners;
    mapping(address key => Key) private _keys;
    mapping(address key => Rotation) private _rotations;

    modifier onlyAdmin() {
        if (msg.sender != admin) revert PartnerRegistry_NotAdmin(msg.sender);
        _;
    }

    constructor(string memory network_, address admin_) {
        if (bytes(network_).length == 0) revert PartnerRegistry_EmptyNetwork();
        if (admin_ == address(0)) revert PartnerRegistry_ZeroAddress();
        network = network_;
        admin = admin_;
        emit AdminChanged(address(0), admin_);
    }

    // ------------------------------------------------------------------ reading

    /// @inheritdoc IPartnerRegistry
    function statusAt(address key, uint64 time)
        external
        view
        returns (bytes32 partner, uint32 roles, uint8 custody, uint8 status)
    {
        Key memory found = _keys[key];
        // Not a comparison of times: the partner's number only shares a slot with them.
        // slither-disable-next-line incorrect-equality
        if (found.partner == 0) return (0, 0, 0, UNKNOWN);
        Partner storage holder = _partners[found.partner];
        Standings.Standing memory standing = holder.standings.inForce(time);
        return (holder.id, standing.roles, found.custody, _status(found, standing, time));
    }

    /// @inheritdoc IPartnerRegistry
    function partnerAt(bytes32 partner, uint64 time)
        external
        view
        returns (bool admitted, uint32 roles, bool suspended)
    {
        Standings.Standing memory standing = _partners[_numberOf[partner]].standings.inForce(time);
        return (standing.since != 0, standing.roles, standing.suspended);
    }

    /// @inheritdoc IPartnerRegistry
    function isOperator(address key, uint64 time) external view returns (bool) {
        return _isOperator(key, time);
    }

    /// @inheritdoc IPartnerRegistry
    function successorOf(address key) external view returns (address successor, uint64 rotatedAt) {
        Rotation memory rotation = _rotations[key];
        return (rotation.successor, rotation.time);
    }

    // ------------------------------------------------------------------ admin and guardian

    /// @inheritdoc IPartnerRegistry
    function offerAdmin(address successor) external onlyAdmin {
        pendingAdmin = successor;
        emit AdminOffered(msg.sender, successor);
    }

    /// @inheritdoc IPartnerRegistry
    function acceptAdmin() external {
        if (msg.sender != pendingAdmin) revert PartnerRegistry_NotOffered(msg.sender);
        address former = admin;
        admin = msg.sender;
        pendingAdmin = address(0);
        emit AdminChanged(former, msg.sender);
    }

    /// @inheritdoc IPartnerRegistry
    function setGuardian(address successor) external onlyAdmin {
        address former = guardian;
        guardian = successor;
        emit GuardianChanged(former, successor);
    }

    // ------------------------------------------------------------------ partners

    /// @inheritdoc IPartnerRegistry
    function admitPartner(string calldata did, uint32 roles) external onlyAdmin returns (bytes32 partner) {
        if (bytes(did).length == 0) revert PartnerRegistry_EmptyDid();
        partner = keccak256(bytes(did));
        if (_numberOf[partner] != 0) revert PartnerRegistry_PartnerExists(partner);
        uint32 number = ++_partnerCount;
        _numberOf[partner] = number;
        _partners[number].id = partner;
        _partners[number].standings.append(roles, false);
        emit PartnerAdmitted(partner, did, roles);
    }

    /// @inheritdoc IPartnerRegistry
    function setRoles(bytes32 partner, uint32 roles) external onlyAdmin {
        Standings.History storage standings = _partners[_number(partner)].standings;
        standings.append(roles, standings.current.suspended);
        emit RolesSet(partner, roles);
    }

    /// @inheritdoc IPartnerRegistry
    function suspend(bytes32 partner) external {
        if (msg.sender != admin && msg.sender != guardian) revert PartnerRegistry_NotAdminOrGuardian(msg.sender);
        Standings.History storage standings = _partners[_number(partner)].standings;
        if (standings.current.suspended) revert PartnerRegistry_AlreadySuspended(partner);
        standings.append(standings.current.roles, true);
        emit PartnerSuspended(partner);
    }

    /// @inheritdoc IPartnerRegistry
    function reinstate(bytes32 partner) external onlyAdmin {
        Standings.History storage standings = _partners[_number(partner)].standings;
        if (!standings.current.suspended) revert PartnerRegistry_NotSuspended(partner);
        standings.append(standings.current.roles, false);
        emit PartnerReinstated(partner);
    }

    // ------------------------------------------------------------------ keys

    /// @inheritdoc IPartnerRegistry
    function addKey(bytes32 partner, address key, uint8 custody, uint64 validFrom, uint64 validTo) external onlyAdmin {
        uint32 number = _number(partner);
        // ecrecover answers 0 for a bad signature: as a key, 0 would sign everything.
        if (key == address(0)) revert PartnerRegistry_ZeroAddress();
        if (_keys[key].partner != 0) revert PartnerRegistry_KeyExists(key);
        if (custody != HELD_BY_PARTNER && custody != HELD_BY_OPERATOR) revert PartnerRegistry_UnknownCustody(custody);
        if (validFrom == 0) validFrom = _now();
        if (validFrom < _now()) revert PartnerRegistry_StartInPast(validFrom, _now());
        if (validTo != 0) _requireNotice(validFrom, validTo);
        _keys[key] = Key(number, custody, false, validFrom, validTo, 0);
        emit KeyAdded(partner, key, custody, validFrom, validTo);
    }

    /// @inheritdoc IPartnerRegistry
    function endKey(address key, uint64 validTo) external onlyAdmin {
        Key storage found = _known(key);
        if (found.validTo != 0 && found.validTo <= _now()) revert PartnerRegistry_KeyEnded(key, found.validTo);
        _requireNotice(found.validFrom, validTo);
        found.validTo = validTo;
        emit KeyEndPlanned(_partners[found.partner].id, key, validTo);
    }

    /// @inheritdoc IPartnerRegistry
    function reportCompromised(address key, uint64 since) external onlyAdmin {
        Key storage found = _known(key);
        uint64 latest = found.compromisedAt == 0 ? _now() : found.compromisedAt - 1;
        if (since == 0 || since > latest) revert PartnerRegistry_CompromiseTime(since, latest);
        found.compromisedAt = since;
        emit KeyCompromised(_partners[found.partner].id, key, since);
    }

    /// @inheritdoc IPartnerRegistry
    function rotateOperator(address key, address successor) external onlyAdmin {
        Key storage found = _known(key);
        if (found.rotated) revert PartnerRegistry_AlreadyRotated(key, _rotations[key].successor);
        if (key == successor || _known(successor).partner != found.partner) {
            revert PartnerRegistry_OtherPartner(key, successor);
        }
        if (!_isOperator(successor, _now())) revert PartnerRegistry_NotOperator(successor);
        found.rotated = true;
        _rotations[key] = Rotation(successor, _now());
        emit OperatorRotated(_partners[found.partner].id, key, successor);
    }

    // ------------------------------------------------------------------ inside

    function _isOperator(address key, uint64 time) private view returns (bool) {
        Key memory found = _keys[key];
        // As in statusAt: the partner's number only shares a slot with times.
        // slither-disable-next-line incorrect-equality
        if (found.partner == 0) return false;
        if (found.rotated && time >= _rotations[key].time) return false;
        Standings.Standing memory standing = _partners[found.partner].standings.inForce(time);
        return standing.roles & OPERATOR != 0 && _status(found, standing, time) == GOOD;
    }

    function _status(Key memory key, Standings.Standing memory standing, uint64 time) private pure returns (uint8) {
        if (key.compromisedAt != 0 && time >= key.compromisedAt) return COMPROMISED;
        if (time < key.validFrom) return NOT_YET_VALID;
        if (key.validTo != 0 && time >= key.validTo) return ENDED;
        if (standing.suspended) return SUSPENDED;
        return GOOD;
    }

    function _requireNotice(uint64 validFrom, uint64 validTo) private view {
        if (validTo <= validFrom) revert PartnerRegistry_EndBeforeStart(validTo, validFrom);
        uint64 earliest = _now() + NOTICE;
        if (validTo < earliest) revert PartnerRegistry_EndTooSoon(validTo, earliest);
    }

    function _known(address key) private view returns (Key storage found) {
        found = _keys[key];
        if (found.partner == 0) revert PartnerRegistry_UnknownKey(key);
    }

    function _number(bytes32 partner) private view returns (uint32 number) {
        number = _numberOf[partner];
        if (number == 0) revert PartnerRegistry_UnknownPartner(partner);
    }

    function _now() private view returns (uint64) {
        return uint64(block.timestamp);
    }
}
