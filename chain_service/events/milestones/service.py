"""Milestones in the short form become EPCIS events: many at once with few questions to the database."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, select

from chain_service.events import service as events
from chain_service.events.milestones import building
from chain_service.events.milestones.errors import Error, error
from chain_service.events.milestones.forms import Form
from chain_service.events.milestones.places import Places
from chain_service.events.models import EventItem
from chain_service.events.service import Refusal, Stated, Stored, as_stated
from chain_service.events.visibility import brands_of
from chain_service.items.models import Item
from chain_service.items.service import describers, descriptions
from chain_service.kit import clock
from chain_service.partners import posting
from chain_service.partners.models import Partner
from chain_service.partners.roles import Role, may_say, to_names
from chain_service.partners.vault import Vault

_IN_CHUNK = 500
_MOST_TOLD = 20  # items of one form that are told of one by one
_PRODUCT = "https://id.gs1.org/01/"
_PRODUCT_LENGTH = len(_PRODUCT) + 14

Recalled = Callable[[Connection, Vault, Sequence[str]], set[str]]  # which of these canonical names are recalled


class Stating(Protocol):
    """What signs: anchoring's Stating, handed in by the edges."""

    def state(self, connection: Connection, partner: str, stored: Sequence[Stored]) -> list[str]: ...


def none_recalled(_: Connection, __: Vault, ___: Sequence[str]) -> set[str]:
    """For who knows of no recalls."""
    return set()


@dataclass(slots=True)
class Examined:
    """What became of forms, each at its place in `stated` (None where it is wrong); warnings hinder nothing."""

    stated: list[Stated | None] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    warnings: list[Error] = field(default_factory=list)


def state(
    connection: Connection,
    vault: Vault,
    partner: Partner,
    stated: Sequence[Stated],
    stating: Stating,
    narrowed: int = 0,
) -> tuple[list[str], list[Refusal], list[str]]:
    """Stores events and their statements, in the caller's transaction: the eventIDs of those that are stored now or
    were before, what was refused, and the digests of the new statements. The same again is harmless."""
    _, refused, digests = events.store(connection, vault, partner.did, stated, stating.state, narrowed)
    refused_ids = {refusal.event_id for refusal in refused}
    return [each.event_id for each in stated if each.event_id not in refused_ids], refused, digests


def examine(
    connection: Connection,
    vault: Vault,
    partner: Partner,
    forms: Sequence[Form],
    event_ids: Sequence[str | None],
    *,
    pointers: Sequence[str],
    recalled: Recalled = none_recalled,
) -> Examined:
    """Each form as the event that its partner states, what is wrong and what is worth knowing, each with its pointer.

    `event_ids`: of each event, None for a new one; `pointers`: where each form stands in what was sent. Nothing is
    stored.
    """
    asked = _Asked(connection, vault, partner, forms, recalled)
    found = Examined()
    now = clock.iso(clock.now_ms())
    for number, (form, event_id, pointer) in enumerate(zip(forms, event_ids, pointers, strict=True)):
        place, wrong = asked.places.of(form, pointer)
        expected, wrong_later = asked.places.expected(form, pointer)
        wrong += wrong_later + asked.wrong(number, form, pointer)
        found.errors += wrong
        if wrong:
            found.stated.append(None)
            continue
        asked.created.update(_creates(form))
        found.warnings += asked.warnings(form, pointer)
        made = building.event(
            form, event_id or uuid.uuid4().urn, place, expected, form.time or now, asked.limits(form.items)
        )
        found.stated.append(as_stated(made, None, pointer))
    return found


