"""DID documents as a published library (pydid, of the Aries agents) reads them."""

import json
import warnings
from typing import Any

from pydid import BasicDIDDocument
from pydid.verification_method import EcdsaSecp256k1RecoveryMethod2020


def read_by_library(made: dict[str, Any]) -> tuple[BasicDIDDocument, list[EcdsaSecp256k1RecoveryMethod2020]]:
    """The document and its keys; each key that asserts is found by its reference. Fails where pydid refuses one.

    Keys are read one by one: in pydid 0.5.3 with pydantic 2.14 a whole DIDDocument loses the type of such keys.
    """
    read = BasicDIDDocument.deserialize(json.loads(json.dumps(made)))
    assert read.is_conformant
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of pydantic, at how pydid validates
        methods = [EcdsaSecp256k1RecoveryMethod2020(**method) for method in made["verificationMethod"]]
    assert [str(read.dereference(name).id) for name in read.assertion_method or []] == [m.id for m in methods]
    assert all(str(method.controller) == str(read.id) for method in methods)
    return read, methods
