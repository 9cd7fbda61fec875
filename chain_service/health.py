"""What operations ask: alive, ready, and figures for a monitoring system."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import func, select

from chain_service.anchoring.models import Batch, Statement
from chain_service.chain.client import ChainError
from chain_service.db import reading
from chain_service.kit import clock

router = APIRouter(tags=["Operations"])
LATE_SECONDS = 60


_READY = {"status": "ready", "checks": {"database": "ok", "chain": "ok", "sealing": "ok"}}
_UNREADY = {
    "status": "not ready",
    "checks": {"database": "ok", "sealing": "ok", "chain": "the node at its address does not answer"},
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "All works", "content": {"application/json": {"example": _READY}}},
    503: {"description": "Something does not; it is named", "content": {"application/json": {"example": _UNREADY}}},
}
_HEALTHY: dict[int | str, dict[str, Any]] = {
    200: {"description": "It answers", "content": {"application/json": {"example": {"status": "ok"}}}}
}
_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The figures",
        "content": {"text/plain": {"example": "# TYPE chain_service_statements gauge\nchain_service_statements 82\n"}},
    }
}


@router.get("/healthz", responses=_HEALTHY)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses=_RESPONSES)
def readyz(request: Request) -> Response:
    """Whether database, chain and sealing work; `503` names what does not. Capture goes on without the chain."""
    checks = {"database": _database(request), "chain": _chain(request), "sealing": "not known"}
    if checks["database"] == "ok":
        waited = _figures(request)["oldest_unsealed_seconds"]
        checks["sealing"] = "ok" if waited < LATE_SECONDS else f"a statement has waited {waited} s for its seal"
    ready = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses=_FIGURES)
def metrics(request: Request) -> str:
    """Figures in the Prometheus text format."""
    return "".join(
        f"# TYPE chain_service_{name} gauge\nchain_service_{name} {value}\n"
        for name, value in _figures(request).items()
    )


def _database(request: Request) -> str:
    try:
        with reading(request.app.state.engine) as connection:
            connection.execute(select(1))
    except Exception as error:
        return f"the database does not answer ({type(error).__name__})"
    return "ok"


def _chain(request: Request) -> str:
    try:
        request.app.state.chain.check()
    except ChainError as error:
        return str(error)[:300]
    return "ok"


def _figures(request: Request) -> dict[str, Any]:
    with reading(request.app.state.engine) as connection:
        statements = connection.execute(select(func.count()).select_from(Statement)).scalar_one()
        batches = connection.execute(select(func.count()).select_from(Batch)).scalar_one()
        unsealed = connection.execute(select(func.count()).where(Batch.sealed.is_(False))).scalar_one()
        waiting = select(func.min(Statement.accepted_at)).outerjoin(Batch, Batch.id == Statement.batch)
        oldest = connection.execute(waiting.where(Statement.batch.is_(None) | Batch.sealed.is_(False))).scalar()
    waited = 0 if oldest is None else max(0, (clock.now_ms() - oldest) // 1000)
    return {
        "statements": statements,
        "batches": batches,
        "unsealed_batches": unsealed,
        "oldest_unsealed_seconds": waited,
    }
