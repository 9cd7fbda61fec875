"""Roles as PartnerRegistry stores them, and which role may say which step (check 4 of a verdict)."""

from enum import IntFlag
from functools import lru_cache


class Role(IntFlag):
    """The bits of `roles` in PartnerRegistry."""

    BRAND = 1
    PRODUCER = 2
    LOGISTICS = 4
    WAREHOUSE = 8
    INSPECTOR = 16
    CUSTOMS = 32
    SENSOR_GATEWAY = 64
    OPERATOR = 128
    ARBITER = 256


# Who makes a thing may say anything about it; the others say what they do.
ANY_STEP = Role.BRAND | Role.PRODUCER
ACTING = ANY_STEP | Role.LOGISTICS | Role.WAREHOUSE | Role.INSPECTOR | Role.CUSTOMS | Role.SENSOR_GATEWAY
# fmt: off
MOVING = [
    "accepting", "arriving", "collecting", "departing", "entering_exiting", "holding", "loading", "picking",
    "receiving", "shipping", "staging_outbound", "stocking", "storing", "transporting", "unloading", "void_shipping",
]
# fmt: on
PACKING = ["assembling", "disassembling", "packing", "repackaging", "replacing", "unpacking"]
EXAMINING = ["accepting", "inspecting", "sampling", "sensor_reporting", "cycle_counting"]
STEPS: dict[Role, frozenset[str]] = {
    Role.LOGISTICS: frozenset([*MOVING, *PACKING, "inspecting", "sensor_reporting"]),
    Role.WAREHOUSE: frozenset([*MOVING, *PACKING, *EXAMINING]),
    Role.INSPECTOR: frozenset([*EXAMINING, "holding", "commissioning", "encoding"]),
    Role.CUSTOMS: frozenset([*EXAMINING, "arriving", "departing", "entering_exiting", "holding", "destroying"]),
    Role.SENSOR_GATEWAY: frozenset(["sensor_reporting"]),
}
# The one thing that an operator states: that a day of its audit log is closed.
AUDIT_STEP = "https://ns.chain-service.example/steps/audit_log_closed"
_CBV_STEP = "https://ref.gs1.org/cbv/BizStep-"


def from_names(names: list[str]) -> Role:
    """The roles of names such as 'sensor_gateway'. Raises ValueError naming the unknown one."""
    result = Role(0)
    for name in names:
        try:
            result |= Role[name.upper()]
        except KeyError:
            raise ValueError(f"no role is called {name!r}; there are {', '.join(to_names(-1))}") from None
    return result


def to_names(roles: int) -> list[str]:
    """The names of the set bits, in the order of the bits."""
    return [role.name.lower() for role in Role if roles & role and role.name]


@lru_cache(maxsize=1 << 12)  # the same few pairs come with every event, and flags are slow to combine
def may_say(roles: int, step: str) -> bool:
    """Whether a partner with these roles may state this step (its full URI, or empty).

    A step outside the CBV, and a statement without a step, may be said by everyone who acts on items; an operator says
    of its own audit log only that a day of it is closed.
    """
    if roles & Role.OPERATOR and step == AUDIT_STEP:
        return True
    acting = roles & ACTING
    if acting & ANY_STEP or (acting and not step.startswith(_CBV_STEP)):
        return True
    word = step.removeprefix(_CBV_STEP)
    return any(acting & role and word in words for role, words in STEPS.items())
