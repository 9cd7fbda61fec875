"""The CBV event hash: an identifier by which other systems find the same event. It proves nothing (DESIGN section 4).

Source: Core Business Vocabulary 2.0 section 8.9 (EPCIS Event Hash ID), RFC 6920 for the `ni` URI. The reference
generator has hashed differently from release to release under one and the same label. This is the dialect that its
2026 releases give for `?ver=CBV2.0`, the one in which XML and JSON-LD twins of an event agree:

- source before destination lists, type before the value in each entry; parentID after epcList;
- sensor elements stand without the name of their list; certificationInfo takes no part;
- extensions inside readPoint, bizLocation and sensor elements are collected after ilmd, before the event's own;
- terms of the GS1 Web Vocabulary under https://ref.gs1.org/voc/; other prefixes stay as they are in values, and are
  spelled out, in braces, in names; cbvmda stands for urn:epcglobal:cbv:mda unless @context declares it.

eventID, recordTime, errorDeclaration and rdfs:comment take no part. Nothing depends on other events of the document,
nor on the machine's time zone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from chain_service.events.hash_values import text_form, time_form, value_form, word_form
from chain_service.kit import curie, vocabulary
from chain_service.kit.vocabulary import Vocabulary

DIALECT = "CBV2.0"

Event = Mapping[str, Any]
Names = Mapping[str, str]

_MASTER_DATA = "urn:epcglobal:cbv:mda"
_COMMENT = "rdfs:comment"
_METADATA = (
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
)
_REPORT = (
    *("type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism"),
    *("chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue"),
    *("minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"),
)
_TIMES = frozenset(("time", "startTime", "endTime"))
_REPORT_WORDS = {
    "type": vocabulary.MEASUREMENTS,
    "exception": vocabulary.ALERT_TYPES,
    "component": vocabulary.COMPONENTS,
}
_QUANTITY = ("epcClass", "quantity", "uom")
_ITEMS = (  # (field, its entries are quantity elements), in canonical order; parentID comes after the first
    *(("inputEPCList", False), ("childEPCs", False), ("quantityList", True), ("childQuantityList", True)),
    *(("inputQuantityList", True), ("outputEPCList", False), ("outputQuantityList", True)),
)
_PARTIES = (
    ("bizTransactionList", "bizTransaction", vocabulary.TRANSACTION_TYPES),
    ("sourceList", "source", vocabulary.SOURCE_TYPES),
    ("destinationList", "destination", vocabulary.SOURCE_TYPES),
)
_OWN_FIELDS = frozenset(
    (
        *("@context", "type", "eventID", "recordTime", "errorDeclaration", "eventTime", "eventTimeZoneOffset"),
        *("certificationInfo", "epcList", "parentID", "action", "transformationID", "bizStep", "disposition"),
        *("persistentDisposition", "readPoint", "bizLocation", "sensorElementList", "ilmd", _COMMENT),
        *(field for field, _ in _ITEMS),
        *(field for field, _, _ in _PARTIES),
    )
)
_ID = frozenset(("id", _COMMENT))
_METADATA_FIELDS = frozenset((*_METADATA, _COMMENT))
_REPORT_FIELDS = frozenset((*_REPORT, _COMMENT))
_ELEMENT_FIELDS = frozenset(("sensorMetadata", "sensorReport", _COMMENT))
_NONE = frozenset((_COMMENT,))


def event_hash(event: Event) -> str:
    """`ni:///sha-256;<hex>?ver=CBV2.0` of an event that has passed validation, with its document's `@context`."""
    return f"ni:///sha-256;{hashlib.sha256(prehash(event).encode()).hexdigest()}?ver={DIALECT}"


