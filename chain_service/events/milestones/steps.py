"""The words in which partners tell what they did, and what each is in EPCIS: docs/adr/0013 says why it is that.

Source: CBV 2.0 (ISO/IEC 19988) sections 7.1 (business steps) and 7.2 (dispositions); EPCIS 2.0 section 7.3.2 (action).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chain_service.kit.vocabulary import disposition_uri, step_uri
from chain_service.partners.roles import ACTING, Role, may_say, to_names

WORD = "cs:milestone"  # the partner's own word, beside the CBV's: several words share one of those


@dataclass(frozen=True, slots=True)
class Step:
    """What one word becomes. `kept`: the items are at that place afterwards, so that it is the business location too;
    `needs_shipment`: it packs items into a shipment, or takes them out; `creates`: it may name items that nobody knows;
    `onward`: it brings goods nearer to people, which nobody may do with what is recalled."""

    word: str
    en: str
    zh: str
    biz_step: str
    disposition: str = ""
    action: str = "OBSERVE"
    kept: bool = True
    needs_shipment: bool = False
    creates: bool = False
    onward: bool = False

    @property
    def uri(self) -> str:
        """The full URI of its business step, as statements carry it."""
        return step_uri(self.biz_step)

    @property
    def roles(self) -> list[str]:
        """The names of the roles that may say it."""
        return to_names(sum(role for role in Role if role & ACTING and may_say(role, self.uri)))

    def as_json(self) -> dict[str, Any]:
        """As GET /v1/steps lists it."""
        return {
            "step": self.word,
            "name": {"en": self.en, "zh": self.zh},
            "bizStep": self.uri,
            "disposition": disposition_uri(self.disposition) if self.disposition else None,
            "action": self.action,
            "roles": self.roles,
            "needsShipment": self.needs_shipment,
            "creates": self.creates,
        }


_STEPS = (
    Step("made", "Made", "生产完成", "commissioning", "active", "ADD", creates=True),
    Step("picked_up", "Picked up", "已揽收", "collecting", "in_transit", kept=False, onward=True),
    Step("loaded", "Loaded", "已装车", "loading", "in_transit", kept=False, onward=True),
    Step("departed", "Departed", "已出发", "departing", "in_transit", kept=False, onward=True),
    Step("shipped", "Shipped", "已发货", "shipping", "in_transit", kept=False, onward=True),
    Step("in_transit", "On the way", "运输中", "transporting", "in_transit", kept=False, onward=True),
    Step("arrived", "Arrived", "已到达", "arriving", "in_progress"),
    Step("unloaded", "Unloaded", "已卸货", "unloading", "in_progress"),
    Step("received", "Received", "已收货", "receiving", "in_progress"),
    Step("stored", "Stored", "已入库", "storing", "in_progress"),
    Step("customs_held", "Held by customs", "海关扣留", "holding", "non_sellable_other"),
    Step("inspected", "Inspected: in order", "检验合格", "inspecting", "conformant"),
    Step("customs_cleared", "Cleared by customs", "海关放行", "inspecting", "conformant"),
    Step("failed_inspection", "Failed inspection", "检验不合格", "inspecting", "non_conformant"),
    Step("sampled", "Sample taken", "已取样", "sampling", "in_progress"),
    Step("packed", "Packed", "已装箱", "packing", "in_progress", "ADD", needs_shipment=True),
    Step("unpacked", "Unpacked", "已拆箱", "unpacking", "in_progress", "DELETE", needs_shipment=True),
    Step("repackaged", "Repackaged", "已重新包装", "repackaging", "in_progress"),
    Step("delivered", "Delivered", "已送达", "accepting", "in_progress", onward=True),
    Step("sold", "Sold", "已售出", "retail_selling", "retail_sold", kept=False, onward=True),
    Step("returned", "Returned", "已退回", "receiving", "returned"),
    Step("damaged", "Found damaged", "发现损坏", "inspecting", "damaged"),
    Step("destroyed", "Destroyed", "已销毁", "destroying", "destroyed", "DELETE"),
    Step("measured", "Measured", "已测量", "sensor_reporting", kept=False),
)
STEPS: Mapping[str, Step] = {step.word: step for step in _STEPS}


def word_of(event: Mapping[str, Any]) -> str:
    """The word of an event as stated: its own where it has one, else the first of the same business step and
    disposition, else the last part of its step's URI; empty where it has no step."""
    own = event.get(WORD)
    if isinstance(own, str) and own in STEPS:
        return own
    said = (str(event.get("bizStep", "")), str(event.get("disposition", "")))
    same = [step for step in _STEPS if _last(said[0]) == step.biz_step]
    exact = [step for step in same if _last(said[1]) == step.disposition]
    return (exact or same)[0].word if exact or len(same) == 1 else _last(said[0])


def _last(word: str) -> str:
    return word.rpartition("/")[2].rpartition(":")[2].removeprefix("BizStep-").removeprefix("Disp-")
