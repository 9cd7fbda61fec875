"""The one table of who may do what: a rule for each method and address of the service.

Addresses are written as routes are, without the names of their parameters: a rule holds for whatever stands there.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chain_service.kit.gs1 import KEYS
from chain_service.partners.roles import ACTING, Role


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may ask.

    `who`: anyone without being looked at (`open`: no token or cookie is read here), anyone (`public`: who sends a token
    or cookie is known, and a bad token is refused), or only who is `known`, has one of the `rights` and belongs to a
    partner with one of the `roles` (bits; 0: any).
    """

    who: Literal["open", "public", "known"]
    rights: tuple[str, ...] = ()
    roles: int = 0


OPEN = Rule("open")
PUBLIC = Rule("public")


def _with(*rights: str, roles: int = 0) -> Rule:
    return Rule("known", rights, roles)


STATING = _with("state", roles=ACTING)
DESCRIBING = _with("describe")
MANAGING = _with("manage")
ADMINISTERING = _with("administer", roles=Role.OPERATOR)

_TABLE: dict[str, dict[str, Rule]] = {
    # what is proven
    "/v1/receipts/{}": {"GET": PUBLIC},
    "/v1/passports/{}": {"GET": PUBLIC},
    "/v1/network": {"GET": PUBLIC},
    "/rpc": {"POST": OPEN},
    # items and labels
    "/v1/labels/{}": {"GET": PUBLIC},
    "/v1/items/{}": {"GET": PUBLIC, "PUT": DESCRIBING},
    # events and statements
    "/epcis/capture": {"GET": _with("state", "read"), "POST": STATING},
    "/epcis/capture/{}": {"GET": _with("state", "read")},
    "/epcis/events": {"GET": PUBLIC, "POST": STATING},
    "/epcis/events/{}": {"GET": PUBLIC},
    "/v1/statements": {"POST": STATING},
    "/v1/statements/prepare": {"POST": STATING},
    "/v1/events/{}": {"DELETE": _with("state")},
    "/v1/events/{}/visibility": {"PUT": _with("state")},
    "/v1/disclosure": {"GET": DESCRIBING, "PUT": DESCRIBING},
    # imports of spreadsheets; which of the rights, the kind of the import says
    "/v1/imports": {"GET": _with("state", "describe"), "POST": _with("state", "describe")},
    "/v1/imports/templates/{}": {"GET": OPEN},
    "/v1/imports/{}": {"GET": _with("state", "describe"), "DELETE": _with("state", "describe")},
    "/v1/imports/{}/errors": {"GET": _with("state", "describe")},
    "/v1/imports/{}/result": {"GET": _with("state", "describe")},
    "/v1/imports/{}/post": {"POST": _with("state", "describe")},
    "/v1/imports/{}/stop": {"POST": _with("state", "describe")},
    # milestones, sites, posting rules and documents
    "/v1/steps": {"GET": OPEN},
    "/v1/milestones": {"GET": _with("state", "read"), "POST": STATING},
    "/v1/milestones/prepare": {"POST": STATING},
    "/v1/milestones/{}/correction": {"POST": STATING},
    "/v1/sites": {"GET": _with("describe", "state")},
    "/v1/sites/{}": {"PUT": _with("describe", "state"), "DELETE": _with("describe", "state")},
    "/v1/posting": {"GET": DESCRIBING, "PUT": DESCRIBING},
    "/v1/documents/{}": {"GET": PUBLIC, "PUT": _with("state"), "DELETE": _with("state")},
    # credentials and people
    "/v1/credentials": {"GET": MANAGING, "POST": MANAGING},
    "/v1/credentials/{}": {"DELETE": MANAGING},
    "/v1/people": {"GET": MANAGING, "POST": MANAGING},
    "/v1/people/{}": {"PATCH": MANAGING, "DELETE": MANAGING},
    "/v1/people/{}/invitation": {"POST": MANAGING},
    # signing in and out: each of these looks at the cookie by itself
    "/v1/session": {"GET": OPEN, "POST": OPEN, "DELETE": OPEN},
    "/v1/session/password": {"POST": OPEN},
    "/v1/session/oidc": {"GET": OPEN},
    "/v1/session/oidc/callback": {"GET": OPEN},
    "/v1/invitations/accept": {"POST": OPEN},
    # the consortium and what was done to it
    "/v1/partners": {"GET": PUBLIC},
    "/v1/partners/{}": {"GET": PUBLIC},
    "/v1/partners/{}/did.json": {"GET": PUBLIC},
    "/partners/{}/did.json": {"GET": PUBLIC},
    "/.well-known/did.json": {"GET": PUBLIC},
    "/v1/registry": {"GET": ADMINISTERING},
    "/v1/registry/plan": {"POST": ADMINISTERING},
    "/v1/registry/send": {"POST": ADMINISTERING},
    "/v1/registry/sync": {"POST": ADMINISTERING},
    "/v1/audit": {"GET": _with("manage", "administer")},
    "/v1/audit/days": {"GET": _with("manage", "administer")},
    # operations and documentation: they answer while the database does not
    "/healthz": {"GET": OPEN},
    "/readyz": {"GET": OPEN},
    "/metrics": {"GET": OPEN},
    "/docs": {"GET": OPEN},
    "/openapi.json": {"GET": OPEN},
    # pages; what is mounted (/static, /samples) answers by itself and never looks at who asks
    "/": {"GET": OPEN},
    "/verify": {"GET": OPEN},
    "/console/": {"GET": OPEN},
    "/static": {"GET": OPEN},
    "/samples": {"GET": OPEN},
    "/.well-known/gs1resolver": {"GET": OPEN},
    **{f"/{key}/{{}}": {"GET": PUBLIC} for key in KEYS},
}
RULES: dict[tuple[str, str], Rule] = {
    (method, path): rule for path, methods in _TABLE.items() for method, rule in methods.items()
}


def rule_of(method: str, path: str) -> Rule | None:
    """The rule of a method and a route's path; HEAD is as GET, and what an address can do (OPTIONS) everybody may ask.

    None where there is none: then nobody may.
    """
    if method == "OPTIONS":
        return OPEN
    return RULES.get(("GET" if method == "HEAD" else method, shape(path)))


@lru_cache(maxsize=1024)
def shape(path: str) -> str:
    """A route's path without the names of its parameters, such as /v1/items/{}."""
    return re.sub(r"\{[^}]*\}", "{}", path)
