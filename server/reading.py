"""What the pages show, read from the graph: claims with their sentences, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rdflib import RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV
from rdflib.term import Node

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES
from ivigraph.ontology.conformance import schema
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, Relation
from ivigraph.server.pages import short, words
from ivigraph.store import Store
from ivigraph.visualizations.plot import duration

IVO = Namespace(ONTOLOGY)
BIOLINK = Namespace(VOCABULARIES["biolink"])
OA = Namespace(VOCABULARIES["oa"])


@dataclass(frozen=True, slots=True)
class Term:
    """A node with the name that people read."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Counts:
    claims: int
    absent: int
    documents: int
    cases: int

    @property
    def all(self) -> int:
        return self.claims + self.absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim as it is shown. `start`, `end` is the sentence; offsets count in the document's cleaned text."""

    iri: str
    subject: Term
    relation: Relation
    object: Term
    negated: bool
    certainty: str
    confidence: str
    quote: str
    start: int
    end: int
    subject_place: tuple[int, int]
    object_place: tuple[int, int]
    document: Term
    year: str
    case: str | None
    diseases: tuple[Term, ...]
    qualifiers: tuple[tuple[str, str], ...]
    extractor: str
    evidence: str

    @property
    def says(self) -> str:
        return self.relation.denies if self.negated else self.relation.says


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence of a claim, and the title of its document."""

    quote: str
    title: str


def sentences(store: Store, claims: Iterable[str]) -> Mapping[str, Sentence]:
    """The sentences of some claims, by the claim."""
    if not (these := " ".join(catalogue.iri(claim) for claim in claims)):
        return {}
    rows = store.select(f"""SELECT DISTINCT ?claim ?quote ?title {{ VALUES ?claim {{ {these} }}
        ?claim biolink:supporting_text ?quote ; biolink:publications ?document . ?document dcterms:title ?title }}""")
    return {str(row["claim"]): Sentence(str(row["quote"]), str(row["title"])) for row in rows}


def statements(store: Store, claims: Sequence[str]) -> tuple[Statement, ...]:
    """Some claims with all that is known of them, in the order given; those that are gone are left out."""
    graph = describe(store, claims) if claims else Graph()
    return tuple(statement(graph, claim) for claim in claims if (URIRef(claim), None, None) in graph)


def describe(store: Store, names: Iterable[str]) -> Graph:
    """All that the graph says of some claims, with the names of what they are about."""
    # The claims stand in every branch: the engine does not carry them into a UNION by itself.
    these = f"VALUES ?claim {{ {' '.join(catalogue.iri(name) for name in names)} }}"
    return store.construct(f"""
        CONSTRUCT {{ ?claim ?p ?o . ?part ?q ?r . ?thing rdfs:label ?label .
                     ?document dcterms:title ?title ; ivo:year ?year }}
        WHERE {{
          {{ {these} ?claim ?p ?o }}
          UNION {{ {these} ?claim ivo:onset|ivo:dose|prov:wasDerivedFrom|prov:wasGeneratedBy|ivo:subjectMention|
                                  ivo:objectMention|(prov:wasDerivedFrom/oa:hasSelector) ?part . ?part ?q ?r }}
          UNION {{ {these} ?claim biolink:subject|biolink:object|biolink:disease_context_qualifier ?thing .
                   ?thing rdfs:label ?label }}
          UNION {{ {these} ?claim biolink:publications ?document . ?document dcterms:title ?title
                   OPTIONAL {{ ?document ivo:year ?year }} }} }}""")


def statement(graph: Graph, name: str) -> Statement:
    """One claim from the graph that `describe` gives."""
    node = URIRef(name)
    document = URIRef(str(graph.value(node, BIOLINK.publications)))
    evidence = graph.value(node, PROV.wasDerivedFrom)
    selectors = list(graph.objects(evidence, OA.hasSelector)) if evidence is not None else []
    start, end = next((place for s in selectors if (place := _place(graph, s)) != (0, 0)), (0, 0))
    return Statement(
        iri=name,
        subject=_term(graph, graph.value(node, BIOLINK.subject)),
        relation=BY_IRI[str(graph.value(node, BIOLINK.predicate))],
        object=_term(graph, graph.value(node, BIOLINK.object)),
        negated=graph.value(node, BIOLINK.negated) == Literal(True),
        certainty=value_label(graph.value(node, IVO.certainty)),
        confidence=_text(graph.value(node, IVO.confidence)),
        quote=_text(graph.value(node, BIOLINK.supporting_text)),
        start=start,
        end=end,
        subject_place=_place(graph, graph.value(node, IVO.subjectMention)),
        object_place=_place(graph, graph.value(node, IVO.objectMention)),
        document=Term(str(document), _text(graph.value(document, DCTERMS.title))),
        year=_text(graph.value(document, IVO.year)),
        case=_text(graph.value(node, IVO.case)) or None,
        diseases=tuple(
            _term(graph, d) for d in sorted(graph.objects(node, BIOLINK.disease_context_qualifier), key=str)
        ),
        qualifiers=tuple(_qualifiers(graph, node)),
        extractor=_text(graph.value(graph.value(node, PROV.wasGeneratedBy), RDFS.label)),
        evidence=_text(graph.value(node, BIOLINK.has_evidence)),
    )


# The qualifiers with a value of their own, in the order in which a person asks for them.
_SIMPLE = (
    ("route", IVO.administrationRoute),
    ("rate of infusion", IVO.rate),
    ("schedule", IVO.schedule),
    ("frequency", IVO.frequency),
    ("severity", IVO.severity),
    ("outcome", IVO.outcome),
    ("effect", IVO.effect),
    ("line of treatment", IVO.line),
    ("label status", IVO.labelStatus),
    ("stopping the therapy", IVO.dechallenge),
    ("giving it again", IVO.rechallenge),
    ("population", IVO.population),
    ("how the product was made", IVO.productClass),
)


def _qualifiers(graph: Graph, node: URIRef) -> Iterable[tuple[str, str]]:
    amount, total, percent = (graph.value(node, IVO[name]) for name in ("count", "total", "percent"))
    unit = graph.value(node, IVO.unit)
    parts = [
        f"{amount} of {total}" if amount is not None and total is not None else _text(amount),
        value_label(unit) if unit is not None else "",
        f"({_decimal(percent)} %)" if percent is not None else "",
    ]
    if said := " ".join(part for part in parts if part):
        yield "how many", said
    for name, relation in (("onset", IVO.onset), ("dose", IVO.dose)):
        part = graph.value(node, relation)
        if part is not None:
            yield name, " ".join(filter(None, (_text(graph.value(part, RDFS.label)), _days(graph, part))))
    for name, relation in _SIMPLE:
        value = graph.value(node, relation)
        if value is not None:
            yield name, value_label(value)


def _days(graph: Graph, onset: Node) -> str:
    """Such as "(2 to 7 days after the start of the therapy)"; empty where the text gives no days."""
    least, most = (graph.value(onset, relation) for relation in (IVO.minDays, IVO.maxDays))
    if least is None and most is None:
        return ""
    anchor = "end" if graph.value(onset, IVO.anchor) == IVO.TherapyEnd else "start"
    given = [Decimal(str(value)) for value in (least, most) if value is not None]
    brief = 0 < max(given) < 1  # told in hours or minutes
    ends = [duration(float(days)) if brief else format(days.normalize(), "f") for days in given]
    if len(ends) == 2:
        span = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    else:
        span = f"at least {ends[0]}" if least is not None else f"at most {ends[0]}"
    unit = "" if brief else " day" if span == "1" else " days"
    return f"({span}{unit} after the {anchor} of the therapy)"


def value_label(value: Node | None) -> str:
    """What an individual of the ontology is called; a text as it is, in plain words."""
    if isinstance(value, URIRef):
        label = schema().value(value, RDFS.label)
        return str(label) if label is not None else words(str(value))
    return _text(value).replace("_", " ")


def passages(store: Store, document: str, *, around: tuple[int, int] | None = None) -> Sequence[tuple[str, int, str]]:
    """(section, start, text) of each passage in order; only the one that holds the range `around`, if given."""
    holds = f"FILTER(?start <= {around[0]} && ?end >= {around[1]})" if around else ""
    rows = store.select(f"""SELECT DISTINCT ?section ?start ?text {{
        {catalogue.iri(document)} ivo:passage ?passage .
        ?passage ivo:section ?section ; oa:start ?start ; oa:end ?end ; rdf:value ?text {holds} }} ORDER BY ?start""")
    return [(str(row["section"]), integer(row["start"]), str(row["text"])) for row in rows]


def integer(term: object) -> int:
    return int(str(term))


def _term(graph: Graph, node: Node | None) -> Term:
    label = graph.value(node, RDFS.label)
    return Term(str(node), short(str(node)) if label is None else str(label))


def _place(graph: Graph, node: Node | None) -> tuple[int, int]:
    start, end = (graph.value(node, relation) for relation in (OA.start, OA.end))
    return (integer(start), integer(end)) if start is not None and end is not None else (0, 0)


def _text(node: Node | None) -> str:
    return "" if node is None else str(node)


def _decimal(node: Node) -> str:
    return format(Decimal(str(node)).normalize(), "f")
