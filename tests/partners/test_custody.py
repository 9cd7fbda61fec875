"""Keystore files: whole or absent, readable by their owner only, and silent about what is inside."""

import json
import stat
import traceback
from pathlib import Path

import pytest

from chain_service.partners import custody
from chain_service.partners.custody import Custody, KeyUnavailable, address_of, create_keystore


def test_a_new_keystore_opens_with_its_password_only(tmp_path: Path) -> None:
    address = create_keystore(tmp_path, "operator.json", "right", work=16)
    assert Custody(tmp_path, "right").operator().address == address == address_of(tmp_path / "operator.json")
    with pytest.raises(KeyUnavailable, match=r"operator\.json is wrong or missing its password") as refused:
        Custody(tmp_path, "wrong").operator()
    assert "wrong password" not in "".join(traceback.format_exception(refused.value)).replace(str(refused.value), "")


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    create_keystore(tmp_path, "operator.json", "right", work=16)
    assert stat.S_IMODE((tmp_path / "operator.json").stat().st_mode) == 0o600


def test_a_keystore_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    create_keystore(tmp_path, "operator.json", "right", work=16)
    before = (tmp_path / "operator.json").read_bytes()
    with pytest.raises(FileExistsError):
        create_keystore(tmp_path, "operator.json", "right", work=16)
    assert (tmp_path / "operator.json").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["operator.json"]


def test_a_write_that_is_interrupted_leaves_no_keystore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, text: str) -> None:
        path.write_text(text[:20])
        raise KeyboardInterrupt

    monkeypatch.setattr(custody, "write_private", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_keystore(tmp_path, "operator.json", "right", work=16)
    assert not (tmp_path / "operator.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json"])
def test_what_is_no_keystore_is_unavailable(tmp_path: Path, content: str) -> None:
    (tmp_path / "operator.json").write_text(content)
    with pytest.raises(KeyUnavailable, match=r"keystore operator\.json"):
        Custody(tmp_path, "right").operator()
    with pytest.raises(ValueError, match=r"keystore|Expecting"):
        address_of(tmp_path / "operator.json")


def test_a_missing_keystore_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match=r"keystore operator\.json cannot be read"):
        Custody(tmp_path, "right").operator()


def test_a_keystore_is_of_version_3(tmp_path: Path) -> None:
    create_keystore(tmp_path, "key.json", "right", work=16)
    assert json.loads((tmp_path / "key.json").read_text())["version"] == 3
