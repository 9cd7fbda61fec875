"""Canonical names, against GS1's and the event hash project's vectors. Where these disagree with DESIGN.md, DESIGN.md
is followed and the test says so."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_service.kit.digital_link import Item, canonical_name, parse, parse_path
from chain_service.kit.gs1 import SET_82, InvalidKey, check_digit

DATA = Path(__file__).parents[3] / "shared" / "data"
PAIRS = DATA / "epcis-event-hash-generator" / "epc-uri-to-canonical-dl.json"
ENGINE = DATA / "gs1-syntax-engine"
needs_pairs = pytest.mark.skipif(not PAIRS.exists(), reason=f"{PAIRS} is not here")
needs_engine = pytest.mark.skipif(not ENGINE.exists(), reason=f"{ENGINE} is not here")
ID = "https://id.gs1.org"


def reference_pairs():
    """The pairs of the reference. Some entries of its file run on into the test code they were cut from, which holds
    further pairs."""
    entries = json.loads(PAIRS.read_text())
    texts = [entry["in"] for entry in entries["normalise"]] + entries["not_normalisable"]
    clean = [(e["in"], e["out"]) for e in entries["normalise"] if "\n" not in e["in"]]
    inner = [pair for text in texts for pair in re.findall(r"normaliser\(\s*'([^']*)'\) == \"([^\"]*)\"", text)]
    return clean + inner


def reference_refusals():
    entries = json.loads(PAIRS.read_text())
    texts = [entry["in"] for entry in entries["normalise"]] + entries["not_normalisable"]
    return [uri for text in texts for uri in re.findall(r"normaliser\('([^']*)'\) is None", text)]


@needs_pairs
def test_names_are_those_of_the_reference_except_for_wrong_check_digits():
    wrong = {
        # The reference checks no check digits; DESIGN refuses malformed keys.
        "http://example.de/gtin-8/01/97803111": "9 would be right",
        "http://example.de/01/040123451234/cpv/344/lot/ABD": "5 would be right",
    }
    pairs = reference_pairs()
    assert len(pairs) > 60
    for identifier, expected in pairs:
        if identifier in wrong:
            with pytest.raises(InvalidKey, match=wrong[identifier]):
                canonical_name(identifier)
        else:
            assert canonical_name(identifier) == expected, identifier


@needs_pairs
def test_what_the_reference_cannot_name_has_no_digital_link_form_here_either():
    refusals = reference_refusals()
    assert refusals
    for identifier in refusals:
        try:
            assert canonical_name(identifier) == identifier
        except InvalidKey:
            assert "/id.gs1.org/" in identifier or "/01/" in identifier


@needs_engine
def test_digital_links_of_the_syntax_engine():
    """Its vectors also judge query strings, which a name ignores, and switch aliases and short GTINs off, which
    DESIGN allows always; a scheme in mixed case is the same scheme (RFC 3986 section 3.1)."""
    differing = set()
    for vector in json.loads((ENGINE / "dl-parse-vectors.json").read_text()):
        try:
            accepted = parse(vector["uri"]) is not None
        except InvalidKey:
            accepted = False
        if accepted != vector["valid"]:
            differing.add(vector["id"])
            path = vector["uri"].partition("?")[0]
            ignored_query = "?" in vector["uri"]
            allowed_here = "/gtin/" in path or re.search(r"/01/(\d{8}|\d{12,13})$", path) or path.startswith("HtTp")
            assert accepted, vector
            assert ignored_query or allowed_here, vector
    assert len(differing) <= 16


@needs_engine
def test_path_sequences_of_the_syntax_engine_are_accepted():
    samples = {
        "00": "195212340000000010", "01": "09521234543213", "10": "L1", "21": "S1", "22": "V1", "235": "T1",
        "401": "9521321X", "414": "9521321000018", "417": "9521321000018", "7040": "1ABC", "8004": "9521321X",
        "8006": "095212345432130102", "8010": "9521321X", "8011": "7", "8017": "952132100000000018",
        "8018": "952132100000000018", "8019": "3",
    }  # fmt: skip
    for ai in ("8017", "8018"):
        samples[ai] = samples[ai][:17] + check_digit(samples[ai][:17])
    for sequence in json.loads((ENGINE / "dl-valid-path-ai-sequences.json").read_text()):
        path = "".join(f"/{ai}/{samples[ai]}" for ai in sequence)
        assert parse_path(path).name.startswith(f"{ID}/{sequence[0]}/")


@needs_engine
def test_escaping_is_the_syntax_engines():
    for vector in json.loads((ENGINE / "uri-escape-vectors.json").read_text()):
        if SET_82.issuperset(vector["in"]) and 0 < len(vector["in"]) <= 20:
            path = vector["path"]
            assert parse_path(f"/01/09521234543213/21/{path}").name == f"{ID}/01/09521234543213/21/{path}"


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        # The level alone decides what stays: 22 and 10 go where there is a 21.
        ("https://brand.example/shop/01/9521234543213/22/V/10/L/21/A1?17=261231#top", "/01/09521234543213/21/A1"),
        ("https://brand.example/01/09521234543213/22/V/10/L", "/01/09521234543213/10/L"),
        ("https://brand.example/01/09521234543213/22/V", "/01/09521234543213"),
        ("https://brand.example/01/09521234543213/", "/01/09521234543213"),
        ("https://id.gs1.org/414/9521321000018/254/0", "/414/9521321000018"),
        ("urn:epc:id:sgln:9521321.00001.0", "/414/9521321000018"),
        ("urn:epc:id:sgln:9521321.00001.0.1", "/414/9521321000018/254/0.1"),
        # One name whatever the writing of its bytes.
        ("https://id.gs1.org/01/09521234543213/21/a%2fb", "/01/09521234543213/21/a%2Fb"),
        ("https://id.gs1.org/01/09521234543213/21/%41%31", "/01/09521234543213/21/A1"),
        ("https://id.gs1.org/01/09521234543213/21/a(b)*", "/01/09521234543213/21/a%28b%29%2A"),
        ("https://id.gs1.org/01/09521234543213/21/A.B-C_d", "/01/09521234543213/21/A.B-C_d"),
        ("HTTP://ID.GS1.ORG/01/09521234543213", "/01/09521234543213"),
        ("URN:EPC:id:sgtin:9521234.054321.A1", "/01/09521234543213/21/A1"),
        ("urn:epc:id:sgtin:9521234.054321.A%2F1", "/01/09521234543213/21/A%2F1"),
        ("urn:epc:id:grai:4012345.00022.334455", "/8003/04012345000221334455"),
        ("urn:epc:idpat:grai:4012345.99999.*", "/8003/04012345999990"),
        ("urn:epc:id:giai:4012345.ABC345", "/8004/4012345ABC345"),
        # A key may follow any path, and the last one in it counts.
        ("https://a.example/00/faux/00/195212340000000010", "/00/195212340000000010"),
        # What CBV 2.0 does not keep in a name.
        ("https://id.gs1.org/8018/385888700111111111/8019/4", "/8018/385888700111111111"),
        ("https://id.gs1.org/417/9521321000018/7040/1ABC", "/417/9521321000018"),
    ],
)  # fmt: skip
def test_names_by_the_design(identifier, name):
    assert canonical_name(identifier) == ID + name
    assert canonical_name(ID + name) == ID + name


@pytest.mark.parametrize(
    "identifier",
    [
        "urn:uuid:2a6e1c1e-1111-4222-8333-444455556666",
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:adi:35962.PQ7VZ4.M37GXB92",
        "urn:epc:idpat:sscc:4012345.*",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "urn:epc:raw:64.xABC",
        "urn:epcglobal:cbv:bt:5200001000008:4711",
        "https://example.com/some/page",
        "https://example.com/2026/01/15",
        "https://example.com/01/story",
        "https://example.com/01/09521234543213/reviews/5",
        "https://transaction.acme.com/po/12345678",
        "example:x",
        "no uri at all",
        "",
    ],
)
def test_identifier_without_a_digital_link_form_keeps_its_own_uri(identifier):
    assert canonical_name(identifier) == identifier
    assert parse(identifier) is None


def test_a_private_uri_that_resembles_a_grai_keeps_its_own_uri():
    """From SensorData_with_combined_events.json. AI 8003 begins with a filling 0 (General Specifications 3.9.3), so a
    value that begins with 9 is not in the format of AI 8003 and the address is not a Digital Link; EPCIS allows any
    URI as an identifier. On id.gs1.org, which has nothing but keys, it is a malformed one. With the 0 in its place it
    is a GRAI with a wrong check digit, refused on every domain."""
    private = "https://id.example.com/8003/952012200000001004"
    assert canonical_name(private) == private
    with pytest.raises(InvalidKey, match="filling 0"):
        canonical_name(private.replace("id.example.com", "id.gs1.org"))
    with pytest.raises(InvalidKey, match="check digit"):
        canonical_name("https://id.example.com/8003/0952012200000001004")


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [
        ("https://id.gs1.org/01/09521234543214/21/A1", "3 would be right"),
        ("https://brand.example/01/09521234543214/21/A1", "3 would be right"),
        ("https://brand.example/01/0952123454/21/A1", "8, 12, 13 or 14 digits"),
        ("https://brand.example/00/19521234000000001", "18 digits"),
        ("https://brand.example/414/952132100001", "13 digits"),
        ("https://brand.example/01/09521234543213/21/" + "A" * 21, "1 to 20"),
        ("https://brand.example/01/09521234543213/21/A%ZZ", "two hexadecimal digits"),
        ("https://brand.example/01/09521234543213/21/A/10/B", "in this order"),
        ("https://brand.example/01/09521234543213/21/A/21/B", "in this order"),
        ("https://brand.example/01/09521234543213/235/A/21/B", "in this order|stands alone"),
        ("https://brand.example/414/9521321000018/21/A", "in this order"),
        ("https://id.gs1.org/", "names no GS1 key"),
        ("https://id.gs1.org/99/9780345418913", "names no GS1 key"),
        ("https://id.gs1.org/01", "names no GS1 key"),
        ("https://id.gs1.org/01/09521234543213/99/x", "names no GS1 key"),
        ("https://id.gs1.org/01/%30%39", "8, 12, 13 or 14 digits"),
        ("urn:epc:id:sgtin:9521234.05432.A1", "together have 13 digits"),
        ("urn:epc:id:sgtin:9521234.054321", "3 fields"),
        ("urn:epc:id:sgtin:9521234.054321.", "3 fields"),
        ("urn:epc:id:sgtin:9521234.054321.*x/", "two hexadecimal digits"),
        ("urn:epc:id:sgtin:9521234.054321.A%2", "two hexadecimal digits"),
        ("urn:epc:id:sgtin:9521234.054321.%00", "1 to 20"),
        ("urn:epc:id:sgtin:952.12340543210.A1", "4 to 12 digits"),
        ("urn:epc:id:sgtin:952123x.054321.A1", "4 to 12 digits"),
        ("urn:epc:id:sscc:9521234.000000001", "together have 17 digits"),
        ("urn:epc:id:nonsense:9521234.1", "no scheme"),
        ("urn:epc:class:sgtin:9521234.054321.1", "no scheme"),
        ("urn:epc:something:1", "no EPC URN"),
        ("urn:epc:", "no EPC URN"),
        ("urn:epc:id:cpi:0614141.abc.1", "GS1 character set"),
    ],
)
def test_malformed_keys_are_refused(identifier, reason):
    with pytest.raises(InvalidKey, match=reason):
        canonical_name(identifier)


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("/01/9521234543213/10/L/21/A", ("/01/09521234543213/21/A", "instance", {"01": "09521234543213", "21": "A"})),
        ("/01/09521234543213/235/T", ("/01/09521234543213/235/T", "instance", {"01": "09521234543213", "235": "T"})),
        ("/01/9521234543213/10/L%2F1", ("/01/09521234543213/10/L%2F1", "lot", {"01": "09521234543213", "10": "L/1"})),
        ("/01/09521234543213", ("/01/09521234543213", "class", {"01": "09521234543213"})),
        ("/gtin/09521234543213/ser/A1", ("/01/09521234543213/21/A1", "instance", {"01": "09521234543213", "21": "A1"})),
        ("/00/195212340000000010", ("/00/195212340000000010", "logistic_unit", {"00": "195212340000000010"})),
        ("/414/9521321000018/254/7", ("/414/9521321000018/254/7", "place", {"414": "9521321000018", "254": "7"})),
        ("/417/9521321000018", ("/417/9521321000018", "party", {"417": "9521321000018"})),
        ("/8004/9521321X", ("/8004/9521321X", "asset", {"8004": "9521321X"})),
        ("/253/9521321000018D1", ("/253/9521321000018D1", "document", {"253": "9521321000018D1"})),
    ],
)  # fmt: skip
def test_parse_path_tells_name_level_and_keys(path, item):
    name, level, keys = item
    assert parse_path(path) == Item(ID + name, level, keys)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/01", "/01/", "//", "/01//21/A", "/01/09521234543214", "/01/1/21/2", "/stem/01/09521234543213",
     "/x/y", "/01/09521234543213/21", "/01/09521234543213/zz/1", "/21/A1",
     "/01/09521234543213/21/%", "/8003/952012200000001004"],
)  # fmt: skip
def test_parse_path_refuses_all_else(path):
    with pytest.raises(InvalidKey):
        parse_path(path)


SERIALS = st.text(sorted(SET_82), min_size=1, max_size=20)


@given(SERIALS)
def test_urn_and_digital_link_of_an_instance_have_one_name(serial):
    free = "!'()*+,-.:;=_"
    urn = f"urn:epc:id:sgtin:9521234.054321.{quote(serial, safe=free)}"
    link = f"https://brand.example/x/01/9521234543213/10/L/21/{quote(serial, safe='')}?a=b"
    name = f"{ID}/01/09521234543213/21/{quote(serial, safe='')}"
    assert canonical_name(urn) == canonical_name(link) == canonical_name(name) == name


@given(st.text())
def test_any_text_has_a_name_or_is_an_invalid_key(text):
    for identifier in (text, f"https://id.gs1.org/{text}", f"https://x.example/01/{text}", f"urn:epc:id:{text}"):
        try:
            name = canonical_name(identifier)
        except InvalidKey:
            continue
        assert canonical_name(name) == name


@given(
    st.sampled_from(["urn:epc:id:sgtin:", "urn:epc:class:lgtin:", "urn:epc:idpat:sgtin:", "urn:epc:id:sgln:"]),
    st.sampled_from(["9521101.010010", "9521101.01001", "952.010010", "9521101.0100x0", "9521101."]),
    st.text("A1a-._~%*/ é", max_size=22),
)
def test_the_short_way_to_a_name_finds_what_a_full_parse_finds(scheme, product, number):
    def result(name):
        try:
            return name(f"{scheme}{product}.{number}")
        except InvalidKey as error:
            return error.reason

    assert result(canonical_name) == result(lambda urn: item.name if (item := parse(urn)) else urn)
