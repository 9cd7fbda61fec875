"""The read-only door to the node that pages use where no other is configured: few methods, small, rate-limited."""

import json
import re
import time
from collections import OrderedDict
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from chain_service.chain.client import Chain, ChainError
from chain_service.errors import Problem

MAX_BYTES = 64 * 1024
MAX_BATCH = 50
_HEX = re.compile(r"0x[0-9a-fA-F]{0,4096}")
_NAME_LATEST = {"latest", "safe", "finalized", "earliest"}
METHODS = {
    "eth_chainId": 0,
    "eth_blockNumber": 0,
    "eth_call": 2,
    "eth_getBlockByNumber": 2,
    "eth_getTransactionReceipt": 1,
    "eth_getCode": 2,
}


class RateLimit:
    """So many calls a minute from one address, in this process; remembers the 10,000 latest addresses."""

    MOST = 10_000

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._most = float(per_minute)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, calls: int) -> bool:
        """Whether the address may make these calls now."""
        now = time.monotonic()
        left, at = self._left.pop(address, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        allowed = left >= calls
        self._left[address] = (left - calls if allowed else left, now)
        while len(self._left) > self.MOST:
            self._left.popitem(last=False)
        return allowed


async def answer(request: Request) -> Any:
    """The JSON-RPC answer, or list of answers. Raises Problem for what is no such request, or too many."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise Problem(413, "too-large", "The request is too large", f"At most {MAX_BYTES} bytes.")
    try:
        asked = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(
            400, "not-json", "The request is not JSON", "Send one JSON-RPC 2.0 call or a list of them."
        ) from None
    calls = asked if isinstance(asked, list) else [asked]
    if not 1 <= len(calls) <= MAX_BATCH:
        raise Problem(400, "batch-size", "Too many calls at once", f"A batch has 1 to {MAX_BATCH} calls.")
    address = request.client.host if request.client else ""
    if not request.app.state.rate_limit.take(address, len(calls)):
        raise Problem(429, "too-many-calls", "Too many calls", "Ask again in a minute.", headers={"Retry-After": "60"})
    answers = await run_in_threadpool(lambda: [_one(request.app.state.chain, call) for call in calls])
    return answers if isinstance(asked, list) else answers[0]


def _one(chain: Chain, call: Any) -> dict[str, Any]:
    number = call.get("id") if isinstance(call, dict) else None
    envelope = {"jsonrpc": "2.0", "id": number if isinstance(number, (int, str)) else None}
    if not isinstance(call, dict) or not isinstance(call.get("method"), str):
        return {**envelope, "error": {"code": -32600, "message": "not a JSON-RPC call"}}
    method, parameters = call["method"], call.get("params", [])
    if method not in METHODS:
        return {**envelope, "error": {"code": -32601, "message": f"only {', '.join(METHODS)} are answered here"}}
    if not _acceptable(method, parameters):
        return {**envelope, "error": {"code": -32602, "message": f"parameters of {method} are not as expected"}}
    try:
        result = chain.request(method, parameters)
    except ChainError:
        return {**envelope, "error": {"code": -32000, "message": "the node does not answer"}}
    if "error" in result:
        return {**envelope, "error": {"code": -32000, "message": str(result["error"].get("message", ""))[:300]}}
    return {**envelope, "result": result.get("result")}


def _acceptable(method: str, parameters: Any) -> bool:
    if not isinstance(parameters, list) or len(parameters) > METHODS[method]:
        return False
    if method == "eth_call":
        if not parameters or not isinstance(parameters[0], dict) or not set(parameters[0]) <= {"to", "data", "input"}:
            return False  # no gas, value or sender of the caller's choosing
        parts = [*parameters[0].values(), *parameters[1:]]
    else:
        parts = parameters
    return all(
        isinstance(part, bool) or (isinstance(part, str) and (part in _NAME_LATEST or bool(_HEX.fullmatch(part))))
        for part in parts
    )
