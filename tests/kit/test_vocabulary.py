"""Words of the vocabulary, against GS1's JSON-LD context."""

import contextlib
import json
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_service.kit import curie, vocabulary
from chain_service.kit.vocabulary import InvalidWord

CONTEXT_FILE = "e532647e8eb371379b8b0e8602d8981c8566bc60f7351f22c76a5bc865962008.jsonld"
LISTS = {
    ("bizStep",): vocabulary.STEPS,
    ("disposition",): vocabulary.DISPOSITIONS,
    ("bizTransactionList", "type"): vocabulary.TRANSACTION_TYPES,
    ("sourceList", "type"): vocabulary.SOURCE_TYPES,
    ("destinationList", "type"): vocabulary.SOURCE_TYPES,
    ("errorDeclaration", "reason"): vocabulary.ERROR_REASONS,
    ("sensorElementList", "sensorReport", "type"): vocabulary.MEASUREMENTS,
    ("sensorElementList", "sensorReport", "exception"): vocabulary.ALERT_TYPES,
    ("sensorElementList", "sensorReport", "component"): vocabulary.COMPONENTS,
}
# In GS1's EPCIS 2.0 sensor examples (SensorData_with_combined_events.json, TransactionEvent_with_userExtensions.json),
# not in its context: the GS1 Web Vocabulary, which holds measurement types, grows between releases of EPCIS.
OF_EXAMPLES = {"EffectiveDoseRate", "Molar_concentration"}


@pytest.mark.parametrize("place", LISTS)
def test_words_and_uris_are_those_of_the_gs1_context(place):
    generator = pytest.importorskip("epcis_event_hash_generator")
    context = json.loads(resources.files(generator).joinpath(CONTEXT_FILE).read_text())["@context"]
    prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str)}
    for name in place:
        context = context[name]["@context"]
    words = {word: curie.expand(iri, prefixes) for word, iri in context.items()}
    assert LISTS[place].words - OF_EXAMPLES == words.keys()
    for word, uri in words.items():
        assert LISTS[place].uri(word) == uri


@pytest.mark.parametrize(
    "word",
    [
        "shipping",
        "cbv:BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "mine:shipping",
    ],
)
def test_every_form_of_a_word_has_one_uri(word):
    declared = curie.prefixes([{"mine": "https://ref.gs1.org/cbv/BizStep-"}])
    assert vocabulary.step_uri(word, declared) == "https://ref.gs1.org/cbv/BizStep-shipping"


@pytest.mark.parametrize(
    "word", ["https://example.com/bizStep/inspecting", "urn:gs1:epcisapp:rail:btt:passage", "own:x"]
)
def test_full_uris_of_other_vocabularies_are_unchanged(word):
    assert vocabulary.step_uri(word) == word


def test_compact_words_of_other_vocabularies_come_back_in_full():
    declared = curie.prefixes([{"own": "https://example.com/steps/"}])
    assert vocabulary.step_uri("own:brewing", declared) == "https://example.com/steps/brewing"


@pytest.mark.parametrize(
    "word",
    [
        "transforming",
        "Shipping",
        "shipping ",
        "",
        "in_transit",
        "cbv:BizStep-transforming",
        "cbv:Disp-in_transit",
        "urn:epcglobal:cbv:bizstep:transforming",
        "urn:epcglobal:cbv:disp:in_transit",
        "https://ref.gs1.org/cbv/BizStep-",
        "http://ref.gs1.org/cbv/BizStep-shipping",
        "HTTPS://REF.GS1.ORG/cbv/BizStep-shipping",
        "https://ns.gs1.org/cbv/BizStep-shipping",
        "gs1:Temperature",
        "https://gs1.org/voc/Whatever",
        "http://example.com/a b",
        "奶粉",
        ":x",
        "x:",
    ],
)
def test_unknown_words_and_undefined_names_of_gs1_are_refused(word):
    with pytest.raises(InvalidWord, match="no business step") as caught:
        vocabulary.step_uri(word)
    assert caught.value.reason == str(caught.value)


def test_alert_types_in_every_form():
    for word in ("ALARM_CONDITION", "gs1:ALARM_CONDITION", "https://gs1.org/voc/ALARM_CONDITION"):
        assert vocabulary.alert_uri(word) == "https://gs1.org/voc/ALARM_CONDITION"
    with pytest.raises(InvalidWord):
        vocabulary.alert_uri("ALARM")


def test_prefixes_of_gs1_keep_their_meaning_whatever_a_context_says():
    declared = curie.prefixes(
        [{"cbv": "https://evil.example/", "own": {"@id": "https://own.example/"}, "@vocab": "x:"}]
    )
    assert declared["cbv"] == "https://ref.gs1.org/cbv/"
    assert declared["own"] == "https://own.example/"
    assert "@vocab" not in declared


@pytest.mark.parametrize("text", ["own:x", "https://x.example/", "urn:a:b"])
def test_only_declared_prefixes_are_expanded(text):
    assert curie.expand(text, {"https": "https://evil.example/", "else": "https://e.example/"}) == text


@given(st.text())
def test_any_text_is_a_word_or_an_invalid_word(text):
    for words in LISTS.values():
        with contextlib.suppress(InvalidWord):
            assert curie.is_uri(words.uri(text))
