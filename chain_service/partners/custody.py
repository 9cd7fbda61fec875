"""The keys that the operator holds, in keystore V3 files, for itself and for partners without a wallet."""

import json
import os
import secrets
from pathlib import Path

from eth_account import Account
from sqlalchemy import Connection, select

from chain_service.kit import clock
from chain_service.kit.eip712 import Signer
from chain_service.partners.models import PartnerKey

OPERATOR_KEYSTORE = "operator.json"


class KeyUnavailable(OSError):
    """A key that should sign cannot be used; the message says which and why, never what is inside."""


class Custody:
    """Signers by address, each decrypted once."""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder = folder
        self._password = password
        self._signers: dict[str, Signer] = {}

    def operator(self) -> Signer:
        """The operator's own key. Raises KeyUnavailable."""
        return self._signer(OPERATOR_KEYSTORE)

    def secret(self, file_name: str = OPERATOR_KEYSTORE) -> bytes:
        """A private key, 32 bytes, for signing transactions; the operator's by default. Raises KeyUnavailable."""
        return self._decrypted(file_name)

    def of(self, connection: Connection, partner: str) -> Signer:
        """The key held for a partner that signs now. Raises KeyUnavailable."""
        held = held_key(connection, partner)
        if held is None:
            raise KeyUnavailable(f"this service holds no key of {partner}")
        return self._signer(held[1])

    def _signer(self, file_name: str) -> Signer:
        if file_name not in self._signers:
            self._signers[file_name] = Signer(self._decrypted(file_name))
        return self._signers[file_name]

    def _decrypted(self, file_name: str) -> bytes:
        try:
            return bytes(Account.decrypt(json.loads((self._folder / file_name).read_text()), self._password))
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = "is wrong or missing its password" if isinstance(error, ValueError) else "cannot be read"
            raise KeyUnavailable(f"keystore {file_name} {reason}") from None


def held_key(connection: Connection, partner: str) -> tuple[str, str] | None:
    """Address and keystore file of the key that signs for a partner now: the newest of those held that has begun."""
    held = select(PartnerKey.address, PartnerKey.keystore).where(
        PartnerKey.partner == partner, PartnerKey.keystore.is_not(None), PartnerKey.created_at <= clock.now_ms()
    )
    row = connection.execute(held.order_by(PartnerKey.created_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.address, row.keystore)


def create_keystore(folder: Path, file_name: str, password: str, *, work: int | None = None) -> str:
    """Makes a new key, writes it as keystore V3 readable by its owner only, and returns its lower-case address.

    `work` is scrypt's N; None is eth-account's own choice (262,144: a second a key). The file appears whole or not at
    all. Raises FileExistsError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    account = Account.create()
    keystore = Account.encrypt(account.key, password, kdf="scrypt", iterations=work)
    unfinished = folder / f".{file_name}.{secrets.token_hex(4)}"
    try:
        write_private(unfinished, json.dumps(keystore))
        os.link(unfinished, folder / file_name)  # unlike a renaming, never over a key that is there
    finally:
        unfinished.unlink(missing_ok=True)
    return str(account.address).lower()


def address_of(keystore: Path) -> str:
    """The lower-case address that a keystore names. Raises OSError or ValueError for what is no keystore."""
    try:
        return "0x" + str(json.loads(keystore.read_text())["address"]).lower().removeprefix("0x")
    except (KeyError, TypeError):
        raise ValueError(f"{keystore} is no keystore V3 file") from None


def write_private(path: Path, text: str) -> None:
    """Writes a new file that only its owner reads, down to the disk. Raises FileExistsError."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
