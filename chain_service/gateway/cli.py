"""`chain-service gateway …`: its commands and what they print. docs/partners-sensors.md shows them in use."""

import argparse
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from chain_service.gateway import broker_files, config, devices, outbox, store, telling, trees
from chain_service.gateway.config import Config
from chain_service.kit import canonical
from chain_service.kit.clock import now_ms, parse_time


def arrange(parser: argparse.ArgumentParser) -> None:
    """The command's own commands and options."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, text: str, of: Any = commands) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = of.add_parser(name, help=text, description=text)
        command.add_argument("--config", type=Path, default=Path("gateway.toml"), help="gateway.toml where not given")
        return command

    add("run", "receive readings and post their events")
    status = add("status", "print devices, counts, what was refused and what waits to be sent")
    status.add_argument("--json", action="store_true")
    refused = add("refused", "print the last refused messages, with reason")
    refused.add_argument("--device")
    refused.add_argument("--most", type=int, default=20)
    add("retry", "send again what the service refused")
    reading = add("reading", "print the raw readings behind a digest, or the proof of one; or check a proof")
    reading.add_argument("digest", nargs="?", help="rawData of an event, ni:///sha-256;…")
    reading.add_argument("--seq", type=int, help="prove this reading")
    reading.add_argument("--run", dest="of_run", default="", help="its run, where the device gives one")
    reading.add_argument("--check", type=Path, metavar="PROOF", help="check a proof instead")
    reading.add_argument("--receipt", type=Path, help="with --check: the receipt of the event")

    device = parser_of(commands, "device", "add, move and revoke devices")
    actions = device.add_subparsers(dest="change", required=True, metavar="CHANGE")
    added = add("add", "admit a device; prints its secrets once", actions)
    moved = add("move", "from now on it measures for another item", actions)
    for command in (added, moved):
        command.add_argument("name")
        command.add_argument("--item", required=True, metavar="LINK", help="a GS1 Digital Link or an EPC URN")
        command.add_argument("--product", metavar="LINK", help="whose limits hold, where the item says none itself")
        command.add_argument("--place", help="where it stands: a GLN, a Digital Link, an SGLN or a geo: URI")
        command.add_argument("--from", dest="since", metavar="TIME", help="since when; now where not given")
    added.add_argument("--id", metavar="URI", help="its own identifier, such as urn:epc:id:giai:9521109.DL.30511")
    added.add_argument("--signs", action="store_true", help="for a broker you do not run: it signs each message")
    added.add_argument("--limit", action="append", default=[], metavar="TYPE:MIN:MAX:UNIT", help="limits of its own")
    add("revoke", "nothing it sends is used any more", actions).add_argument("name")


def parser_of(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    """A command that has commands itself."""
    result: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    return result


def run(options: argparse.Namespace) -> int:
    """Runs one action; returns its exit code. Raises OSError and ValueError for what the user can mend."""
    if options.action == "reading" and options.check:
        return _check(options.check, options.receipt)
    settings = config.read(options.config)
    if options.action == "run":
        from chain_service.gateway.running import run as run_gateway

        return run_gateway(settings)
    connection = store.connect(settings.folder)
    try:
        return _ACTIONS[options.action](connection, settings, options)
    finally:
        connection.close()


def _device(connection: sqlite3.Connection, settings: Config, options: argparse.Namespace) -> int:
    if options.change == "revoke":
        devices.revoke(connection, options.name, now_ms())
        print(f"{options.name} is revoked")
    else:
        since = parse_time(options.since) if options.since else now_ms()
        if options.change == "move":
            devices.move(connection, options.name, options.item, since, options.product, options.place)
            print(f"{options.name} measures for {options.item}")
            return 0
        _added(connection, settings, options, since)
    _write_broker_files(connection, settings)
    return 0


def _added(connection: sqlite3.Connection, settings: Config, options: argparse.Namespace, since: int) -> None:
    made = devices.add(
        connection,
        settings.folder,
        options.name,
        options.item,
        since,
        product=options.product,
        place=options.place,
        device_id=options.id,
        limits=dict(_limit(text) for text in options.limit),
        signs=options.signs,
    )
    print(f"device    {made.device_id}\nuser      {options.name}\npassword  {made.password}")
    if made.secret:
        print(f"secret    {made.secret}")
    print(f"topic     {settings.broker.topic}/{options.name}/readings\nThis is shown once.")


def _write_broker_files(connection: sqlite3.Connection, settings: Config) -> None:
    broker = settings.broker
    own = config.secret(broker.password_file)
    gateway = (broker.user, own) if broker.user and own else None
    for path in broker_files.write(connection, broker.passwords, broker.access, broker.topic, gateway):
        print(f"wrote {path}; have the broker read it (mosquitto: SIGHUP)")


def _limit(text: str) -> tuple[str, dict[str, Any]]:
    parts = text.split(":")
    try:
        name, low, high, unit = parts
        ends = {end: float(given) for end, given in (("min", low), ("max", high)) if given}
    except ValueError:
        raise ValueError(f"{text!r} is no limit such as Temperature:2:8:CEL or Temperature::8:CEL") from None
    return name, {**ends, "uom": unit}


def _status(connection: sqlite3.Connection, _: Config, options: argparse.Namespace) -> int:
    told = telling.status(connection)
    print(json.dumps(told, indent=2) if options.json else telling.in_words(told))
    return 0


def _refused(connection: sqlite3.Connection, _: Config, options: argparse.Namespace) -> int:
    print("\n".join(telling.refused(connection, options.device, options.most)))
    return 0


def _retry(connection: sqlite3.Connection, _: Config, __: argparse.Namespace) -> int:
    print(f"{outbox.retry(connection)} events wait to be sent again")
    return 0


def _reading(connection: sqlite3.Connection, _: Config, options: argparse.Namespace) -> int:
    if not options.digest:
        raise ValueError("give the digest, the rawData of an event; or --check with a proof")
    event, found = telling.readings(connection, options.digest)
    if options.seq is None:
        print("\n".join(canonical.dumps(each).decode() for each in found))
        return 0
    wanted = (options.seq, options.of_run)
    index = next((i for i, each in enumerate(found) if (each["seq"], each.get("run", "")) == wanted), None)
    if index is None:
        raise ValueError(f"there is no reading {options.seq} among the {len(found)} behind this digest")
    print(json.dumps(trees.proof(event, found, index), indent=2))
    return 0


def _check(proof: Path, receipt: Path | None) -> int:
    try:
        event = None if receipt is None else canonical.parse(receipt.read_bytes())["event"]
        print(trees.check(canonical.parse(proof.read_bytes()), event))
    except (canonical.InvalidJson, KeyError, TypeError) as error:
        raise ValueError(f"{receipt or proof} can't be read: {error}") from None
    except trees.InvalidProof as error:
        print(error, file=sys.stderr)
        return 1
    return 0


_ACTIONS = {"device": _device, "status": _status, "refused": _refused, "retry": _retry, "reading": _reading}
