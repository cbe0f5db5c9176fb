"""What a document says, as frozen values without I/O.

    Document (text, passages) -> Mention -> Claim (with its Evidence, Qualifiers and Case) -> Extraction

All offsets count Unicode code points in `Document.text`, the cleaned text; `end` is exclusive. The meaning
of every field is that of docs/claims.md, and `ivigraph extract` prints these values as its JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class DocumentType(StrEnum):
    CASE_REPORT = "case_report"
    CASE_SERIES = "case_series"
    TRIAL = "trial"
    COHORT = "cohort"
    REVIEW = "review"
    EDUCATION = "education"
    OTHER = "other"


class MentionType(StrEnum):
    DRUG = "drug"
    CONDITION = "condition"
    MECHANISM = "mechanism"
    PROCEDURE = "procedure"


class Predicate(StrEnum):
    TREATS = "treats"
    CAUSES = "causes"
    HAS_MECHANISM = "has_mechanism"
    CONTRAINDICATED_IN = "contraindicated_in"
    INTERACTS_WITH = "interacts_with"


class Certainty(StrEnum):
    """What the wording says, not what the reader believes."""

    ASSERTED = "asserted"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    HYPOTHETICAL = "hypothetical"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Relation(StrEnum):
    """How another document stands to this one: "this document … that one"."""

    RETRACTED_BY = "retracted_by"
    RETRACTS = "retracts"
    CORRECTED_BY = "corrected_by"
    CORRECTS = "corrects"
    CONCERN_IN = "concern_in"
    UPDATED_BY = "updated_by"
    UPDATES = "updates"
    PREPRINT_OF = "preprint_of"
    HAS_PREPRINT = "has_preprint"
    REPUBLISHED_AS = "republished_as"
    REPUBLISHES = "republishes"
    COMMENTS_ON = "comments_on"
    COMMENTED_BY = "commented_by"
    PART_OF = "part_of"


class Unit(StrEnum):
    """What a count counts."""

    PATIENTS = "patients"
    INFUSIONS = "infusions"
    COURSES = "courses"
    CASES = "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of text under one heading; `section` is the heading in lower case ("title", "results", "body")."""

    section: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A MeSH heading that indexers gave a document; `id` is its CURIE, None where the format leaves it out.

    `major` holds when the heading, or one of its qualifiers ("adverse effects"), is a main point of the article.
    """

    label: str
    id: str | None = None
    qualifiers: tuple[str, ...] = ()
    major: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another document, by its CURIE, that a source links to this one."""

    relation: Relation
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article, read and cleaned. `text[p.start:p.end]` is the text of passage `p`; passages do not overlap.

    `id` is a CURIE: `doi:…`, `pmid:…` or `pmcid:…` where the source names one, else `sha256:…` of the text.
    `identifiers` holds all of them. `source` is the path as given (`path#record` for a record inside a file).
    `language` is that of the article, `text_language` that of the text where it is another: an English abstract.
    `published` is an ISO 8601 date as exact as the source: "2020", "2020-04" or "2020-04-17".
    `references` are the documents that it cites, each by the CURIE that would be its `id`. `format` is the form in
    which it came (a `recognise.Format`), `revised` the date on which the source last changed its record, and `also`
    names further files in which the same article was found.
    """

    id: str
    source: str
    title: str
    type: DocumentType
    text: str
    passages: tuple[Passage, ...]
    identifiers: tuple[str, ...] = ()
    language: str | None = None
    year: int | None = None
    journal: str | None = None
    authors: tuple[str, ...] = ()
    text_language: str | None = None
    published: str | None = None
    publication_types: tuple[str, ...] = ()
    mesh: tuple[Heading, ...] = ()
    keywords: tuple[str, ...] = ()
    licence: str | None = None
    references: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    format: str | None = None
    revised: str | None = None
    also: tuple[str, ...] = ()

    @property
    def retracted(self) -> bool:
        """Whether the article was withdrawn by its authors or its journal: its claims should not be relied on."""
        return (
            any(link.relation is Relation.RETRACTED_BY for link in self.related)
            or any(name.lower() == "retracted publication" for name in self.publication_types)  # MeSH D016441
            or _RETRACTED_TITLE.match(self.title) is not None
        )


# How publishers mark the title of an article that they withdrew.
_RETRACTED_TITLE = re.compile(r"\W*(?:retracted|withdrawn)(?: (?:article|paper|chapter))?\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A source withdrew the document that bears this identifier: what was read from it before is to go."""

    id: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Why a mention has its concept: `score` is 0 to 1, `reasons` say by which name it was found and where.

    `source` is "vocabulary", or the loaded ontology that knew the name. `rivals` are the ids of other concepts that the
    name may as well stand for: with any, the link is a choice among them.
    """

    score: float
    reasons: tuple[str, ...]
    source: str
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in the text. `id` is the CURIE of its concept, None where it could not be linked.

    `label` is the concept's preferred label, or the text itself; `reasons` say how it was found. `link` is None before
    linking (`ingest.links`), and where there is no concept.
    """

    start: int
    end: int
    text: str
    type: MentionType
    id: str | None
    label: str
    reasons: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTerm:
    """A concept of a loaded ontology that a mention was linked to, with what that ontology says of it.

    `id` is a CURIE, or an IRI where no prefix fits; `kind` is that of the vocabulary's concepts ("disease", "event").
    `broader` holds (id, label) of all that is broader, the nearest first; `matches` holds (predicate, id) with SKOS
    predicates such as "skos:exactMatch".
    """

    id: str
    kind: str
    label: str
    source: str
    broader: tuple[tuple[str, str], ...] = ()
    matches: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A patient whom the document describes; `start`, `end` is where they are introduced."""

    id: str
    age_years: int | float | None
    sex: Sex | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """Days since the start of the therapy, or since its end where `anchor` is "end"."""

    min_days: float | None
    max_days: float | None
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """`unit` is what the text says after the number ("g/kg"); both are None for "high-dose"."""

    value: float | None
    unit: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifiers:
    """What the text says about a claim besides its three terms; absent means that it says nothing."""

    count: int | None = None
    total: int | None = None
    percent: float | None = None
    unit: Unit | None = None
    frequency: str | None = None
    severity: str | None = None
    onset: Onset | None = None
    outcome: str | None = None
    dechallenge: str | None = None
    rechallenge: str | None = None
    dose: Dose | None = None
    route: str | None = None
    rate: str | None = None
    schedule: str | None = None
    effect: str | None = None
    line: str | None = None
    label_status: str | None = None
    population: str | None = None
    product_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The sentence that carries a claim, verbatim: `document.text[start:end] == quote`."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement that a document makes about a therapy. `case` is the id of a `Case` of the same document."""

    predicate: Predicate
    subject: Mention
    object: Mention
    evidence: Evidence
    negated: bool = False
    certainty: Certainty = Certainty.ASSERTED
    confidence: float = 1.0
    case: str | None = None
    qualifiers: Qualifiers = field(default_factory=Qualifiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """All that one extractor took from one document. `extractor` is its name and version ("rules-1").

    `candidates` are statements of which the extractor is too unsure to claim them. `terms` describes the concepts that
    its mentions have beyond the vocabulary.
    `note` says why a document was not read for claims, where it was not.
    """

    document: Document
    extractor: str
    mentions: tuple[Mention, ...] = ()
    cases: tuple[Case, ...] = ()
    claims: tuple[Claim, ...] = ()
    candidates: tuple[Claim, ...] = ()
    terms: tuple[ExternalTerm, ...] = ()
    note: str | None = None
