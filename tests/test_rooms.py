"""Rooms import only what stands above them in DESIGN.md's list (section 3)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chain_service"
ROOMS = ("kit", "chain", "partners", "items", "events", "anchoring", "verification", "ip", "settlement")
# At the edge and yet under every room but the pure kit.
BELOW_ALL = {"settings", "errors", "db", "body", "rate_limit"}
# Beside cli.py: a process that speaks to the service as any partner does, and never opens a room's database.
EDGES = {"gateway": {"kit", "client", "gateway"}}
# The contracts of the demo and the schema's migrations are no rooms.
NO_ROOMS = {"migrations", "samples", "frontend_static"}


def imported(file: Path) -> Iterator[str]:
    """What a module imports of this package, as the part after `chain_service.`; relative imports are not ours."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports by a relative name"
            if node.module == "chain_service":
                yield from (name.name for name in node.names)
            elif (node.module or "").startswith("chain_service."):
                yield str(node.module).removeprefix("chain_service.")
        elif isinstance(node, ast.Import):
            yield from (
                n.name.removeprefix("chain_service.") for n in node.names if n.name.startswith("chain_service.")
            )


def violations(room: str) -> list[str]:
    """Each import of a room that it may not make."""
    allowed = {"kit", "chain", *ROOMS[: ROOMS.index(room) + 1]}
    allowed = {"kit"} if room == "kit" else allowed | BELOW_ALL
    return [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file in sorted((PACKAGE / room).rglob("*.py"))
        for name in imported(file)
        if name.partition(".")[0] not in allowed
    ]


@pytest.mark.parametrize("room", [room for room in ROOMS if (PACKAGE / room).is_dir()])
def test_a_room_imports_only_rooms_above_it(room: str) -> None:
    assert violations(room) == []


@pytest.mark.parametrize("edge", sorted(BELOW_ALL))
def test_what_underlies_all_rooms_imports_none_but_the_kit(edge: str) -> None:
    allowed = {"kit", *BELOW_ALL}
    assert [name for name in imported(PACKAGE / f"{edge}.py") if name.partition(".")[0] not in allowed] == []


@pytest.mark.parametrize("edge", sorted(EDGES))
def test_an_edge_in_a_folder_imports_only_what_it_may(edge: str) -> None:
    found = [name for file in sorted((PACKAGE / edge).rglob("*.py")) for name in imported(file)]
    assert [name for name in found if name.partition(".")[0] not in EDGES[edge]] == []


def test_every_folder_is_a_room_of_the_design() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders - NO_ROOMS - EDGES.keys() <= set(ROOMS)


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path) for path in PACKAGE.rglob("*.py") if path.stem in names] == []


def test_a_wrong_import_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from chain_service import db\nimport chain_service.events.query\nfrom chain_service.kit import x\n"
    )
    assert list(imported(module)) == ["db", "events.query", "kit"]
