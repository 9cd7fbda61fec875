"""The five EPCIS event types as tables: which fields they have, and what each field holds.

Source: EPCIS 2.0 (ISO/IEC 19987) sections 7.3 and 7.4, JSON binding in section 10. The rules across fields are in
rules.py.
"""

from collections.abc import Mapping
from typing import Any

from chain_service.events import fields as f
from chain_service.events.fields import Check, Run, list_of, shape, word_of
from chain_service.events.problems import shown
from chain_service.kit import vocabulary
from chain_service.kit.clock import parse_time

QUANTITY = shape(
    "a quantity element",
    {"epcClass": f.identifier, "quantity": f.number, "uom": f.unit},
    required=("epcClass",),
    extensible=False,
)
TRANSACTION = shape(
    "a business transaction",
    {"type": word_of(vocabulary.TRANSACTION_TYPES), "bizTransaction": f.transaction},
    required=("bizTransaction",),
    extensible=False,
)
PLACE = shape("a read point or business location", {"id": f.identifier}, required=("id",))


def _party(role: str) -> Check:
    return shape(
        f"a {role}",
        {"type": word_of(vocabulary.SOURCE_TYPES), role: f.identifier},
        required=("type", role),
        extensible=False,
    )


_OF_A_DEVICE: Mapping[str, Check] = {
    "time": f.time,
    "deviceID": f.identifier,
    "deviceMetadata": f.uri,
    "rawData": f.uri,
    "dataProcessingMethod": f.uri,
    "bizRules": f.uri,
}
SENSOR_METADATA = shape("sensorMetadata", {**_OF_A_DEVICE, "startTime": f.time, "endTime": f.time})
_REPORT = shape(
    "a sensorReport",
    {
        **_OF_A_DEVICE,
        "type": word_of(vocabulary.MEASUREMENTS),
        "exception": word_of(vocabulary.ALERT_TYPES),
        "microorganism": f.uri,
        "chemicalSubstance": f.uri,
        "coordinateReferenceSystem": f.uri,
        "component": word_of(vocabulary.COMPONENTS),
        "stringValue": f.text,
        "booleanValue": f.boolean,
        "hexBinaryValue": f.hexadecimal,
        "uriValue": f.uri,
        "uom": f.unit,
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), f.number),
    },
)


def sensor_report(run: Run, value: Any, pointer: str) -> None:
    """A sensorReport names what was measured or the alert that was raised (EPCIS 2.0 section 7.3.7.3)."""
    _REPORT(run, value, pointer)
    if isinstance(value, dict) and "type" not in value and "exception" not in value:
        run.note(pointer, "a sensorReport lacks type (what was measured) and exception (an alert): one is mandatory")


SENSOR_ELEMENT = shape(
    "a sensor element",
    {"sensorMetadata": SENSOR_METADATA, "sensorReport": list_of(sensor_report, 1)},
    required=("sensorReport",),
)
ERROR_DECLARATION = shape(
    "errorDeclaration",
    {
        "declarationTime": f.time,
        "reason": word_of(vocabulary.ERROR_REASONS),
        "correctiveEventIDs": list_of(f.uri),
    },
    required=("declarationTime",),
)
_PERSISTENT = shape(
    "persistentDisposition",
    {"set": list_of(f.disposition, 1), "unset": list_of(f.disposition, 1)},
    extensible=False,
)
ILMD = shape("ilmd", {})


def persistent_disposition(run: Run, value: Any, pointer: str) -> None:
    _PERSISTENT(run, value, pointer)
    if isinstance(value, dict) and not value:
        run.note(pointer, "persistentDisposition is empty, where set or unset is due")


def certification(run: Run, value: Any, pointer: str) -> None:
    """The URI of a certificate. Details belong where the URI leads, not into the event (EPCIS 2.0 section 7.4.1)."""
    if not isinstance(value, dict):
        f.uri(run, value, pointer)
        return
    run.note(pointer, "certificationInfo holds an object, where the URI of the certificate is due")
    for name, details in value.items():
        dates = details.items() if isinstance(details, dict) else ()
        for field, date in dates:
            if field.endswith("Date") and not _is_date(date):
                run.note(f"{pointer}/{name}/{field}", f"{field} is {shown(date)}, where a date is due")


def _is_date(value: Any) -> bool:
    try:
        parse_time(f"{value}T00:00:00Z" if isinstance(value, str) and len(value) == 10 else value)
    except (ValueError, TypeError):
        return False
    return True


def _elsewhere(run: Run, value: Any, pointer: str) -> None:
    """Checked by validation.py, before all else."""


COMMON: Mapping[str, Check] = {
    "@context": _elsewhere,
    "type": _elsewhere,
    "eventID": f.uri,
    "eventTime": f.time,
    "eventTimeZoneOffset": f.offset,
    "recordTime": f.time,
    "errorDeclaration": ERROR_DECLARATION,
    "certificationInfo": f.one_or_list_of(certification),
    "bizStep": f.step_word,
    "disposition": f.disposition,
    "persistentDisposition": persistent_disposition,
    "readPoint": PLACE,
    "bizLocation": PLACE,
    "bizTransactionList": list_of(TRANSACTION),
    "sourceList": list_of(_party("source")),
    "destinationList": list_of(_party("destination")),
    "sensorElementList": list_of(SENSOR_ELEMENT),
}
_ACTION: Mapping[str, Check] = {"action": f.one_of("ADD", "OBSERVE", "DELETE")}
_ITEMS: Mapping[str, Check] = {"epcList": list_of(f.identifier), "quantityList": list_of(QUANTITY)}
_CHILDREN: Mapping[str, Check] = {
    "parentID": f.identifier,
    "childEPCs": list_of(f.identifier),
    "childQuantityList": list_of(QUANTITY),
}
_CHANGED: Mapping[str, Check] = {
    "inputEPCList": list_of(f.identifier),
    "inputQuantityList": list_of(QUANTITY),
    "outputEPCList": list_of(f.identifier),
    "outputQuantityList": list_of(QUANTITY),
    "transformationID": f.uri,
}
_ALWAYS = ("eventTime", "eventTimeZoneOffset")

EVENTS: Mapping[str, Check] = {
    "ObjectEvent": shape(
        "an ObjectEvent", {**COMMON, **_ACTION, **_ITEMS, "ilmd": ILMD}, required=(*_ALWAYS, "action")
    ),
    "AggregationEvent": shape("an AggregationEvent", {**COMMON, **_ACTION, **_CHILDREN}, required=(*_ALWAYS, "action")),
    "TransactionEvent": shape(
        "a TransactionEvent",
        {**COMMON, **_ACTION, **_ITEMS, "parentID": f.identifier, "bizTransactionList": list_of(TRANSACTION, 1)},
        required=(*_ALWAYS, "action", "bizTransactionList"),
    ),
    "TransformationEvent": shape("a TransformationEvent", {**COMMON, **_CHANGED, "ilmd": ILMD}, required=_ALWAYS),
    "AssociationEvent": shape(
        "an AssociationEvent", {**COMMON, **_ACTION, **_CHILDREN}, required=(*_ALWAYS, "action", "parentID")
    ),
}
# An event of no known type is still read, so that all its errors are told at once.
UNKNOWN_TYPE = shape(
    "an event", {**COMMON, **_ACTION, **_ITEMS, **_CHILDREN, **_CHANGED, "ilmd": ILMD}, required=_ALWAYS
)
