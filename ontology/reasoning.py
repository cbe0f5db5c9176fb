"""Is a graph consistent in OWL 2 DL, and what follows for its classes? Asked of HermiT, through owlready2.

Needs Java on the PATH; nothing else in the project does. What follows is materialised when the vocabulary is built,
so that queries need no reasoner.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from ivigraph.errors import VocabularyError
from ivigraph.namespaces import VOCABULARIES, compress, expand
from ivigraph.ontology.vocabulary import Vocabulary

Triple = tuple[Node, Node, Node]
Axiom = frozenset[Triple]
"""A triple with all that its blank nodes stand for."""

_MOST_CALLS = 120  # of HermiT, for one explanation
_ONTOLOGY = "https://w3id.org/ivigraph/reasoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What HermiT found. IRIs are written in full; axioms as "subject predicate object" with prefixes.

    `superclasses` holds for every named class all that it is, itself included: the transitive closure of the
    inferred hierarchy. `explanation` is a smallest set of axioms that cannot be true together; empty where nothing is
    wrong, where it was not asked for, or where it was not found within the limit of calls.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    explanation: tuple[str, ...] = ()
    superclasses: Mapping[str, frozenset[str]]
    seconds: float

    @property
    def sound(self) -> bool:
        return self.consistent and not self.unsatisfiable


def classify(
    graphs: Iterable[Graph], *, explain: bool = False, hierarchy: bool = True, memory_mb: int = 2000
) -> Classification:
    """Check and classify the union of `graphs`; without `hierarchy` only whether it is consistent, which is faster.

    Raises VocabularyError when Java is missing or gives up.
    """
    begun = time.perf_counter()
    axioms = list(_axioms(graphs))
    reasoner = _Reasoner(memory_mb)
    if not reasoner.consistent(axioms):
        explanation = minimal(axioms, reasoner.consistent) if explain else ()
        return Classification(
            consistent=False,
            explanation=tuple(map(describe, explanation)),
            superclasses={},
            seconds=time.perf_counter() - begun,
        )
    if not hierarchy:
        return Classification(consistent=True, superclasses={}, seconds=time.perf_counter() - begun)
    unsatisfiable, superclasses = _classified(axioms, memory_mb)
    explanation = ()
    if unsatisfiable and explain:
        member: Axiom = frozenset({(URIRef(f"{_ONTOLOGY}#any"), RDF.type, URIRef(unsatisfiable[0]))})
        explanation = minimal(axioms, lambda subset: reasoner.consistent([*subset, member]))
    return Classification(
        consistent=True,
        unsatisfiable=unsatisfiable,
        explanation=tuple(map(describe, explanation)),
        superclasses=superclasses,
        seconds=time.perf_counter() - begun,
    )


def _classified(axioms: Sequence[Axiom], memory_mb: int) -> tuple[tuple[str, ...], Mapping[str, frozenset[str]]]:
    import owlready2
    import owlready2.reasoning

    owlready2.reasoning.JAVA_MEMORY = memory_mb
    owlready2.JAVA_EXE = _java()
    world = owlready2.World()
    try:
        world.get_ontology(_ONTOLOGY).graph.parse(io.BytesIO(_ntriples(axioms)), format="ntriples")
        try:
            owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyJavaError as error:
            raise _failed(str(error)) from error
        wrong = tuple(sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing))
        return wrong, _superclasses(world)
    finally:
        world.close()


def _superclasses(world: Any) -> dict[str, frozenset[str]]:
    """The closure over the asserted and inferred triples between named classes."""
    db = world.graph.db
    iris = dict(db.execute("SELECT storid, iri FROM resources WHERE storid > 0"))
    number = {iri: storid for storid, iri in iris.items()}
    classes = [
        s
        for (s,) in db.execute(
            "SELECT s FROM objs WHERE p = ? AND o = ?", (number[str(RDF.type)], number[str(OWL.Class)])
        )
    ]
    pairs = [(s, o) for s, o in db.execute("SELECT s, o FROM objs WHERE p = ?", (number[str(RDFS.subClassOf)],))]
    for s, o in db.execute("SELECT s, o FROM objs WHERE p = ?", (number[str(OWL.equivalentClass)],)):
        pairs += [(s, o), (o, s)]
    ends = (str(OWL.Nothing), str(OWL.Thing))
    iris = {storid: iri for storid, iri in iris.items() if iri not in ends}
    named = [(iris[s], iris[o]) for s, o in pairs if s in iris and o in iris]
    return closure((iris[c] for c in classes if c in iris), named)


def closure(nodes: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Everything that can be reached from each node along `pairs`, the node included; cycles are allowed."""
    above: dict[str, list[str]] = {}
    for below, over in pairs:
        above.setdefault(below, []).append(over)
    reached: dict[str, frozenset[str]] = {}
    for node in dict.fromkeys([*nodes, *above]):
        seen, waiting = {node}, [node]
        while waiting:
            fresh = [n for n in above.get(waiting.pop(), ()) if n not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        reached[node] = frozenset(seen)
    return reached


# Finding what is wrong


def minimal(axioms: Sequence[Axiom], consistent: Callable[[Sequence[Axiom]], bool]) -> tuple[Axiom, ...]:
    """A smallest part of `axioms` that is inconsistent, by QuickXplain (Junker 2004).

    Declarations are kept throughout, so that a part means what the whole means. Empty when `_MOST_CALLS` were too few.
    """
    background = [axiom for axiom in axioms if _is_declaration(axiom)]
    candidates = [axiom for axiom in axioms if not _is_declaration(axiom)]
    calls = 0

    def holds(part: Sequence[Axiom]) -> bool:
        nonlocal calls
        calls += 1
        if calls > _MOST_CALLS:
            raise _EnoughError
        return consistent(part)

    def search(base: list[Axiom], added: bool, rest: list[Axiom]) -> list[Axiom]:
        if added and not holds(base):
            return []
        if len(rest) == 1:
            return rest
        left, right = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        of_right = search([*base, *left], bool(left), right)
        of_left = search([*base, *of_right], bool(of_right), left)
        return [*of_left, *of_right]

    try:
        return tuple(search(background, False, candidates)) if candidates else ()
    except _EnoughError:
        return ()


class _EnoughError(Exception):
    pass


_DECLARED = frozenset(
    (
        OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.Ontology,
        OWL.NamedIndividual, RDFS.Datatype,
    )
)  # fmt: skip


def _is_declaration(axiom: Axiom) -> bool:
    return all(p == RDF.type and o in _DECLARED for _, p, o in axiom)


def _axioms(graphs: Iterable[Graph]) -> Iterator[Axiom]:
    """The triples of all graphs, each with the blank nodes that it needs; annotations and imports are left out."""
    merged = Graph()
    for graph in graphs:
        for triple in graph:
            merged.add(triple)
    annotations = {RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.imports, OWL.versionInfo}
    annotations.update(merged.subjects(RDF.type, OWL.AnnotationProperty))  # type: ignore[arg-type]
    for s, p, o in merged:
        if not isinstance(s, BNode) and p not in annotations:
            yield frozenset(_with_blanks(merged, (s, p, o)))
    # A restriction or list of differences that nothing refers to is an axiom of its own.
    for s in set(merged.subjects()):
        if isinstance(s, BNode) and (None, None, s) not in merged:
            yield frozenset(t for triple in merged.triples((s, None, None)) for t in _with_blanks(merged, triple))


def _with_blanks(graph: Graph, triple: Triple, seen: frozenset[Node] = frozenset()) -> Iterator[Triple]:
    yield triple
    target = triple[2]
    if isinstance(target, BNode) and target not in seen:
        for further in graph.triples((target, None, None)):
            yield from _with_blanks(graph, further, seen | {target})


def describe(axiom: Axiom) -> str:
    """An axiom on one line: the triple about a name first, then what its blank nodes say."""
    ordered = sorted(axiom, key=lambda t: (isinstance(t[0], BNode), str(t[0]), str(t[1]), str(t[2])))
    return "; ".join(" ".join("…" if isinstance(n, BNode) else _short(n) for n in triple) for triple in ordered)


def _short(node: Node) -> str:
    if isinstance(node, Literal):
        return repr(str(node))
    if (curie := compress(str(node))) is not None:
        return curie
    for prefix, start in VOCABULARIES.items():
        if str(node).startswith(start):
            return f"{prefix}:{str(node).removeprefix(start)}"
    return f"<{node}>"


class _Reasoner:
    """HermiT as a yes-or-no question, a process for each."""

    def __init__(self, memory_mb: int) -> None:
        import owlready2

        home = Path(owlready2.__file__).parent / "hermit"
        self._command = [
            _java(), f"-Xmx{memory_mb}M", "-cp", os.pathsep.join((str(home), str(home / "HermiT.jar"))),
            "org.semanticweb.HermiT.cli.CommandLine", "-k",
        ]  # fmt: skip

    def consistent(self, axioms: Sequence[Axiom]) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "axioms.nt"
            file.write_bytes(_ntriples(axioms))
            done = subprocess.run(  # noqa: S603 - Java and HermiT, with no argument from outside
                [*self._command, file.as_uri()], capture_output=True, text=True, check=False
            )
        output = done.stdout + done.stderr
        if "Thing is not satisfiable" in output or "Inconsistent ontology" in output:
            return False
        if "Thing is satisfiable" in output:
            return True
        raise _failed(output)


def _failed(output: str) -> VocabularyError:
    # The Java stack trace begins with what is wrong.
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    message = next((line for line in lines if "Exception" in line or "Error" in line), lines[-1] if lines else "")
    return VocabularyError(
        f"HermiT gave up: {message}",
        where="HermiT",
        remedy="correct the construct that it names; it must be OWL 2 DL with the datatypes of OWL 2",
    )


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise VocabularyError(
            "HermiT needs Java, and there is none on the PATH",
            where="reasoner",
            remedy="install it: Debian, Ubuntu: apt install default-jre-headless",
        )
    return java


def _ntriples(axioms: Sequence[Axiom]) -> bytes:
    graph = Graph()
    for axiom in axioms:
        for triple in axiom:
            graph.add(triple)
    graph.add((URIRef(_ONTOLOGY), RDF.type, OWL.Ontology))
    return graph.serialize(format="nt", encoding="utf-8")


# OWL 2 DL

_BUILT_IN = (str(RDF), str(RDFS), str(OWL), str(XSD))
_PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def dl_problems(graphs: Iterable[Graph]) -> list[str]:
    """What keeps the union of `graphs` from being OWL 2 DL, a line each; empty when nothing does.

    Covers what RDF graphs get wrong in practice: undeclared properties and classes, a property of two kinds, a
    literal where the property is for individuals and the other way round. (OWL 2 Structural Specification, 3 and 5.8.)
    """
    merged = Graph()
    for graph in graphs:
        for triple in graph:
            merged.add(triple)
    kinds = {kind: set(merged.subjects(RDF.type, kind)) for kind in _PROPERTY_KINDS}
    return sorted({*_undeclared(merged, kinds), *_two_kinds(kinds), *_wrong_values(merged, kinds)})


def _undeclared(graph: Graph, kinds: Mapping[URIRef, set[Node]]) -> Iterator[str]:
    declared = set().union(*kinds.values())
    for predicate in set(graph.predicates()):
        if predicate not in declared and not str(predicate).startswith(_BUILT_IN):
            yield f"property not declared: {_short(predicate)}"
    classes = set(graph.subjects(RDF.type, OWL.Class)) | set(graph.subjects(RDF.type, RDFS.Datatype))
    used = set(graph.objects(None, RDF.type)) | set(graph.objects(None, RDFS.domain))
    for node in used:
        if isinstance(node, URIRef) and node not in classes and not str(node).startswith(_BUILT_IN):
            yield f"class not declared: {_short(node)}"


def _two_kinds(kinds: Mapping[URIRef, set[Node]]) -> Iterator[str]:
    for number, one in enumerate(_PROPERTY_KINDS):
        for other in _PROPERTY_KINDS[number + 1 :]:
            for node in kinds[one] & kinds[other]:
                yield f"property of two kinds ({_short(one)}, {_short(other)}): {_short(node)}"


def _wrong_values(graph: Graph, kinds: Mapping[URIRef, set[Node]]) -> Iterator[str]:
    for _, predicate, value in graph:
        if predicate in kinds[OWL.ObjectProperty] and isinstance(value, Literal):
            yield f"literal as value of the object property {_short(predicate)}"
        if predicate in kinds[OWL.DatatypeProperty] and not isinstance(value, Literal):
            yield f"resource as value of the datatype property {_short(predicate)}"


def own() -> list[Graph]:
    """The project's ontology and its vocabulary."""
    from ivigraph.ontology.conformance import schema
    from ivigraph.ontology.graph import vocabulary_graph
    from ivigraph.ontology.vocabulary import load

    return [schema(), vocabulary_graph(load())]


def taxonomy(vocabulary: Vocabulary) -> Graph:
    """The classes of a vocabulary and nothing of them but what each is below: all that classification needs."""
    graph = Graph()
    for concept in vocabulary.concepts.values():
        node = URIRef(expand(concept.id))
        graph.add((node, RDF.type, OWL.Class))
        for parent in concept.parents:
            graph.add((node, RDFS.subClassOf, URIRef(expand(parent))))
    return graph


def inferred(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """(concept, ancestor) that follow from the definitions of the ontology and from no line of the tables; sorted.

    Raises VocabularyError when a class is contradictory.
    """
    from ivigraph.ontology.conformance import schema

    found = classify([schema(), taxonomy(vocabulary)], explain=True)
    if not found.sound:
        wrong = f"nothing can be a {', '.join(found.unsatisfiable)}" if found.consistent else "inconsistent"
        raise VocabularyError(
            f"{wrong}: {'; '.join(found.explanation)}", where="HermiT", remedy="correct one of these axioms"
        )
    concepts = vocabulary.concepts
    above = {compress(iri): {compress(over) for over in overs} for iri, overs in found.superclasses.items()}
    return sorted(
        (id, ancestor)
        for id in concepts
        for ancestor in above.get(id, ())
        if ancestor is not None and ancestor in concepts and not vocabulary.is_a(id, ancestor)
    )


def parsed(files: Iterable[Path]) -> list[Graph]:
    """The graphs of OWL files. Raises ReadError naming the line."""
    from ivigraph.ontology import external, owl

    graphs = []
    for file in files:
        world = owl.parse(file, external.detect(file))
        try:
            written = io.BytesIO()
            world.graph.save(written, format="ntriples")
        finally:
            world.close()
        graphs.append(Graph().parse(data=written.getvalue(), format="nt"))
    return graphs
