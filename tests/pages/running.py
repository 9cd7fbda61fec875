"""The real service over HTTP, with its worker, on a real chain: what a browser finds where the product runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from playwright.sync_api import Page, expect

from chain_service.app import create
from chain_service.kit.digests import to_hex
from chain_service.local import free_port
from chain_service.worker import Worker
from tests.pages.wallet import Wallet
from tests.partners.persons import PASSWORD, invited
from tests.partners.registry_room import Room


class Running(Room):
    """A room whose service listens on a port of this machine."""

    def __init__(self, folder: Path, rpc: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(folder, rpc, f"sqlite:///{folder / 'test.db'}", public_url=self.url)
        self.app = create(self.stage.settings, self.stage.vault)
        config = uvicorn.Config(self.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
        self._server, self._worker = uvicorn.Server(config), Worker(self.stage.settings)
        self._threads = [threading.Thread(target=part.run, daemon=True) for part in (self._server, self._worker)]
        self.stage.client = httpx.Client(base_url=self.url, timeout=60)  # type: ignore[assignment]

    @property
    def state(self) -> Any:
        return self.app.state

    def start(self) -> None:
        """Returns once it answers."""
        for thread in self._threads:
            thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline, "the service does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the service and its worker."""
        self._server.should_exit = True
        self._worker.stop()
        for thread in self._threads:
            thread.join(20)
        self.stage.client.close()
        self.stage.engine.dispose()

    def invitation(self, partner: str, rights: list[str]) -> tuple[str, str]:
        """Email and token of a person who was invited."""
        _, email, token = invited(self.stage, rights, partner)
        return email, token

    def person(self, partner: str, rights: list[str]) -> str:
        """The email of a person who has the password of these tests."""
        email, token = self.invitation(partner, rights)
        accepted = httpx.post(f"{self.url}/v1/invitations/accept", json={"token": token, "password": PASSWORD})
        assert accepted.status_code == 200, accepted.text
        return email

    def enter(self, page: Page, email: str, place: str = "") -> None:
        """Opens a room of the console and signs in."""
        page.goto(f"{self.url}/console/#signin")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("#room-list a").first).to_be_attached()
        expect(page.locator("#signin")).to_have_count(0)
        page.goto(f"{self.url}/console/{place}")
        expect(page.locator("#room")).not_to_be_empty()


@contextmanager
def running_on(folder: Path, rpc: str) -> Iterator[Running]:
    """A service that runs, and ends with the context."""
    made = Running(folder, rpc)
    made.start()
    try:
        yield made
    finally:
        made.stop()


class SendingWallet(Wallet):
    """A wallet that really sends: what it is asked to send goes to the node, signed by its key."""

    def __init__(self, running: Running, key: bytes) -> None:
        super().__init__("", key=key, chain_id=running.stage.network.chainId)
        self._web3 = running.state.chain.web3

    def _transaction(self, method: str, given: Any) -> dict[str, Any]:
        if method == "eth_getTransactionReceipt":
            answer = self._web3.provider.make_request(method, [given])
            return {"result": answer.get("result")}
        if self.answers and (scripted := self.answers.pop(0)) is not None:
            return scripted
        self.sent.append(given)
        signing = self._web3.eth.account.from_key(self.key)
        assert given["from"] == signing.address.lower()
        transaction = {
            "to": self._web3.to_checksum_address(given["to"]),
            "data": given["data"],
            "gas": int(given.get("gas", "0x7a120"), 16),  # a step that the node could not try yet has none
            "nonce": self._web3.eth.get_transaction_count(signing.address),
            "gasPrice": self._web3.eth.gas_price,
            "chainId": self.chain_id,
        }
        return {
            "result": to_hex(self._web3.eth.send_raw_transaction(signing.sign_transaction(transaction).raw_transaction))
        }
