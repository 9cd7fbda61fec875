"""Signing in and out, under /v1/session and /v1/invitations. All of it is public: each address checks for itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from chain_service.db import writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.actors import in_order
from chain_service.partners.people import examples as people_examples
from chain_service.partners.people import oidc_logins, sessions, signing_in
from chain_service.partners.people.forms import Acceptance, NewPassword, SignIn, sent
from chain_service.partners.people.oidc import Provider
from chain_service.partners.people.service import note
from chain_service.partners.people.sessions import SignedIn
from chain_service.partners.roles import to_names

router = APIRouter(prefix="/v1", tags=["Sessions"])
_NOT_KEPT = {"Cache-Control": "no-store"}


@router.post("/session", responses=people_examples.SIGN_IN, openapi_extra=people_examples.SIGN_IN_BODY)
def sign_in(request: Request, said: Annotated[SignIn, Depends(sent(SignIn))]) -> Response:
    """Sign in with email and password: sets the cookie. An earlier session of this browser ends.

    Changing requests by cookie carry the header `X-CSRF-Token` with the `csrfToken` of the answer. After five failures
    an account waits 15 minutes, then twice as long each time, up to a day; an address waits after 20 in ten minutes.
    """
    sessions.require_own_origin(request)
    state = request.app.state
    session = signing_in.sign_in(
        state.engine, state.attempts, _address(request), said.email, said.password, _cookie(request)
    )
    return _signed_in(request, session)


@router.get("/session", responses=people_examples.SESSION)
def session(request: Request) -> Response:
    """Who is signed in with this browser, and the token for changing requests.

    Where nobody is: `person` is null, and `oidc` names the other way to sign in, if there is one.
    """
    found = sessions.current(request)
    if found is not None:
        return JSONResponse(_shown(found), headers=_NOT_KEPT)
    provider = request.app.state.oidc
    return JSONResponse({"person": None, "oidc": {"name": provider.name} if provider else None}, headers=_NOT_KEPT)


@router.delete("/session", status_code=204, response_class=Response, responses=people_examples.SIGN_OUT)
def sign_out(request: Request) -> Response:
    """Sign out with this browser."""
    found = sessions.current(request)
    if found is not None:
        sessions.require_proof(request, found)
        with writing(request.app.state.engine) as connection:
            sessions.end(connection, found.token)
            note(connection, found.actor, "session.ended", found.partner.did, found.person)
    answer = Response(status_code=204, headers=_NOT_KEPT)
    sessions.drop_cookie(answer, request.app.state.settings)
    return answer


@router.post("/session/password", responses=people_examples.PASSWORD, openapi_extra=people_examples.PASSWORD_BODY)
def change_password(request: Request, said: Annotated[NewPassword, Depends(sent(NewPassword))]) -> Response:
    """Change your password: at least 12 characters, not the email, not among the commonest. All other sessions end."""
    found = sessions.current(request)
    if found is None or sessions.has_token(request):
        detail = "Sign in first: a password is changed by its person, not with an organisation's token."
        raise Problem(401, "unauthorized", "Nobody is signed in", detail)
    sessions.require_proof(request, found)
    state = request.app.state
    changed = signing_in.change_password(state.engine, state.attempts, _address(request), found, said.old, said.new)
    return _signed_in(request, changed)


@router.post("/invitations/accept", responses=people_examples.ACCEPT, openapi_extra=people_examples.ACCEPT_BODY)
def accept(request: Request, said: Annotated[Acceptance, Depends(sent(Acceptance))]) -> Response:
    """Choose a password with an invitation's token, and be signed in. Every other session of the person ends."""
    sessions.require_own_origin(request)
    return _signed_in(request, signing_in.accept(request.app.state.engine, said.token, said.password))


@router.get("/session/oidc", status_code=303, response_class=Response, responses=people_examples.OIDC)
def begin_oidc(request: Request) -> Response:
    """Sign in with the operator's OpenID provider: sends the browser there."""
    url, browser = oidc_logins.begin(request.app.state.engine, _provider(request))
    answer = RedirectResponse(url, 303, headers=_NOT_KEPT)
    secure = sessions.is_secure(request.app.state.settings)
    # Lax: the way back begins on the provider's site.
    answer.set_cookie(
        _login_cookie(request), browser, max_age=oidc_logins.LOGIN_MS // 1000, path="/",
        secure=secure, httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


@router.get("/session/oidc/callback", status_code=303, response_class=Response, responses=people_examples.CALLBACK)
def end_oidc(request: Request) -> Response:
    """Where the OpenID provider sends the browser back, with `state` and `code`; sets the cookie."""
    provider, browser = _provider(request), request.cookies.get(_login_cookie(request))
    said = dict(request.query_params)
    signed_in = oidc_logins.finish(request.app.state.engine, provider, said, browser, _cookie(request))
    answer = RedirectResponse("/console/", 303, headers=_NOT_KEPT)
    settings = request.app.state.settings
    answer.delete_cookie(
        _login_cookie(request), path="/", secure=sessions.is_secure(settings), httponly=True, samesite="lax"
    )
    sessions.set_cookie(answer, settings, signed_in.token)
    return answer


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.oidc
    if provider is None:
        raise Problem(404, "no-oidc", "There is no other way to sign in here", "The operator has set no provider.")
    return provider


def _login_cookie(request: Request) -> str:
    return "__Host-login" if sessions.is_secure(request.app.state.settings) else "login"


def _cookie(request: Request) -> str | None:
    return request.cookies.get(sessions.cookie_name(request.app.state.settings))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _signed_in(request: Request, session: SignedIn) -> Response:
    answer = JSONResponse(_shown(session), headers=_NOT_KEPT)
    sessions.set_cookie(answer, request.app.state.settings, session.token)
    return answer


def _shown(session: SignedIn) -> dict[str, Any]:
    partner = session.partner
    rights = in_order(session.rights)
    return {
        "person": {"id": session.person, "email": session.email, "name": session.name, "rights": rights},
        "partner": {"did": partner.did, "name": partner.name, "roles": to_names(partner.roles)},
        "csrfToken": session.csrf,
        "expiresAt": clock.iso(session.expires_at),
    }
