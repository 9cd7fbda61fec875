"""Values that others published, and what they are here for."""

import struct
from typing import Any

from oracle import hexed, kec, leaf_hash, path, raw, root

# The reference tree of the Certificate Transparency project's own tests (RFC 6962 hashing).
CT_LEAVES = [
    "0x",
    "0x00",
    "0x10",
    "0x2021",
    "0x3031",
    "0x40414243",
    "0x5051525354555657",
    "0x606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "0xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "0x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "0xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_PATHS: list[tuple[int, int, list[str]]] = [
    (1, 0, []),
    (
        8,
        0,
        [
            "0x96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "0x5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "0x6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        8,
        5,
        [
            "0xbc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "0xca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 2, ["0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        5,
        1,
        [
            "0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "0x5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "0xbc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

# The example of EIP-712 itself: 'Ether Mail', signed by keccak256("cow").
ETHER_MAIL = {
    "domainType": "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
    "domain": {
        "name": "Ether Mail",
        "version": "1",
        "chainId": 1,
        "verifyingContract": "0xcccccccccccccccccccccccccccccccccccccccc",
    },
    "personType": "Person(string name,address wallet)",
    "mailType": "Mail(Person from,Person to,string contents)Person(string name,address wallet)",
    "message": {
        "from": {"name": "Cow", "wallet": "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826"},
        "to": {"name": "Bob", "wallet": "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
        "contents": "Hello, Bob!",
    },
    "typeHash": "0xa0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2",
    "structHash": "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e",
    "domainSeparator": "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f",
    "digest": "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
    "signature": "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
    "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562" + "1c",
    "address": "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826",
}

# RFC 8785 appendix B: IEEE 754 doubles and their spelling.
JCS_NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]
# RFC 8785 section 3.2.3: names sort by their UTF-16 code units.
JCS_SORTING = {
    "text": '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
    '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    "values": [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ],
}


def section() -> dict[str, Any]:
    """The file's `published`, after the oracle has been held against it."""
    hashes = [leaf_hash(raw(data)) for data in CT_LEAVES]
    for size, expected in enumerate(CT_ROOTS):
        assert hexed(root(hashes[:size])) == expected, size
    for size, index, expected_path in CT_PATHS:
        assert [hexed(sibling) for sibling in path(hashes[:size], index)] == expected_path, (size, index)
    assert hexed(kec(ETHER_MAIL["mailType"].encode())) == ETHER_MAIL["typeHash"]
    for ieee, text in JCS_NUMBERS:
        assert struct.unpack(">d", bytes.fromhex(ieee))[0] == float(text), ieee
    return {
        "rfc6962": {
            "source": "reference tree of the Certificate Transparency project's tests",
            "leafData": CT_LEAVES,
            "leafHashes": [hexed(h) for h in hashes],
            "roots": CT_ROOTS,
            "paths": [{"size": size, "index": index, "path": siblings} for size, index, siblings in CT_PATHS],
        },
        "eip712": {"source": "EIP-712, example 'Ether Mail'", **ETHER_MAIL},
        "rfc8785": {
            "source": "RFC 8785, appendix B and section 3.2.3",
            "numbers": [{"ieee": ieee, "text": text} for ieee, text in JCS_NUMBERS],
            "sorting": JCS_SORTING,
        },
    }
