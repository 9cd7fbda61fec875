"""What an operator does by hand: deploying, admitting partners, asking the doctor."""

import getpass
import json
from pathlib import Path

from eth_account import Account
from eth_utils.address import is_address, is_checksum_address
from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url

from chain_service.anchoring.models import Statement
from chain_service.chain.client import Chain, ChainError
from chain_service.chain.deployment import Administrator
from chain_service.chain.registry import Registry
from chain_service.db import connect, migrate, reading, writing
from chain_service.kit import clock
from chain_service.kit.digests import keccak256
from chain_service.pages import require_libraries
from chain_service.partners import audit
from chain_service.partners import roles as role_names
from chain_service.partners import service as partners
from chain_service.partners.actors import COMMAND_LINE
from chain_service.partners.custody import OPERATOR_KEYSTORE, Custody, KeyUnavailable, address_of, create_keystore
from chain_service.partners.models import Partner
from chain_service.partners.roles import Role
from chain_service.partners.vault import MASTER_KEYSTORE, open_vault
from chain_service.settings import Network, Settings, settings


def administrator(rpc: str, keystore: Path, password_file: Path | None) -> Administrator:
    """The account of a keystore on a node. Raises ValueError for a wrong password, OSError for an unreadable file."""
    content = json.loads(keystore.read_text())
    password = password_file.read_text().strip() if password_file else getpass.getpass(f"Password of {keystore}: ")
    try:
        return Administrator(rpc, bytes(Account.decrypt(content, password)))
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{keystore} is no keystore V3 file, or the password is wrong") from None


def write_network(network: Network, path: Path) -> None:
    """Writes a network file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(network.model_dump(), indent=2) + "\n")
    unfinished.replace(path)


def admit_partner(
    did: str, names: list[str], roles: list[str], keystore: Path, password_file: Path | None, own_key: str | None = None
) -> str:
    """Admits a partner on the chain and in the database, with a key and a token; returns what to tell it.

    `own_key`: the address of a key that the partner holds itself; without it one is made here. Raises ValueError for a
    malformed DID, name, role or address, and for a key that is another partner's.
    """
    if not did.startswith("did:"):
        raise ValueError(f"{did!r} is not a DID, such as did:web:example.com")
    named = dict(name.partition("=")[::2] for name in names)
    if not all(named.values()):
        raise ValueError("a name is given as LANGUAGE=NAME, such as en='Blue Dairy'")
    bits = role_names.from_names(roles)
    current = settings()
    network = Network.read(current.network_file)
    registered = Registry(Chain(network)).partner(did)
    if registered is not None and registered.roles != bits:
        held = ", ".join(role_names.to_names(registered.roles)) or "none"
        raise ValueError(f"{did} is admitted already, with the roles {held}; change them in the console")
    if own_key is not None:
        address, file_name = _own_key(network, did, own_key), None
    elif not current.keys_password:
        raise ValueError("set CHAIN_SERVICE_KEYS_PASSWORD: the partner's key is kept under it")
    account = administrator(network.rpc, keystore, password_file)
    if own_key is None:
        file_name = OPERATOR_KEYSTORE if Role.OPERATOR in bits else f"key-{clock.now_ms()}.json"
        path = current.keys_dir / file_name
        # An operator's key may be there from an earlier attempt, or from before the chain began anew.
        address = address_of(path) if path.exists() else create_keystore(path.parent, file_name, current.keys_password)
    holder = "partner" if own_key or Role.OPERATOR in bits else "operator"
    account.admit(network.contracts["PartnerRegistry"], did, int(bits), {address: holder})
    engine = connect(current.database_url)
    migrate(engine, lambda: open_vault(current.keys_dir, current.keys_password, current.vault_url))
    with writing(engine) as connection:
        partners.admit(connection, did, named, bits)
        if file_name is not None:
            partners.hold_key(connection, did, address, file_name)
        token = partners.issue_token(connection, did)
        audit.record(connection, COMMAND_LINE, "registry.admitPartner", did, {"roles": roles, "key": address})
    whose = "its own key" if own_key else "the key"
    return f"admitted {did} with {whose} {address}\ntoken (shown this once): {token}"


def _own_key(network: Network, did: str, address: str) -> str:
    """The lower-case address of a partner's own key. Raises ValueError, ChainError."""
    plain = address.startswith("0x") and is_address(address)
    if not plain or (address[2:] != address[2:].lower() and not is_checksum_address(address)):
        raise ValueError(
            f"--key {address}: an address is 0x and 40 hexadecimal digits, with its checksum if mixed case"
        )
    chain = Chain(network)
    found = chain.status_at(address, chain.head().time)
    if found.status and found.partner != keccak256(did.encode()):
        raise ValueError(f"--key {address} is a key of another partner; an address belongs to one for ever")
    return address.lower()


