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
from sqlalchemy import select, update

from chain_service.chain.deployment import Administrator, is_deployed, new_network_name
from chain_service.db import connect, migrate, writing
from chain_service.events.models import Event
from chain_service.kit import canonical
from chain_service.local import Children, LocalChain, LocalError, fund, lan_address
from chain_service.operating import write_network
from chain_service.partners import roles, service
from chain_service.partners.custody import OPERATOR_KEYSTORE, Custody, create_keystore
from chain_service.partners.roles import Role
from chain_service.settings import PACKAGE, Network

OPERATOR = "did:web:chain-service.example"
OPERATOR_NAME = {"en": "The chain-service demo on this machine", "zh": "本机 chain-service 演示"}
SAMPLES = PACKAGE / "samples"
WORK = 4096  # scrypt's N for the demo's throw-away keys: all of them in a second
GAS_MONEY = 10 * 10**18  # wei, of a coin that is worth nothing


def run(kind: str, host: str, port: int, folder: Path) -> int:
    """Starts everything, prints `ready <passport url>`, waits for Ctrl-C and ends what it started. Returns 0."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    folder.mkdir(parents=True, exist_ok=True)
    public = f"http://{lan_address() if host == '0.0.0.0' else host}:{port}"  # noqa: S104 (asked for)
    with Children(folder / "logs") as children:
        try:
            _say(f"Starting the chain ({kind})")
            rpc = LocalChain(kind, folder, children).start()
            demo = Demo(kind, folder, rpc)
            _say(demo.prepare())
            _say("Starting the service")
            demo.serve(children, host, port, public)
            demo.load(public if host != "0.0.0.0" else f"http://127.0.0.1:{port}", stopping)  # noqa: S104
            _show(demo.journeys(), public)
            dead = children.wait(stopping)
        except LocalError as error:
            print(f"\nThe demo could not start: {error}\nSee {folder}/logs for what its parts said.", file=sys.stderr)
            return 1
        if dead:
            print(f"\n{dead} ended by itself; see {folder}/logs/{dead}.log", file=sys.stderr)
            return 1
        _say("\nStopping")
    return 0


class Demo:
    """The demo's state under its folder, on one kind of local chain."""

    def __init__(self, kind: str, folder: Path, rpc: str) -> None:
        self._kind = kind
        self._folder = folder
        self._rpc = rpc
        self._keys = folder / "keys"
        self._database = f"sqlite:///{(folder / 'chain-service.db').absolute()}"
        self._partners: list[dict[str, Any]] = json.loads((SAMPLES / "partners.json").read_text())
        self._password = self._make_password()

    def _make_password(self) -> str:
        path = self._folder / "keys-password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def prepare(self) -> str:
        """Keys, contracts, partners and credentials, as far as they are not there yet; returns what was done."""
        new = not (self._folder / "chain-service.db").exists()
        network, said = self._network(new)
        engine = connect(self._database)
        migrate(engine)
        credentials = []
        with writing(engine) as connection:
            service.admit(connection, OPERATOR, OPERATOR_NAME, Role.OPERATOR)
            for partner in self._partners:
                bits = roles.from_names(partner["roles"])
                service.admit(connection, partner["did"], partner["name"], bits)
                service.hold_key(connection, partner["did"], *self._key(_file_name(partner["did"])))
                if new:
                    credentials.append(self._credential(partner, service.issue_token(connection, partner["did"])))
        if credentials:
            path = self._folder / "credentials.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(credentials, indent=2) + "\n")
        write_network(network, self._folder / "network.json")
        engine.dispose()
        return said

    def _network(self, new: bool) -> tuple[Network, str]:
        """The network on this chain: as it is deployed, or deployed now under the name it always had."""
        path = self._folder / "deployments.json"
        deployments: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        known = deployments.get(self._kind)
        if known and not new:
            network = Network(**{**known, "rpc": self._rpc})
            if is_deployed(network):
                return network, f"Going on with the network {network.network}"
        names = {deployment["network"] for deployment in deployments.values()}
        network = self._deploy(names.pop() if names and not new else new_network_name("demo"))
        deployments = {**({} if new else deployments), self._kind: network.model_dump()}
        path.write_text(json.dumps(deployments, indent=2) + "\n")
        return network, f"Deployed the contracts of the network {network.network}"

    def _deploy(self, name: str) -> Network:
        self._key("admin.json")
        administrator = Administrator(self._rpc, Custody(self._keys, self._password).secret("admin.json"))
        fund(self._rpc, administrator.address, 10 * GAS_MONEY)
        network = administrator.deploy(name)
        registry = network.contracts["PartnerRegistry"]
        operator, _ = self._key(OPERATOR_KEYSTORE)
        fund(self._rpc, operator, GAS_MONEY)
        administrator.admit(registry, OPERATOR, int(Role.OPERATOR), {operator: "partner"})
        for partner in self._partners:
            address, _ = self._key(_file_name(partner["did"]))
            administrator.admit(
                registry, partner["did"], int(roles.from_names(partner["roles"])), {address: "operator"}
            )
        return network

    def _credential(self, partner: dict[str, Any], token: str) -> dict[str, Any]:
        return {
            "partner": partner["did"],
            "roles": partner["roles"],
            "token": token,
            "keystore": str((self._keys / _file_name(partner["did"])).absolute()),
            "password": self._password,
        }

    def _key(self, file_name: str) -> tuple[str, str]:
        """Address and file of a key, made now if it is not there."""
        path = self._keys / file_name
        if not path.exists():
            return create_keystore(self._keys, file_name, self._password, work=WORK), file_name
        return "0x" + json.loads(path.read_text())["address"].lower().removeprefix("0x"), file_name

    def serve(self, children: Children, host: str, port: int, public: str) -> None:
        """Starts the service and the worker, and waits until the service answers. Raises LocalError."""
        environment = {
            "DATABASE_URL": self._database,
            "CHAIN_SERVICE_NETWORK_FILE": str((self._folder / "network.json").absolute()),
            "CHAIN_SERVICE_KEYS_DIR": str(self._keys.absolute()),
            "CHAIN_SERVICE_KEYS_PASSWORD": self._password,
            "CHAIN_SERVICE_OPERATOR": OPERATOR,
            "CHAIN_SERVICE_PUBLIC_URL": public,
        }
        command = [sys.executable, "-m", "chain_service.cli", "--verbose"]
        children.start("serve", [*command, "serve", "--host", host, "--port", str(port)], environment)
        children.start("worker", [*command, "worker"], environment)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (dead := children.ended()) is not None:
                raise LocalError(f"{dead} ended at once; is port {port} free?")
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise LocalError("the service does not answer")

    def journeys(self) -> list[dict[str, Any]]:
        """The sample journeys; the first is the one whose passport is shown."""
        order = ("formula", "lettuce", "sneakers")
        return [json.loads((SAMPLES / "journeys" / f"{name}.json").read_text()) for name in order]

    def load(self, url: str, stopping: threading.Event) -> None:
        """Posts master data and events as their partners would, unless they are there, and waits for every seal."""
        tokens = {
            entry["partner"]: entry["token"] for entry in json.loads((self._folder / "credentials.json").read_text())
        }
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            if any(client.get(f"/v1/passports{_path(journey)}").status_code != 200 for journey in self.journeys()):
                for item in json.loads((SAMPLES / "items.json").read_text()):
                    name, partner = item.pop("item"), item.pop("partner")
                    _sent(client.put(f"/v1/items{_path_of(name)}", json=item, headers=_token(tokens, partner)))
            for journey in self.journeys():
                _load_journey(client, journey, tokens)
            _wait_for_seals(client, self.journeys(), stopping)


