"""The passport page in headless Chromium: how long a receipt takes to verify, and what its first view weighs.

Verification is that of the page's own modules, all seven checks, with the chain's node asked anew for each receipt
through the service. The first view is everything that comes over the wire, heads of answers included, from an empty
cache until the page has its verdict: page, styles, scripts, words, picture, passport, network and the node's answers.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, quantile, within
from benchmarks.service import sampled
from chain_service.local import Children
from tests.pages import chromium

MOST_MS = 50.0
MOST_KILOBYTES = 100.0
_VERIFY = """async (path) => {
  const { verify } = await import("/static/lib/verdict.js");
  const { networkFrom, trustIn } = await import("/static/lib/chain.js");
  const network = await networkFrom(await fetch("/v1/network"));
  const receipts = (await (await fetch(`/v1/passports${path}`)).json()).steps.map((step) => step.receipt);
  const declarations = { asked: ["this service"], receipts: [] };
  const once = async (receipt, trust) => {
    const began = performance.now();
    const { state } = await verify(receipt, { ...trust, declarations });
    return { state, took: performance.now() - began };
  };
  const shared = trustIn(network);
  await once(receipts[0], shared);
  const asking = [];
  for (const receipt of receipts) asking.push(await once(receipt, trustIn(network)));
  for (const receipt of receipts) await once(receipt, shared);
  const computing = [];
  for (const receipt of receipts) computing.push(await once(receipt, shared));
  return { asking, computing };
}"""


def run() -> Iterator[Figure]:
    """Milliseconds with and without the node's part, and kilobytes (of 1,000 bytes) of each sample's page."""
    if reason := chromium.missing():
        raise RuntimeError(reason)
    with (
        tempfile.TemporaryDirectory() as folder,
        Children(Path(folder) / "logs") as children,
        sync_playwright() as playwright,
    ):
        url, journeys = sampled(Path(folder), children)
        browser = playwright.chromium.launch(
            executable_path=str(chromium.executable()), args=chromium.ARGUMENTS, env={**chromium.environment()}
        )
        for path in journeys:
            page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
            weight = _weight(page, url + path)
            yield within(f"First view of {path}, all included", weight / 1000, "kB", MOST_KILOBYTES)
            page.context.close()
        page = browser.new_page()
        page.goto(f"{url}/verify")
        measured = page.evaluate(_VERIFY, journeys[0])
        browser.close()
    asking, computing = _times(measured["asking"]), _times(measured["computing"])
    title = f"Receipt verified in the page, node asked anew ({len(asking)} receipts)"
    yield within(f"{title}, median", quantile(asking, 0.5), "ms", MOST_MS)
    yield Figure(f"{title}, 95th percentile", quantile(asking, 0.95), "ms")
    yield Figure("The same with the node's answers at hand, median", quantile(computing, 0.5), "ms")


def _weight(page: Page, url: str) -> int:
    """Bytes over the wire until nothing more is asked for."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(url, wait_until="networkidle")
    return sum(sizes)


def _times(measured: list[dict[str, Any]]) -> list[float]:
    if any(one["state"] != "proven" for one in measured):
        raise RuntimeError("a receipt of the samples did not verify")
    return [float(one["took"]) for one in measured]