def doctor() -> int:
    """Prints what is in order and what is not, with the way to mend it; returns 0 when all is."""
    current = settings()
    findings = [*_configuration(current), *_pages(), *_database(current), *_keys(current), *_vault(current)]
    findings += _chain(current)
    for good, text in findings:
        print(f"{'✓' if good else '✕'} {text}")
    return 0 if all(good for good, _ in findings) else 1


def _configuration(current: Settings) -> list[tuple[bool, str]]:
    found = []
    try:
        network = Network.read(current.network_file)
        found.append((True, f"network {network.network} from {current.network_file}"))
    except (OSError, ValueError) as error:
        found.append((False, f"network file {current.network_file}: {error}; write it with chain-service deploy"))
    named = bool(current.operator)
    found.append((named, f"operator {current.operator}" if named else "set CHAIN_SERVICE_OPERATOR to your DID"))
    return found


def _pages() -> list[tuple[bool, str]]:
    try:
        require_libraries()
    except FileNotFoundError as error:
        return [(False, str(error))]
    return [(True, "the pages are complete")]


def _database(current: Settings) -> list[tuple[bool, str]]:
    url = make_url(current.database_url)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").exists():
        return [(False, f"there is no database at {url.database} yet; chain-service serve makes it")]
    try:
        engine = connect(current.database_url)
        if not inspect(engine).has_table(Statement.__tablename__):
            return [(False, "the database has no tables yet; chain-service serve makes them")]
        with reading(engine) as connection:
            known = connection.execute(select(Partner.did).where(Partner.did == current.operator)).scalar()
    except Exception as error:
        return [(False, f"the database does not answer: {type(error).__name__}; look at DATABASE_URL")]
    named = f"{current.operator} is {'' if known else 'not '}among the partners"
    return [(True, "the database answers"), (bool(known), named)]


def _keys(current: Settings) -> list[tuple[bool, str]]:
    try:
        address = Custody(current.keys_dir, current.keys_password).operator().address
    except KeyUnavailable as error:
        return [(False, f"{error}; look at CHAIN_SERVICE_KEYS_DIR and CHAIN_SERVICE_KEYS_PASSWORD")]
    return [(True, f"the operator's key is {address}")]


def _vault(current: Settings) -> list[tuple[bool, str]]:
    if not (current.keys_dir / MASTER_KEYSTORE).exists():
        return [(False, f"{current.keys_dir} holds no master key of the vault; chain-service serve makes it once")]
    try:
        Custody(current.keys_dir, current.keys_password).secret(MASTER_KEYSTORE)
    except KeyUnavailable as error:
        return [(False, f"the vault does not open: {error}")]
    return [(True, "the vault's master key opens")]


def _chain(current: Settings) -> list[tuple[bool, str]]:
    try:
        chain = Chain(Network.read(current.network_file))
        chain.check()
        head = chain.head()
        address = Custody(current.keys_dir, current.keys_password).operator().address
        allowed = chain.is_operator(address, head.time)
    except (ChainError, KeyUnavailable, OSError, ValueError) as error:
        return [(False, f"the chain: {error}")]
    found = [(True, f"the chain answers at block {head.number}")]
    found.append(
        (allowed, f"{address} may seal" if allowed else f"{address} is no operator in PartnerRegistry: admit it")
    )
    return found
