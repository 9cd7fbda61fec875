"""The command line: chain-service demo · serve · worker · deploy · capture · verify · label · partner · gateway · …"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. Errors a user can mend are one line on standard error."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(levelname)s %(message)s")
    run: Command = options.run
    try:
        return run(options)
    except KeyboardInterrupt:
        return 130
    except EOFError:
        print(
            f"chain-service {options.command}: no terminal to ask for a password; give --password-file", file=sys.stderr
        )
        return 2
    except BrokenPipeError:  # what reads our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, UserError) as error:
        print(f"chain-service {options.command}: {error}", file=sys.stderr)
        return 2


class UserError(Exception):
    """Something the user can mend; the message says how."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chain-service", description="Product journeys that anyone can prove.")
    parser.add_argument("--verbose", action="store_true", help="log what happens")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    demo = add("demo", _demo, "start a local chain and the service with sample journeys on this machine")
    demo.add_argument("--chain", choices=["anvil", "ganache"], default="anvil")
    demo.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets phones on the same network in")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--folder", type=Path, default=Path(".demo"), help="where state is kept")
    for name, text in (("tamper", "alter one stored event of the demo"), ("untamper", "put it back")):
        add(name, _tamper, f"{text} behind the service's back").add_argument(
            "--folder", type=Path, default=Path(".demo")
        )

    serve = add("serve", _serve, "run the HTTP service")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    add("worker", _worker, "close batches and seal them")

    deploy = add("deploy", _deploy, "deploy the contracts and write the network file")
    deploy.add_argument("--rpc", required=True, help="JSON-RPC address of a node")
    deploy.add_argument("--label", default="chain", help="readable part of the network's name")
    deploy.add_argument("--network-name", help="whole name, to deploy an existing network on a new chain")
    deploy.add_argument("--admin-keystore", type=Path, required=True, help="keystore V3 of the deploying account")
    deploy.add_argument("--password-file", type=Path, help="its password; asked for where not given")
    deploy.add_argument("--out", type=Path, default=Path("network.json"))

    partner = add(
        "partner",
        _partner,
        "admit a partner: on the chain, in the database, with a token and a key; with --person invite somebody of it",
    )
    partner.add_argument("did")
    partner.add_argument("--name", action="append", metavar="LANG=NAME", help="such as en='Blue Dairy'")
    partner.add_argument("--role", action="append", help="brand, producer, logistics, warehouse, …")
    partner.add_argument("--admin-keystore", type=Path)
    partner.add_argument("--password-file", type=Path)
    partner.add_argument("--key", metavar="ADDRESS", help="the partner holds this key itself; else one is made here")
    partner.add_argument("--person", metavar="EMAIL", help="somebody of the partner; prints an invitation link")
    partner.add_argument("--person-name", metavar="NAME")
    partner.add_argument(
        "--right", action="append", help="state, describe, read, manage, administer; all that are possible by default"
    )

    capture = add("capture", _capture, "send an EPCIS 2.0 JSON-LD document and wait until it is stored")
    capture.add_argument("file", type=Path)
    capture.add_argument("--url", default="http://127.0.0.1:8000", help="the service")
    capture.add_argument("--token-file", type=Path, help="bearer token; else CHAIN_SERVICE_TOKEN")
    capture.add_argument("--proceed", action="store_true", help="store the good events although others are bad")
    capture.add_argument(
        "--visibility",
        choices=["public", "partners", "own"],
        default="public",
        help="who may see the events: everybody, the partners of their journey, or your organisation alone",
    )
    capture.add_argument("--key", type=Path, metavar="KEYSTORE", help="sign here, with the key of a keystore V3 file")
    capture.add_argument("--password-file", type=Path, help="its password; asked for where not given")
    capture.add_argument("--network", type=Path, help="with --key: your own network file")

    verify = add("verify", _verify, "check a receipt, without asking the service that issued it")
    verify.add_argument("receipt", type=Path)
    verify.add_argument("--network", type=Path, help="your own network file; without it only what needs no chain")
    verify.add_argument("--rpc", help="another node than the network file's")
    verify.add_argument(
        "--operator",
        action="append",
        default=[],
        metavar="URL",
        help="a service to ask for error declarations (check 7)",
    )
    verify.add_argument(
        "--strict", action="store_true", help="a check from 1 to 6 that is not possible counts as failed"
    )
    verify.add_argument("--json", action="store_true", help="print the verdict as JSON")

    label = add("label", _label, "make the QR code of an item")
    label.add_argument("item", help="a GS1 Digital Link or an EPC URN")
    label.add_argument("--format", choices=["svg", "png"], default="svg")
    label.add_argument("--out", type=Path, help="a file; standard output where not given")
    label.add_argument("--base", help="domain of the label; CHAIN_SERVICE_PUBLIC_URL where not given")

    from chain_service.gateway.cli import arrange

    arrange(add("gateway", _gateway, "receive sensors' readings over MQTT and post their events"))

    add("doctor", _doctor, "check settings, database, keys and chain, and say what to mend")
    return parser


