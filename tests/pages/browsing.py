"""Fixtures for tests in a real browser: one browser per session, a fresh context per page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, driven by playwright; the test is skipped, with the reason, where it isn't installed."""
    if reason := chromium.missing():
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium.executable()), args=chromium.ARGUMENTS, env={**chromium.environment()}
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A factory of pages: `open_page(url, locale="zh-CN", width=390, dark=True, …)`.

    Each page has a context of its own (no shared storage). Errors that a script throws, and what its policy refuses,
    are collected in `page.problems` (a list of str), which a test can assert to be empty.
    """
    contexts = []

    def make(
        url: str | None = None,
        *,
        locale: str = "en-GB",
        width: int = 390,
        height: int = 844,
        dark: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            locale=locale,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            **{"reduced_motion": "reduce", "timezone_id": "Asia/Shanghai", **options},
        )
        contexts.append(context)
        page = context.new_page()
        problems: list[str] = []
        page.problems = problems  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console", lambda message: problems.append(message.text) if "Content Security" in message.text else None
        )
        if url is not None:
            page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
