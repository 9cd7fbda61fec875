"""The consortium as the registry holds it, and what its administrator does: under /v1/partners and /v1/registry."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import unquote

from eth_account import Account
from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy import select

from chain_service.chain.client import ChainError, Refused
from chain_service.chain.registry import Registry
from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners import audit
from chain_service.partners import service as partners
from chain_service.partners.access import Acting, Actor, too_many
from chain_service.partners.custody import KeyUnavailable, address_of, create_keystore
from chain_service.partners.models import Partner
from chain_service.partners.people.forms import documented_body, sent
from chain_service.partners.registry import administration, examples, following
from chain_service.partners.registry.forms import Asked, Synced, argument_named, wrong
from chain_service.partners.registry.registered_keys import RegisteredKeys
from chain_service.partners.registry.standings import Standings, StandingsRead
from chain_service.partners.roles import to_names

router = APIRouter(prefix="/v1", tags=["Registry"])
_PREFIX = "/v1/partners/"
_CALLS_OF_NODE = 10  # that reading the registry's log costs, and more the longer it is
_SENDING = threading.Lock()  # one account's transactions follow one another


@router.get("/partners", responses=examples.PARTNERS)
def listed(request: Request, actor: Acting) -> dict[str, Any]:
    """Every partner with its roles and whether it is suspended: what the registry says."""
    _spend_calls(request, actor)
    with _chain_asked():
        found = _standings(request)
        now = max(clock.now_s(), request.app.state.chain.head().time)
    with reading(request.app.state.engine) as connection:
        names = {row.did: row.name for row in connection.execute(select(Partner.did, Partner.name))}
    shown = [
        {
            "did": did,
            "name": names.get(did, {"en": did}),
            "roles": to_names(standing.roles),
            "suspended": standing.is_suspended,
            "admitted": True,
            "keys": {"good": standing.good_keys(now), "all": len(standing.terms)},
        }
        for did, standing in found.items()
    ]
    return {"partners": sorted(shown, key=lambda each: str(each["did"]))}


@router.get("/partners/{did}", responses=examples.PARTNER)
def one(
    request: Request,
    actor: Acting,
    _did: Annotated[str, Path(alias="did", description="percent-encoded", examples=["did:web:dairy.example"])],
) -> dict[str, Any]:
    """A partner, its keys and its history in the registry."""
    _spend_calls(request, actor)
    did = unquote(request.scope["raw_path"].decode("ascii", "replace").removeprefix(_PREFIX))
    registry: Registry = request.app.state.registry
    with _chain_asked():
        found = registry.partner(did)
        if found is None:
            raise Problem(404, "no-such-partner", "No such partner", f"The registry holds no partner {did[:255]}.")
        keys, history = registry.keys_of(did), registry.history(did)
    with reading(request.app.state.engine) as connection:
        name = partners.name_of(connection, did) or {"en": did}
    return {
        "did": did,
        "name": name,
        "roles": to_names(found.roles),
        "suspended": found.suspended,
        "admitted": True,
        "keys": [
            {
                "address": key.address,
                "custody": key.custody,
                "validFrom": key.valid_from,
                "validTo": key.valid_to,
                "compromisedAt": key.compromised_at,
                "status": key.status,
                "rotatedTo": key.rotated_to,
                "operator": key.is_operator,
            }
            for key in keys
        ],
        "history": [
            {
                "name": change.name,
                "arguments": change.arguments,
                "block": change.block,
                "time": change.time,
                "transaction": change.transaction,
            }
            for change in history
        ],
    }


@router.get("/registry", responses=examples.REGISTRY)
def registry_held(request: Request) -> dict[str, Any]:
    """Who holds the powers over the registry."""
    state = request.app.state
    with _chain_asked():
        holders = state.registry.administration()
    return {
        "administration": {
            "admin": holders.admin,
            "pendingAdmin": holders.pending_admin,
            "guardian": holders.guardian,
        },
        "operatorHoldsAdminKey": _held(request) == holders.admin,
        "network": state.network.network,
        "chainId": state.network.chainId,
        "contract": state.network.contracts["PartnerRegistry"].lower(),
    }


@router.post("/registry/plan", responses=examples.PLAN, openapi_extra=documented_body(Asked, examples.PLAN_BODY))
def plan(request: Request, asked: Annotated[Asked, Depends(sent(Asked))]) -> dict[str, Any]:
    """What an action would do on the chain, in words and as transactions, and whether the contract would refuse it.

    Nothing happens. Where a partner is admitted, or a key added, the partner's DID document is read and compared. The
    data of a step with a key that the service will make is null.
    """
    with _chain_asked():
        steps, here = _tried(request, asked)
    checks = []
    if asked.action in ("admitPartner", "addKey") and asked.did is not None:
        hosts = request.app.state.settings.did_hosts
        checks.append(administration.checked_document(asked.did, _own_key(asked), hosts))
    return {
        "action": asked.action,
        "steps": [step.as_json() for step in steps],
        "checks": checks,
        "canSendHere": here,
    }


def _tried(request: Request, asked: Asked) -> tuple[list[administration.Step], bool]:
    """The steps, and whether the key that this service holds may make them. Raises Problem 422, ChainError."""
    held = _held(request)
    unmade = str(Account.create().address).lower() if asked.makes_key else None
    wanted = asked.model_copy(update={"key": unmade} if unmade else {}).calls()
    with argument_named():
        steps = administration.steps(request.app.state.registry, wanted, held, unmade)
    here = all(step.plan.sender == held for step in steps)
    if unmade and not here:
        raise wrong("key", "only where this service holds the administrator's key does it make a key by itself")
    return steps, here


def _own_key(asked: Asked) -> str | None:
    """The key that the partner's own document should list: not one that the operator holds for it."""
    return asked.key if asked.custody != "operator" else None


