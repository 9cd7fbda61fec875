"""The HTTP service: rooms' endpoints, the pages behind every Digital Link, and what operations ask."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from chain_service import errors, health, middleware, recursion, reference
from chain_service.anchoring import endpoints as anchoring
from chain_service.anchoring import erasure, event_endpoints
from chain_service.anchoring.service import Stating
from chain_service.chain.client import Chain
from chain_service.chain.registry import Registry
from chain_service.db import connect, reading
from chain_service.events import disclosure_endpoints as disclosure
from chain_service.events import endpoints as events
from chain_service.events import posting_endpoints as posting
from chain_service.events import records
from chain_service.events.imports import endpoints as imports
from chain_service.events.imports.tasks import Imports
from chain_service.events.milestones import routes as milestones
from chain_service.events.tasks import Captures
from chain_service.items import endpoints as items
from chain_service.items import resolver
from chain_service.kit.content_coding import best
from chain_service.kit.gs1 import KEYS
from chain_service.pages import Pages, content
from chain_service.partners import access, audit_endpoints, credential_endpoints, described, site_endpoints
from chain_service.partners.custody import Custody, KeyUnavailable
from chain_service.partners.did import endpoints as did_endpoints
from chain_service.partners.people import endpoints as people_endpoints
from chain_service.partners.people import oidc, session_endpoints
from chain_service.partners.people.lockout import Attempts
from chain_service.partners.registry import endpoints as registry_endpoints
from chain_service.partners.registry.registered_keys import RegisteredKeys
from chain_service.partners.registry.standings import StandingsRead
from chain_service.partners.vault import Vault
from chain_service.rate_limit import RateLimit
from chain_service.settings import PACKAGE, Network, Settings, pages_dir
from chain_service.verification import endpoints as verification
from chain_service.verification import kept, passport

log = logging.getLogger(__name__)
DESCRIPTION = """Proven product journeys: supply-chain events (EPCIS 2.0) become signed statements, sealed in batches on
a chain, that anybody can check with a receipt. Reading what is public needs nothing; the rest needs
`Authorization: Bearer <token>`, or a session, with the right that is named. Errors are RFC 9457 problem documents."""


class _Service(FastAPI):
    """The application, whose OpenAPI document also says what each operation needs."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        described.describe(document)
        return document


def create(settings: Settings, vault: Vault) -> FastAPI:
    """The service for these settings and the vault of its records.

    Raises OSError or ValueError when settings or network file are of no use.
    """
    recursion.guard()
    network = Network.read(settings.network_file)
    engine = connect(settings.database_url)
    custody = Custody(settings.keys_dir, settings.keys_password)
    stating = Stating(network.network, custody, settings.promise_seconds)
    captures = Captures(engine, vault, stating)
    importing = Imports(engine, vault, stating, settings.import_max_rows, settings.import_days)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with reading(engine) as connection:
            records.require_vault(connection, vault)
        erasure.repeat(engine, vault)
        erasure.try_to_finish(engine, vault)
        captures.start()
        importing.start()
        yield
        importing.stop()
        captures.stop()
        engine.dispose()
        vault.close()

    app = _Service(
        title="chain-service",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(access.allowed)],
        responses=errors.RESPONSES,
        docs_url=None,  # FastAPI's own pages load their scripts from a third party
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.network = network
    app.state.engine = engine
    app.state.vault = vault
    app.state.stating = stating
    app.state.captures = captures
    app.state.imports = importing
    app.state.operator = custody.operator().address
    app.state.chain = Chain(network)
    app.state.registry = Registry(app.state.chain)
    app.state.registered_keys = RegisteredKeys()
    app.state.standings = StandingsRead()
    app.state.rate_limit = RateLimit(settings.rpc_calls_per_minute)
    app.state.calls = RateLimit(settings.calls_per_minute)
    app.state.failed_tokens = RateLimit(settings.failed_tokens_per_minute)
    app.state.passports = kept.Passports()
    milestones.equip(app.state, lambda: erasure.try_to_finish(engine, vault))
    app.state.attempts = Attempts()
    app.state.oidc = oidc.provider(settings)

    errors.install(app)
    app.add_exception_handler(KeyUnavailable, _key_unavailable)
    # Routes are tried in order: what every scan asks for comes first.
    rooms: tuple[Any, ...] = (verification, items, events, milestones, imports, disclosure, posting, anchoring)
    people = (session_endpoints, people_endpoints, credential_endpoints, audit_endpoints, site_endpoints)
    for room in (*rooms, event_endpoints, *people, did_endpoints, registry_endpoints, health, reference):
        app.include_router(room.router)
    _add_pages(app, settings)
    middleware.install(app)
    return app


async def _key_unavailable(_: Request, error: Exception) -> Response:
    log.error("%s", error)
    detail = "A key that this needs cannot be used now; the operator finds in the log which."
    return errors.Problem(503, "no-key", "Not possible now", detail, headers={"Retry-After": "60"}).response()


def _version() -> str:
    try:
        return version("chain-service")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0.1.0"


def _add_pages(app: FastAPI, settings: Settings) -> None:
    nodes = " ".join(sorted({_origin(node) for node in settings.public_nodes}))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' {nodes}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    verify_policy = policy.replace("connect-src 'self'", "connect-src 'self' https: http:")
    pages = pages_dir()

    def page(request: Request, name: str, content_policy: str, status: int = 200) -> Response:
        coding = best(request.headers.get("accept-encoding", ""))
        headers = {
            "Content-Security-Policy": content_policy,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
            "Vary": "Accept, Accept-Encoding",
            **({"Content-Encoding": coding} if coding != "identity" else {}),
        }
        return Response(content(pages / name / "index.html", coding), status, headers, media_type="text/html")

    @app.get("/verify", include_in_schema=False)
    def verify(request: Request) -> Response:
        return page(request, "verify", verify_policy)

    @app.get("/console/", include_in_schema=False)
    def console(request: Request) -> Response:
        return page(request, "console", policy)

    @app.get("/", include_in_schema=False)
    def start() -> Response:
        return RedirectResponse("/verify")

    def issued(name: str) -> bool:
        with reading(app.state.engine) as connection:
            return passport.exists(connection, app.state.vault, name)

    def digital_link(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "OPTIONS, GET, HEAD"})
        return resolver.answer(request, issued, lambda status: page(request, "passport", policy, status))

    for key in KEYS:
        app.add_api_route(f"/{key}/{{rest:path}}", digital_link, methods=["GET", "OPTIONS"], include_in_schema=False)

    @app.get("/.well-known/gs1resolver", include_in_schema=False)
    def description() -> Response:
        return JSONResponse(resolver.description(settings.public_url))

    app.mount("/static", Pages(directory=pages), name="static")
    app.mount("/samples", Pages(directory=PACKAGE / "samples" / "pictures"), name="samples")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