def prehash(event: Event) -> str:
    """The text that is hashed, for finding out why two systems differ."""
    names = _names(event.get("@context"))
    out = ["eventType=", event["type"], "eventTime=", time_form(event["eventTime"])]
    out += "eventTimeZoneOffset=", event["eventTimeZoneOffset"]
    _entries(out, event, "epcList", False)
    _plain(out, event, "parentID")
    for field, quantities in _ITEMS:
        if field in event:
            _entries(out, event, field, quantities)
    _plain(out, event, "action")
    _plain(out, event, "transformationID")
    if "bizStep" in event:
        out += "bizStep=", word_form(event["bizStep"], vocabulary.STEPS)
    if "disposition" in event:
        out += "disposition=", word_form(event["disposition"], vocabulary.DISPOSITIONS)
    if "persistentDisposition" in event:
        out.append("persistentDisposition")
        for field in ("set", "unset"):
            words = event["persistentDisposition"].get(field, ())
            out += sorted(f"{field}={word_form(word, vocabulary.DISPOSITIONS)}" for word in words)
    tail: list[str] = []
    for field in ("readPoint", "bizLocation"):
        if field in event:
            out += field, "id=", value_form(event[field]["id"])
            if len(event[field]) > 1:
                _named(tail, field, _extensions(event[field], _ID, names))
    for field, member, types in _PARTIES:
        if event.get(field):
            out.append(field)
            out += sorted(_party(entry, member, types) for entry in event[field])
    if event.get("sensorElementList"):
        _sensors(out, tail, event["sensorElementList"], names)
    if event.get("ilmd"):
        out.append("ilmd")
        out += _extensions(event["ilmd"], _NONE, names)
    out += tail
    out += _extensions(event, _OWN_FIELDS, names)
    return "".join(out)


def _plain(out: list[str], event: Event, field: str) -> None:
    if field in event:
        out += field, "=", value_form(event[field])


def _entries(out: list[str], event: Event, field: str, quantities: bool) -> None:
    entries = event.get(field)
    if not entries:
        return
    out.append(field)
    if quantities:
        out += sorted(
            "quantityElement" + "".join([f"{name}={value_form(entry[name])}" for name in _QUANTITY if name in entry])
            for entry in entries
        )
    else:
        out += sorted(["epc=" + text_form(entry) for entry in entries])


def _party(entry: Event, member: str, types: Vocabulary) -> str:
    kind = f"type={word_form(entry['type'], types)}" if "type" in entry else ""
    return f"{kind}{member}={value_form(entry[member])}"


def _sensors(out: list[str], tail: list[str], elements: Iterable[Event], names: Names) -> None:
    """Appends the elements' standard fields to `out`, their extensions to `tail`, each sorted."""
    standard, extended = [], []
    for element in elements:
        metadata = element.get("sensorMetadata", {})
        own: list[str] = []
        own_extensions: list[str] = []
        _named(own, "sensorMetadata", _measured(metadata, _METADATA))
        _named(own_extensions, "sensorMetadata", _extensions(metadata, _METADATA_FIELDS, names))
        reports, report_extensions = [], []
        for report in element["sensorReport"]:
            reports.append("sensorReport" + "".join(_measured(report, _REPORT)))
            if extensions := _extensions(report, _REPORT_FIELDS, names):
                report_extensions.append("sensorReport" + "".join(extensions))
        own += sorted(reports)
        own_extensions += sorted(report_extensions)
        own_extensions += _extensions(element, _ELEMENT_FIELDS, names)
        standard.append("sensorElement" + "".join(own))
        if own_extensions:
            extended.append("sensorElement" + "".join(own_extensions))
    out += sorted(standard)
    tail += sorted(extended)


def _measured(record: Event, order: tuple[str, ...]) -> list[str]:
    found = []
    for field in order:
        if field in record:
            value = record[field]
            if field in _TIMES:
                value = time_form(value)
            elif field in _REPORT_WORDS:
                value = word_form(value, _REPORT_WORDS[field])
            else:
                value = value_form(value)
            if value:
                found.append(f"{field}={value}")
    return found


def _named(out: list[str], name: str, parts: list[str]) -> None:
    if parts:
        out.append(name)
        out += parts


def _extensions(record: Event, own_fields: frozenset[str], names: Names) -> list[str]:
    """The extension fields of an object, each with all that is inside it, sorted."""
    if own_fields.issuperset(record):
        return []
    found: list[str] = []
    for name, value in record.items():
        if name not in own_fields:
            _extension(found, name, value, names)
    found.sort()
    return found


def _extension(found: list[str], name: str, value: Any, names: Names) -> None:
    if isinstance(value, list):
        for entry in value:
            _extension(found, name, entry, names)
        return
    prefix, colon, local = name.partition(":")
    full = f"{{{names[prefix]}}}{local}" if colon and prefix in names else name
    if isinstance(value, dict):
        found.append(full + "".join(_extensions(value, _NONE, names)))
    else:
        text = value_form(value)
        found.append(f"{full}={text}" if text else full)


def _names(context: Any) -> Names:
    declared = curie.prefixes(context)
    parts = context if isinstance(context, list) else [context]
    if any(isinstance(part, dict) and "cbvmda" in part for part in parts):
        return declared
    return {**declared, "cbvmda": _MASTER_DATA}
