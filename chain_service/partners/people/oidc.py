"""The operator's OpenID provider: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9700).

Problem oidc-unreachable      the provider does not answer in time
        oidc-misconfigured    it answers, but not as its settings or the standard say
        oidc-refused          it did not sign the person in
        oidc-token-invalid    its ID token is not good; the claim is named
"""

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from chain_service.errors import Problem
from chain_service.settings import Settings

CALLBACK = "/v1/session/oidc/callback"
SECONDS = 5.0  # for each answer of the provider
LEEWAY = 60  # seconds that two clocks may differ
_KEPT_SECONDS = 600
_MOST_BYTES = 1 << 20
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_REGISTRY = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider signed in; `email` only where the provider says that it is verified."""

    issuer: str
    subject: str
    email: str | None


class Provider:
    """One provider; what it says of itself is asked for when it is first needed and kept for ten minutes."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, name: str, redirect_uri: str) -> None:
        self.issuer, self.name = issuer, name
        self._client_id, self._client_secret, self._redirect_uri = client_id, client_secret, redirect_uri
        self._lock = Lock()
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._until = 0.0

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises Problem."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(self._known()[0]["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def require_answer_of_this_provider(self, issuer: str | None) -> None:
        """Refuses an answer that another provider gave (RFC 9207). Raises Problem."""
        due = issuer is not None or self._known()[0].get("authorization_response_iss_parameter_supported") is True
        if due and issuer != self.issuer:
            raise _refused("The answer is another provider's.")

    def identity(self, code: str, verifier: str, nonce: str) -> Identity:
        """Whom an authorization code stands for. Raises Problem."""
        metadata, _ = self._known()
        tokens = self._exchanged(metadata, code, verifier)
        claims = self._claims(tokens.get("id_token"), nonce)
        if "email" not in claims and "userinfo_endpoint" in metadata:
            header = {"Authorization": f"Bearer {tokens.get('access_token')}"}
            said = _asked("GET", metadata["userinfo_endpoint"], headers=header)
            if said.get("sub") != claims["sub"]:
                raise _invalid("sub")
            claims = {**said, **claims}
        email = claims.get("email")
        verified = isinstance(email, str) and email.isprintable() and claims.get("email_verified") is True
        return Identity(self.issuer, claims["sub"], email if verified else None)

    def _exchanged(self, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        headers = {}
        if self._client_secret and "client_secret_basic" in methods:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"  # RFC 6749 section 2.3.1
            headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        else:
            form |= {"client_id": self._client_id}
            form |= {"client_secret": self._client_secret} if self._client_secret else {}
        return _asked("POST", metadata["token_endpoint"], headers=headers, data=form)

    def _claims(self, token: Any, nonce: str) -> dict[str, Any]:
        """The claims of an ID token, checked as OpenID Connect Core section 3.1.3.7 says."""
        if not isinstance(token, str):
            raise _invalid("id_token")
        try:
            claims = self._decoded(token)
            wanted: dict[str, Any] = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "nonce": {"essential": True, "value": nonce},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
            }
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **wanted).validate(claims)
        except ClaimError as error:
            raise _invalid(str(error.claim)) from None
        except (JoseError, ValueError) as error:
            raise _invalid("signature", type(error).__name__) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if ("azp" in claims or several) and claims.get("azp") != self._client_id:
            raise _invalid("azp")
        if not 0 < len(claims["sub"]) <= 255 or not claims["sub"].isprintable():
            raise _invalid("sub")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """The claims under a good signature; keys that changed since they were kept are asked for once more."""
        fresh = time.monotonic() >= self._until
        _, keys = self._known()
        try:
            return jwt.decode(token, keys, registry=_REGISTRY).claims
        except (JoseError, ValueError):
            if fresh:
                raise
        with self._lock:
            self._until = 0.0
        return jwt.decode(token, self._known()[1], registry=_REGISTRY).claims

    def _known(self) -> tuple[dict[str, Any], KeySet]:
        """The provider's metadata and keys (OpenID Connect Discovery 1.0)."""
        with self._lock:
            if time.monotonic() >= self._until:
                said = _asked("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if said.get("issuer") != self.issuer:
                    raise _misconfigured("the issuer it names is not the one that is set")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not _is_safe(said.get(name)):
                        raise _misconfigured(f"its {name} is missing or not https")
                if "userinfo_endpoint" in said and not _is_safe(said["userinfo_endpoint"]):
                    raise _misconfigured("its userinfo_endpoint is not https")
                self._keys = _key_set(_asked("GET", said["jwks_uri"]))
                self._metadata = said
                self._until = time.monotonic() + _KEPT_SECONDS
            return self._metadata, self._keys


def provider(settings: Settings) -> Provider | None:
    """The provider that is set, or None. Raises ValueError for settings that are not complete or not safe."""
    if not settings.oidc_issuer:
        return None
    if not _is_safe(settings.oidc_issuer):
        raise ValueError("CHAIN_SERVICE_OIDC_ISSUER is an https address (http only on this machine)")
    if not settings.oidc_client_id:
        raise ValueError("CHAIN_SERVICE_OIDC_CLIENT_ID is missing: the provider gave it to you")
    redirect_uri = settings.public_url.rstrip("/") + CALLBACK
    own = (settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_name)
    return Provider(settings.oidc_issuer, *own, redirect_uri)


def _is_safe(url: Any) -> bool:
    """Whether an address is https, or http on this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(url)))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _asked(method: str, url: str, **sent: Any) -> dict[str, Any]:
    """The JSON object that the provider answers. Raises Problem."""
    data = bytearray()
    deadline = time.monotonic() + SECONDS
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=not _is_loopback(url)) as client,
            client.stream(method, url, **sent) as answer,
        ):
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _MOST_BYTES or time.monotonic() > deadline:
                    raise _misconfigured("its answer has no end")
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(type(error).__name__) from None
    if status >= 500:
        raise _unreachable(f"status {status}")
    try:
        said = json.loads(data)
    except ValueError:
        said = None
    if 400 <= status < 500 and isinstance(said, dict) and "error" in said:
        raise _refused(f"It says {_short(said['error'])}.")
    if status != 200 or not isinstance(said, dict):
        raise _misconfigured(f"{urlsplit(url).path} answers no JSON object with status 200")
    return said


def _key_set(said: dict[str, Any]) -> KeySet:
    """The keys that can be read; a provider may list some of kinds that nobody here knows."""
    keys = []
    listed = said.get("keys")
    for entry in listed if isinstance(listed, list) else []:
        try:
            if entry.get("kty") != "oct":  # a shared secret signs nothing for us
                keys.append(import_key(entry))
        except (JoseError, ValueError, TypeError, AttributeError):
            continue
    if not keys:
        raise _misconfigured("it lists no key that can be read")
    return KeySet(keys)


def _short(text: Any) -> str:
    return "".join(c for c in str(text)[:60] if c.isalnum() or c in "_- ")


def _unreachable(reason: str) -> Problem:
    detail = f"The organisation that signs you in does not answer ({reason}). Try again later, or use a password."
    return Problem(503, "oidc-unreachable", "Signing in elsewhere does not work now", detail)


def _misconfigured(reason: str) -> Problem:
    return Problem(502, "oidc-misconfigured", "The OpenID provider does not answer as it should", f"There, {reason}.")


def _refused(reason: str) -> Problem:
    return Problem(401, "oidc-refused", "The OpenID provider did not sign you in", reason)


def _invalid(claim: str, reason: str = "") -> Problem:
    detail = f"Its ID token is not good: {claim}{f' ({reason})' if reason else ''}. Begin again."
    return Problem(401, "oidc-token-invalid", "What the OpenID provider says can't be trusted", detail)
