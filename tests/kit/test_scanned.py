"""What a scanner or a person gives names one item, however it is written."""

import json
import re
from pathlib import Path

import pytest

from chain_service.kit import scanned
from chain_service.kit.digital_link import parse
from chain_service.kit.gs1 import KEYS, InvalidKey

DATA = Path(__file__).parents[3] / "shared" / "data"
DICTIONARY = DATA / "gs1-syntax-dictionary" / "gs1-syntax-dictionary.txt"
ENGINE = DATA / "gs1-syntax-engine"
INSTANCE = "https://id.gs1.org/01/09521101100105/21/A1"
LOT = "https://id.gs1.org/01/09521101100105/10/L%2F7"
UNIT = "https://id.gs1.org/00/395211010000000017"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://id.gs1.org/01/09521101100105/21/A1", INSTANCE),
        ("HTTPS://ID.GS1.ORG/01/09521101100105/21/A1", INSTANCE),
        ("https://brand.example/de/01/9521101100105/10/L/21/A1?17=271130#top", INSTANCE),
        ("  https://brand.example/gtin/09521101100105/ser/A1\n", INSTANCE),
        ("urn:epc:id:sgtin:9521101.010010.A1", INSTANCE),
        ("]C10109521101100105" + "21A1", INSTANCE),
        ("]d2010952110110010517271130" + "10L/7\x1d21A1", INSTANCE),
        ("]Q30109521101100105" + "21A1\x1d10L/7", INSTANCE),
        ("]e00109521101100105" + "3103000123" + "21A1", INSTANCE),
        ("]J1\x1d0109521101100105" + "21A1", INSTANCE),
        ("\x1d0109521101100105" + "21A1", INSTANCE),
        ("]d2" + "\x1d0109521101100105\x1d" + "21A1\x1d", INSTANCE),
        ("0109521101100105" + "21A1", INSTANCE),
        ("]Q1https://id.gs1.org/01/09521101100105/21/A1", INSTANCE),
        ("(01)09521101100105(21)A1", INSTANCE),
        ("(01) 0952 1101 1001 05 (21) A1", INSTANCE),
        ("(21)A1(01)09521101100105", INSTANCE),
        ("（01）０９５２１１０１１００１０５（21）A1", INSTANCE),
        ("(01)9521101100105(10)L/7", LOT),
        ("(01)09521101100105(21)A(1", "https://id.gs1.org/01/09521101100105/21/A%281"),
        ("395211010000000017", UNIT),
        ("(00)395211010000000017", UNIT),
        ("]C100395211010000000017", UNIT),
        ("00395211010000000017", UNIT),
        ("3 952 1101 0000000017", UNIT),
        ("urn:epc:id:sscc:9521101.3000000001", UNIT),
        ("(00)395211010000000017(02)09521101100105(37)24", UNIT),
        ("(414)9521321000018(00)395211010000000017", UNIT),
        ("]E09521101100105", "https://id.gs1.org/01/09521101100105"),
        ("9521101100105", "https://id.gs1.org/01/09521101100105"),
        ("]I109521101100105", "https://id.gs1.org/01/09521101100105"),
        ("(8004)9521101ASSET", "https://id.gs1.org/8004/9521101ASSET"),
        ("https://serials.example/box/17", "https://serials.example/box/17"),
        ("urn:example:box:17", "urn:example:box:17"),
    ],
)  # fmt: skip
def test_each_way_of_writing_names_the_item(text: str, name: str) -> None:
    assert scanned.item(text).name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "A1",
        "12345",
        "9521101100106",  # check digit
        "395211010000000018",
        "(01)09521101100106",
        "(01)",
        "(01)09521101100105(21)",
        "(99)X",
        "(ab)X",
        "()",
        "]C1",
        "]C19",
        "]C101095211011001",  # cut off
        "]C1" + "10LOT",
        "]zz0109521101100105",
        "(21)A1",
        "(01)09521101100105(21)" + "x" * 21,
        "(01)09521101100105(21)ä",
        "(414)9521321000018",  # a place
        "urn:epc:id:sgln:9521321.00001.0",
        "urn:epc:id:sgtin:9521101.010010",
        "urn:epc:id:nonsense:1.2.3",
        "https://id.gs1.org/nothing",
        "https://id.gs1.org/01/09521101100106",
        "javascript:alert(1)",
        "mailto:a@b",
        "urn:with space",
        "x" * 2000,
        "1" * 2000,
        "\x1d\x1d",
        "\ud800",
        "(01)" * 200,
    ],
)
def test_what_names_no_item_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidKey) as refused:
        scanned.item(text)
    assert refused.value.reason
    assert len(refused.value.reason) < 300


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("9521321000018", "https://id.gs1.org/414/9521321000018"),
        ("(414)9521321000018(254)D4", "https://id.gs1.org/414/9521321000018/254/D4"),
        ("https://brand.example/414/9521321000018/254/D4", "https://id.gs1.org/414/9521321000018/254/D4"),
        ("urn:epc:id:sgln:9521321.00001.0", "https://id.gs1.org/414/9521321000018"),
        ("]C14149521321000018", "https://id.gs1.org/414/9521321000018"),
        ("geo:46.9481,7.4474", "geo:46.9481,7.4474"),
        ("geo:-33,151.2", "geo:-33,151.2"),
    ],
)
def test_each_way_of_writing_names_the_place(text: str, name: str) -> None:
    assert scanned.place(text) == name


