"""Finding things by what people type: names, identifiers, titles, sentences; and what may have been meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ivigraph.errors import StoreError
from ivigraph.namespaces import compress, expand
from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Concept, Vocabulary
from ivigraph.queries import catalogue
from ivigraph.server import findings, reading
from ivigraph.server.core import Core
from ivigraph.server.negotiation import HTML, choose
from ivigraph.server.problems import Problem
from ivigraph.server.reading import Statement, integer
from ivigraph.store import Field, Hit, Kind, Store

MOST = 20
MEANT = 8
_SUGGESTED = 8
_NAMED = (Kind.CONCEPT, Kind.TERM, Kind.DOCUMENT)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A concept by one of its names."""

    concept: Concept
    name: str

    @property
    def iri(self) -> str:
        return expand(self.concept.id)


@dataclass(frozen=True, slots=True)
class Found:
    """What carries a text, by kind, the best first; `claims` counts those about each concept."""

    concepts: Sequence[Hit] = ()
    terms: Sequence[Hit] = ()
    documents: Sequence[Hit] = ()
    sentences: Sequence[Hit] = ()
    statements: Sequence[Statement] = ()
    claims: Mapping[str, int] | None = None

    def __bool__(self) -> bool:
        return bool(self.concepts or self.terms or self.documents or self.sentences)


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["pages"])

    @routes.get("/search", summary="Concepts, documents and sentences by the words in them")
    def search(request: Request, q: str = "") -> Response:
        text = q.strip()[:_LONGEST]
        found = find(core, text) if text else Found()
        if choose(request.headers.get("accept"), (HTML, "application/json")) == "application/json":
            return JSONResponse(_as_json(core, found), headers={"Vary": "Accept"})
        return core.pages.render(
            "search.html",
            q=text,
            found=found,
            kind_of=lambda iri: kind_of(core, iri),
            retracted=findings.retracted(core),
            headers={"Vary": "Accept"},
        )

    @routes.get("/suggest", summary="What a text that is being typed may become")
    def suggest(q: str = "", limit: int = _SUGGESTED) -> Response:
        text = q.strip()[:_LONGEST]
        hits = suggested(core, text, min(max(limit, 1), MOST))
        return JSONResponse(
            {
                "hits": [
                    {
                        "iri": hit.iri,
                        "page": core.minter.page(hit.iri),
                        "kind": kind_of(core, hit.iri) or str(hit.kind),
                        "label": hit.label,
                        "text": hit.snippet,
                        "spans": hit.spans,
                    }
                    for hit in hits
                ]
            },
            headers={"Cache-Control": "no-cache"},
        )

    return routes


def find(core: Core, text: str) -> Found:
    """All that holds the words of a text in its names, title, identifiers or sentence."""
    try:
        by_kind = {kind: core.store.search(text, kinds=(kind,), limit=MOST) for kind in Kind}
    except StoreError:  # a store without an index of texts
        by_kind = dict.fromkeys(Kind, ())
    named = {hit.iri: hit for hit in (*by_kind[Kind.CONCEPT], *suggested(core, text, MOST, (Kind.CONCEPT,)))}
    counts = _claims(core.store, list(named))
    # Of what only resembles the text, people want what documents speak of.
    ordered = sorted(named.values(), key=lambda hit: (hit.score < 1, counts.get(hit.iri, 0) == 0))
    return Found(
        ordered[:MOST],
        by_kind[Kind.TERM],
        by_kind[Kind.DOCUMENT],
        by_kind[Kind.CLAIM],
        reading.statements(core.store, [hit.iri for hit in by_kind[Kind.CLAIM]]),
        counts,
    )


def suggested(core: Core, text: str, most: int, kinds: Collection[Kind] = _NAMED) -> Sequence[Hit]:
    """What a text that is being typed may become; concepts only where the store has no index of texts."""
    if not text:
        return ()
    try:
        return core.store.suggest(text, kinds=kinds, limit=most)
    except StoreError:
        return [_hit(named, text) for named in concepts(core.vocabulary, text, most=most)]


def _hit(named: Named, text: str) -> Hit:
    return Hit(
        iri=named.iri, kind=Kind.CONCEPT, label=named.concept.label, field=Field.LABEL, text=named.name, language="",
        score=float(normalise(named.name) == normalise(text)), snippet=named.name, spans=(),
    )  # fmt: skip


def kind_of(core: Core, iri: str) -> str:
    """Disease, event, product …; empty for what is no concept of the vocabulary."""
    concept = core.vocabulary.concepts.get(compress(iri) or iri)
    return str(concept.kind) if concept else ""


def concepts(vocabulary: Vocabulary, text: str, *, most: int = MOST) -> Sequence[Named]:
    """The concepts whose names hold `text`: the same name first, then those that begin with it, then the others."""
    text = text.strip()
    if concept := vocabulary.concepts.get(compress(text) or text):
        return [Named(concept, concept.label)]
    key = normalise(text)
    if not key:
        return []
    best: dict[str, tuple[int, int, str, Named]] = {}
    for name_key, bearers in vocabulary.keys().items():
        rank = _rank(key, name_key)
        if rank is None:
            continue
        for name, concept in bearers:
            entry = (rank, len(name_key), concept.label, Named(concept, name.text))
            if concept.id not in best or entry[:3] < best[concept.id][:3]:
                best[concept.id] = entry
    return [entry[3] for entry in sorted(best.values(), key=lambda entry: entry[:3])[:most]]


def unknown(core: Core, path: str) -> Problem:
    """The answer to an address that names nothing, with what may have been meant."""
    name = path.rsplit("/", 1)[-1]
    text = name.partition(":")[2] or name
    hits = concepts(core.vocabulary, text, most=MEANT) or concepts(core.vocabulary, name, most=MEANT)
    return Problem(
        404,
        f"the graph knows nothing named {path!r}",
        remedy="search for it by another name, or look at the home page",
        more={"suggestions": hits} if hits else {},
    )


def _rank(key: str, name: str) -> int | None:
    if name == key:
        return 0
    if name.startswith(key):
        return 1
    if f" {key}" in name:
        return 2
    return 3 if key in name else None


def _claims(store: Store, iris: Sequence[str]) -> Mapping[str, int]:
    """The number of affirmed claims at each end of an edge."""
    if not iris:
        return {}
    values = " ".join(catalogue.iri(iri) for iri in iris)
    rows = store.select(f"""SELECT ?thing (SUM(?claims) AS ?n) {{
        {{ SELECT DISTINCT ?thing ?edge ?claims {{ VALUES ?thing {{ {values} }}
           ?edge ivo:from|ivo:to ?thing ; ivo:claimCount ?claims }} }} }} GROUP BY ?thing""")
    return {str(row["thing"]): integer(row["n"]) for row in rows}


def _as_json(core: Core, found: Found) -> Mapping[str, object]:
    claims = found.claims or {}
    return {
        "concepts": [
            {
                "id": compress(hit.iri) or hit.iri,
                "iri": hit.iri,
                "kind": kind_of(core, hit.iri),
                "label": hit.label,
                "name": hit.text,
                "claims": claims.get(hit.iri, 0),
            }
            for hit in found.concepts
        ],
        "terms": [{"iri": hit.iri, "label": hit.label} for hit in found.terms],
        "documents": [{"iri": hit.iri, "title": hit.label} for hit in found.documents],
        "sentences": [{"claim": hit.iri, "sentence": hit.text} for hit in found.sentences],
    }
