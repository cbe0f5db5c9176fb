"""Finding a concept by what people type: labels, synonyms, identifiers; documents by title and identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivigraph.namespaces import compress, expand
from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Concept, Vocabulary
from ivigraph.queries import catalogue
from ivigraph.server.reading import Term, integer
from ivigraph.store import Store

MOST = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that was found, by which of its names, and the number of claims about it."""

    concept: Concept
    name: str
    claims: int = 0

    @property
    def iri(self) -> str:
        return expand(self.concept.id)


@dataclass(frozen=True, slots=True)
class Found:
    concepts: Sequence[Hit] = ()
    terms: Sequence[Term] = ()
    documents: Sequence[Term] = ()

    def __bool__(self) -> bool:
        return bool(self.concepts or self.terms or self.documents)


def concepts(vocabulary: Vocabulary, text: str, *, most: int = MOST) -> Sequence[Hit]:
    """The concepts whose names hold `text`: the same name first, then those that begin with it, then the others."""
    text = text.strip()
    if concept := vocabulary.concepts.get(compress(text) or text):
        return [Hit(concept, concept.label)]
    key = normalise(text)
    if not key:
        return []
    best: dict[str, tuple[int, int, str, Hit]] = {}
    for name_key, bearers in vocabulary.keys().items():
        rank = _rank(key, name_key)
        if rank is None:
            continue
        for name, concept in bearers:
            entry = (rank, len(name_key), concept.label, Hit(concept, name.text))
            if concept.id not in best or entry[:3] < best[concept.id][:3]:
                best[concept.id] = entry
    return [entry[3] for entry in sorted(best.values(), key=lambda entry: entry[:3])[:most]]


def find(store: Store, vocabulary: Vocabulary, text: str) -> Found:
    """All that carries the text in its name, title or identifier."""
    hits = concepts(vocabulary, text)
    counts = _claims(store, [hit.iri for hit in hits])
    counted = [Hit(hit.concept, hit.name, counts.get(hit.iri, 0)) for hit in hits]
    # Of what only resembles the text, people want what documents speak of.
    counted.sort(key=lambda hit: (normalise(hit.name) != normalise(text), hit.claims == 0))
    return Found(counted, _terms(store, text), _documents(store, text))


def _rank(key: str, name: str) -> int | None:
    if name == key:
        return 0
    if name.startswith(key):
        return 1
    if f" {key}" in name:
        return 2
    return 3 if key in name else None


def _claims(store: Store, iris: Sequence[str]) -> dict[str, int]:
    if not iris:
        return {}
    values = " ".join(catalogue.iri(iri) for iri in iris)
    rows = store.select(f"""SELECT ?thing (COUNT(DISTINCT ?claim) AS ?n) {{ VALUES ?thing {{ {values} }}
        ?claim biolink:subject|biolink:object ?thing }} GROUP BY ?thing""")
    return {str(row["thing"]): integer(row["n"]) for row in rows}


def _terms(store: Store, text: str) -> Sequence[Term]:
    """Names in documents that no concept has."""
    rows = store.select(f"""SELECT DISTINCT ?term ?label {{ ?term a ivo:UnlinkedTerm ; rdfs:label ?label
        FILTER(CONTAINS(LCASE(STR(?label)), {catalogue.text(text.strip().casefold())})) }}
        ORDER BY STRLEN(STR(?label)) ?label LIMIT {MOST}""")
    return [Term(str(row["term"]), str(row["label"])) for row in rows]


def _documents(store: Store, text: str) -> Sequence[Term]:
    wanted = text.strip()
    names = ", ".join(catalogue.text(prefix + wanted) for prefix in ("", "pmid:", "pmcid:", "doi:"))
    rows = store.select(f"""SELECT DISTINCT ?document ?title {{ ?document a ivo:Document ; dcterms:title ?title .
        OPTIONAL {{ ?document dcterms:identifier ?same FILTER(?same IN ({names})) }}
        FILTER(BOUND(?same) || CONTAINS(LCASE(?title), {catalogue.text(wanted.casefold())})) }}
        ORDER BY ?title LIMIT {MOST}""")
    return [Term(str(row["document"]), str(row["title"])) for row in rows]
