"""Keys and what the registry's administrator does to them, for tests."""

from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3

from chain_service.chain.contracts import artifact
from chain_service.db import writing
from chain_service.kit.digests import keccak256
from chain_service.kit.eip712 import Signer
from chain_service.partners import service as partners
from chain_service.partners.roles import Role
from tests.stage import Stage, new_account

DAY = 86_400


class OwnKey:
    """A partner of a stage whose key is in its own hands (registry custody 1 unless told otherwise)."""

    def __init__(
        self,
        stage: Stage,
        name: str,
        roles: Role = Role.BRAND,
        custody: int = 1,
        valid: tuple[int, int] | None = (0, 0),
    ) -> None:
        self._stage = stage
        self.account: LocalAccount = new_account()
        self.signer = Signer(bytes(self.account.key))
        self.did = f"did:web:{name}-{self.signer.address[2:10]}.example"
        self.partner = keccak256(self.did.encode())
        stage.administrator.admit(stage.network.contracts["PartnerRegistry"], self.did, int(roles), {})
        with writing(stage.engine) as connection:
            partners.admit(connection, self.did, {"en": name}, roles)
            stage.tokens[self.did] = partners.issue_token(connection, self.did)
        if valid is not None:
            self.tell("addKey", self.partner, self.account.address, custody, *valid)

    def tell(self, function: str, *arguments: Any) -> None:
        """One transaction of the administrator to PartnerRegistry."""
        administrator = self._stage.administrator
        administrator._send(getattr(self._contract().functions, function)(*arguments))

    def _contract(self) -> Any:
        web3 = Web3(HTTPProvider(self._stage.network.rpc))
        address = Web3.to_checksum_address(self._stage.network.contracts["PartnerRegistry"])
        return web3.eth.contract(address=address, abi=artifact("PartnerRegistry")["abi"])

    def chain_time(self) -> int:
        """The time of the newest block, Unix seconds."""
        return int(Web3(HTTPProvider(self._stage.network.rpc)).eth.get_block("latest")["timestamp"])

    def forget(self) -> None:
        """Has the service forget what the chain said of the key."""
        self.remembered_at(None)

    def remembered_at(self, checked_at: int | None) -> None:
        """Sets when the chain was last asked, Unix milliseconds."""
        from sqlalchemy import update

        from chain_service.partners.models import PartnerKey

        with writing(self._stage.engine) as connection:
            of_key = PartnerKey.address == self.signer.address
            connection.execute(update(PartnerKey).where(of_key).values(checked_at=checked_at))
