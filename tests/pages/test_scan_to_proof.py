"""The main job, end to end: the real demo, a scanned label, a real browser, an altered event, a chain that is gone."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import zxingcpp
from eth_account import Account
from PIL import Image
from playwright.sync_api import Page, expect

from chain_service.local import free_port
from tests.pages.wallet import Wallet

ROOT = Path(__file__).parents[2]
ALL_PROVEN = re.compile(r"^All 36 steps are proven")
ALL_PROVEN_ZH = re.compile(r"36 个步骤均已证实")


@dataclass
class Demo:
    """A demo that runs: where its state is, and the address it printed."""

    folder: Path
    url: str
    process: int

    @property
    def origin(self) -> str:
        return self.url.split("/01/")[0]

    def command(self, name: str) -> str:
        """Runs `chain-service tamper` or `untamper` on it."""
        command = [sys.executable, "-m", "chain_service.cli", name, "--folder", str(self.folder)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def start_demo(folder: Path) -> tuple[subprocess.Popen[str], Demo]:
    """Starts the demo as `make demo` does and waits for its last line."""
    command = [sys.executable, "-m", "chain_service.cli", "demo", "--folder", str(folder), "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if line.startswith("ready "):
            return process, Demo(folder, line.split()[1], process.pid)
    raise AssertionError("the demo did not get ready:\n" + "".join(said))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    process, running = start_demo(tmp_path_factory.mktemp("demo"))
    yield running
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_scanned_label_opens_a_passport_that_the_browser_proves(demo: Demo, open_page: Callable[..., Page]):
    label = httpx.get(demo.url.replace("/01/", "/v1/labels/01/") + ".png").content
    scanned = zxingcpp.read_barcode(Image.open(io.BytesIO(label)))
    assert scanned is not None
    assert scanned.text == demo.url
    page = open_page(scanned.text, locale="en-GB")
    expect(page.get_by_text(ALL_PROVEN)).to_be_visible()
    expect(page.get_by_text("Cleared customs").first).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_passport_is_read_in_chinese(demo: Demo, open_page: Callable[..., Page]):
    page = open_page(demo.url, locale="zh-CN")
    expect(page.get_by_text(ALL_PROVEN_ZH)).to_be_visible()
    assert page.locator("html").get_attribute("lang").startswith("zh")  # type: ignore[union-attr]


def test_altered_event_is_named_by_its_step_and_is_proven_again_when_put_back(
    demo: Demo, open_page: Callable[..., Page]
):
    demo.command("tamper")
    try:
        page = open_page(demo.url)
        expect(page.get_by_text(re.compile(r"^Step \d+ does not match what was sealed"))).to_be_visible()
        expect(page.get_by_text(re.compile("what differs is its content"))).to_be_visible()
        assert page.get_by_text("altered", exact=True).count() >= 1
    finally:
        demo.command("untamper")
    expect(open_page(demo.url).get_by_text(ALL_PROVEN)).to_be_visible(timeout=10_000)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/01/09521101100105/21/NEVER", 404, "This code was never issued by the brand."),
        ("/01/09521101100106/21/7K3M0Q", 400, "This is not a complete product code."),
    ],
)
def test_code_without_a_passport_says_so(
    demo: Demo, open_page: Callable[..., Page], path: str, status: int, words: str
):
    page = open_page()
    answer = page.goto(demo.origin + path)
    assert answer is not None
    assert answer.status == status
    expect(page.get_by_text(words)).to_be_visible()


def test_chain_out_of_reach_leaves_the_rest_checked(demo: Demo, open_page: Callable[..., Page]):
    page = open_page()
    page.route("**/rpc", lambda route: route.abort())
    page.goto(demo.url)
    expect(page.get_by_text("The record could not be reached, so seals were not checked.")).to_be_visible()


def test_receipt_file_is_checked_on_the_verify_page_and_by_the_command(
    demo: Demo, open_page: Callable[..., Page], tmp_path: Path
):
    passport = httpx.get(demo.url.replace("/01/", "/v1/passports/01/")).json()
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(passport["steps"][7]["receipt"]))
    command = [sys.executable, "-m", "chain_service.cli", "verify", str(receipt)]
    network = ["--network", str(demo.folder / "network.json")]
    assert subprocess.run([*command, *network], cwd=ROOT, capture_output=True).returncode == 0
    page = open_page(demo.origin + "/verify")
    page.set_input_files("input[type=file]", str(receipt))
    expect(page.get_by_text(re.compile("has not changed since")).first).to_be_visible()
    altered = passport["steps"][7]["receipt"]
    altered["event"]["eventTime"] = "2026-10-09T10:00:00.000+13:00"
    receipt.write_text(json.dumps(altered))
    assert subprocess.run([*command, *network], cwd=ROOT, capture_output=True).returncode == 1
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 1  # offline too
    page.set_input_files("input[type=file]", str(receipt))
    expect(page.get_by_text(re.compile("does not match|not proven|changed")).first).to_be_visible()


def test_step_that_waits_for_its_seal_says_so(demo: Demo, open_page: Callable[..., Page]):
    """The worker is stopped for a moment, as an operating system would; then it goes on by itself."""
    child = ["pgrep", "--parent", str(demo.process), "--full", "worker$"]
    worker = int(subprocess.run(child, capture_output=True, text=True, check=True).stdout)
    credentials = json.loads((demo.folder / "credentials.json").read_text())
    event = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventTime": "2026-11-21T09:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["https://id.gs1.org/01/09521101100105/21/WAITS"],
        "action": "ADD",
        "bizStep": "commissioning",
    }
    os.kill(worker, signal.SIGSTOP)
    try:
        headers = {"Authorization": f"Bearer {credentials[0]['token']}"}
        assert httpx.post(demo.origin + "/epcis/events", json=event, headers=headers).status_code == 201
        page = open_page(demo.origin + "/01/09521101100105/21/WAITS")
        expect(page.get_by_text("Step 1 is signed and waits to be sealed.")).to_be_visible()
    finally:
        os.kill(worker, signal.SIGCONT)
    expect(page.get_by_text("The one step so far is proven")).to_be_visible(timeout=20_000)


def test_private_and_erased_steps_are_proven_to_be_sealed_without_their_content(
    demo: Demo, open_page: Callable[..., Page]
):
    """A brand makes an item known to all, states two steps for itself alone and one that it then erases."""
    credentials = json.loads((demo.folder / "credentials.json").read_text())
    headers = {"Authorization": f"Bearer {credentials[0]['token']}"}
    for hour, (step, visibility) in enumerate(
        [("commissioning", "public"), ("storing", "own"), ("storing", "own"), ("inspecting", "public")]
    ):
        event = {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:5b7c1f0e-0000-4000-8000-00000000000{hour}",
            "eventTime": f"2026-11-21T0{hour}:00:00.000+08:00",
            "eventTimeZoneOffset": "+08:00",
            "epcList": ["https://id.gs1.org/01/09521101100105/21/CLOSED"],
            "action": "OBSERVE" if hour else "ADD",
            "bizStep": step,
        }
        address = f"{demo.origin}/epcis/events?visibility={visibility}"
        assert httpx.post(address, json=event, headers=headers).status_code == 201
    page = open_page(demo.origin + "/01/09521101100105/21/CLOSED")
    sealed = "All 2 steps you may see are proven; 2 more are sealed and not disclosed."
    expect(page.get_by_text(sealed)).to_be_visible(timeout=20_000)
    expect(page.locator(".row", has_text="not disclosed")).to_contain_text("2 sealed steps, not disclosed")
    erased = f"{demo.origin}/v1/events/urn:uuid:5b7c1f0e-0000-4000-8000-000000000003"
    assert httpx.delete(erased, headers=headers).status_code == 204
    time.sleep(1.5)  # a passport is kept for a second
    page = open_page(demo.origin + "/01/09521101100105/21/CLOSED")
    expect(
        page.get_by_text("The one step you may see is proven; 2 more are sealed and not disclosed; one more was erased")
    ).to_be_visible(timeout=10_000)
    expect(page.locator(".row", has_text="Erased by")).to_contain_text("What was sealed can no longer be read.")
    assert page.problems == []  # type: ignore[attr-defined]


def test_person_signs_in_a_wallet_and_the_receipt_says_so(
    demo: Demo, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    """The laboratory holds its key itself: a wallet with that key signs in the console of the real service."""
    laboratory = next(
        each
        for each in json.loads((demo.folder / "credentials.json").read_text())
        if each["partner"] == "did:web:tui-laboratories.example"
    )
    keystore = json.loads((ROOT / laboratory["keystore"]).read_text())
    wallet = Wallet(laboratory["partner"], key=bytes(Account.decrypt(keystore, laboratory["password"])))
    event = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventTime": "2026-11-21T09:00:00.000+13:00",
        "eventTimeZoneOffset": "+13:00",
        "epcList": ["https://id.gs1.org/01/09521101100105/21/WALLET"],
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "disposition": "conformant",
    }
    page = open_page()
    wallet.install(page)
    answer = page.goto(demo.origin + "/console/")
    assert answer is not None
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    page.locator("#token").fill(laboratory["token"])
    page.locator("#text").fill(json.dumps(event))
    page.get_by_role("button", name="Sign with your wallet").click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    expect(page.locator("#result .badge")).to_have_text("proven", timeout=20_000)
    link = page.locator("#result").get_by_role("link", name="Receipt").get_attribute("href")
    receipt = httpx.get(f"{demo.origin}{link}").json()
    assert receipt["reporter"]["custody"] == "partner"
    assert receipt["reporter"]["address"] == wallet.account.lower()
    assert page.problems == []  # type: ignore[attr-defined]
    page.goto(demo.origin + "/01/09521101100105/21/WALLET")
    expect(page.get_by_text("The one step so far is proven")).to_be_visible()
    independent = ROOT.parent / "shared" / "check_receipt.py"
    if independent.exists():
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        command = [
            sys.executable,
            str(independent),
            str(tmp_path / "receipt.json"),
            "--network",
            str(demo.folder / "network.json"),
        ]
        checked = subprocess.run(command, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
