"""`chain-service partner`: admitting partners with keys of either kind, and inviting their people."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from chain_service import cli
from chain_service.chain.client import Chain
from chain_service.db import connect, reading
from chain_service.kit import clock
from chain_service.local import fund
from chain_service.operating import administrator, write_network
from chain_service.partners.custody import create_keystore
from chain_service.partners.models import PartnerKey
from chain_service.partners.people.models import Person
from chain_service.settings import Network, settings
from tests.partners.persons import PASSWORD, Browser
from tests.stage import WORK, Stage, new_account

DAIRY = "did:web:dairy.example"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, anvil: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Run":
    """Runs `chain-service partner …` on a network and a database of its own; exit code, output, errors."""
    fund(anvil, create_keystore(tmp_path, "admin.json", "pw", work=WORK), 10**20)
    (tmp_path / "pw").write_text("pw")
    network = administrator(anvil, tmp_path / "admin.json", tmp_path / "pw").deploy("admission-00112233445566ff")
    write_network(network, tmp_path / "network.json")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setenv("CHAIN_SERVICE_NETWORK_FILE", str(tmp_path / "network.json"))
    monkeypatch.setenv("CHAIN_SERVICE_KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("CHAIN_SERVICE_PUBLIC_URL", "https://journeys.example")
    settings.cache_clear()
    monkeypatch.setattr("os.umask", lambda _: 0o022)  # this process is pytest's

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = cli.main(["partner", *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    yield command  # type: ignore[misc]
    settings.cache_clear()


def admission(folder: Path, *more: str, role: str = "producer") -> list[str]:
    admin = ["--admin-keystore", str(folder / "admin.json"), "--password-file", str(folder / "pw")]
    return ["--name", "en=Blue Dairy", "--role", role, *admin, *more]


def test_a_partner_with_a_key_of_its_own_is_admitted_and_nothing_is_made_here(run: Run, tmp_path: Path) -> None:
    address = new_account().address
    code, out, err = run(DAIRY, *admission(tmp_path, "--key", address))
    assert (code, err) == (0, "")
    assert f"admitted {DAIRY} with its own key {address.lower()}" in out
    assert "token" in out
    assert not (tmp_path / "keys").exists()
    chain = Chain(Network.read(tmp_path / "network.json"))
    found = chain.status_at(address, chain.head().time)
    assert (found.status, found.custody) == (1, 1), "good, held by the partner"
    with reading(connect(f"sqlite:///{tmp_path / 'test.db'}")) as connection:
        assert connection.execute(select(PartnerKey.address)).all() == []
    assert run(DAIRY, *admission(tmp_path, "--key", address.lower()))[0] == 0, "the same again is harmless"
    code, _, err = run(DAIRY, *admission(tmp_path, "--key", address, role="brand"))
    assert (code, "is admitted already, with the roles producer" in err) == (2, True), "the chain decides on roles"
    code, _, err = run("did:web:other.example", *admission(tmp_path, "--key", address))
    assert code == 2
    assert "is a key of another partner" in err


def test_without_a_key_of_its_own_one_is_made_in_custody(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(DAIRY, *admission(tmp_path))
    assert code == 2
    assert "CHAIN_SERVICE_KEYS_PASSWORD" in err
    monkeypatch.setenv("CHAIN_SERVICE_KEYS_PASSWORD", "of these tests")
    settings.cache_clear()
    code, out, _ = run(DAIRY, *admission(tmp_path))
    assert code == 0
    assert f"admitted {DAIRY} with the key 0x" in out
    assert len(list((tmp_path / "keys").iterdir())) == 1


@pytest.mark.parametrize(
    "address", ["x", "0x12", "d" * 40, "0x" + "g" * 40, "0xD3CDA913deB6f67967B99D67aCDFa1712C293601"]
)
def test_a_key_that_is_no_address_is_named(run: Run, tmp_path: Path, address: str) -> None:
    code, _, err = run(DAIRY, *admission(tmp_path, "--key", address))
    assert code == 2
    assert f"--key {address}: an address is 0x and 40 hexadecimal digits" in err


def test_the_first_person_is_invited_by_link_with_all_rights_of_its_roles(run: Run, tmp_path: Path) -> None:
    for did, role, rights in (
        (DAIRY, "producer", ["state", "describe", "read", "manage"]),
        ("did:web:operator.example", "operator", ["state", "describe", "read", "manage", "administer"]),
    ):
        run(did, *admission(tmp_path, "--key", new_account().address, role=role))
        code, out, err = run(did, "--person", f"Boss-{role}@Dairy.example", "--person-name", "Mei Chen")
        assert (code, err) == (0, "")
        assert "link (shown this once): https://journeys.example/console/#invite=" in out
        with reading(connect(f"sqlite:///{tmp_path / 'test.db'}")) as connection:
            row = connection.execute(select(Person.__table__).where(Person.partner == did)).one()
        assert (row.email, row.name, row.rights) == (f"boss-{role}@dairy.example", "Mei Chen", rights)


def test_a_person_that_is_there_gets_a_new_link_and_keeps_what_is_not_given(run: Run, tmp_path: Path) -> None:
    run(DAIRY, *admission(tmp_path, "--key", new_account().address))
    person = ("--person", "mei@dairy.example")
    first = run(DAIRY, *person, "--person-name", "Mei", "--right", "read", "--right", "state")[1]
    assert run(DAIRY, *person)[1] != first
    with reading(connect(f"sqlite:///{tmp_path / 'test.db'}")) as connection:
        row = connection.execute(select(Person.__table__)).one()
    assert (row.name, row.rights) == ("Mei", ["state", "read"])
    run(DAIRY, *person, "--right", "manage")
    with reading(connect(f"sqlite:///{tmp_path / 'test.db'}")) as connection:
        assert connection.execute(select(Person.rights)).scalar() == ["manage"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "to admit a partner give --name, --role, --admin-keystore too; to invite one of its people, --person"),
        (["--name", "en=A"], "give --role, --admin-keystore too"),
        (["--person-name", "Mei", "--right", "read"], "--person-name, --right goes with --person"),
        (["--person", "a@b.example", "--name", "en=A", "--key", "0x"], "leave out --name, --key"),
        (["--person", "nobody", "--person-name", "Mei"], "--person: "),
        (["--person", "a@b.example", "--person-name", " "], "--person-name: "),
        (["--person", "a@b.example", "--person-name", "Mei", "--right", "all"], "--right: Input should be 'state'"),
        (["--person", "a@b.example"], "give a name (--person-name)"),
        (["--person", "a@b.example", "--person-name", "Mei"], f"{DAIRY} is not admitted here"),
    ],
)
def test_options_that_do_not_go_together_are_named(run: Run, options: list[str], said: str) -> None:
    code, out, err = run(DAIRY, *options)
    assert (code, out) == (2, "")
    assert said in err


def test_a_right_that_the_roles_do_not_permit_and_a_taken_email_are_named(run: Run, tmp_path: Path) -> None:
    for did in (DAIRY, "did:web:other.example"):
        run(did, *admission(tmp_path, "--key", new_account().address))
    person = ("--person", "mei@dairy.example", "--person-name", "Mei")
    code, _, err = run(DAIRY, *person, "--right", "administer")
    assert code == 2
    assert "role operator" in err
    assert run(DAIRY, *person)[0] == 0
    code, _, err = run("did:web:other.example", *person)
    assert code == 2
    assert "another partner" in err


def test_the_printed_link_lets_its_person_in(
    shared_stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chain_service.inviting.settings", lambda: shared_stage.settings)
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    email = f"{clock.now_ms()}@dairy.example"
    assert cli.main(["partner", shared_stage.brand, "--person", email, "--person-name", "Mei"]) == 0
    token = capsys.readouterr().out.strip().rpartition("#invite=")[2]
    browser = Browser(shared_stage)
    browser.signed_in(browser.http.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD}))
    assert browser.who() is not None
