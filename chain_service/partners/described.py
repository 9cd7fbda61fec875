"""What the OpenAPI document says of access: from the rules themselves, so that it can't say another thing."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.partners.access import right_missing, role_missing, too_many
from chain_service.partners.roles import to_names
from chain_service.partners.rules import Rule, rule_of
from chain_service.partners.service import no_token

SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of your organisation: `cs_…`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "Of a person who signed in (`__Host-session` over HTTPS); a change also needs `X-CSRF-Token`",
    },
}


def describe(document: dict[str, Any]) -> None:
    """Adds to each operation that is not public what it needs, and how it is refused."""
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rule = rule_of(method.upper(), path)
            if rule is not None and rule.who == "known":
                # Each entry is one way in; the names beside a scheme are what it must hold (OpenAPI 3.1).
                needed = [[right] for right in rule.rights] or [[]]
                operation["security"] = [{name: rights} for name in SCHEMES for rights in needed]
                for status, response in _refusals(rule).items():
                    operation["responses"].setdefault(status, response)


def _refusals(rule: Rule) -> dict[str, Any]:
    refused: Problem | None = None
    if rule.rights:
        refused = right_missing(*rule.rights)
    if rule.roles:
        refused = role_missing(to_names(rule.roles))
    return {
        "401": documented("Nobody is known by this token or session", no_token()),
        **({"403": documented("A right or role is missing", refused)} if refused else {}),
        "429": documented("Asked too often", too_many(1)),
    }
