"""The page of a concept, or of a name that no vocabulary has: what it is, and what documents say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rdflib import URIRef
from starlette.responses import RedirectResponse, Response

from ivigraph.errors import QueryError
from ivigraph.namespaces import compress
from ivigraph.ontology.conformance import schema
from ivigraph.ontology.vocabulary import Concept, Scope
from ivigraph.queries import catalogue
from ivigraph.server import choices, findings, grouping, reading, selection
from ivigraph.server.core import Core
from ivigraph.server.findings import Finding
from ivigraph.server.grouping import Group, Section
from ivigraph.server.naming import names
from ivigraph.server.paging import Page, paged, turned
from ivigraph.server.search import unknown
from ivigraph.server.selection import Selection

PER_SECTION = 8
PER_PAGE = 25
SENTENCES = 3  # shown for a row; the others are on the page of its claims


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as far as it is shown: `page` when it is the only one, else its beginning."""

    section: Section
    groups: Sequence[Group]
    page: Page | None


def page(core: Core, iri: str, given: Mapping[str, str], number: int) -> Response:
    """The page about an IRI with the filters of its address. Raises Problem 404 where the graph has no such thing."""
    id_ = compress(iri) or iri
    concept = core.vocabulary.concepts.get(id_)
    label = concept.label if concept else _label(core, iri)
    if label is None:
        if (URIRef(iri), None, None) in schema():
            return RedirectResponse(f"/ontology#{iri.rpartition('#')[2]}", status_code=303)
        raise unknown(core, core.minter.page(iri).removeprefix("/id/"))
    wanted = selection.parse(core, {**given, "concept": iri, "subject": "", "object": "", "document": ""})
    section, generation = given.get("section", ""), core.store.generation
    order = given.get("sort") or "documents"
    if order not in grouping.ORDERS:
        raise QueryError(
            f"{order!r} is no order", where="parameter sort", remedy=f"one of {', '.join(grouping.ORDERS)}"
        )
    among = selection.chosen(core, wanted)
    everything = findings.of(core, wanted.scope)
    here = findings.narrower(core, iri)
    sections = grouping.sections(among, here)
    labels = names(core, _things(sections, wanted))
    shown = list(_shown(sections, section, order, number, labels))
    rows = [group for part in shown for group in part.groups]
    return core.pages.render(
        "concept.html",
        iri=iri,
        id=id_,
        label=label,
        concept=concept,
        source=None if concept else _source(core, iri),
        matches=_matches(core, iri),
        synonyms=_synonyms(concept),
        parents=_linked(core, concept.parents if concept else ()),
        ancestors=_linked(core, _ancestors(core, concept)),
        children=_children(core, id_, everything),
        counts=choices.counts(among),
        all=len(everything),
        sections=sections,
        shown=shown,
        labels=labels,
        here=here,
        sentences=reading.sentences(core.store, [f.claim for group in rows for f in group.findings[:SENTENCES]]),
        most_sentences=SENTENCES,
        retracted=findings.retracted(core),
        selection=wanted,
        choices=choices.offered(core, wanted, everything),
        order=order,
        orders=grouping.ORDERS,
        section=section,
        pager_address=lambda other: wanted.only(concept="").address(
            core.minter.page(iri), section=section, sort=order, page=other, generation=generation
        ),
        changed=turned(given, generation),
    )


def _shown(
    sections: Sequence[Section], only: str, order: str, number: int, labels: Mapping[str, str]
) -> Iterable[Shown]:
    def name(group: Group) -> str:
        return f"{labels[group.object]} {labels[group.subject]}"

    for section in sections:
        groups = grouping.ordered(section.groups, order, name)
        if only == section.key:
            page = paged(len(groups), number, PER_PAGE)
            yield Shown(section, groups[page.first : page.last], page)
        elif not only:
            yield Shown(section, groups[:PER_SECTION], None)


def _things(sections: Iterable[Section], wanted: Selection) -> set[str]:
    groups = [group for section in sections for group in section.groups]
    chosen = {wanted.product, wanted.event, wanted.disease} - {""}
    return {group.subject for group in groups} | {group.object for group in groups} | chosen


def _label(core: Core, iri: str) -> str | None:
    rows = core.store.select(f"SELECT (MIN(STR(?name)) AS ?label) {{ {catalogue.iri(iri)} rdfs:label ?name }}")
    return next((str(row["label"]) for row in rows if "label" in row), None)


def _source(core: Core, iri: str) -> str | None:
    """The loaded ontology whose term it is, None for a name without a concept."""
    rows = core.store.select(f"SELECT ?source {{ {catalogue.iri(iri)} a ivo:ExternalTerm ; ivo:foundIn ?source }}")
    return next((str(row["source"]) for row in rows), None)


def _matches(core: Core, iri: str) -> Sequence[tuple[str, str, str]]:
    """(relation, identifier, IRI) of the same or like concepts elsewhere, the exact ones first."""
    relations = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
    values = " ".join(f"skos:{relation}" for relation in relations)
    rows = core.store.select(f"""SELECT DISTINCT ?relation ?other {{ VALUES ?relation {{ {values} }}
        {catalogue.iri(iri)} ?relation ?other FILTER(isIRI(?other)) }}""")
    found = [(str(row["relation"]).rpartition("#")[2], str(row["other"])) for row in rows]
    ordered = sorted(found, key=lambda match: (relations.index(match[0]), match[1]))
    return [(relation, compress(other) or other, other) for relation, other in ordered]


def _synonyms(concept: Concept | None) -> Sequence[tuple[str, str]]:
    """(name, language) of the other names, an English one first."""
    if concept is None:
        return []
    others = [name for name in concept.names if name.scope is not Scope.LABEL]
    return sorted({(name.text, name.language) for name in others}, key=lambda n: (n[1] != "en", n[0].casefold()))


def _ancestors(core: Core, concept: Concept | None) -> Sequence[str]:
    """From the nearest parent upwards along the first parent of each, the root last."""
    path: list[str] = []
    while concept and concept.parents and concept.parents[0] not in path:
        path.append(concept.parents[0])
        concept = core.vocabulary.concepts.get(concept.parents[0])
    return path


def _linked(core: Core, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
    known = [core.vocabulary.concepts[id_] for id_ in ids if id_ in core.vocabulary.concepts]
    return [(concept.id, concept.label) for concept in known]


def _children(core: Core, id_: str, everything: Sequence[Finding]) -> Sequence[tuple[str, str, int]]:
    """(id, label, claims about it or something narrower) of each narrower concept, the best supported first."""
    below = {concept.id: concept.label for concept in core.vocabulary.concepts.values() if id_ in concept.parents}
    children = frozenset(below)
    over = {
        thing: core.vocabulary.ancestors(compress(thing) or thing) & children
        for thing in {thing for f in everything for thing in (f.subject, f.object, *f.diseases)}
    }
    counted: Counter[str] = Counter()
    for finding in everything:
        counted.update(over[finding.subject].union(over[finding.object], *(over[d] for d in finding.diseases)))
    found = [(child, label, counted[child]) for child, label in below.items()]
    return sorted(found, key=lambda child: (-child[2], child[1].casefold()))
