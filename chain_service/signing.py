"""The command `chain-service capture --key`: events signed on this machine, with a key that stays here."""

import getpass
import json
import os
import sys
from pathlib import Path

from chain_service.client import Partner, StatingError, network_of, open_keystore


def sign_and_send(
    file: Path,
    url: str,
    token_file: Path | None,
    key: Path,
    password_file: Path | None,
    network: Path | None,
    visibility: str = "public",
) -> int:
    """Signs a document's events and hands them in. Returns 0 when all is stored, 1 when something was refused.

    Raises OSError for an unreadable file, ValueError for a key that does not open or where no token is given.
    """
    token = token_file.read_text().strip() if token_file else os.environ.get("CHAIN_SERVICE_TOKEN", "")
    if not token:
        raise ValueError("no token: give --token-file, or set CHAIN_SERVICE_TOKEN")
    document = file.read_bytes()
    password = password_file.read_text().strip() if password_file else getpass.getpass(f"Password of {key}: ")
    signer = open_keystore(key, password)
    try:
        name = _own_network(network) if network else _told_network(url)
        partner = Partner(url, token, name, signer)
        event_ids = partner.state(document, visibility)
    except StatingError as error:
        print(error, file=sys.stderr)
        for place in error.errors:
            where = place.get("pointer") or place.get("place") or ""
            print(f"  {where}: {place.get('detail', '')}", file=sys.stderr)
        return 1
    new = sum(len(promise["statements"]) for promise in partner.promises)
    print(f"{len(event_ids)} event{'' if len(event_ids) == 1 else 's'} signed by {signer.address}, {new} of them new")
    for event_id in event_ids:
        print(f"  {event_id}")
    return 0


def _own_network(path: Path) -> str:
    try:
        return str(json.loads(path.read_text())["network"])
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no network file") from None


def _told_network(url: str) -> str:
    name = network_of(url)
    warning = f"The network's name, {name}, is taken from the service itself; give --network with a file of your own."
    print(warning, file=sys.stderr)
    return name