def _keep_to_ourselves() -> None:
    """What is written from now on, database and keys above all, is readable by this user alone."""
    os.umask(0o077)


def _demo(options: argparse.Namespace) -> int:
    _keep_to_ourselves()
    from chain_service.demo import run

    return run(options.chain, options.host, options.port, options.folder)


def _tamper(options: argparse.Namespace) -> int:
    from chain_service.tampering import tamper, untamper

    print((tamper if options.command == "tamper" else untamper)(options.folder))
    return 0


def _serve(options: argparse.Namespace) -> int:
    import uvicorn

    from chain_service.app import create
    from chain_service.db import connect, migrate
    from chain_service.pages import require_libraries
    from chain_service.partners.vault import open_vault
    from chain_service.settings import settings

    require_libraries()
    _keep_to_ourselves()
    current = settings()
    vault = open_vault(current.keys_dir, current.keys_password, current.vault_url)
    migrate(connect(current.database_url), lambda: vault)
    uvicorn.run(
        create(current, vault),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    return 0


def _worker(_: argparse.Namespace) -> int:
    from chain_service.settings import settings
    from chain_service.worker import run

    _keep_to_ourselves()
    run(settings())
    return 0


def _deploy(options: argparse.Namespace) -> int:
    from chain_service.chain.deployment import new_network_name
    from chain_service.operating import administrator, write_network

    name = options.network_name or new_network_name(options.label)
    network = administrator(options.rpc, options.admin_keystore, options.password_file).deploy(name)
    write_network(network, options.out)
    print(f"deployed {network.network} on chain {network.chainId}; written to {options.out}")
    return 0


def _partner(options: argparse.Namespace) -> int:
    _keep_to_ourselves()
    admission = ("name", "role", "admin_keystore", "password_file", "key")
    if options.person:
        if mixed := _given(options, *admission):
            raise UserError(f"--person invites somebody of a partner that is admitted; leave out {mixed}")
        from chain_service.inviting import invite_person

        print(invite_person(options.did, options.person, options.person_name, options.right))
        return 0
    if mixed := _given(options, "person_name", "right"):
        raise UserError(f"{mixed} goes with --person")
    if missing := [name for name in admission[:3] if not getattr(options, name)]:
        raise UserError(f"to admit a partner give {_options(missing)} too; to invite one of its people, --person")
    from chain_service.operating import admit_partner

    own = (options.admin_keystore, options.password_file, options.key)
    print(admit_partner(options.did, options.name, options.role, *own))
    return 0


def _given(options: argparse.Namespace, *names: str) -> str:
    return _options([name for name in names if getattr(options, name)])


def _options(names: list[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _capture(options: argparse.Namespace) -> int:
    if options.key:
        from chain_service.signing import sign_and_send

        if options.proceed:
            raise UserError("--proceed is not for --key: signed statements are stored together or not at all")
        own = (options.key, options.password_file, options.network)
        return sign_and_send(options.file, options.url, options.token_file, *own, options.visibility)
    if options.network or options.password_file:
        raise UserError("--network and --password-file go with --key")
    from chain_service.events.sending import send

    return send(options.file, options.url, options.token_file, options.proceed, options.visibility)


def _verify(options: argparse.Namespace) -> int:
    from chain_service.verification.cli import run

    return run(options.receipt, options.network, options.rpc, options.json, options.operator, options.strict)


def _label(options: argparse.Namespace) -> int:
    from chain_service.items.printing import run

    return run(options.item, options.format, options.out, options.base)


def _gateway(options: argparse.Namespace) -> int:
    from chain_service.gateway.cli import run

    _keep_to_ourselves()
    return run(options)


def _doctor(_: argparse.Namespace) -> int:
    from chain_service.operating import doctor

    return doctor()


if __name__ == "__main__":
    sys.exit(main())
