"""The static pages, compressed as well as it can be done, once: on a poor network every kilobyte is felt."""

import os
from functools import lru_cache
from os import stat_result
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from chain_service.kit.content_coding import best, encoded
from chain_service.settings import pages_dir

COMPRESSED = {".css", ".html", ".js", ".json", ".svg"}
TYPES = {".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json"}
TYPES |= {".svg": "image/svg+xml"}


class Pages(StaticFiles):
    """A folder of text files for browsers; each is revalidated at every use and sent only when it changed."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file in the best encoding that the client accepts, or 304."""
        path = Path(full_path)
        if path.suffix not in COMPRESSED:
            return super().file_response(full_path, stat_result, scope, status_code)
        asked = Headers(scope=scope)
        coding = best(asked.get("accept-encoding", ""))
        headers = {
            "Cache-Control": "no-cache",
            # Without a charset: scripts are modules, and those, JSON and what our UTF-8 pages load are read as UTF-8.
            "Content-Type": TYPES[path.suffix],
            "ETag": f'"{stat_result.st_mtime_ns:x}-{stat_result.st_size:x}-{coding}"',
            "Vary": "Accept-Encoding",
        }
        if coding != "identity":
            headers["Content-Encoding"] = coding
        answer = Response(content(path, coding), status_code, headers)
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, asked) else answer


def require_libraries() -> None:
    """Raises FileNotFoundError where the libraries of the pages were not fetched: every page would stay empty."""
    library = pages_dir() / "vendor" / "sha2.js"
    if not library.exists():
        raise FileNotFoundError(f"{library.parent} lacks the libraries of the pages; run `make .tools/pages` first")


def content(path: Path, coding: str) -> bytes:
    """The bytes of a file in a content coding, made once as long as the file stays the same."""
    return _content(path, path.stat().st_mtime_ns, coding)


@lru_cache(maxsize=512)
def _content(path: Path, _changed: int, coding: str) -> bytes:
    return encoded(path.read_bytes(), coding)