@router.post("/registry/send", responses=examples.SENT, openapi_extra=documented_body(Asked, examples.PLAN_BODY))
def send(request: Request, actor: Acting, asked: Annotated[Asked, Depends(sent(Asked))]) -> dict[str, Any]:
    """Do it with the administrator's key that this service holds; answers when all is mined and noted here.

    Nothing is sent where the contract would refuse a step now. Steps that were made before one failed stay, and are
    noted here too; the plan, asked again, says what is left.
    """
    state = request.app.state
    if not state.settings.admin_keystore:
        detail = "This service holds no administrator's key: send the plan with your own wallet."
        raise Problem(409, "no-admin-key", "Not with the operator's key", detail)
    sent: list[str] = []
    with _SENDING, _chain_asked(), argument_named():
        steps, _ = _tried(request, asked)
        for step in steps:
            if step.plan.refusal is not None:
                raise Refused(step.plan.refusal)
        secret = state.stating.custody.secret(state.settings.admin_keystore)
        file_name = _new_key(request) if asked.makes_key else None
        if file_name is not None:
            asked = asked.model_copy(update={"key": address_of(state.settings.keys_dir / file_name)})
        is_done = False
        try:
            for transaction in administration.send(state.registry, asked.calls(), str(_held(request)), secret):
                sent.append(transaction)
            is_done = True
        finally:
            if sent:
                _note(request, actor, asked, sent, file_name if is_done else None)
    return {"transactions": sent, **({"partner": asked.did} if asked.did else {})}


def _note(request: Request, actor: Actor, asked: Asked, sent: list[str], file_name: str | None) -> None:
    """Enters here what was done on the chain; `file_name`: of the key that was added. Raises ChainError."""
    state = request.app.state
    registered = _standings(request)
    with writing(state.engine) as connection:
        following.follow(connection, registered, asked.names)
        if file_name is not None and asked.did and asked.key:
            partners.hold_key(connection, asked.did, asked.key, file_name, (asked.validFrom or 0) * 1000)
        what = {**asked.model_dump(exclude_none=True, exclude={"name", "did"}), "transactions": sent}
        audit.record(connection, actor, f"registry.{asked.action}", asked.did, what)
    _forget_documents(request)


@router.post("/registry/sync", responses=examples.SYNCED, openapi_extra=documented_body(Synced, {}))
def sync(request: Request, actor: Acting, asked: Annotated[Synced, Depends(sent(Synced))]) -> dict[str, Any]:
    """Follow the chain: what a wallet did to the registry counts here from now on."""
    state = request.app.state
    with _chain_asked():
        registered = _standings(request)
    if asked.did is not None and asked.did not in registered:
        raise Problem(404, "no-such-partner", "No such partner", f"The registry holds no partner {asked.did}.")
    with writing(state.engine) as connection:
        changed = following.follow(connection, registered, asked.names)
        audit.record(connection, actor, "registry.followed", asked.did, {"changed": changed})
    _forget_documents(request)
    return {"changed": changed}


def _spend_calls(request: Request, actor: Actor) -> None:
    """Counts what a stranger has the chain's node read as so many calls of /rpc. Raises Problem 429."""
    limit = request.app.state.rate_limit
    address = request.client.host if request.client else ""
    if actor.partner is None and not limit.take(address, _CALLS_OF_NODE):
        raise too_many(limit.seconds_for_one * _CALLS_OF_NODE)


def _standings(request: Request) -> Standings:
    state = request.app.state
    read: StandingsRead = state.standings
    return read.of(state.chain, state.registry)


def _held(request: Request) -> str | None:
    """The address of the administrator's key that this service holds, if it holds one."""
    settings = request.app.state.settings
    if not settings.admin_keystore:
        return None
    try:
        return address_of(settings.keys_dir / settings.admin_keystore)
    except (OSError, ValueError) as error:
        raise Problem(503, "no-key", "The administrator's key cannot be used now", str(error)) from None


def _new_key(request: Request) -> str:
    """The file of a key that the operator will hold for a partner."""
    settings = request.app.state.settings
    file_name = f"key-{clock.now_ms()}.json"
    create_keystore(settings.keys_dir, file_name, settings.keys_password)
    return file_name


def _forget_documents(request: Request) -> None:
    request.app.state.registered_keys = RegisteredKeys()


@contextmanager
def _chain_asked() -> Iterator[None]:
    """A contract's refusal is 409, a chain that can't be asked 503, a key that can't sign too."""
    try:
        yield
    except Refused as refused:
        raise Problem(409, "refused-by-contract", "The registry refuses", str(refused)) from None
    except KeyUnavailable as error:
        raise Problem(503, "no-key", "The administrator's key cannot be used now", str(error)) from None
    except ChainError as error:
        raise Problem(
            503, "chain-unreachable", "The chain can't be asked now", str(error)[:300], headers={"Retry-After": "10"}
        ) from None
