"""What the page tests share: the browser, and a site that serves the pages with the data of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.pages.browsing import browser, open_page
from tests.pages.ledger import FORMULA, Ledger, passport, sample_statements
from tests.pages.office import Office
from tests.pages.office_data import ADMIN
from tests.pages.site import Site
from tests.pages.wallet import Wallet

__all__ = ["browser", "open_page"]


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without any passport."""
    served = Site(Ledger())
    yield served
    served.close()


@pytest.fixture
def office() -> Iterator[Office]:
    """The console with the people's side of a service in memory; nobody is signed in."""
    served = Office()
    yield served
    served.close()


@pytest.fixture
def rooms(office: Office, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a room of the console with the operator's administrator signed in, or nobody (`person=None`)."""

    def make(place: str = "", wallet: Wallet | None = None, person: Any = ADMIN, **options: Any) -> Page:
        page = open_page(**options)
        if wallet:
            wallet.install(page)
        if person:
            office.person, office.session = person, "csrf-0"
        page.goto(f"{office.url}/console/{place}")
        page.wait_for_selector("#title")
        return page

    return make


@pytest.fixture
def formula(site: Site) -> Site:
    """A site with one passport: the infant formula of the samples, sealed in one batch."""
    receipts = site.ledger.receipts(sample_statements("formula"))
    site.passports[FORMULA.path] = passport(FORMULA, receipts)
    return site


def state(page: Page, wanted: str) -> str:
    """Wait until the page's band is in a state, and return the sentences it shows."""
    page.wait_for_selector(f"#band[data-state={wanted}]", timeout=15000)
    return page.locator("#headline").inner_text()
