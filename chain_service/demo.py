"""The demo: a local chain, the service and its worker, and the sample journeys, all on this machine."""

import json
import secrets
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import qrcode
from sqlalchemy import Engine

from chain_service import demo_samples
from chain_service.chain.client import ChainError
from chain_service.chain.deployment import Administrator, is_deployed, new_network_name
from chain_service.client import open_keystore
from chain_service.db import connect, migrate, writing
from chain_service.demo_samples import Pause
from chain_service.kit.eip712 import Signer
from chain_service.local import Children, LocalChain, LocalError, check_port, claim, fund, lan_address
from chain_service.operating import write_network
from chain_service.partners import roles, service
from chain_service.partners.custody import OPERATOR_KEYSTORE, Custody, address_of, create_keystore, write_private
from chain_service.partners.people import service as people
from chain_service.partners.people import signing_in
from chain_service.partners.roles import Role
from chain_service.partners.vault import MASTER_KEYSTORE, open_vault
from chain_service.settings import Network
from chain_service.tampering import KEPT

OPERATOR = "did:web:chain-service.example"
# Their keys lie beside the others for trying out, but the service does not sign with them.
SIGN_THEMSELVES = ("did:web:tui-laboratories.example",)
OPERATOR_NAME = {"en": "The chain-service demo on this machine", "zh": "本机 chain-service 演示"}
WORK = 4096  # scrypt's N for the demo's throw-away keys: all of them in a second
GAS_MONEY = 10 * 10**18  # wei, of a coin that is worth nothing


class Interrupted(Exception):
    """Ctrl-C, or a request to end."""


def run(kind: str, host: str, port: int, folder: Path) -> int:
    """Starts everything, prints `ready <passport url>`, waits for Ctrl-C and ends what it started.

    Returns 0 when it was told to end, 1 when something went wrong, which it says.
    """
    stopping = threading.Event()

    # Noted only: an exception out of a handler is lost where it meets a hook of the interpreter, such as that of fork.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())

    def pause(seconds: float) -> None:
        if stopping.wait(seconds):
            raise Interrupted

    try:
        folder.mkdir(parents=True, exist_ok=True)
        owned = claim(folder)
        check_port(host, port)
        with Children(folder / "logs", held=[owned]) as children:
            try:
                dead = _run(kind, host, port, folder, children, pause)
            except Interrupted:
                dead = None
            _say("\nStopping")
    except (LocalError, ChainError, httpx.HTTPError) as error:
        print(f"\nThe demo could not start: {error}\nSee {folder}/logs for what its parts said.", file=sys.stderr)
        return 1
    if dead:
        print(f"\n{dead} ended by itself; see {folder}/logs/{dead}.log", file=sys.stderr)
    return 1 if dead else 0


def _run(kind: str, host: str, port: int, folder: Path, children: Children, pause: Pause) -> str:
    """Runs until a part ends by itself and returns its name; `pause` raises Interrupted when it is time to end."""
    everywhere = host == "0.0.0.0"  # noqa: S104 (asked for)
    public = f"http://{lan_address() if everywhere else host}:{port}"
    here = f"http://{'127.0.0.1' if everywhere else host}:{port}"
    _say(f"Starting the chain ({kind})")
    demo = Demo(kind, folder, LocalChain(kind, folder, children).start())
    pause(0)
    _say(demo.prepare())
    pause(0)
    _say("Starting the service")
    demo.serve(children, host, port, public, here, pause)
    tokens, own, network = demo.tokens(), demo.own_keys(), demo.network_name()
    demo_samples.load(here, tokens, own, network, demo.is_altered(), _say, pause)
    pause(0)
    _show(demo_samples.journeys(), public, folder)
    while (dead := children.ended()) is None:
        pause(0.3)
    return dead