@pytest.mark.parametrize(
    "text", ["", "Gate 4", "9521321000019", "geo:91,0", "geo:1", "geo:1,181", "395211010000000017"]
)
def test_what_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey):
        scanned.place(text)


def test_every_application_identifier_of_the_dictionary_is_parted_from_what_follows() -> None:
    if not DICTIONARY.is_file():
        pytest.skip("GS1's dictionary is not on this machine")
    seen = 0
    for line in DICTIONARY.read_text(encoding="utf-8").splitlines():
        match = re.match(r"(\d{2,4})(?:-(\d{2,4}))?\s+(\S*)\s+([NXYZ].*?)(?:\s{2,}|$)", line)
        if match is None:
            continue
        first, last, flags, form = match.groups()
        for number in {first, last or first}:
            fixed = "*" in flags
            length = sum(int(n) for n in re.findall(r"[NXYZ](\d+)", form))
            value = "1" * max(length, 1)
            text = f"{number}{value}" + ("" if fixed else "\x1d") + "21END"
            assert scanned.elements(text) == [(number, value), ("21", "END")], line
            seen += 1
    assert seen > 200


def test_the_engines_vectors_name_what_their_element_strings_name() -> None:
    if not ENGINE.is_dir():
        pytest.skip("the vectors of GS1's syntax engine are not on this machine")
    checked = 0
    for vector in json.loads((ENGINE / "dl-generate-vectors.json").read_text(encoding="utf-8")):
        if vector["ok"]:
            assert scanned.item(vector["ai"]).name == parse(vector["uri"]).name, vector  # type: ignore[union-attr]
            checked += 1
    for vector in json.loads((ENGINE / "dl-parse-vectors.json").read_text(encoding="utf-8")):
        options = vector["options"]
        if not vector["valid"] or options["convenience_alphas"] or options["permit_unknown_ais"]:
            continue
        scan = vector["element_string"].replace("^", "\x1d")
        pairs = scanned.elements(scan)
        keys = [ai for ai, _ in pairs if ai in KEYS]
        if not keys or keys[0] in ("414", "415", "417", "8017", "8018", "255"):
            continue
        assert scanned.item(f"]d2{scan}").name == parse(vector["uri"]).name, vector  # type: ignore[union-attr]
        checked += 1
    assert checked > 20
