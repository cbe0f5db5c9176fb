"""The page of a document: what it is, what was read from it, and its text with the places marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rdflib import RDFS, Graph, URIRef
from rdflib.namespace import DCTERMS
from starlette.responses import Response

from ivigraph import model
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, Relation
from ivigraph.server import choices, findings, reading
from ivigraph.server.core import Core
from ivigraph.server.findings import Scope
from ivigraph.server.highlight import Span, Stretch, stretches
from ivigraph.server.naming import names
from ivigraph.server.reading import IVO, Statement, Term, integer
from ivigraph.server.search import unknown

MOST_CLAIMS = 1000
MOST_CANDIDATES = 50
MOST_TEXT = 200_000  # characters

# How another document that a notice names stands to this one, the gravest first.
_NOTICES = {
    model.Relation.RETRACTED_BY: "Retracted by",
    model.Relation.CONCERN_IN: "Expression of concern in",
    model.Relation.CORRECTED_BY: "Corrected by",
    model.Relation.UPDATED_BY: "Updated by",
    model.Relation.PREPRINT_OF: "Preprint of",
    model.Relation.REPUBLISHED_AS: "Republished as",
}


def page(core: Core, iri: str) -> Response:
    about = core.store.construct(f"CONSTRUCT {{ {catalogue.iri(iri)} ?p ?o }} WHERE {{ {catalogue.iri(iri)} ?p ?o }}")
    node = URIRef(iri)
    title = about.value(node, DCTERMS.title)
    if title is None:
        raise unknown(core, core.minter.page(iri).removeprefix("/id/"))
    among = findings.of(core, Scope(document=iri))
    statements = reading.statements(core.store, [finding.claim for finding in among[:MOST_CLAIMS]])
    return core.pages.render(
        "document.html",
        iri=iri,
        title=str(title),
        type=reading.value_label(about.value(node, IVO.documentType)),
        authors=sorted(map(str, about.objects(node, DCTERMS.creator))),
        journal=about.value(node, IVO.journal),
        year=about.value(node, IVO.year),
        source=about.value(node, IVO.sourceName),
        identifiers=sorted(map(str, about.objects(node, DCTERMS.identifier))),
        links=sorted(map(str, about.objects(node, RDFS.seeAlso))),
        counts=choices.counts(among),
        statements=sorted(statements, key=lambda s: (s.start, s.subject_place, s.object_place)),
        cases=patients(core, iri),
        notices=_notices(about, node),
        retracted=about.value(node, IVO.retracted) is not None,
        also=sorted(map(str, about.objects(node, IVO.alsoReadFrom))),
        note=about.value(node, IVO.readingNote),
        headings=sorted(map(str, about.objects(node, IVO.meshHeading))),
        keywords=sorted(map(str, about.objects(node, IVO.keyword))),
        licence=about.value(node, DCTERMS.license),
        passages=list(_marked(core, iri, statements)),
        candidates=_candidates(core, iri),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the extractor was too unsure of to claim it. `confidence` is a decimal from 0 to 1."""

    subject: Term
    relation: Relation
    object: Term
    negated: bool
    confidence: str
    quote: str


def _candidates(core: Core, document: str) -> Sequence[Candidate]:
    """The surest first."""
    rows = core.store.select(f"""SELECT DISTINCT ?candidate ?subject ?relation ?object ?negated ?confidence ?quote {{
        ?candidate ivo:inDocument {catalogue.iri(document)} ; a ivo:Candidate ; rdf:subject ?subject ;
            rdf:predicate ?relation ; rdf:object ?object ; ivo:candidateNegated ?negated ;
            ivo:candidateConfidence ?confidence ; rdf:value ?quote }}
        ORDER BY DESC(?confidence) ?candidate LIMIT {MOST_CANDIDATES}""")
    labels = names(core, {str(row[end]) for row in rows for end in ("subject", "object")})
    return [
        Candidate(
            Term(str(row["subject"]), labels[str(row["subject"])]),
            BY_IRI[str(row["relation"])],
            Term(str(row["object"]), labels[str(row["object"])]),
            str(row["negated"]) == "true",
            f"{float(row['confidence']):.2f}",
            str(row["quote"]),
        )
        for row in rows
        if str(row["relation"]) in BY_IRI
    ]


