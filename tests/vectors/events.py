"""Events written by hand, each with the statement that follows from it, also written by hand from DESIGN section 4."""

from calendar import timegm
from typing import Any

EPCIS = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
CBV = "https://ref.gs1.org/cbv/"
A1 = "https://id.gs1.org/01/09521234543213/21/A1"
A2 = "https://id.gs1.org/01/09521234543213/21/A2"
LOT = "https://id.gs1.org/01/09521234543213/10/L1"
CLASS = "https://id.gs1.org/01/09521234543213"
PALLET = "https://id.gs1.org/00/195212340000000010"
PLACE = "https://id.gs1.org/414/9521321000018"
DOCK = "https://id.gs1.org/414/9521321000018/254/DOCK%2F7"


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Unix seconds of a moment in UTC."""
    return timegm((year, month, day, hour, minute, second))


def event(number: int, kind: str, when: str, **rest: Any) -> dict[str, Any]:
    return {
        "@context": [EPCIS],
        "type": kind,
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": when,
        "eventTimeZoneOffset": when[-6:] if when[-6] in "+-" else "+00:00",
        **rest,
    }


def expected(
    names: list[str], step: str = "", disposition: str = "", place: str = "", time: int = 0, flags: int = 0
) -> dict[str, Any]:
    """What follows from an event; `time` in Unix milliseconds."""
    return {
        "identifiers": names,
        "step": step and f"{CBV}BizStep-{step}" if ":" not in step else step,
        "disposition": disposition and f"{CBV}Disp-{disposition}",
        "place": place,
        "eventTime": time,
        "flags": flags,
    }


# name: (event, what follows from it)
EVENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "first": (
        event(
            1,
            "ObjectEvent",
            "2026-10-29T06:00:00Z",
            action="ADD",
            bizStep="commissioning",
            disposition="active",
            epcList=[A1],
            readPoint={"id": PLACE},
        ),
        expected([A1], "commissioning", "active", PLACE, at(2026, 10, 29, 6) * 1000),
    ),
    "shipping": (
        event(
            2,
            "ObjectEvent",
            "2026-11-01T08:30:00.1239+08:00",
            action="OBSERVE",
            bizStep="shipping",
            disposition="in_transit",
            epcList=[A1, A2, A1],
            readPoint={"id": PLACE},
            bizLocation={"id": DOCK},
        ),
        expected([A1, A2], "shipping", "in_transit", DOCK, at(2026, 11, 1, 0, 30) * 1000 + 123),
    ),
    "names in their other forms": (
        event(
            3,
            "ObjectEvent",
            "2026-11-01T00:45:00+00:00",
            action="OBSERVE",
            bizStep="urn:epcglobal:cbv:bizstep:receiving",
            disposition="cbv:Disp-in_progress",
            epcList=[
                "urn:epc:id:sgtin:9521234.054321.A1",
                "https://brand.example/path/01/09521234543213/22/2A/10/L1/21/A2?17=271231",
            ],
            quantityList=[
                {"epcClass": "urn:epc:class:lgtin:9521234.054321.L1", "quantity": 12.5, "uom": "KGM"},
                {"epcClass": "urn:epc:idpat:sgtin:9521234.054321.*", "quantity": 3},
            ],
            readPoint={"id": "urn:epc:id:sgln:9521321.00001.0"},
        ),
        expected([A1, A2, LOT, CLASS], "receiving", "in_progress", PLACE, at(2026, 11, 1, 0, 45) * 1000),
    ),
    "packing": (
        event(
            4,
            "AggregationEvent",
            "2026-11-01T12:00:00-05:00",
            action="DELETE",
            bizStep="unpacking",
            parentID="urn:epc:id:sscc:9521234.1000000001",
            childEPCs=[A2, A1],
            childQuantityList=[{"epcClass": LOT, "quantity": 4}],
            bizLocation={"id": "geo:-37.79,175.28"},
        ),
        expected([PALLET, A1, A2, LOT], "unpacking", "", "geo:-37.79,175.28", at(2026, 11, 1, 17) * 1000, 4),
    ),
    "transformation": (
        event(
            5,
            "TransformationEvent",
            "2026-11-02T00:00:00Z",
            bizStep="commissioning",
            inputQuantityList=[{"epcClass": LOT, "quantity": 0.1, "uom": "KGM"}],
            inputEPCList=["urn:example:tank:7"],
            outputEPCList=[A1],
            outputQuantityList=[{"epcClass": CLASS, "quantity": 1}],
        ),
        expected([LOT, "urn:example:tank:7", A1, CLASS], "commissioning", time=at(2026, 11, 2) * 1000),
    ),
    "association": (
        event(
            6,
            "AssociationEvent",
            "2026-11-02T00:00:01.9999999Z",
            action="ADD",
            parentID="https://id.gs1.org/8004/952123454321",
            childEPCs=[A1],
        ),
        expected(["https://id.gs1.org/8004/952123454321", A1], time=at(2026, 11, 2, 0, 0, 1) * 1000 + 999),
    ),
    "transaction": (
        event(
            7,
            "TransactionEvent",
            "2028-02-29T23:59:59+14:00",
            action="ADD",
            bizTransactionList=[{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521321000018:PO-1"}],
            parentID=PALLET,
            epcList=[A1],
            quantityList=[{"epcClass": LOT, "quantity": 1}],
            bizStep="accepting",
        ),
        expected([PALLET, A1, LOT], "accepting", time=at(2028, 2, 29, 9, 59, 59) * 1000),
    ),
    "alarm": (
        event(
            8,
            "ObjectEvent",
            "2026-11-02T03:00:00Z",
            action="OBSERVE",
            bizStep="sensor_reporting",
            epcList=[PALLET],
            sensorElementList=[
                {"sensorReport": [{"type": "Temperature", "value": 4.0, "uom": "CEL"}]},
                {"sensorReport": [{"type": "Temperature", "value": 9.5, "uom": "CEL", "exception": "ALARM_CONDITION"}]},
            ],
        ),
        expected([PALLET], "sensor_reporting", time=at(2026, 11, 2, 3) * 1000, flags=1),
    ),
    "nothing named": (
        event(
            9,
            "ObjectEvent",
            "1970-01-01T00:00:00Z",
            action="OBSERVE",
            sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": -273.15, "uom": "CEL"}]}],
        ),
        expected([], time=0),
    ),
    "words of others": (
        {
            **event(
                10,
                "ObjectEvent",
                "2026-11-02T05:00:00Z",
                action="OBSERVE",
                epcList=[A1],
                bizStep="https://example.org/steps/blessing",
            ),
            "@context": [EPCIS, {"example": "https://example.org/vocab/"}],
            "example:note": "牛奶 \U0001f600 \u20ac\r\u0080\ufb33",
            "example:numbers": [1e21, -0.0, 4.5, 1e-7, 123456789012345, 5e-324, 0.1],
        },
        expected([A1], "https://example.org/steps/blessing", time=at(2026, 11, 2, 5) * 1000),
    ),
    "of no role": (
        event(11, "ObjectEvent", "2026-11-01T01:00:00Z", action="OBSERVE", bizStep="shipping", epcList=[A1]),
        expected([A1], "shipping", time=at(2026, 11, 1, 1) * 1000),
    ),
    "underivable": (
        event(
            12,
            "ObjectEvent",
            "2026-11-01T01:00:00Z",
            action="OBSERVE",
            bizStep="shipping",
            epcList=["https://id.gs1.org/01/09521234543210/21/A1"],
        ),
        expected(["https://id.gs1.org/01/09521234543210/21/A1"], "shipping", time=at(2026, 11, 1, 1) * 1000),
    ),
}
_DECLARATION = {
    **EVENTS["shipping"][0],
    "errorDeclaration": {
        "declarationTime": "2026-11-06T00:00:00Z",
        "reason": "https://ref.gs1.org/cbv/ER-incorrect_data",
    },
}
EVENTS["declaration"] = (_DECLARATION, {**EVENTS["shipping"][1], "flags": 2})
EVENTS["declaration of another"] = (
    {**_DECLARATION, "eventID": "urn:uuid:00000000-0000-4000-8000-000000000099"},
    {**EVENTS["shipping"][1], "flags": 2},
)
