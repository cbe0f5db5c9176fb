"""What the store costs over the engine alone: `python benchmarks/store.py [--documents N] [--rounds N]`.

Everything is measured in one run on one machine, so that the ratios mean something where the times do not:
loading against the engine's own bulk load, publication against loading one document, and each query through a
reader process against the same query in this process, both giving bytes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph
from rdflib import RDF, Graph, Literal, URIRef

from ivigraph.namespaces import ONTOLOGY
from ivigraph.store import open_store

BASE = "http://example.org/"
CLAIMS = 30  # a document; each claim has ten triples

QUERIES = {
    "one claim": "SELECT ?p ?o { ex:claim-7-3 ?p ?o }",
    "claims about a thing": "SELECT ?c ?q { ?c ex:object ex:thing-5 ; ex:quote ?q } LIMIT 20",
    "ask": "ASK { ex:claim-7-3 a ivo:Claim }",
    "count by thing": "SELECT ?t (COUNT(?c) AS ?n) { ?c ex:object ?t } GROUP BY ?t",
    "5000 rows": "SELECT ?c ?p ?o { ?c ?p ?o } LIMIT 5000",
}
PREFIXES = {"ex": BASE, "ivo": ONTOLOGY}


def document(number: int) -> Graph:
    graph = Graph()
    for i in range(CLAIMS):
        claim = URIRef(f"{BASE}claim-{number}-{i}")
        graph.add((claim, RDF.type, URIRef(f"{ONTOLOGY}Claim")))
        graph.add((claim, URIRef(f"{BASE}object"), URIRef(f"{BASE}thing-{(number * CLAIMS + i) % 997}")))
        graph.add((claim, URIRef(f"{BASE}quote"), Literal(f"Sentence {i} of document {number}, verbatim.")))
        for field in range(7):
            graph.add((claim, URIRef(f"{BASE}field-{field}"), Literal(number * i + field)))
    return graph


def timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def median(action: Callable[[], object], rounds: int) -> float:
    action()
    return statistics.median(timed(action) for _ in range(rounds))


def loading(directory: Path, documents: int) -> Iterator[str]:
    graphs = [(f"{BASE}graph-{number}", document(number)) for number in range(documents)]
    quads = sum(len(graph) for _, graph in graphs)
    lines = "".join(f"{s.n3()} {p.n3()} {o.n3()} <{name}> .\n" for name, graph in graphs for s, p, o in graph).encode()
    engine = str(directory / "engine")
    alone = timed(lambda: pyoxigraph.Store(engine).bulk_load(lines, pyoxigraph.RdfFormat.N_QUADS))
    with open_store(directory / "store", create=True) as store:

        def write(items: list[tuple[str, Graph]]) -> None:
            with store.writer() as writer:
                for name, graph in items:
                    writer.replace_graph(name, graph)

        first, again = timed(lambda: write(graphs)), timed(lambda: write(graphs))
        one = median(lambda: write([(f"{BASE}graph-0", document(store.generation + documents))]), 5)
    yield f"{quads:,} quads in {documents:,} documents"
    yield f"load           {quads / first:10,.0f} quads/s   {first / alone:5.2f} x the engine's bulk load of a file"
    yield f"load unchanged {quads / again:10,.0f} quads/s   {again / alone:5.2f} x"
    yield f"publish one document {one * 1000:8.1f} ms"


def querying(directory: Path, rounds: int) -> Iterator[str]:
    with open_store(directory / "store", readers=1, prefixes=PREFIXES) as store:
        generation = directory / "store" / "generations" / f"{store.generation:06d}" / "graph"
        engine = pyoxigraph.Store.read_only(str(generation))

        def inside(query: str) -> bytes | None:
            answer = engine.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
            return answer.serialize(format=pyoxigraph.QueryResultsFormat.JSON)  # type: ignore[call-overload]

        def through(query: str) -> bytes:
            return b"".join(store.answer(query).chunks)

        start = timed(lambda: through("ASK {}"))
        yield f"first answer of a new reader {start * 1000:6.1f} ms"
        yield "query                   in process   through a reader   difference   ratio"
        for name, query in QUERIES.items():
            if inside(query) != through(query):
                raise SystemExit(f"the answers to {name!r} differ")
            alone, read = median(lambda q=query: inside(q), rounds), median(lambda q=query: through(q), rounds)
            yield (
                f"{name:22} {alone * 1000:8.3f} ms      {read * 1000:8.3f} ms"
                f"   {(read - alone) * 1000:7.3f} ms   {read / alone:5.2f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=300, help="documents of 300 quads (default: 300)")
    parser.add_argument("--rounds", type=int, default=200, help="repetitions of each query (default: 200)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for line in loading(Path(name), options.documents):
            print(line)
        for line in querying(Path(name), options.rounds):
            print(line)


if __name__ == "__main__":
    main()
