"""A page, or the RDF, of everything that has an IRI here: concepts, claims, documents, patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query, Request
from rdflib import RDFS, Graph, URIRef
from rdflib.namespace import DCTERMS
from starlette.responses import RedirectResponse, Response

from ivigraph.errors import QueryError, VocabularyError
from ivigraph.namespaces import compress, prefixes
from ivigraph.ontology.conformance import schema
from ivigraph.ontology.vocabulary import Concept, Scope
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, Relation
from ivigraph.server import reading
from ivigraph.server.core import Core
from ivigraph.server.highlight import Span, Stretch, stretches, window
from ivigraph.server.home import suggestions
from ivigraph.server.linked import RDF_TYPES, construct
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.pages import link
from ivigraph.server.problems import Problem
from ivigraph.server.reading import IVO, Statement, Term, Wanted, integer
from ivigraph.server.streaming import AnswerResponse

PER_PAGE = 20
MOST_EDGES = 30
MOST_TEXT = 200_000
_AROUND = 700
_JSON = "application/json"  # written as JSON-LD, which is JSON


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of a table of edges."""

    subject: Term
    relation: Relation
    object: Term
    claims: int
    absent: int
    documents: int
    cases: int


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["linked data"])
    pages: Mapping[str, Callable[[Core, str, int], Response]] = {
        "claim": _claim,
        "document": _document,
        "case": _case,
        "edge": _edge,
        "concept": _concept,
        "term": _concept,
    }

    @routes.head("/id/{path:path}", include_in_schema=False)
    @routes.get("/id/{path:path}", summary="A concept, claim, document or patient")
    def entity(request: Request, path: str, format: str = "", page: int = Query(1, ge=1, le=100_000)) -> Response:
        kind = path.partition("/")[0]
        iri = _iri(core, path, kind)
        if format and format not in FORMATS:
            raise Problem(400, f"unknown format {format!r}", remedy=f"one of {', '.join(FORMATS)}")
        wanted = choose(FORMATS[format] if format else request.headers.get("accept"), (HTML, *RDF_TYPES, _JSON))
        if wanted is None:
            raise Problem(406, "no such representation", remedy=f"accept one of {HTML}, {', '.join(RDF_TYPES)}")
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        etag = core.etag(core.store.generation, wanted)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**headers, "ETag": etag})
        if wanted != HTML:
            return _rdf(core, iri, path, wanted, headers)
        response = pages.get(kind, _concept)(core, iri, page)
        response.headers.update({**headers, "ETag": etag})
        return response

    return routes


def _iri(core: Core, path: str, kind: str) -> str:
    """The IRI that a path names. Raises Problem 404 for what can be none, with what may have been meant."""
    try:
        iri = core.minter.iri_of_page(f"id/{path}")
        catalogue.iri(iri)
    except (VocabularyError, QueryError) as error:
        raise _unknown(core, path) from error
    return iri


def _unknown(core: Core, path: str) -> Problem:
    name = path.rsplit("/", 1)[-1]
    hits = suggestions(core.vocabulary, name.partition(":")[2] or name) or suggestions(core.vocabulary, name)
    return Problem(
        404,
        f"the graph knows nothing named {path!r}",
        remedy="search for it by another name, or look at the home page",
        more={"suggestions": hits} if hits else {},
    )


def _rdf(core: Core, iri: str, path: str, media_type: str, headers: Mapping[str, str]) -> Response:
    if not core.store.ask(f"ASK {{ {catalogue.iri(iri)} ?p ?o }}"):
        raise _unknown(core, path)
    written = "application/ld+json" if media_type == _JSON else media_type
    answer = core.store.answer(construct(iri, core.minter), accept=written)
    etag = core.etag(answer.generation, media_type)
    return AnswerResponse(answer.chunks, media_type=media_type, headers={**headers, "ETag": etag})