def _marked(core: Core, iri: str, statements: Sequence[Statement]) -> Iterator[tuple[str, Sequence[Stretch], bool]]:
    """(heading, text in stretches, whether it was cut) of each passage, as far as a page can hold."""
    sentences = [Span(s.start, s.end, "negated" if s.negated else "sentence", s.iri) for s in statements]
    named = [
        Span(integer(row["start"]), integer(row["end"]), str(row["type"]), str(row["thing"]))
        for row in core.store.select(f"""SELECT DISTINCT ?start ?end ?type ?thing {{
            ?mention ivo:inDocument {catalogue.iri(iri)} ; a ivo:Mention ; oa:start ?start ; oa:end ?end ;
                     ivo:mentionType ?type ; ivo:denotes ?thing }} ORDER BY ?start""")
    ]
    left = MOST_TEXT
    for section, at, text in reading.passages(core.store, iri):
        if left <= 0:
            return
        end = min(len(text), left)

        def here(spans: Sequence[Span], at: int = at, size: int = len(text)) -> list[Span]:
            return [
                Span(s.start - at, s.end - at, s.kind, s.target, s.title)
                for s in spans
                if s.start < at + size and s.end > at
            ]

        yield section, stretches(text, here(sentences), here(named), end=end), end < len(text)
        left -= end


def _notices(about: Graph, node: URIRef) -> Sequence[tuple[model.Relation, str, str]]:
    """(relation, what it is called, IRI) of the documents that change how this one is to be read."""
    return [
        (relation, said, str(other))
        for relation, said in _NOTICES.items()
        for other in sorted(about.objects(node, IVO[_property(relation)]), key=str)
    ]


def _property(relation: model.Relation) -> str:
    first, *others = relation.value.split("_")
    return first + "".join(word.capitalize() for word in others)


def patients(core: Core, document: str) -> Sequence[Mapping[str, str]]:
    return _described(core, f"?case ivo:inDocument {catalogue.iri(document)} .")


def patient(core: Core, iri: str) -> Mapping[str, str] | None:
    return next(iter(_described(core, f"VALUES ?case {{ {catalogue.iri(iri)} }}")), None)


def _described(core: Core, pattern: str) -> Sequence[Mapping[str, str]]:
    """Each patient in words: "49-year-old woman", with the document."""
    rows = core.store.select(f"""SELECT DISTINCT ?case ?age ?sex ?document ?title ?start {{ {pattern}
        ?case a ivo:Case ; ivo:inDocument ?document . ?document dcterms:title ?title .
        OPTIONAL {{ ?case oa:start ?start }}
        OPTIONAL {{ ?case ivo:ageYears ?age }} OPTIONAL {{ ?case ivo:sex ?sex }} }} ORDER BY ?start""")
    return [
        {
            "iri": str(row["case"]),
            "document": str(row["document"]),
            "title": str(row["title"]),
            "said": _said(str(row.get("age", "")), str(row.get("sex", ""))),
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another patient who may be the same person."""

    iri: str
    said: str
    document: Term


def twins(core: Core, case: str) -> Sequence[Twin]:
    """The patients of other documents who may be this one."""
    one = catalogue.iri(case)
    return [
        Twin(other["iri"], other["said"], Term(other["document"], other["title"]))
        for other in _described(
            core, f"{{ {one} ivo:possibleDuplicateOf ?case }} UNION {{ ?case ivo:possibleDuplicateOf {one} }}"
        )
    ]


def _said(age: str, sex: str) -> str:
    who = {str(IVO.Female): "female patient", str(IVO.Male): "male patient"}.get(sex, "patient")
    return f"{who}, {age} years" if age else who