class _Asked:
    """What the database says of all items, brands and places of these forms; asked once for all of them."""

    def __init__(
        self, connection: Connection, vault: Vault, partner: Partner, forms: Sequence[Form], recalled: Recalled
    ) -> None:
        self._partner = partner
        named = [_names(form) for form in forms]
        everything = {name for names in named for name in names}
        self.places = Places(connection, partner.did)
        self._known = known_names(connection, vault, everything)
        self.created: set[str] = set()  # by forms before the one at hand
        self._recalled = recalled(connection, vault, sorted(everything)) if everything else set()
        self._brands = brands_of(connection, vault, named)
        others = set().union(*self._brands) - {partner.did}
        self._rules = posting.rules_of(connection, others)
        made = {_product(item.name) for form in forms if form.step.word == "made" for item in form.items}
        self._describers = describers(connection, made - {""}) if made else {}
        measured = {_product(item.name) for form in forms if form.measurements for item in form.items}
        self._descriptions = descriptions(connection, measured - {""}) if measured else {}

    def wrong(self, number: int, form: Form, pointer: str) -> list[Error]:
        """What hinders a form, but for its places."""
        step, partner = form.step, self._partner
        if not may_say(partner.roles, step.uri):
            roles = ", ".join(to_names(partner.roles)) or "none"
            detail = f"an organisation with the roles {roles} may not post {step.word}"
            return [error(f"{pointer}/step", "role-may-not-state", detail, step=step.word)]
        found = self._wrong_items(form, pointer)
        if brand := posting.refusing(self._rules, partner.did, self._brands[number], step.uri):
            detail = f"{brand} does not let your organisation post {step.word} about its products"
            found.append(error(f"{pointer}/step", "not-permitted", detail, step=step.word, brand=brand))
        return found

    def _wrong_items(self, form: Form, pointer: str) -> list[Error]:
        found = []
        new = set(_creates(form)) | self.created
        for place, name in _places_of(form, pointer):
            if name not in new and name not in self._known:
                found.append(error(place, "unknown-item", f"nobody knows {name} here", item=name))
            elif name in self._recalled and form.step.onward:
                detail = f"{name} is recalled: it goes no further"
                found.append(error(place, "recalled-item", detail, item=name, step=form.step.word))
            elif form.step.word == "made" and (brand := self._foreign(name, form)):
                detail = f"{name} is a product of {brand}, which does not let your organisation make it"
                found.append(error(place, "foreign-item", detail, item=name, brand=brand))
            if len(found) == _MOST_TOLD:
                break
        return found

    def _foreign(self, name: str, form: Form) -> str | None:
        """The brand of an item that this organisation can't make: another's, and it is neither a producer nor named."""
        brand = self._describers.get(_product(name))
        if brand in (None, self._partner.did) or self._partner.roles & Role.PRODUCER:
            return None
        return None if brand in self._rules else brand  # its rules have been asked

    def warnings(self, form: Form, pointer: str) -> list[Error]:
        """What is worth knowing of a form that is accepted."""
        told = ((place, name) for place, name in _places_of(form, pointer) if name in self._recalled)
        return [_warning(form, place, name) for place, name in list(told)[:_MOST_TOLD]]

    def limits(self, items: Iterable[Any]) -> list[Mapping[str, Any]]:
        """The limits that the products of these items have, by measurement type each."""
        products = {_product(item.name) for item in items} & self._descriptions.keys()
        return [limits for name in sorted(products) if (limits := self._descriptions[name].get("limits"))]


def retold(form: Form, warnings: Iterable[Sequence[str]]) -> list[Error]:
    """The warnings of a form from pointer and code of each."""
    names = dict(_places_of(form, ""))
    return [_warning(form, pointer, names[pointer]) for pointer, _ in warnings if pointer in names]


def _warning(form: Form, pointer: str, name: str) -> Error:
    return error(pointer, "recalled-item", f"{name} is recalled", item=name, step=form.step.word)


def known_names(connection: Connection, vault: Vault, names: set[str]) -> set[str]:
    """Which of these canonical names somebody described, or some event speaks of."""
    by_fingerprint = {vault.fingerprint(name): name for name in names}
    wanted = sorted(by_fingerprint)
    found: set[str] = set()
    for start in range(0, len(wanted), _IN_CHUNK):
        chunk = wanted[start : start + _IN_CHUNK]
        named = select(EventItem.name).where(EventItem.name.in_(chunk)).distinct()
        found.update(by_fingerprint[name] for name in connection.execute(named).scalars())
        left = [by_fingerprint[name] for name in chunk if by_fingerprint[name] not in found]
        if left:
            found.update(connection.execute(select(Item.name).where(Item.name.in_(left))).scalars())
    return found


def _names(form: Form) -> set[str]:
    return {item.name for item in form.items} | ({form.shipment.name} if form.shipment else set())


def _creates(form: Form) -> set[str]:
    """What may be named for the first time by this form."""
    if form.step.creates:
        return {item.name for item in form.items}
    return {form.shipment.name} if form.step.word == "packed" and form.shipment else set()


def _places_of(form: Form, pointer: str) -> Iterable[tuple[str, str]]:
    """Pointer and canonical name of all that a form names."""
    for place, item in zip(form.pointers, form.items, strict=True):
        yield f"{pointer}{place}", item.name
    if form.shipment:
        yield f"{pointer}/shipment", form.shipment.name


def _product(name: str) -> str:
    """The product class of an instance or lot; empty where it is none."""
    return name[:_PRODUCT_LENGTH] if name.startswith(_PRODUCT) else ""
