"""Keys and check digits, against the GS1 syntax dictionary and published examples."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_service.kit.gs1 import KEYS, QUALIFIERS, SET_82, InvalidKey, NotInFormat, check, check_digit, check_pair

DICTIONARY = Path(__file__).parents[3] / "shared" / "data" / "gs1-syntax-dictionary" / "gs1-syntax-dictionary.txt"
needs_dictionary = pytest.mark.skipif(not DICTIONARY.exists(), reason=f"{DICTIONARY} is not here")


def dictionary():
    """AI → (components such as 'N13,csum', path sequences such as ['22,10,21', '235'] or None)."""
    table = {}
    for line in DICTIONARY.read_text().splitlines():
        match = re.match(r"(\d+)\s+[*?! ]*\s*((?:\[?[NXYZ]\S*\s*)+)(.*?)#", line)
        if match:
            key = re.search(r"dlpkey(?:=(\S+))?", match[3])
            table[match[1]] = (match[2].split(), (key[1] or "").split("|") if key else None)
    return table


@pytest.mark.parametrize(
    ("digits", "due"),
    [
        ("0952123454321", "3"),  # GTIN-14 of GS1's demonstration prefix
        ("629104150021", "3"),  # General Specifications figure 7.9.1-1
        ("37610425002123456", "9"),  # the same section's SSCC
        ("9638507", "4"),  # GTIN-8
        ("000000000000", "0"),
    ],
)
def test_check_digit_of_published_numbers(digits, due):
    assert check_digit(digits) == due


def test_check_pair_of_the_published_global_model_number():
    assert check_pair("1987654Ad4X4bL5ttr2310c") == "2K"
    assert check("8013", "1987654Ad4X4bL5ttr2310c2K")
    with pytest.raises(InvalidKey, match="2K would be right"):
        check("8013", "1987654Ad4X4bL5ttr2310c2L")


@needs_dictionary
def test_primary_keys_and_their_qualifiers_are_those_of_the_syntax_dictionary():
    table = dictionary()
    primary = {ai: sequences for ai, (_, sequences) in table.items() if sequences is not None}
    assert KEYS.keys() == primary.keys()
    for ai, sequences in primary.items():
        assert KEYS[ai].qualifiers == tuple(name for sequence in sequences for name in sequence.split(",") if name), ai


@needs_dictionary
def test_formats_are_those_of_the_syntax_dictionary():
    table = dictionary()
    for ai, part in {**{ai: key.part for ai, key in KEYS.items()}, **QUALIFIERS}.items():
        components = [re.match(r"(\[?)([NXY])(\.\.)?(\d+)(.*)", text).groups() for text in table[ai][0]]
        fixed = sum(int(size) for _, kind, dots, size, _ in components if kind == "N" and not dots)
        free = sum(int(size) for _, kind, dots, size, _ in components if kind != "N" or dots)
        assert (part.digits, part.rest) == (fixed, free), ai
        assert part.checked == any(",csum" in rest and "csumalpha" not in rest for *_, rest in components[:2]) or (
            ai == "8006"  # its check digit is inside: checked with the piece numbers
        )


@pytest.mark.parametrize(
    ("ai", "value", "full"),
    [
        ("01", "9780345418913", "09780345418913"),
        ("01", "001122334455", "00001122334455"),
        ("01", "96385074", "00000096385074"),
        ("00", "195212340000000010", "195212340000000010"),
        ("414", "9521321000018", "9521321000018"),
        ("8003", "04012345000221334455", "04012345000221334455"),
        ("8003", "04012345000221", "04012345000221"),
        ("253", "4602443000331XYZ", "4602443000331XYZ"),
        ("8006", "040123451234560102", "040123451234560102"),
        ("21", "!\"%&'()*+,-./:;<=>?_", "!\"%&'()*+,-./:;<=>?_"),
        ("8010", "0614141A-#/1", "0614141A-#/1"),
    ],
)
def test_well_formed_values_come_back_in_full(ai, value, full):
    assert check(ai, value) == full


@pytest.mark.parametrize(
    ("ai", "value", "reason"),
    [
        ("01", "09521234543214", "3 would be right"),
        ("01", "952123454321", "would be right"),
        ("00", "195212340000000011", "0 would be right"),
        ("414", "9521321000017", "8 would be right"),
        ("8006", "040123451234570102", "6 would be right"),
        ("8006", "040123451234560201", "piece 02 of 01"),
        ("8006", "040123451234560001", "piece 00 of 01"),
        ("8004", "ABC", "Company Prefix"),
        ("401", "95A", "Company Prefix"),
        ("8011", "01", "start with 0"),
    ],
)
def test_malformed_keys_are_refused_with_what_would_be_right(ai, value, reason):
    with pytest.raises(InvalidKey, match=reason) as caught:
        check(ai, value)
    assert not isinstance(caught.value, NotInFormat)
    assert caught.value.reason == str(caught.value)


@pytest.mark.parametrize(
    ("ai", "value"),
    [
        ("01", ""),
        ("01", "0952123454321X"),
        ("01", "1234567890"),
        ("01", "095212345432130"),
        ("01", "٠٩٥٢١٢٣٤٥٤٣٢١٣"),
        ("00", "19521234000000001"),
        ("21", ""),
        ("21", "A" * 21),
        ("21", "a b"),
        ("21", "奶粉"),
        ("21", "A#1"),
        ("10", "²³"),
        ("255", "0811625999996A"),
        ("8003", "14012345000221334455"),
        ("8010", "0614141abc"),
        ("7040", "1AB"),
        ("8019", "12345678901"),
    ],
)
def test_values_without_the_length_or_characters_of_their_key_are_not_in_format(ai, value):
    with pytest.raises(NotInFormat):
        check(ai, value)


def test_unknown_application_identifier_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        check("99", "1")


@given(st.text("0123456789", min_size=7, max_size=17), st.integers(1, 9))
def test_no_single_wrong_digit_passes(digits, change):
    due = int(check_digit(digits))
    wrong = str((int(digits[0]) + change) % 10) + digits[1:]
    assert int(check_digit(wrong)) != due


@given(st.sampled_from([*KEYS, *QUALIFIERS]), st.text())
def test_any_text_is_a_value_or_an_invalid_key(ai, text):
    try:
        value = check(ai, text)
    except InvalidKey:
        return
    assert SET_82.issuperset(value) or ai == "8010"
