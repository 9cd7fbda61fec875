"""What a call of the registry does, in plain English and Chinese, for who decides whether to make it."""

from collections.abc import Mapping
from typing import Any

from chain_service.chain.registry_calls import NOBODY
from chain_service.kit import clock
from chain_service.partners.roles import Role, to_names

_HELD = {
    "partner": ("held by the partner itself", "由成员机构自己保管"),
    "operator": ("held by the operator for the partner", "由运营方代为保管"),
}
_EN = {
    "admitPartner": "Admits {did} for ever, from this block on, with the roles: {roles}.",
    "setRoles": "Sets all roles of {did} from this block on: {roles}. Roles that are not named end.",
    "suspend": "Suspends {did}: from this block on none of its keys is good. What waits for its seal will not verify.",
    "reinstate": "Ends the suspension of {did} from this block on. The suspended time stays suspended.",
    "addKey": "Adds the key {key} to {did}, {custody}, good from {valid_from} on; its end: {valid_to}. "
    "It can never move to another.",
    "endKey": "Plans the end of the key {key}: {valid_to}. What is sealed before stays good.",
    "reportCompromised": "Says for ever that the key {key} was out of its holder's control from {since} on. "
    "Everything sealed with it since then stops verifying, honest statements included.",
    "rotateOperator": "Ends the sealing of the operator's key {key} in this block, for ever; {successor} goes on.",
    "offerAdmin": "Offers all powers over the registry to {successor}. Nothing changes until it accepts.",
    "acceptAdmin": "Takes over all powers over the registry. The administrator of before loses them.",
    "offerAdmin to nobody": "Withdraws the offer of the powers over the registry. The administrator stays.",
    "setGuardian": "Makes {guardian} the guardian: it can suspend any partner, and nothing else.",
    "setGuardian to nobody": "Leaves no guardian: only the administrator can suspend a partner.",
}
_ZH = {
    "admitPartner": "自本区块起永久接纳 {did}，角色：{roles}。",
    "setRoles": "自本区块起将 {did} 的全部角色设为：{roles}。未列出的角色即告终止。",
    "suspend": "暂停 {did}：自本区块起它的任何密钥均不再有效，等待封存的陈述将无法通过验证。",
    "reinstate": "自本区块起恢复 {did}。已暂停的那段时间仍记为暂停。",
    "addKey": "为 {did} 添加密钥 {key}，{custody}，自{valid_from}起有效，截止时间：{valid_to}。密钥不能转给他方。",
    "endKey": "计划密钥 {key} 的终止时间：{valid_to}。此前封存的内容继续有效。",
    "reportCompromised": "永久声明密钥 {key} 自 {since} 起已脱离持有人控制。"
    "此后用它封存的一切（包括诚实的陈述）不再通过验证。",
    "rotateOperator": "自本区块起永久终止运营方密钥 {key} 的封存，由 {successor} 接续。",
    "offerAdmin": "将登记册的全部权力提供给 {successor}。对方接受之前没有任何变化。",
    "acceptAdmin": "接管登记册的全部权力，原管理者失去这些权力。",
    "offerAdmin to nobody": "撤回移交登记册权力的提议，管理者不变。",
    "setGuardian": "任命 {guardian} 为守护者：它只能暂停成员机构，别无他权。",
    "setGuardian to nobody": "不再设守护者：只有管理者可以暂停成员机构。",
}
NEW_KEY = "a new key"  # stands for one that the service will make
_MADE = ("that this service makes now", "（由本服务现在生成）")
_ROLES = {
    Role.BRAND: "品牌方",
    Role.PRODUCER: "生产者",
    Role.LOGISTICS: "物流",
    Role.WAREHOUSE: "仓储",
    Role.INSPECTOR: "检验机构",
    Role.CUSTOMS: "海关",
    Role.SENSOR_GATEWAY: "传感网关",
    Role.OPERATOR: "运营方",
    Role.ARBITER: "仲裁方",
}
_NOBODY = ("nobody", "无人")
_NONE = ("none", "无")
_NOW = ("this block", "本区块")
_NO_END = ("none", "无")


def says(name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The sentence of a call in each language; the arguments are the registry's own."""
    whom = arguments.get("successor", arguments.get("guardian", ""))
    sentence = f"{name} to nobody" if whom in (None, NOBODY) and f"{name} to nobody" in _EN else name
    return {
        language: words[sentence].format(**{key: _word(key, value, place) for key, value in arguments.items()})
        for place, (language, words) in enumerate((("en", _EN), ("zh", _ZH)))
    }


def _word(name: str, value: Any, place: int) -> str:
    if name == "roles":
        return _roles(value, place) or _NONE[place]
    if name == "custody":
        return _HELD[value][place] if value in _HELD else str(value)
    if value == NEW_KEY:
        return _MADE[place]
    if value is None:
        return {"valid_from": _NOW, "valid_to": _NO_END}.get(name, _NOBODY)[place]
    if name in ("valid_from", "valid_to", "since") and type(value) is int and 0 <= value < 2**40:
        return clock.iso(value * 1000)[:-5].replace("T", " ") + " UTC"
    return str(value)


def _roles(bits: int, place: int) -> str:
    if place == 0:
        return ", ".join(name.replace("_", " ") for name in to_names(bits))
    return "、".join(word for role, word in _ROLES.items() if bits & role)
