"""The page of a claim, with its sentence in its passage and how it was found, and the page of a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rdflib import Graph, URIRef
from starlette.responses import Response

from ivigraph.namespaces import prefixes
from ivigraph.queries import catalogue
from ivigraph.server import documents, findings, reading
from ivigraph.server.core import Core
from ivigraph.server.findings import Scope
from ivigraph.server.highlight import Span, stretches, window
from ivigraph.server.linked import construct
from ivigraph.server.naming import names
from ivigraph.server.reading import Statement
from ivigraph.server.search import unknown

_AROUND = 700
_MOST = 200  # claims about one patient


def claim(core: Core, iri: str) -> Response:
    graph = reading.describe(core.store, [iri])
    if (URIRef(iri), None, None) not in graph:
        raise unknown(core, core.minter.page(iri).removeprefix("/id/"))
    shown = reading.statement(graph, iri)
    return core.pages.render(
        "claim.html",
        claim=shown,
        case=documents.patient(core, shown.case) if shown.case else None,
        context=_in_context(core, shown),
        identifiers=_identifiers(core, shown.document.iri),
        links=_links(core, iri),
        retracted=shown.document.iri in findings.retracted(core),
        turtle=_turtle(core, iri),
    )


def patient(core: Core, iri: str) -> Response:
    who = documents.patient(core, iri)
    if who is None:
        raise unknown(core, core.minter.page(iri).removeprefix("/id/"))
    about = findings.of(core, Scope(case=iri))
    statements = reading.statements(core.store, [finding.claim for finding in about[:_MOST]])
    return core.pages.render(
        "case.html",
        iri=iri,
        patient=who,
        statements=sorted(statements, key=lambda s: (s.negated, s.start)),
        retracted=findings.retracted(core),
        twins=documents.twins(core, iri),
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
    sentence = Span(claim.start - at, claim.end - at, "negated" if claim.negated else "sentence")
    return {
        "section": section,
        "before": begin > 0,
        "after": end < len(text),
        "stretches": stretches(text, [sentence], names, start=begin, end=end),
    }


@dataclass(frozen=True, slots=True)
class Link:
    """How a name in the text came to stand for a concept; `rivals` are (IRI, label) of what it may be as well."""

    text: str
    target: str
    label: str
    score: str
    reasons: Sequence[str]
    rivals: Sequence[tuple[str, str]]


def _links(core: Core, claim: str) -> Sequence[Link]:
    """The links of the names that a claim is about: of its subject, then of its object."""
    rows = core.store.select(f"""SELECT DISTINCT ?end ?text ?link ?target ?score ?reason ?rival {{
        VALUES ?end {{ ivo:subjectMention ivo:objectMention }} {catalogue.iri(claim)} ?end ?mention .
        ?mention oa:exact ?text ; ivo:link ?link . ?link ivo:target ?target .
        OPTIONAL {{ ?link ivo:score ?score }} OPTIONAL {{ ?link ivo:reason ?reason }}
        OPTIONAL {{ ?link ivo:rival ?rival }} }} ORDER BY DESC(?end) ?reason ?rival""")
    labels = names(core, {str(row[name]) for row in rows for name in ("target", "rival") if name in row})
    found: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in rows:
        values = {name: str(value) for name, value in row.items()}
        found.setdefault((values["text"], values["link"]), []).append(values)
    return [
        Link(
            text,
            parts[0]["target"],
            labels[parts[0]["target"]],
            parts[0].get("score", ""),
            sorted({part["reason"] for part in parts if "reason" in part}),
            [(rival, labels[rival]) for rival in sorted({part["rival"] for part in parts if "rival" in part})],
        )
        for (text, _), parts in found.items()
    ]


def _turtle(core: Core, iri: str) -> str:
    graph = Graph(bind_namespaces="none")
    for prefix, start in prefixes(core.minter).items():
        graph.bind(prefix, start)
    graph += core.store.construct(construct(iri, core.minter))
    return graph.serialize(format="turtle").strip()


def _identifiers(core: Core, document: str) -> Sequence[str]:
    rows = core.store.select(f"SELECT DISTINCT ?link {{ {catalogue.iri(document)} rdfs:seeAlso ?link }} ORDER BY ?link")
    return [str(row["link"]) for row in rows]
