"""A service that holds the key of its registry's administrator, for tests of what is done with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eth_account.signers.local import LocalAccount
from httpx import Response

from chain_service.chain.client import Chain
from chain_service.chain.deployment import Administrator
from chain_service.chain.registry import Registry
from chain_service.db import writing
from chain_service.kit.eip712 import Signer
from chain_service.local import fund
from chain_service.partners import service as partners
from chain_service.partners.custody import Custody, address_of, create_keystore
from chain_service.partners.did.document import document
from chain_service.partners.registry.registered_keys import RegisteredKeys
from chain_service.partners.roles import Role
from tests.partners.did_host import Answer, Host, stating
from tests.partners.test_did_document import Key
from tests.stage import WORK, Stage, new_account

DAY = 86_400
ADMIN = "admin.json"
Json = dict[str, Any]


class Room:
    """A stage with a registry of its own; `ask`, `plan` and `send` speak as a system that administers."""

    def __init__(self, folder: Path, rpc: str, database_url: str, **changed: Any) -> None:
        keys, password = folder / "keys", "of these tests"
        self.admin = create_keystore(keys, ADMIN, password, work=WORK)
        fund(rpc, self.admin, 10**20)
        administrator = Administrator(rpc, Custody(keys, password).secret(ADMIN))
        network = administrator.deploy("room-00112233445566ff")
        self.stage = Stage(folder, database_url, network, administrator, admin_keystore=ADMIN, **changed)
        self.registry = Registry(Chain(network))
        self.operator = next(str(change.did) for change in self.registry.changes(-1) if change.did)
        with writing(self.stage.engine) as connection:
            partners.admit(connection, self.operator, {"en": "Operator", "zh": "运营方"}, Role.OPERATOR)
            rights = ["state", "describe", "read", "manage", "administer"]
            self.stage.tokens[self.operator] = partners.issue_token(connection, self.operator, rights=rights)

    @property
    def state(self) -> Any:
        return self.stage.client.app.state  # type: ignore[attr-defined]

    def settings(self, **changed: Any) -> None:
        """Changes settings of the running service."""
        self.state.settings = self.state.settings.model_copy(update=changed)

    def cut_off(self) -> None:
        """The service with a node that does not answer."""
        self.state.chain = Chain(self.stage.network.model_copy(update={"rpc": "http://127.0.0.1:1"}))
        self.state.registry = Registry(self.state.chain)
        self.state.registered_keys = RegisteredKeys()

    def ask(self, path: str, body: Any = None, partner: str | None = None) -> Response:
        """A request of the operator's system, or of another partner's: POST where there is a body."""
        headers = {"Authorization": f"Bearer {self.stage.tokens[partner or self.operator]}"}
        return self.stage.client.request("GET" if body is None else "POST", path, json=body, headers=headers)

    def plan(self, action: str, **arguments: Any) -> Json:
        answer = self.ask("/v1/registry/plan", {"action": action, **arguments})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def send(self, action: str, **arguments: Any) -> Json:
        answer = self.ask("/v1/registry/send", {"action": action, **arguments})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def partner(self, did: str) -> Json:
        answer = self.stage.client.get(f"/v1/partners/{quote(did, safe='')}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def listed(self, did: str) -> Json | None:
        """A partner as the list of all has it."""
        every = self.stage.client.get("/v1/partners").json()["partners"]
        return next((each for each in every if each["did"] == did), None)

    def entries(self, action: str) -> list[Json]:
        """What the audit log has of an action, newest first."""
        entries = self.ask("/v1/audit?limit=100").json()["entries"]
        return [entry for entry in entries if entry["action"] == f"registry.{action}"]

    def key_files(self) -> set[str]:
        return {file.name for file in self.stage.settings.keys_dir.iterdir()}

    def key_of(self, did: str) -> str:
        """The address of a partner's first key."""
        return str(self.partner(did)["keys"][0]["address"])

    def do(self, action: str, account: LocalAccount | None = None, **arguments: Any) -> str:
        """A transaction that the service does not send: of a wallet, or of the administrator elsewhere."""
        secret = (
            bytes(account.key) if account else Custody(self.stage.settings.keys_dir, "of these tests").secret(ADMIN)
        )
        sender = account.address.lower() if account else address_of(self.stage.settings.keys_dir / ADMIN)
        transaction = self.registry.send(self.registry.plan(action, arguments, sender), secret)
        self.registry.wait(transaction, 20)
        return transaction

    def wallet(self) -> LocalAccount:
        """An account with money."""
        account = new_account()
        fund(self.stage.network.rpc, account.address, 10**19)
        return account

    def now(self) -> int:
        """The chain's time, Unix seconds."""
        return self.state.chain.head().time  # type: ignore[no-any-return]


@contextmanager
def room_on(folder: Path, rpc: str, database_url: str) -> Iterator[Room]:
    """A room whose service runs."""
    made = Room(folder, rpc, database_url)
    with made.stage:
        yield made


@contextmanager
def document_of(room: Room, did: str, keys: list[str], answer: Answer | None = None) -> Iterator[Host]:
    """A host that serves a DID's document with these keys, or answers so; the service is told where it is."""
    with Host(answer or stating(document(did, [Key(key) for key in keys], 1))) as host:
        room.settings(did_hosts={did.split(":")[2]: host.url})
        yield host


def problem(answer: Response) -> tuple[int, str]:
    """Status and short type of a problem."""
    return answer.status_code, answer.json()["type"].rpartition("/")[2].rpartition(":")[2]


def signer_of(account: LocalAccount) -> Signer:
    return Signer(bytes(account.key))