class Demo:
    """The demo's state under its folder, on one kind of local chain."""

    def __init__(self, kind: str, folder: Path, rpc: str) -> None:
        self._kind = kind
        self._folder = folder
        self._rpc = rpc
        self._keys = folder / "keys"
        self._database = f"sqlite:///{(folder / 'chain-service.db').absolute()}"
        self._partners = demo_samples.partners()
        self._password = self._make_password()

    def _make_password(self) -> str:
        path = self._folder / "keys-password"
        if not path.exists():
            _replace(path, secrets.token_urlsafe(24))
        return path.read_text()

    def prepare(self) -> str:
        """Keys, contracts, partners and credentials, as far as they are not there yet; returns what was done.

        Whatever an interrupted start left is gone on with: each file appears whole or not at all.
        """
        new = not (self._folder / "chain-service.db").exists()
        if new:
            (self._folder / KEPT).unlink(missing_ok=True)
        self._key(MASTER_KEYSTORE)
        network, said = self._network(new)
        self._admit(network)
        engine = connect(self._database)
        migrate(engine, lambda: open_vault(self._keys, self._password))
        with writing(engine) as connection:
            service.admit(connection, OPERATOR, OPERATOR_NAME, Role.OPERATOR)
            service.hold_key(connection, OPERATOR, *self._key(OPERATOR_KEYSTORE))
            for partner in self._partners:
                bits = roles.from_names(partner["roles"])
                service.admit(connection, partner["did"], partner["name"], bits)
                if partner["did"] not in SIGN_THEMSELVES:
                    service.hold_key(connection, partner["did"], *self._key(_file_name(partner["did"])))
        if new or not self._has_credentials():
            operator = {"did": OPERATOR, "roles": ["operator"], "name": OPERATOR_NAME}
            credentials = [self._credential(engine, partner) for partner in [*self._partners, operator]]
            _replace(self._folder / "credentials.json", json.dumps(credentials, indent=2) + "\n")
        write_network(network, self._folder / "network.json")
        engine.dispose()
        return said

    def tokens(self) -> dict[str, str]:
        """The partners' tokens by DID, as far as they are known."""
        try:
            content = json.loads((self._folder / "credentials.json").read_text())
            return {entry["partner"]: entry["token"] for entry in content}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _has_credentials(self) -> bool:
        """Whether everybody's are there, with all that an entry holds today."""
        try:
            content = json.loads((self._folder / "credentials.json").read_text())
            complete = all({"token", "email", "loginPassword"} <= entry.keys() for entry in content)
        except (OSError, ValueError, AttributeError):
            return False
        return complete and self.tokens().keys() == {OPERATOR, *(partner["did"] for partner in self._partners)}

    def own_keys(self) -> dict[str, Signer]:
        """The keys of the partners that sign for themselves, by DID."""
        files = {did: self._keys / _file_name(did) for did in SIGN_THEMSELVES}
        return {did: open_keystore(file, self._password) for did, file in files.items()}

    def network_name(self) -> str:
        """The name of the prepared network."""
        return Network.read(self._folder / "network.json").network

    def is_altered(self) -> bool:
        """Whether an event is altered on purpose (tampering.py)."""
        return (self._folder / KEPT).exists()

    def _network(self, new: bool) -> tuple[Network, str]:
        """The network on this chain: as it is deployed, or deployed now under the name it always had."""
        path = self._folder / "deployments.json"
        deployments: dict[str, Any] = json.loads(path.read_text()) if path.exists() and not new else {}
        if known := deployments.get(self._kind):
            network = Network(**{**known, "rpc": self._rpc})
            if is_deployed(network):
                return network, f"Going on with the network {network.network}"
        names = {deployment["network"] for deployment in deployments.values()}
        administrator = self._administrator()
        fund(self._rpc, administrator.address, 2 * GAS_MONEY)
        network = administrator.deploy(names.pop() if names else new_network_name("demo"))
        _replace(path, json.dumps({**deployments, self._kind: network.model_dump()}, indent=2) + "\n")
        return network, f"Deployed the contracts of the network {network.network}"

    def _administrator(self) -> Administrator:
        self._key("admin.json")
        return Administrator(self._rpc, Custody(self._keys, self._password).secret("admin.json"))

    def _admit(self, network: Network) -> None:
        """Sees to it that the registry holds everybody: the chain may have come back a little older than it was."""
        administrator = self._administrator()
        registry = network.contracts["PartnerRegistry"]
        operator, _ = self._key(OPERATOR_KEYSTORE)
        fund(self._rpc, administrator.address, GAS_MONEY)
        fund(self._rpc, operator, GAS_MONEY)
        administrator.admit(registry, OPERATOR, int(Role.OPERATOR), {operator: "partner"})
        for partner in self._partners:
            address, _ = self._key(_file_name(partner["did"]))
            bits = int(roles.from_names(partner["roles"]))
            holder = "partner" if partner["did"] in SIGN_THEMSELVES else "operator"
            administrator.admit(registry, partner["did"], bits, {address: holder})

    def _credential(self, engine: Engine, partner: dict[str, Any]) -> dict[str, Any]:
        """A token and a person with every right that the partner's roles permit, both made now."""
        did: str = partner["did"]
        email = f"person@{did.removeprefix('did:web:').replace(':', '.')}"
        login_password = secrets.token_urlsafe(15)
        with writing(engine) as connection:
            token = service.issue_token(connection, did)
            invitation, _ = people.invite_anyhow(connection, did, email, partner["name"]["en"])
        signing_in.accept(engine, invitation, login_password)
        keystore = OPERATOR_KEYSTORE if did == OPERATOR else _file_name(did)
        return {
            "partner": did,
            "roles": partner["roles"],
            "token": token,
            "email": email,
            "loginPassword": login_password,
            "keystore": str((self._keys / keystore).absolute()),
            "password": self._password,
        }

    def _key(self, file_name: str) -> tuple[str, str]:
        """Address and file of a key, made now if it is not there."""
        path = self._keys / file_name
        if not path.exists():
            return create_keystore(self._keys, file_name, self._password, work=WORK), file_name
        return address_of(path), file_name

    def serve(self, children: Children, host: str, port: int, public: str, here: str, pause: Pause) -> None:
        """Starts the service and the worker, and waits until the service answers at `here`. Raises LocalError."""
        environment = {
            "DATABASE_URL": self._database,
            "CHAIN_SERVICE_NETWORK_FILE": str((self._folder / "network.json").absolute()),
            "CHAIN_SERVICE_KEYS_DIR": str(self._keys.absolute()),
            "CHAIN_SERVICE_KEYS_PASSWORD": self._password,
            "CHAIN_SERVICE_OPERATOR": OPERATOR,
            "CHAIN_SERVICE_ADMIN_KEYSTORE": "admin.json",
            "CHAIN_SERVICE_PUBLIC_URL": public,
        }
        command = [sys.executable, "-m", "chain_service.cli", "--verbose"]
        children.start("serve", [*command, "serve", "--host", host, "--port", str(port)], environment)
        children.start("worker", [*command, "worker"], environment)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (dead := children.ended()) is not None:
                raise LocalError(f"{dead} ended at once")
            try:
                if httpx.get(f"{here}/healthz", timeout=2, trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                pause(0.1)
        raise LocalError("the service does not answer")


def _show(journeys: list[dict[str, Any]], public: str, folder: Path) -> None:
    first, *others = journeys
    url = public + demo_samples.path(first)
    print()
    code = qrcode.QRCode(border=2)
    code.add_data(url)
    code.print_ascii(invert=True)
    for journey in others:
        _say(f"also  {public}{demo_samples.path(journey)}  {journey['title']['en']}")
    _say(f"check a receipt  {public}/verify")
    _say(f"sign in  {public}/console/  (emails and passwords: {folder}/credentials.json)")
    _say("Ctrl-C ends everything; `make tamper` alters an event, `make untamper` puts it back.")
    _say(f"ready {url}")


def _file_name(did: str) -> str:
    return did.rpartition(":")[2].replace("/", "-") + ".json"


def _replace(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_private(unfinished, text)
    unfinished.replace(path)


def _say(text: str) -> None:
    print(text, flush=True)
