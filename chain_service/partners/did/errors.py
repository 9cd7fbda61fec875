"""What can be wrong with a foreign did:web and its document; the tree stands in reading.py."""


class DidError(Exception):
    """A DID or its document is not what is due; the message says why. `kind`: a stable word for programs."""

    kind = "did-error"


class MalformedDid(DidError, ValueError):
    """It is no did:web."""

    kind = "did-malformed"


class InternalAddress(DidError):
    """Its host leads into a network that is not public."""

    kind = "did-internal-address"


class Redirected(DidError):
    """The answer points elsewhere; nothing was followed."""

    kind = "did-redirects"


class TooLarge(DidError):
    """The answer is longer than a DID document may be; the rest was not read."""

    kind = "did-too-large"


class TooSlow(DidError):
    """The answer was not complete in time."""

    kind = "did-too-slow"


class NotFound(DidError):
    """The host answers that there is no document."""

    kind = "did-not-found"


class Unreachable(DidError):
    """No answer: the name, the connection, the certificate or the server fails."""

    kind = "did-unreachable"


class NotADocument(DidError):
    """The answer is no DID document."""

    kind = "did-not-a-document"


class OtherId(DidError):
    """The document is another DID's."""

    kind = "did-other-id"
