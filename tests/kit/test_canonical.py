"""Strict JSON and RFC 8785, against the rfc8785 library and the rules of DESIGN section 4."""

import json
import math
import time

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chain_service.kit import canonical
from chain_service.kit.canonical import InvalidJson

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(JSON)
def test_canonical_form_is_that_of_the_rfc8785_library(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(JSON)
def test_canonical_form_is_read_back_to_the_same_bytes(value):
    canonical_form = rfc8785.dumps(value)
    try:
        again = canonical.parse(canonical_form)
    except InvalidJson:  # only an integral double beyond 2^53−1 is spelled so and refused
        assert any(float(part) > 2**53 - 1 for part in _integers(value))
        return
    assert canonical.dumps(again) == canonical_form


def _integers(value):
    if isinstance(value, float) and value.is_integer():
        yield abs(value)
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _integers(child)


@pytest.mark.parametrize("text", ["1.0", "1e2", "0.1", "-0.0", "-0", "1E-7", "1e21", "1000000000000000000000", "4.50"])
def test_number_is_accepted_where_its_jcs_spelling_denotes_the_same_value(text):
    value = canonical.parse(text.encode())
    assert value == float(text)
    assert canonical.dumps(value) == rfc8785.dumps(float(text))


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740992",
        "-9007199254740992",
        "9007199254740993",
        "9007199254740992.0",
        "1e20",
        "1e400",
        "1e-400",
        "0.30000000000000000001",
        "12345678901234567890123",
        "1e-99999999999999999999",
        "1" * 5000,
    ],
)
def test_number_is_refused_where_a_reader_could_see_another_value(text):
    with pytest.raises(InvalidJson) as refused:
        canonical.parse(b'{"a":\n  ' + text.encode() + b"}")
    assert refused.value.place == "line 2, column 3"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_is_refused(text):
    with pytest.raises(InvalidJson, match="is not JSON"):
        canonical.parse(b"[" + text.encode() + b"]")


def test_duplicate_name_is_refused_with_its_second_place():
    with pytest.raises(InvalidJson, match='"b" stands twice') as refused:
        canonical.parse(b'{"a": 1,\n "b": 2,\n "\\u0062": 3}')
    assert refused.value.place == "line 3, column 2"


@pytest.mark.parametrize("depth", [64, 65, 500, 10_000, 100_000])
def test_nesting_is_limited_to_64_levels(depth):
    data = b"[" * depth + b"]" * depth
    if depth == 64:
        assert canonical.parse(data)
    else:
        with pytest.raises(InvalidJson, match="levels deep") as refused:
            canonical.parse(data)
        assert refused.value.place == "line 1, column 65"


@pytest.mark.parametrize("text", ['{"a": ["\\ud800"]}', '{"a": {"\\udc00": 1}}'])
def test_lone_surrogate_is_refused_with_a_pointer(text):
    with pytest.raises(InvalidJson, match="surrogate") as refused:
        canonical.parse(text.encode())
    assert refused.value.place.startswith("/a")


def test_surrogate_pair_is_one_character():
    assert canonical.parse(b'"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1,]", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{} {}", b'"\xed\xa0\x80"', b"'a'"]
)
def test_bytes_that_are_not_one_json_text_are_refused_with_a_place(data):
    with pytest.raises(InvalidJson) as refused:
        canonical.parse(data)
    assert refused.value.place


def test_names_are_ordered_by_utf_16_units():
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3}
    assert list(json.loads(canonical.dumps(value))) == ["a", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", 2**53, object()])
def test_what_has_no_canonical_form_raises_value_error(value):
    with pytest.raises(ValueError, match=r"."):
        canonical.dumps([value])


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":1,"a":2},"' + b'\\"' * 200_000,
        b'[NaN,"' + b'\\"' * 200_000,
        b"{" + b",".join(b'"%d":0' % n for n in range(200_000)) + b',"7":1}',
    ],
)
def test_bytes_made_to_be_slow_are_refused_at_once(data):
    began = time.process_time()
    with pytest.raises(InvalidJson):
        canonical.parse(data)
    assert time.process_time() - began < 5  # a quadratic reading takes minutes