def _load_journey(client: httpx.Client, journey: dict[str, Any], tokens: dict[str, str]) -> None:
    """Captures a journey; what was captured before is not stored again."""
    jobs = []
    for capture in journey["captures"]:
        headers = {**_token(tokens, capture["partner"]), "Content-Type": "application/ld+json"}
        answer = _sent(client.post("/epcis/capture", content=canonical.dumps(capture["document"]), headers=headers))
        jobs.append(answer.headers["Location"])
    for job in jobs:
        while (state := client.get(job).json())["running"]:
            time.sleep(0.05)
        if not state["success"]:
            raise LocalError(f"a sample was refused: {state['errors']}")
    events = sum(len(capture["document"]["epcisBody"]["eventList"]) for capture in journey["captures"])
    _say(f"  {journey['title']['en']}: {events} events")


def _wait_for_seals(client: httpx.Client, journeys: list[dict[str, Any]], stopping: threading.Event) -> None:
    """Returns when every step of every sample is sealed. Raises LocalError after two minutes."""
    deadline = time.monotonic() + 120
    waiting = -1
    while waiting and not stopping.is_set():
        steps = [step for journey in journeys for step in client.get(f"/v1/passports{_path(journey)}").json()["steps"]]
        left = sum(step["receipt"]["batch"] is None for step in steps)
        if left != waiting:
            _say(f"  {len(steps) - left} of {len(steps)} steps are sealed")
            waiting = left
        if left and time.monotonic() > deadline:
            raise LocalError("the samples were not sealed")
        if left:
            time.sleep(0.5)


