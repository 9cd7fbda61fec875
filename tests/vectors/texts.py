"""JSON texts and times that are accepted, with what they denote, and that are refused."""

from typing import Any

from events import at

# text, its RFC 8785 form
ACCEPTED = [
    ('{"b":1,"a":[true,false,null]}', '{"a":[true,false,null],"b":1}'),
    ("1.0", "1"),
    ("-0", "0"),
    ("-0.0", "0"),
    ("0e9", "0"),
    ("4.50", "4.5"),
    ("2e-3", "0.002"),
    ("1e21", "1e+21"),
    ("1E30", "1e+30"),
    ("100000000000000000000000", "1e+23"),
    ("0.000000000000000000000000001", "1e-27"),
    ("9007199254740991", "9007199254740991"),
    ("-9007199254740991", "-9007199254740991"),
    ("9007199254740991.0", "9007199254740991"),
    ("5e-324", "5e-324"),
    ("0.1", "0.1"),
    ("1424953923781206.2", "1424953923781206.2"),
    ('"\\u20ac\\ud83d\\ude00\\/\\u000a\\u0007"', '"\u20ac\U0001f600/\\n\\u0007"'),
    ('{"\\ud83d\\ude00":1,"\\ufb33":2}', '{"\U0001f600":1,"\ufb33":2}'),
    (" [ ] ", "[]"),
    ("[" * 64 + "]" * 64, "[" * 64 + "]" * 64),
]
REFUSED = [
    ('{"a":1,"a":1}', "a name twice"),
    ('{"a":1,"\\u0061":2}', "a name twice, spelled differently"),
    ('[{"x":{"a":1,"a":2}}]', "a name twice, deep inside"),
    ("NaN", "not JSON"),
    ("Infinity", "not JSON"),
    ("-Infinity", "not JSON"),
    ("9007199254740992", "an integer beyond 2^53−1"),
    ("-9007199254740992", "an integer beyond 2^53−1"),
    ("9007199254740992.0", "an integer beyond 2^53−1, spelled with a point"),
    ("1e20", "an integer beyond 2^53−1, spelled with an exponent"),
    ("0.10000000000000001", "JCS would spell another decimal value"),
    ("333333333.33333329", "JCS would spell another decimal value (RFC 8785's own sample)"),
    ("1e400", "beyond double precision"),
    ("1e-400", "JCS would spell 0"),
    ("123456789012345678", "no double holds it"),
    ('"\\ud800"', "a lone surrogate"),
    ('"\\udc00\\ud800"', "surrogates in the wrong order"),
    ('{"\\ud800":1}', "a lone surrogate in a name"),
    ("01", "a leading zero"),
    ("+1", "a plus sign"),
    ("1.", "a point without digits"),
    (".5", "a point without digits"),
    ("[1,]", "a comma too many"),
    ("{'a':1}", "single quotes"),
    ('"\t"', "a bare control character"),
    ("1 2", "two values"),
    ("", "nothing"),
    ("[" * 65 + "]" * 65, "more than 64 levels"),
]
REFUSED_BYTES = [("22ff22", "not UTF-8"), ("22eda08022", "a surrogate in UTF-8"), ("efbbbf31", "a byte order mark")]
# text, Unix milliseconds
TIMES = [
    ("1970-01-01T00:00:00Z", 0),
    ("1970-01-01T01:00:00+01:00", 0),
    ("1969-12-31T23:00:00-01:00", 0),
    ("2026-11-01T08:30:00.000+08:00", at(2026, 11, 1, 0, 30) * 1000),
    ("2026-11-01T08:30:00.9999+08:00", at(2026, 11, 1, 0, 30) * 1000 + 999),
    ("2026-11-01T08:30:00.5Z", at(2026, 11, 1, 8, 30) * 1000 + 500),
    ("2026-11-01T08:30:00.0009Z", at(2026, 11, 1, 8, 30) * 1000),
    ("2028-02-29T23:59:59+14:00", at(2028, 2, 29, 9, 59, 59) * 1000),
    ("2026-01-01T00:00:00-12:00", at(2026, 1, 1, 12) * 1000),
    ("2026-11-01T08:30:00-00:00", at(2026, 11, 1, 8, 30) * 1000),
    ("9999-12-31T23:59:59.999Z", at(9999, 12, 31, 23, 59, 59) * 1000 + 999),
]
NO_TIMES = [
    "2026-11-01T08:30:00",
    "2026-11-01",
    "2026-11-01 08:30:00Z",
    "2026-11-01T08:30Z",
    "2026-11-01T24:00:00Z",
    "2026-11-01T23:59:60Z",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-01T08:30:00+15:00",
    "2026-11-01T08:30:00+14:01",
    "2026-11-01T08:30:00+0800",
    "2026-11-01T08:30:00.Z",
    "2026-11-01t08:30:00z",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00+00:01",
    "２０２６-11-01T08:30:00Z",
    " 2026-11-01T08:30:00Z",
    "2026-11-01T08:30:00Z\n",
    "",
]


def json_section() -> dict[str, Any]:
    return {
        "accepted": [{"text": text, "canonical": canonical} for text, canonical in ACCEPTED],
        "refused": [{"text": text, "why": why} for text, why in REFUSED],
        "refusedBytes": [{"hex": data, "why": why} for data, why in REFUSED_BYTES],
    }


def time_section() -> dict[str, Any]:
    return {"accepted": [{"text": text, "milliseconds": ms} for text, ms in TIMES], "refused": NO_TIMES}
