"""The read-only door to the node that pages use where no other is configured: few methods, small, rate-limited."""

import re
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from chain_service import body
from chain_service.chain.client import Chain, ChainError
from chain_service.errors import Problem
from chain_service.kit import canonical

MAX_BYTES = 64 * 1024
MAX_BATCH = 50
_HEX = re.compile(r"0x[0-9a-fA-F]{0,4096}")
_NAME_LATEST = {"latest", "safe", "finalized", "earliest"}
_NO_ANSWER = {"code": -32000, "message": "the node does not answer"}
METHODS = {
    "eth_chainId": 0,
    "eth_blockNumber": 0,
    "eth_call": 2,
    "eth_getBlockByNumber": 2,
    "eth_getTransactionReceipt": 1,
    "eth_getCode": 2,
}


async def answer(request: Request) -> Any:
    """The JSON-RPC answer, or list of answers. Raises Problem for what is no such request, or too many."""
    _limit(request, 1)
    data = await body.read(request, MAX_BYTES)
    try:
        asked = await run_in_threadpool(canonical.parse, data)
    except canonical.InvalidJson as error:
        detail = f"Send one JSON-RPC 2.0 call or a list of them: {error}."
        raise Problem(400, "not-json", "The request is not JSON", detail) from None
    calls = asked if isinstance(asked, list) else [asked]
    if not 1 <= len(calls) <= MAX_BATCH:
        raise Problem(400, "batch-size", "Too few or too many calls at once", f"A batch has 1 to {MAX_BATCH} calls.")
    _limit(request, len(calls) - 1)
    answers = await run_in_threadpool(_all, request.app.state.chain, calls)
    return answers if isinstance(asked, list) else answers[0]


def _limit(request: Request, calls: int) -> None:
    """Raises Problem 429 where the address that asks has made too many calls."""
    address = request.client.host if request.client else ""
    if not request.app.state.rate_limit.take(address, calls):
        raise Problem(429, "too-many-calls", "Too many calls", "Ask again in a minute.", headers={"Retry-After": "60"})


def _all(chain: Chain, calls: list[Any]) -> list[dict[str, Any]]:
    """The answers to a batch. A node that does not answer once is not asked again: each try may last seconds."""
    reachable = True
    answers = []
    for call in calls:
        answer = _one(chain if reachable else None, call)
        reachable = reachable and answer.get("error") != _NO_ANSWER
        answers.append(answer)
    return answers


def _one(chain: Chain | None, call: Any) -> dict[str, Any]:
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
        result = chain.request(method, parameters) if chain else None
    except ChainError:
        result = None
    if not isinstance(result, dict):
        return {**envelope, "error": _NO_ANSWER}
    if "error" in result:
        said = result["error"].get("message") if isinstance(result["error"], dict) else result["error"]
        return {**envelope, "error": {"code": -32000, "message": str(said)[:300]}}
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
