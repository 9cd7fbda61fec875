"""The service as operators run it, in processes of its own, with one partner that may state every step."""

import json
import os
import re
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from chain_service.db import connect, migrate, writing
from chain_service.local import Children, free_port
from chain_service.operating import write_network
from chain_service.partners import service as partners
from chain_service.partners.custody import create_keystore
from chain_service.partners.roles import Role
from chain_service.partners.vault import MASTER_KEYSTORE, open_vault
from chain_service.settings import PACKAGE, Network

PARTNER = "did:web:benchmark.example"
ALL_ROLES = Role.BRAND | Role.PRODUCER | Role.LOGISTICS | Role.WAREHOUSE | Role.INSPECTOR | Role.CUSTOMS
START_SECONDS = 30
SAMPLES_SECONDS = 120
_WORK = 4096  # scrypt's N: these keys live as long as the run
# A network on which nothing is sealed: capturing needs no chain.
UNSEALED = Network(
    network="bench-0000000000000000",
    rpc="http://127.0.0.1:9",
    chainId=31337,
    contracts={"AnchorLog": "0x" + "11" * 20, "PartnerRegistry": "0x" + "22" * 20},
)


@dataclass(frozen=True, slots=True)
class Service:
    """A prepared service; `operator` and `partner` are the addresses of the keys in its custody."""

    folder: Path
    environment: dict[str, str]
    token: str
    operator: str
    partner: str

    def serve(self, children: Children) -> str:
        """Starts `chain-service serve` and returns its address once it answers."""
        port = free_port()
        command = [sys.executable, "-m", "chain_service.cli", "serve", "--port", str(port)]
        children.start("serve", command, self.environment)
        return answering(f"http://127.0.0.1:{port}", "/healthz", children)

    def work(self, children: Children) -> None:
        """Starts `chain-service worker`."""
        children.start("worker", [sys.executable, "-m", "chain_service.cli", "worker"], self.environment)


def prepare(folder: Path, network: Network = UNSEALED) -> Service:
    """Keys, an SQLite database and a network file in a folder; nothing runs yet."""
    password = secrets.token_urlsafe(16)
    keys = folder / "keys"
    database = f"sqlite:///{folder / 'service.db'}"
    operator = create_keystore(keys, "operator.json", password, work=_WORK)
    address = create_keystore(keys, "partner.json", password, work=_WORK)
    engine = connect(database)
    create_keystore(keys, MASTER_KEYSTORE, password, work=_WORK)
    migrate(engine, open_vault(keys, password))
    with writing(engine) as connection:
        partners.admit(connection, PARTNER, {"en": "Benchmark"}, ALL_ROLES)
        partners.hold_key(connection, PARTNER, address, "partner.json")
        token = partners.issue_token(connection, PARTNER)
    engine.dispose()
    write_network(network, folder / "network.json")
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "CHAIN_SERVICE_NETWORK_FILE": str(folder / "network.json"),
        "CHAIN_SERVICE_KEYS_DIR": str(keys),
        "CHAIN_SERVICE_KEYS_PASSWORD": password,
        "CHAIN_SERVICE_OPERATOR": "did:web:operator.example",
        "CHAIN_SERVICE_CALLS_PER_MINUTE": "1000000",  # the limit is not what is measured
    }
    return Service(folder, environment, token, operator, address)


def answering(url: str, path: str, children: Children) -> str:
    """The same address, once something answers there. Raises RuntimeError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not children.ended():
        try:
            if httpx.get(url + path, timeout=2, trust_env=False).is_success:
                return url
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"{children.ended()} ended at once" if children.ended() else f"nothing answers at {url}")


def sampled(folder: Path, children: Children) -> tuple[str, list[str]]:
    """The demo with its sample journeys sealed: its address, and the paths of their passports, the shown one first."""
    port = free_port()
    command = [sys.executable, "-m", "chain_service.cli", "demo", "--port", str(port), "--folder", str(folder)]
    children.start("demo", command)
    said = folder / "logs" / "demo.log"
    deadline = time.monotonic() + SAMPLES_SECONDS
    while not (ready := re.search(r"^ready (http://[^/]+)(/\S+)$", said.read_text(), re.MULTILINE)):
        if children.ended() or time.monotonic() > deadline:
            raise RuntimeError(f"the demo did not start: {said.read_text()[-500:]}")
        time.sleep(0.1)
    journeys = sorted((PACKAGE / "samples" / "journeys").glob("*.json"))
    paths = [json.loads(path.read_text())["scan"].removeprefix("https://id.gs1.org") for path in journeys]
    return ready[1], sorted(paths, key=lambda path: path != ready[2])
