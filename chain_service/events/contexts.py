"""Which `@context` an event may have (DESIGN section 4): GS1's by URL, all others inline, and none that changes the
meaning of a GS1 term or of a JSON-LD keyword.

Nothing is ever fetched: GS1's terms are known, and the address of another remote context is refused, since what it
says can change after an event was signed.
"""

from typing import Any

from chain_service.events.problems import Problem, shown, step
from chain_service.kit import vocabulary
from chain_service.kit.curie import GS1_PREFIXES, is_uri

PINNED = frozenset(
    f"https://{place}/epcis-context.jsonld"
    for place in (
        "ref.gs1.org/standards/epcis",
        "ref.gs1.org/standards/epcis/2.0",
        "ref.gs1.org/standards/epcis/2.0.0",
        "ref.gs1.org/standards/epcis/2.0.1",
        "gs1.github.io/EPCIS",
    )
)
USUAL = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"

# Every term that the pinned contexts define, at any depth, besides prefixes and words.
_TERMS = frozenset(
    """AggregationEvent AssociationEvent Collection EPCISDocument EPCISQueryDocument ObjectEvent TransactionEvent
    TransformationEvent action baseURL bizLocation bizRules bizStep bizTransaction bizTransactionList booleanValue
    certificationInfo chemicalSubstance childEPCs childQuantityList children component coordinateReferenceSystem
    correctiveEventIDs creationDate dataProcessingMethod declarationTime destination destinationList deviceID
    deviceMetadata disposition endTime epcClass epcList epcisBody epcisHeader errorDeclaration eventID eventList
    eventTime eventTimeZoneOffset exception hexBinaryValue id ilmd inputEPCList inputQuantityList instanceIdentifier
    masterData maxValue meanValue member microorganism minValue outputEPCList outputQuantityList parentID percRank
    percValue persistentDisposition quantity quantityList queryName queryResults rawData readPoint reason receiver
    recordTime resultsBody sDev schemaVersion sender sensorElementList sensorMetadata sensorReport set source
    sourceList startTime stringValue subscriptionID time transformationID type unset uom uriValue value
    vocabularyList""".split()  # noqa: SIM905  a list of one name a line would be a page long
)
_WORDS = frozenset().union(
    *(
        words.words
        for words in (
            *(vocabulary.STEPS, vocabulary.DISPOSITIONS, vocabulary.TRANSACTION_TYPES, vocabulary.SOURCE_TYPES),
            *(vocabulary.ERROR_REASONS, vocabulary.COMPONENTS, vocabulary.ALERT_TYPES, vocabulary.MEASUREMENTS),
        )
    )
)
# As a prefix, one of these would turn identifiers such as urn:epc:id:… into something else (JSON-LD 1.1 section 4.1.5).
_SCHEMES = frozenset(("data", "did", "doi", "geo", "http", "https", "mailto", "ni", "tag", "tel", "urn", "uuid", "ws"))
_DEFINITION = frozenset(("@id", "@type", "@container", "@language", "@direction", "@prefix", "@protected", "@index"))
_HARMLESS: dict[str, tuple[Any, ...]] = {"@version": (1.1,), "@protected": (True, False)}


def check(context: Any, pointer: str, inherited: Any = None) -> list[Problem]:
    """What is wrong with the `@context` at `pointer`; `inherited`: that of the document around it, already checked.

    Where nothing is inherited, one of the pinned GS1 contexts must be named.
    """
    if context == USUAL or (isinstance(context, list) and len(context) == 1 and context[0] == USUAL):
        return []
    problems: list[Problem] = []
    parts = context if isinstance(context, list) else [context]
    named = inherited is not None
    for number, part in enumerate(parts):
        place = f"{pointer}/{number}" if isinstance(context, list) else pointer
        if isinstance(part, str):
            if part in PINNED:
                named = True
            else:
                problems.append(Problem(place, _remote(part)))
        elif isinstance(part, dict):
            problems += [problem for term, meaning in part.items() for problem in _term(term, meaning, place)]
        else:
            problems.append(Problem(place, f"@context holds {shown(part)} where a URL or an object is due"))
    if not named:
        problems.append(Problem(pointer, f"@context does not name GS1's context: {USUAL} would be right"))
    return problems


def _remote(url: str) -> str:
    return (
        f"the context {shown(url)} is not one of GS1's; contexts of others are given inline, as an object of prefixes, "
        "because what an address holds may change after signing"
    )


def _term(term: str, meaning: Any, place: str) -> list[Problem]:
    """What is wrong with one definition inside an inline context."""
    where = step(place, term)
    iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
    if term.startswith("@"):
        if type(meaning) in (bool, float) and meaning in _HARMLESS.get(term, ()):
            return []
        return [Problem(where, f"an inline @context may not set the keyword {shown(term)}")]
    if term in GS1_PREFIXES:
        if iri == GS1_PREFIXES[term] and _is_plain(meaning):
            return []
        return [Problem(where, f"the prefix '{term}' is GS1's and stands for {GS1_PREFIXES[term]}")]
    if term in _TERMS or term in _WORDS or term.partition(":")[0] in GS1_PREFIXES:
        return [Problem(where, f"{shown(term)} is a term of GS1's context and may not be redefined")]
    if term.partition(":")[0].lower() in _SCHEMES:
        return [Problem(where, f"{shown(term)} is the scheme of URIs and may not be redefined")]
    if isinstance(meaning, dict) and not _is_plain(meaning):
        return [Problem(where, f"the definition of {shown(term)} may hold only {', '.join(sorted(_DEFINITION))}")]
    if not isinstance(iri, str) or not is_uri(iri):
        return [Problem(where, f"{shown(term)} stands for {shown(iri)}, where a full URI is due")]
    return []


def _is_plain(meaning: Any) -> bool:
    return isinstance(meaning, str) or (isinstance(meaning, dict) and meaning.keys() <= _DEFINITION)