def _show(journeys: list[dict[str, Any]], public: str) -> None:
    first, *others = journeys
    url = public + _path(first)
    print()
    code = qrcode.QRCode(border=2)
    code.add_data(url)
    code.print_ascii(invert=True)
    for journey in others:
        _say(f"also  {public}{_path(journey)}  {journey['title']['en']}")
    _say(f"check a receipt  {public}/verify")
    _say("Ctrl-C ends everything; `make tamper` alters an event, `make untamper` puts it back.")
    _say(f"ready {url}")


def tamper(folder: Path) -> str:
    """Alters one stored event of the first sample, in the database and past the service; returns what was done."""
    kept = folder / "tampered.json"
    if kept.exists():
        raise LocalError("an event is altered already; `make untamper` puts it back")
    engine = connect(_existing_database(folder))
    with writing(engine) as connection:
        rows = connection.execute(select(Event.id, Event.event_id, Event.document).order_by(Event.event_time)).all()
        row = next(
            (row for row in rows if b'"sensorReport"' in row.document and b'"meanValue"' in row.document), rows[0]
        )
        event = json.loads(row.document)
        what = _alter(event)
        kept.write_text(json.dumps({"id": row.id, "document": row.document.decode()}))
        connection.execute(update(Event).where(Event.id == row.id).values(document=canonical.dumps(event)))
    return f"Altered {row.event_id}: {what}. Look at its passport; `make untamper` puts it back."


def untamper(folder: Path) -> str:
    """Puts the altered event back."""
    kept = folder / "tampered.json"
    if not kept.exists():
        raise LocalError("nothing is altered")
    original = json.loads(kept.read_text())
    engine = connect(_existing_database(folder))
    with writing(engine) as connection:
        document = original["document"].encode()
        connection.execute(update(Event).where(Event.id == original["id"]).values(document=document))
    kept.unlink()
    return "Put the event back as it was."


def _alter(event: dict[str, Any]) -> str:
    for element in event.get("sensorElementList", []):
        for report in element.get("sensorReport", []):
            if "meanValue" in report:
                was = report["meanValue"]
                report["meanValue"] = round(was / 2, 1)
                return f"a mean of {was} became {report['meanValue']}"
    was = event["eventTime"]
    event["eventTime"] = "2026-01-01T00:00:00.000Z"
    return f"the time {was} became {event['eventTime']}"


def _existing_database(folder: Path) -> str:
    path = folder / "chain-service.db"
    if not path.exists():
        raise LocalError(f"there is no demo in {folder}; `make demo` makes one")
    return f"sqlite:///{path.absolute()}"


def _sent(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise LocalError(f"a sample was refused: {answer.status_code} {answer.text[:500]}")
    return answer


def _token(tokens: dict[str, str], partner: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[partner]}"}


def _path(journey: dict[str, Any]) -> str:
    return _path_of(journey["scan"])


def _path_of(name: str) -> str:
    return name.removeprefix("https://id.gs1.org")


def _file_name(did: str) -> str:
    return did.rpartition(":")[2].replace("/", "-") + ".json"


def _say(text: str) -> None:
    print(text, flush=True)
