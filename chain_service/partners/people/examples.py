"""OpenAPI examples of people and sessions."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.partners.people.forms import Acceptance, Change, NewPassword, NewPerson, SignIn, documented_body
from chain_service.partners.people.lockout import locked_out
from chain_service.partners.people.sessions import no_proof
from chain_service.partners.people.signing_in import wrong_login
from chain_service.partners.service import no_token

Responses = dict[int | str, dict[str, Any]]

_ID = "0b9f2a56-6a0e-4d0e-9d53-0b6f4f7f2c11"
_PERSON = {"id": _ID, "email": "mei@dairy.example", "name": "Mei Chen", "rights": ["state", "describe", "read"]}
_TIMES = {"createdAt": "2026-11-24T02:10:11.402Z", "disabledAt": "2026-12-01T08:00:00.000Z"}  # examples leave nulls out
_LISTED = {**_PERSON, **_TIMES, "invited": False}
_SIGNED_IN = {
    "person": _PERSON,
    "partner": {"did": "did:web:dairy.example", "name": {"en": "Blue Dairy", "zh": "蓝色乳业"}, "roles": ["producer"]},
    "csrfToken": "8mYw4kq0y3oXw1bPpQe5aYtq1m0F3oQv7d2rJ9sLxKc",
    "expiresAt": "2026-11-24T14:10:11.402Z",
}
_TOKEN = "q7Zt0a6l1XcVb8Jr3nMSk2uWyEo5dPfGh4iTjLvRzQw"  # noqa: S105 (made up)
_INVITED = {"invitation": f"https://journeys.example/console/#invite={_TOKEN}", "expiresAt": "2026-11-27T02:10:11.402Z"}


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


def _wrong_body(pointer: str, detail: str) -> dict[str, Any]:
    errors = [{"pointer": pointer, "detail": detail}]
    return documented(
        "JSON, but not what is due", Problem(422, "invalid-body", "The body is not what is due", errors=errors)
    )


_NOT_JSON = documented("Not JSON", Problem(400, "not-json", "The body is not the JSON that is due"))
_OTHER_TYPE = documented(
    "Another content type", Problem(415, "unsupported-media-type", "The body is not JSON", "Send JSON.")
)
_TOO_LARGE = documented("Larger than 16 KB", Problem(413, "too-large", "The request is too large"))
_BODY: Responses = {400: _NOT_JSON, 413: _TOO_LARGE, 415: _OTHER_TYPE}
_CSRF = documented("A page of another site may have sent it", no_proof())
_LOCKED = documented("Too many attempts failed", locked_out(900))
_WRONG = documented("Unknown email or wrong password", wrong_login())
_UNAUTHORIZED = documented("Nobody is signed in, or not with a good token", no_token())
_WEAK = documented(
    "A weak password", Problem(422, "weak-password", "Choose another password", "A password has 12 to 200 characters.")
)
_BUSY = documented("Too many sign in at this moment", Problem(503, "busy", "Too many sign in at once"))
_STATE = documented(
    "It was begun by another browser, was used, or took too long",
    Problem(400, "oidc-state", "This sign-in was not begun here"),
)
_NO_PROVIDER = documented("No provider is set", Problem(404, "no-oidc", "There is no other way to sign in here"))
_AWAY = documented(
    "The provider does not answer", Problem(503, "oidc-unreachable", "Signing in elsewhere does not work now")
)
_AMISS = documented(
    "The provider answers wrongly",
    Problem(502, "oidc-misconfigured", "The OpenID provider does not answer as it should"),
)
_UNKNOWN = documented(
    "Nobody of your organisation has this id", Problem(404, "unknown-person", "Nobody here has this id")
)
_LAST = documented(
    "Nobody else would manage the organisation",
    Problem(409, "last-manager", "Nobody else manages this organisation"),
)
_RIGHTS = documented(
    "A right is missing, or the request may come from another site",
    Problem(403, "right-missing", "You lack a right", "Nobody grants, or acts on, more rights than their own."),
)

SIGN_IN: Responses = {
    200: _json("Signed in; the cookie is set", _SIGNED_IN), **_BODY, 401: _WRONG, 403: _CSRF,
    422: _wrong_body("/password", "Field required"), 429: _LOCKED, 503: _BUSY,
}  # fmt: skip
SESSION: Responses = {200: _json("Who is signed in; `person` is null where nobody is", _SIGNED_IN)}
SIGN_OUT: Responses = {204: {"description": "Nobody is signed in with this browser now"}, 403: _CSRF}
PASSWORD: Responses = {
    200: _json("Changed; every other session has ended", _SIGNED_IN), **_BODY, 401: _WRONG, 403: _CSRF,
    422: _WEAK, 429: _LOCKED, 503: _BUSY,
}  # fmt: skip
ACCEPT: Responses = {
    200: _json("The password is set, and the person signed in", _SIGNED_IN), **_BODY, 403: _CSRF,
    404: documented("Unknown, or used", Problem(404, "unknown-invitation", "This invitation is not known")),
    410: documented("Older than 72 hours", Problem(410, "invitation-expired", "This invitation has ended")),
    422: _WEAK, 503: _BUSY,
}  # fmt: skip
OIDC: Responses = {303: {"description": "To the provider"}, 404: _NO_PROVIDER, 502: _AMISS, 503: _AWAY}
CALLBACK: Responses = {
    303: {"description": "Signed in; to the console"}, 400: _STATE,
    401: documented(
        "The provider did not sign the person in, or its token is not good",
        Problem(401, "oidc-token-invalid", "What the OpenID provider says can't be trusted", "… nonce. Begin again."),
    ),
    403: documented("Nobody invited has this identity", Problem(403, "oidc-unknown-person", "You are not known here")),
    404: _NO_PROVIDER, 502: _AMISS, 503: _AWAY,
}  # fmt: skip
PEOPLE: Responses = {200: _json("Everybody", {"people": [_LISTED]}), 401: _UNAUTHORIZED, 403: _RIGHTS}
INVITED: Responses = {
    201: _json("Invited; the link is shown this once", {"id": _ID, **_INVITED}), **_BODY,
    401: _UNAUTHORIZED, 403: _RIGHTS,
    404: documented("No such partner", Problem(404, "unknown-partner", "This partner is not known here")),
    409: documented("The email is taken", Problem(409, "email-taken", "Somebody has this email already")),
    422: _wrong_body("/rights/0", "Input should be 'state', 'describe', 'read', 'manage' or 'administer'"),
}  # fmt: skip
CHANGED: Responses = {
    200: _json("As the person is now", _LISTED), **_BODY, 401: _UNAUTHORIZED, 403: _RIGHTS, 404: _UNKNOWN, 409: _LAST,
    422: _wrong_body("/disabled", "Input should be a valid boolean"),
}  # fmt: skip
INVITED_AGAIN: Responses = {
    201: _json("A new link; the earlier one is void", {"id": _ID, **_INVITED}),
    401: _UNAUTHORIZED, 403: _RIGHTS, 404: _UNKNOWN,
    409: documented("The person is disabled", Problem(409, "person-disabled", "This person is disabled")),
}  # fmt: skip
ERASED: Responses = {
    204: {"description": "Erased"}, 401: _UNAUTHORIZED, 403: _RIGHTS, 404: _UNKNOWN, 409: _LAST
}  # fmt: skip

_PASSWORD = "our cows graze above the lake"  # noqa: S105 (made up)
SIGN_IN_BODY = documented_body(SignIn, {"email": "mei@dairy.example", "password": _PASSWORD})
PASSWORD_BODY = documented_body(NewPassword, {"old": _PASSWORD, "new": "the lake freezes in the seventh month"})
ACCEPT_BODY = documented_body(Acceptance, {"token": _TOKEN, "password": _PASSWORD})
PERSON_BODY = documented_body(
    NewPerson, {"email": "mei@dairy.example", "name": "Mei Chen", "rights": ["state", "describe", "read"]}
)
CHANGE_BODY = documented_body(Change, {"rights": ["state", "describe", "read"], "disabled": True})
