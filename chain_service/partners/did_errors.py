"""What can be wrong with a foreign did:web and its document; the tree stands in did_reading."""


class DidError(Exception):
    """A DID or its document is not what is due; the message says why, for who administers. `kind`: a stable word."""

    kind = "did-error"


class MalformedDid(DidError, ValueError):
    """It is no did:web."""

    kind = "did-malformed"