def _concept(core: Core, iri: str, page: int) -> Response:
    id_ = compress(iri) or iri
    concept = core.vocabulary.concepts.get(id_)
    label = concept.label if concept else _label(core, iri)
    if label is None:
        if (URIRef(iri), None, None) in schema():
            return RedirectResponse(f"/ontology#{iri.rpartition('#')[2]}", status_code=303)
        raise _unknown(core, core.minter.page(iri).removeprefix("/id/"))
    wanted = Wanted(concept=iri)
    counts = reading.count(core.store, wanted)
    return core.pages.render(
        "concept.html",
        iri=iri,
        id=id_,
        label=label,
        concept=concept,
        synonyms=_synonyms(concept),
        parents=_concepts(core, concept.parents if concept else ()),
        children=_concepts(core, [c.id for c in core.vocabulary.concepts.values() if id_ in c.parents]),
        counts=counts,
        groups=list(_groups(core, iri, id_)),
        context=_events_in(core, iri),
        statements=reading.claims(core.store, wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE),
        page=page,
        pages=max(1, -(-counts.all // PER_PAGE)),
    )


def _label(core: Core, iri: str) -> str | None:
    rows = core.store.select(f"SELECT (MIN(STR(?name)) AS ?label) {{ {catalogue.iri(iri)} rdfs:label ?name }}")
    return next((str(row["label"]) for row in rows if "label" in row), None)


def _synonyms(concept: Concept | None) -> Sequence[tuple[str, str]]:
    """(name, language) of the other names, an English one first."""
    if concept is None:
        return []
    names = [name for name in concept.names if name.scope is not Scope.LABEL]
    return sorted({(name.text, name.language) for name in names}, key=lambda n: (n[1] != "en", n[0].casefold()))


def _concepts(core: Core, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
    known = [core.vocabulary.concepts[id_] for id_ in ids if id_ in core.vocabulary.concepts]
    return [(concept.id, concept.label) for concept in sorted(known, key=lambda c: c.label.casefold())]


def _groups(core: Core, iri: str, id_: str) -> Iterator[tuple[str, Sequence[Edge], int]]:
    """The edges at a concept, by what they say: (heading, the best supported edges, how many there are)."""
    edges = _edges(core, iri)

    def here(term: Term) -> bool:
        return core.vocabulary.is_a(compress(term.iri) or term.iri, id_)

    for relation in BY_IRI.values():
        among = [edge for edge in edges if edge.relation is relation]
        for heading, found in (
            (relation.inverse, [edge for edge in among if here(edge.object)]),
            (relation.says, [edge for edge in among if here(edge.subject) and not here(edge.object)]),
        ):
            if found:
                yield heading, found[:MOST_EDGES], len(found)


def _edges(core: Core, iri: str) -> Sequence[Edge]:
    rows = core.store.select(catalogue.load()["network-edges"].bind({"concept": iri}))
    return [
        Edge(
            Term(str(row["subject"]), str(row["subjectLabel"])),
            BY_IRI[str(row["relation"])],
            Term(str(row["object"]), str(row["objectLabel"])),
            *(integer(row[name]) for name in ("claims", "negated", "documents", "cases")),
        )
        for row in rows
        if str(row["relation"]) in BY_IRI
    ]


def _events_in(core: Core, iri: str) -> Sequence[Mapping[str, str]]:
    """The events reported in patients with a disease."""
    rows = core.store.select(catalogue.load()["adverse-events-by-disease"].bind({"disease": iri}, limit=MOST_EDGES))
    return [{name: str(value) for name, value in row.items()} for row in rows]


def _claim(core: Core, iri: str, page: int) -> Response:
    graph = reading.describe(core.store, [iri])
    if (URIRef(iri), None, None) not in graph:
        raise _unknown(core, core.minter.page(iri).removeprefix("/id/"))
    claim = reading.statement(graph, iri)
    return core.pages.render(
        "claim.html",
        claim=claim,
        case=_patient(core, claim.case) if claim.case else None,
        context=_in_context(core, claim),
        identifiers=_identifiers(core, claim.document.iri),
        turtle=_turtle(core, iri),
    )


def _in_context(core: Core, claim: Statement) -> Mapping[str, object]:
    """The sentence in its passage, a window of it where the passage is long."""
    found = reading.passages(core.store, claim.document.iri, around=(claim.start, claim.end))
    section, at, text = found[0] if found else ("", claim.start, claim.quote)
    begin, end = window(text, claim.start - at, claim.end - at, _AROUND)
    names = [
        Span(place[0] - at, place[1] - at, kind, term.iri, term.label)
        for place, kind, term in (
            (claim.subject_place, "subject", claim.subject),
            (claim.object_place, "object", claim.object),
        )
        if place != (0, 0)
    ]
    sentence = Span(claim.start - at, claim.end - at, "sentence")
    return {
        "section": section,
        "before": begin > 0,
        "after": end < len(text),
        "stretches": stretches(text, [sentence], names, start=begin, end=end),
    }


def _turtle(core: Core, iri: str) -> str:
    graph = Graph(bind_namespaces="none")
    for prefix, start in prefixes(core.minter).items():
        graph.bind(prefix, start)
    graph += core.store.construct(construct(iri, core.minter))
    return graph.serialize(format="turtle").strip()


def _document(core: Core, iri: str, page: int) -> Response:
    about = core.store.construct(f"CONSTRUCT {{ {catalogue.iri(iri)} ?p ?o }} WHERE {{ {catalogue.iri(iri)} ?p ?o }}")
    node = URIRef(iri)
    title = about.value(node, DCTERMS.title)
    if title is None:
        raise _unknown(core, core.minter.page(iri).removeprefix("/id/"))
    counts = reading.count(core.store, Wanted(document=iri))
    statements = reading.claims(core.store, Wanted(document=iri), limit=PER_PAGE * 50)
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
        counts=counts,
        statements=sorted(statements, key=lambda s: (s.start, s.subject_place, s.object_place)),
        cases=_patients(core, iri),
        passages=list(_marked(core, iri, statements)),
    )


def _marked(core: Core, iri: str, statements: Sequence[Statement]) -> Iterator[tuple[str, Sequence[Stretch], bool]]:
    """(heading, text in stretches, whether it was cut) of each passage, as far as a page can hold."""
    sentences = [Span(s.start, s.end, "negated" if s.negated else "sentence", s.iri) for s in statements]
    names = [
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

        yield section, stretches(text, here(sentences), here(names), end=end), end < len(text)
        left -= end


def _case(core: Core, iri: str, page: int) -> Response:
    patient = _patient(core, iri)
    if patient is None:
        raise _unknown(core, core.minter.page(iri).removeprefix("/id/"))
    statements = reading.claims(core.store, Wanted(case=iri), limit=PER_PAGE * 10)
    return core.pages.render("case.html", iri=iri, patient=patient, statements=statements)


def _patients(core: Core, document: str) -> Sequence[Mapping[str, str]]:
    return _described(core, f"?case ivo:inDocument {catalogue.iri(document)} .")


def _patient(core: Core, iri: str) -> Mapping[str, str] | None:
    return next(iter(_described(core, f"VALUES ?case {{ {catalogue.iri(iri)} }}")), None)


def _described(core: Core, pattern: str) -> Sequence[Mapping[str, str]]:
    """Each patient in words: "49-year-old woman", with the document."""
    rows = core.store.select(f"""SELECT DISTINCT ?case ?age ?sex ?document ?title ?start {{ {pattern}
        ?case a ivo:Case ; ivo:inDocument ?document ; oa:start ?start . ?document dcterms:title ?title .
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


def _said(age: str, sex: str) -> str:
    who = {str(IVO.Female): "female patient", str(IVO.Male): "male patient"}.get(sex, "patient")
    return f"{who}, {age} years" if age else who


def _identifiers(core: Core, document: str) -> Sequence[str]:
    rows = core.store.select(f"SELECT DISTINCT ?link {{ {catalogue.iri(document)} rdfs:seeAlso ?link }} ORDER BY ?link")
    return [str(row["link"]) for row in rows]


def _edge(core: Core, iri: str, page: int) -> Response:
    """An edge has no page of its own: its claims say it all."""
    rows = core.store.select(f"""SELECT ?from ?relation ?to {{
        {catalogue.iri(iri)} ivo:from ?from ; ivo:relation ?relation ; ivo:to ?to }}""")
    if not rows:
        raise _unknown(core, core.minter.page(iri).removeprefix("/id/"))
    row = next(iter(rows))
    return RedirectResponse(
        link("/claims", subject=row["from"], relation=row["relation"], object=row["to"]), status_code=303
    )
