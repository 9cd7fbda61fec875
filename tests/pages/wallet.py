"""A browser wallet that a test scripts (EIP-1193): it signs with a known key, or does what else a wallet may do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from playwright.sync_api import Page

from chain_service.kit.digests import sha256, to_hex
from tests.pages.ledger import CHAIN_ID

PROVIDER = """
const request = async ({ method, params = [] }) => {
  const answer = await window.walletAnswers(method, params);
  if (answer.code !== undefined) throw Object.assign(new Error(answer.message), { code: answer.code });
  return answer.result;
};
"""
INJECTED = f"(() => {{ {PROVIDER} window.ethereum = {{ request }}; }})();"
# Two wallets that announce themselves as EIP-6963 asks; the first also holds window.ethereum, as wallets do.
ANNOUNCED = f"""(() => {{ {PROVIDER}
  const wallets = ["Meadow <b>Wallet</b>", "Quarry"].map((name) => ({{
    info: {{ uuid: name, name, icon: "", rdns: "example." + name }}, provider: {{ request }},
  }}));
  window.ethereum = wallets[0].provider;
  const announce = (detail) => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", {{ detail }}));
  const tell = () => wallets.forEach(announce);
  window.addEventListener("eip6963:requestProvider", tell);
  tell();
}})();"""

REFUSED = {"code": 4001, "message": "User rejected the request."}


@dataclass
class Wallet:
    """Answers a page's questions with the key of a partner of the ledger, or with `key` (32 bytes).

    `signs_with`: whose key signs, where that is not the account's; `low_v`: v as 0 or 1; `answers`: given to the next
    questions for a signature or transaction instead of one (None: sign). Transactions go nowhere: `sent` holds them,
    and `receipts` (a status each, None: not mined yet) what is answered about them; all are good once it is empty.
    """

    partner: str
    key: bytes | None = None
    signs_with: str | None = None
    low_v: bool = False
    answers: list[dict[str, Any] | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)  # the typed data it was asked to sign
    chain_id: int = CHAIN_ID
    switches: bool = True  # whether it goes to another chain when asked
    sent: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[str | None] = field(default_factory=list)

    @property
    def account(self) -> str:
        """The account's address, in the mixed case that wallets use."""
        return str(Account.from_key(self.key or _key(self.partner)).address)

    def install(self, page: Page, script: str = INJECTED) -> None:
        """Give the page this wallet; before it is opened."""
        page.expose_function("walletAnswers", self.answer)
        page.add_init_script(script)

    def answer(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        """The answer to one question."""
        self.asked.append(method)
        if method == "eth_requestAccounts":
            return {"result": [self.account]}
        if method in ("eth_chainId", "wallet_switchEthereumChain"):
            return self._chain(parameters)
        if method in ("eth_sendTransaction", "eth_getTransactionReceipt"):
            return self._transaction(method, parameters[0])
        assert method == "eth_signTypedData_v4"
        account, message = parameters
        assert account == self.account.lower()
        self.seen.append(json.loads(message))
        if self.answers and (scripted := self.answers.pop(0)) is not None:
            return scripted
        key = _key(self.signs_with) if self.signs_with else self.key or _key(self.partner)
        signature = bytes(Account.sign_typed_data(key, full_message=self.seen[-1]).signature)
        if self.low_v:
            signature = signature[:64] + bytes([signature[64] - 27])
        return {"result": to_hex(signature)}

    def _chain(self, parameters: list[Any]) -> dict[str, Any]:
        if parameters and not self.switches:
            return {"code": 4902, "message": "Unrecognized chain."}
        if parameters:
            self.chain_id = int(parameters[0]["chainId"], 16)
        return {"result": None if parameters else hex(self.chain_id)}

    def _transaction(self, method: str, given: Any) -> dict[str, Any]:
        if method == "eth_getTransactionReceipt":
            status = self.receipts.pop(0) if self.receipts else "0x1"
            return {"result": status and {"transactionHash": given, "status": status}}
        if self.answers and (scripted := self.answers.pop(0)) is not None:
            return scripted
        self.sent.append(given)
        return {"result": f"0x{len(self.sent):064x}"}


def _key(partner: str) -> bytes:
    return sha256(b"key of " + partner.encode())
