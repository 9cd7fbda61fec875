"""The EPCIS event of a milestone. What EPCIS has no field for stands under the prefix cs.

Source: EPCIS 2.0 (ISO/IEC 19987) sections 7.4.2 (ObjectEvent), 7.4.3 (AggregationEvent) and 7.3.7 (sensor elements).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chain_service.events.contexts import USUAL
from chain_service.events.milestones.forms import Expected, Form
from chain_service.events.milestones.measurements import Measurement
from chain_service.events.milestones.steps import WORD
from chain_service.kit.digital_link import Item
from chain_service.kit.units import UnknownUnit, converted

CONTEXT = [USUAL, {"cs": "https://ns.chain-service.example/terms/"}]
NOTE, DOCUMENTS, EXPECTED = "cs:note", "cs:documents", "cs:expected"
_CLASSES = ("class", "lot", "model")  # many things under one identifier


def event(
    form: Form,
    event_id: str,
    place: str,
    expected: Expected | None,
    time: str,
    limits: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The event as stated. `place`: canonical; `time`: ISO 8601 with offset; `limits`: of the items' products."""
    step = form.step
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "type": "AggregationEvent" if step.needs_shipment else "ObjectEvent",
        "eventID": event_id,
        "eventTime": time,
        "eventTimeZoneOffset": "+00:00" if time.endswith("Z") else time[-6:],
        "action": step.action,
        "bizStep": step.biz_step,
        WORD: step.word,
    }
    if step.disposition:
        made["disposition"] = step.disposition
    if form.shipment is not None:
        made["parentID"] = form.shipment.name
    names = ("childEPCs", "childQuantityList") if step.needs_shipment else ("epcList", "quantityList")
    made |= _items(form.items, *names)
    made["readPoint"] = {"id": place}
    if step.kept:
        made["bizLocation"] = {"id": place}
    if form.measurements:
        allowed = list(limits)
        reports = [_report(measurement, allowed) for measurement in form.measurements]
        made["sensorElementList"] = [{"sensorMetadata": {"time": time}, "sensorReport": reports}]
    if form.note:
        made[NOTE] = form.note
    if form.documents:
        made[DOCUMENTS] = [{"cs:name": document.name, "cs:sha256": document.sha256} for document in form.documents]
    if expected is not None:
        where = {"cs:place": expected.place} if expected.place else {}
        made[EXPECTED] = {"cs:step": expected.step, **where, "cs:by": expected.by}
    return made


def _items(items: Iterable[Item], single: str, classes: str) -> dict[str, Any]:
    named = [item.name for item in items if item.level not in _CLASSES]
    counted = [{"epcClass": item.name} for item in items if item.level in _CLASSES]
    return {**({single: named} if named else {}), **({classes: counted} if counted else {})}


def _report(measurement: Measurement, limits: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    report = {"type": measurement.type, "value": measurement.value, "uom": measurement.uom}
    if any(_outside(measurement, of_product.get(measurement.type)) for of_product in limits):
        report["exception"] = "ALARM_CONDITION"
    return report


def _outside(measurement: Measurement, limit: Any) -> bool:
    """Whether a measurement lies outside a limit, whichever of its units each is told in."""
    if not limit:
        return False
    try:
        value = converted(measurement.value, measurement.uom, limit["uom"])
    except UnknownUnit:
        return False
    least, most = limit.get("min"), limit.get("max")
    return (least is not None and value < least) or (most is not None and value > most)
