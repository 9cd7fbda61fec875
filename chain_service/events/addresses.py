"""EventIDs in addresses: one percent-encoded path segment, whatever characters they hold."""

from urllib.parse import quote, unquote

from fastapi import Request


def quoted(event_id: str) -> str:
    """An eventID as one path segment, or as a value of a query."""
    return quote(event_id, safe="")


def named_by(request: Request, prefix: str) -> str:
    """What follows `prefix` in the request's path, decoded once, whatever the server did to `path`."""
    return unquote(request.scope["raw_path"].decode("ascii", "replace").removeprefix(prefix))
