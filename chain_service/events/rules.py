"""What EPCIS asks of several fields of an event together.

Source: EPCIS 2.0 sections 7.4.2 (ObjectEvent), 7.4.3 (AggregationEvent), 7.4.4 (TransactionEvent), 7.4.5
(TransformationEvent) and 7.4.6 (AssociationEvent).
"""

from collections.abc import Callable, Mapping
from typing import Any

from chain_service.events.fields import Run

Event = Mapping[str, Any]


def _empty(event: Event, *names: str) -> bool:
    """Whether none of these lists has an entry. A list that is no list is told of elsewhere, so it counts as filled."""
    return all(event.get(name, []) == [] for name in names)


def _object(run: Run, event: Event, pointer: str) -> None:
    if _empty(event, "epcList", "quantityList") and (_empty(event, "sensorElementList") or "readPoint" not in event):
        run.note(
            pointer,
            "an ObjectEvent lacks items: epcList or quantityList names at least one, unless sensorElementList reports "
            "measurements at a readPoint",
        )
    if "ilmd" in event and event.get("action") in ("OBSERVE", "DELETE"):
        run.note(f"{pointer}/ilmd", "ilmd describes items that begin to exist: it stands only with the action ADD")


def _aggregation(run: Run, event: Event, pointer: str) -> None:
    if "parentID" not in event and event.get("action") in ("ADD", "DELETE"):
        run.note(pointer, "an AggregationEvent lacks parentID, which only the action OBSERVE allows")
    _children(run, event, pointer)


def _children(run: Run, event: Event, pointer: str) -> None:
    if _empty(event, "childEPCs", "childQuantityList") and event.get("action") != "DELETE":
        run.note(
            pointer,
            "the event lacks children: childEPCs or childQuantityList names at least one, unless the action is DELETE",
        )


def _transaction(run: Run, event: Event, pointer: str) -> None:
    if _empty(event, "epcList", "quantityList") and event.get("action") != "DELETE":
        run.note(
            pointer,
            "a TransactionEvent lacks items: epcList or quantityList names at least one, unless the action is DELETE",
        )


def _transformation(run: Run, event: Event, pointer: str) -> None:
    no_input = _empty(event, "inputEPCList", "inputQuantityList")
    no_output = _empty(event, "outputEPCList", "outputQuantityList")
    if "transformationID" not in event:
        for missing, name in ((no_input, "input"), (no_output, "output")):
            if missing:
                run.note(
                    pointer,
                    f"a TransformationEvent lacks {name}s: {name}EPCList or {name}QuantityList names at least one, "
                    "unless a transformationID joins it to other events",
                )
    elif no_input and no_output:
        run.note(pointer, "a TransformationEvent with a transformationID names at least one input or output")


RULES: Mapping[str, Callable[[Run, Event, str], None]] = {
    "ObjectEvent": _object,
    "AggregationEvent": _aggregation,
    "TransactionEvent": _transaction,
    "TransformationEvent": _transformation,
    "AssociationEvent": _children,
}
