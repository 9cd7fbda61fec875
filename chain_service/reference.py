"""The API's documentation as a plain page: what /openapi.json says, for people, with nothing fetched from elsewhere."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

router = APIRouter(include_in_schema=False)
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
def docs(request: Request) -> Response:
    """Every operation with its parameters and examples."""
    return HTMLResponse(page(request.app.openapi()), headers={"Content-Security-Policy": POLICY})


def page(described: dict[str, Any]) -> str:
    """The HTML of an OpenAPI document."""
    title = escape(described["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/styles/page.css">'
        f"<main><h1>{title} {escape(described['info']['version'])}</h1>{_text(described['info']['description'])}"
        '<p>For programs: <a href="/openapi.json">openapi.json</a></p>'
        f"{''.join(_operations(described))}</main></html>"
    )


def _operations(described: dict[str, Any]) -> Iterator[str]:
    tag = ""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                yield f"<h2>{escape(tag)}</h2>"
            yield f"<h3><code>{method.upper()} {escape(path)}</code></h3>{_text(operation['description'])}"
            if "security" in operation:
                yield f"<p>{_needs(operation['security'])}</p>"
            yield _parameters(operation.get("parameters", []))
            body = operation.get("requestBody", {}).get("content", {})
            yield "".join(_example("Request", kind, content) for kind, content in list(body.items())[:1])
            for status, response in operation["responses"].items():
                yield f"<p><b>{escape(status)}</b> {_inline(response['description'])}</p>"
                yield "".join(_example(status, *entry) for entry in response.get("content", {}).items())


def _needs(security: list[dict[str, list[str]]]) -> str:
    """A sentence of what an operation needs: a token or session, with one of these rights."""
    rights = sorted({right for way in security for names in way.values() for right in names})
    named = " or ".join(f"<code>{escape(right)}</code>" for right in rights)
    return f"Needs a token or session with the right {named}." if named else "Needs a token or session."


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(entry['name'])}</code></td><td>{escape(entry['in'])}</td>"
        f"<td>{_inline(entry.get('description', ''))}</td><td>{escape(str(entry.get('example', '')))}</td></tr>"
        for entry in parameters
    )
    return f"<details><summary>Parameters</summary><table>{rows}</table></details>" if rows else ""


def _example(title: str, media_type: str, content: dict[str, Any]) -> str:
    example = content.get("example")
    if example is None:
        return ""
    shown = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
    heading = f"{escape(title)}: {escape(media_type)}"
    return f"<details><summary>{heading}</summary><pre>{escape(shown)}</pre></details>"


def _text(markdown: str) -> str:
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in markdown.split("\n\n"))


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
