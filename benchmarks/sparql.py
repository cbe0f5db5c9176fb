"""Researchers' questions over HTTP, side by side: `python benchmarks/sparql.py [--cache DIR] [--sizes N,N]`.

The same quads (benchmarks/quads.py) are served by ivigraph, the native Oxigraph server, Debian's Virtuoso and
rdflib-endpoint, those that are installed. Answers are compared by a hash of their rows. Three things are measured:

questions   the catalogue's with and without parameters, forms that are slow elsewhere, and a text search, asked in turn
light       200 small queries, beside the engine in this process
mixed       nine light queries for one question, by 1, 8 and 32 clients

ivigraph is measured as it is ("kept": answers are kept until the graph changes) and with each answer made anew. Times
are in ms, p50/p95, of this machine in this run: compare ratios. What was loaded stays in --cache for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph
import quads
from servers import JSON, MINTER, SERVERS, Client, Ivigraph, Server, written

from ivigraph.namespaces import prefixes
from ivigraph.ontology.vocabulary import Kind
from ivigraph.queries import catalogue

ANEW = {"Cache-Control": "no-cache"}
DECLARED = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes(MINTER).items())
LIGHT = 200
_LEAST = "sentence"  # the MIN of several texts: Virtuoso orders text otherwise
_GONE = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Question:
    """`elsewhere` is what other servers are asked, where they lack a form of ours."""

    name: str
    text: str
    elsewhere: str = ""


def questions(documents: quads.Documents) -> list[Question]:
    event, disease = documents.ranked(Kind.EVENT, 12), documents.ranked(Kind.DISEASE, 8)
    product, word = documents.ranked(Kind.PRODUCT, 0), documents.rare_word()
    asked: list[tuple[str, Mapping[str, str]]] = [
        ("overview", {}), ("linking", {}), ("unlinked-names", {}), ("network-edges", {}), ("off-label-uses", {}),
        ("retracted-claims", {}), ("adverse-events-by-disease", {"disease": disease}),
        ("adverse-event-sentences", {"event": event}), ("cases", {"disease": disease}),
        ("claims-of-concept", {"concept": event}), ("documents-of-claim", {"subject": product, "object": event}),
        ("documents", {"about": disease}), ("event-disease-reports", {"disease": disease}),
        ("evidence-by-year", {"concept": event}), ("mechanisms", {"therapy": product}),
        ("negated-claims", {"object": event}), ("network-edges", {"concept": disease}),
        ("onset-of-events", {"event": event}), ("products", {"event": event}), ("proportions", {"object": event}),
        ("treatments-by-disease", {"disease": disease}),
    ]  # fmt: skip
    known = catalogue.load()
    found = [Question(f"{name}{' of one' if given else ''}", known[name].bind(given)) for name, given in asked]
    found += [Question(name, DECLARED + text) for name, text in _SLOW_FORMS.items()]
    found.append(
        Question(
            "text search",
            f'SELECT ?x ?o {{ SERVICE ivo:search {{ ?x search:query "{word}" }} ?x biolink:object ?o }}',
            f"{DECLARED}SELECT ?x ?o {{ ?x biolink:supporting_text ?t ; biolink:object ?o "
            f'FILTER(CONTAINS(LCASE(?t), "{word}")) }}',
        )
    )
    return found


_SLOW_FORMS = {
    "not exists": "SELECT DISTINCT ?event { ?claim biolink:subject ivo:IVIG ; biolink:object ?event ; "
    "biolink:predicate biolink:has_adverse_event ; biolink:negated false "
    "FILTER NOT EXISTS { ?other biolink:object ?event ; biolink:negated true } }",
    "closure, counted": "SELECT ?class (COUNT(DISTINCT ?claim) AS ?n) { ?claim biolink:object ?thing ; "
    "biolink:negated false . ?thing skos:broader* ?class } GROUP BY ?class ORDER BY DESC(?n) ?class LIMIT 50",
}


def light(engine: pyoxigraph.Store) -> list[str]:
    """Small queries, each another one: a claim, its sentence, the claims of a document, a count."""
    claims = [
        quad.subject.value
        for quad in engine.quads_for_pattern(
            None,
            pyoxigraph.NamedNode(prefixes(MINTER)["rdf"] + "type"),
            pyoxigraph.NamedNode(prefixes(MINTER)["ivo"] + "Claim"),
            pyoxigraph.DefaultGraph(),
        )
    ]
    draw = random.Random(5)
    forms = (
        "SELECT ?p ?o {{ <{0}> ?p ?o }}",
        "SELECT ?event ?quote {{ <{0}> biolink:object ?event ; biolink:supporting_text ?quote }}",
        "SELECT ?title ?year {{ <{0}> biolink:publications ?d . ?d dcterms:title ?title ; ivo:year ?year }}",
        "SELECT ?claim {{ <{0}> biolink:publications ?d . ?claim biolink:publications ?d ; biolink:negated false }}",
    )
    short = "".join(f"PREFIX {name}: <{prefixes(MINTER)[name]}> " for name in ("biolink", "dcterms", "ivo"))
    return [short + forms[n % len(forms)].format(draw.choice(claims)) for n in range(LIGHT)]


def digest(body: bytes) -> str:
    """Of the rows, whatever their order and however a value is spelled."""
    rows = [
        sorted((name, _value(term)) for name, term in row.items() if name != _LEAST)
        for row in json.loads(body)["results"]["bindings"]
    ]
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()[:10]


def _value(term: Mapping[str, str]) -> str:
    value, kind = term["value"], term.get("datatype", "")
    if kind.endswith("#boolean"):
        return {"1": "true", "0": "false"}.get(value, value)
    with contextlib.suppress(InvalidOperation):
        return format(Decimal(value).normalize(), "f")
    return "; ".join(sorted(value.split("; ")))  # GROUP_CONCAT promises no order


def timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def quantiles(seconds: Sequence[float]) -> str:
    """p50/p95 in ms."""
    if not seconds:
        return "-"
    ordered = sorted(seconds)
    ends = (statistics.median(ordered), ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)])
    return "/".join(f"{end * 1000:.{2 if end < 0.1 else 0}f}" for end in ends)


def ratio(one: Sequence[float], other: Sequence[float]) -> str:
    return f"{statistics.median(one) / statistics.median(other):.2f}" if one and other else "-"


def row(name: str, cells: Sequence[str], last: str = "") -> None:
    print(f"{name:34}" + "".join(f"{cell:>17}" for cell in cells) + f"   {last}", flush=True)


class Asker:
    """Asks each server in turn; one that gives no answer in time is started again, for it may still be at work."""

    def __init__(self, servers: Mapping[str, Server], deadline: float) -> None:
        self.servers = dict(servers)
        self._deadline = deadline
        self._late: dict[str, int] = dict.fromkeys(servers, 0)

    def columns(self) -> dict[str, tuple[Server, Mapping[str, str]]]:
        """Our own stands twice: as it is, and with each answer made anew."""
        found: dict[str, tuple[Server, Mapping[str, str]]] = {}
        for name, server in self.servers.items():
            if name == "ivigraph":
                found["ivigraph, kept"] = (server, {})
            found[name] = (server, ANEW if name == "ivigraph" else {})
        return found

    def measured(self, server: Server, headers: Mapping[str, str], text: str, rounds: int) -> tuple[str, list[float]]:
        """What the first answer was, as a digest or an outcome, and the times of those after it."""
        client = Client(server, self._deadline, **headers)
        try:
            first = digest(client.ask(text))
            times: list[float] = []
            while len(times) < rounds and sum(times) < self._deadline / 2:
                times.append(timed(lambda: client.ask(text)))
        except TimeoutError:
            self._late[server.name] += 1
            server.stop()
            if self._late[server.name] == 3 and server.name != "ivigraph":
                del self.servers[server.name]
                print(f"{server.name} is left out from here: three answers took longer than {self._deadline:g} s")
            else:
                server.start()
            return "late", []
        except _GONE as error:
            return str(error).partition("\n")[0][:60], []
        return first, times


def ask_questions(asker: Asker, asked: Sequence[Question], rounds: int) -> None:
    names = list(asker.columns())
    print(f"\nquestions, ms p50/p95 of {rounds}")
    row("", names, "ivigraph : virtuoso, kept : virtuoso, answers")
    every: dict[str, list[float]] = {name: [] for name in names}
    for question in asked:
        cells, seen, times = [], {}, {}
        for name, (server, headers) in asker.columns().items():
            text = question.elsewhere if question.elsewhere and server.name != "ivigraph" else question.text
            seen[name], times[name] = asker.measured(server, headers, text, rounds)
            every[name] += times[name][:1]
            cells.append(quantiles(times[name]) if times[name] else seen[name])
        digests = {value for name, value in seen.items() if times[name]}
        same = "equal" if len(digests) == 1 else "DIFFERENT: " + " ".join(f"{n}={v}" for n, v in seen.items())
        against = [ratio(times.get(name, []), times.get("virtuoso", [])) for name in ("ivigraph", "ivigraph, kept")]
        row(question.name, [*cells, *[""] * (len(names) - len(cells))], f"{against[0]:>6} {against[1]:>6}  {same}")
    row("median of all", [quantiles(every[name]).partition("/")[0] for name in names])


def ask_light(asker: Asker, engine: pyoxigraph.Store, queries: Sequence[str]) -> None:
    def inside(text: str) -> None:
        engine.query(text).serialize(format=pyoxigraph.QueryResultsFormat.JSON)

    columns = asker.columns()
    clients = {name: Client(server, 60.0, **headers) for name, (server, headers) in columns.items()}
    different = 0
    for text in queries:  # so that all are warm, and the answers known
        inside(text)
        different += len({digest(client.ask(text)) for client in clients.values()}) > 1
    times: dict[str, list[float]] = {name: [] for name in ("in process", *columns)}
    for text in queries:
        times["in process"].append(timed(lambda: inside(text)))  # noqa: B023 - called at once
        for name, client in clients.items():
            times[name].append(timed(lambda: client.ask(text)))  # noqa: B023
    print(f"\n{len(queries)} light queries, ms p50/p95; {different or 'no'} answers differ")
    row("", list(times))
    row("time", [quantiles(own) for own in times.values()])
    over = [statistics.median(own) - statistics.median(times["in process"]) for own in times.values()]
    row("p50 over the engine in process", [f"{seconds * 1000:.2f}" for seconds in over])


def ask_mixed(asker: Asker, queries: Sequence[str], heavy: Sequence[Question], seconds: float) -> None:
    columns = asker.columns()
    print(f"\nmixed load, answers/s (ms p50/p95) in {seconds:g} s each")
    row("clients", list(columns), "ivigraph : oxigraph, kept : oxigraph, kept : virtuoso")
    for number in (1, 8, 32):
        cells, rates = [], {}
        for name, (server, headers) in columns.items():
            times, taken = loaded(server, headers, number, queries, heavy, seconds)
            rates[name] = len(times) / taken
            cells.append(f"{rates[name]:.0f} ({quantiles(times)})")
        pairs = (("ivigraph", "oxigraph"), ("ivigraph, kept", "oxigraph"), ("ivigraph, kept", "virtuoso"))
        against = [f"{rates[a] / rates[b]:.2f}" if rates.get(a) and rates.get(b) else "-" for a, b in pairs]
        print(f"{number:<10}" + "".join(f"{cell:>24}" for cell in cells) + "   " + " ".join(against), flush=True)


def loaded(
    server: Server,
    headers: Mapping[str, str],
    clients: int,
    queries: Sequence[str],
    heavy: Sequence[Question],
    seconds: float,
) -> tuple[list[float], float]:
    """The times of all answers to so many clients, and how long they asked."""
    done: list[float] = []
    begin = time.perf_counter()

    def one(number: int) -> None:
        client, draw = Client(server, 60.0, **headers), random.Random(number)
        while time.perf_counter() < begin + seconds:
            chosen = draw.choice(heavy) if draw.random() < 0.1 else None
            own = server.name == "ivigraph" or chosen is None or not chosen.elsewhere
            text = draw.choice(queries) if chosen is None else chosen.text if own else chosen.elsewhere
            with contextlib.suppress(*_GONE):  # turned away or ended: no answer that counts
                done.append(timed(lambda: client.ask(text)))  # noqa: B023

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, time.perf_counter() - begin


def chosen(folder: Path, number: int, names: Sequence[str]) -> Iterator[Server]:
    """The servers that are installed and can hold so much, with the data loaded."""
    own = Ivigraph(folder)
    print(f"ivigraph loaded, derived, merged and indexed in {own.prepared():.0f} s", flush=True)
    found = []
    for server in (SERVERS[name](folder) for name in names):
        if lacking := server.lacks():
            print(f"{server.name} is not installed: {lacking}")
        elif number > server.most:
            print(f"{server.name} is not tried with more than {server.most:,} quads: it keeps all in Python's memory")
        else:
            found.append(server)
    with ThreadPoolExecutor() as threads:  # the others at the same time
        for server, seconds in zip(found, threads.map(Server.prepared, found), strict=True):
            if server.name != "ivigraph":
                print(f"{server.name} loaded in {seconds:.0f} s", flush=True)
            yield server


def compare(folder: Path, number: int, options: argparse.Namespace) -> None:
    print(f"\n== {number:,} quads", flush=True)
    written(folder, number)
    asked = questions(quads.Documents(MINTER))
    servers = list(chosen(folder, number, options.servers.split(",")))
    with ExitStack() as stack:
        started: dict[str, Server] = {}
        for server in servers:
            try:
                stack.enter_context(server.running())
                started[server.name] = server
            except TimeoutError as error:
                print(f"{server.name} is left out: {error}")
        asker = Asker(started, options.deadline)
        engine = Ivigraph(folder).engine()
        small = light(engine)
        ask_questions(asker, asked, options.rounds)
        ask_light(asker, engine, small)
        heavy = [question for question in asked if question.name in _HEAVY]
        ask_mixed(asker, small, heavy, options.seconds)


_HEAVY = (
    "network-edges of one", "adverse-events-by-disease of one", "treatments-by-disease of one", "overview",
    "text search", "documents of one", "adverse-event-sentences of one",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000000", help="quads, with commas (default: 1000000)")
    parser.add_argument("--cache", type=Path, help="keep what was generated and loaded here, and use it again")
    parser.add_argument("--servers", default=",".join(SERVERS), help=f"of {', '.join(SERVERS)}")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of each question")
    parser.add_argument("--seconds", type=float, default=5, help="of each mixed load")
    parser.add_argument("--deadline", type=float, default=12, help="seconds that a question may take")
    options = parser.parse_args()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        for number in map(int, options.sizes.split(",")):
            compare((options.cache or Path(scratch)) / str(number), number, options)
    print(f"\n{JSON} throughout; {(time.perf_counter() - begin) / 60:.1f} minutes in all")


if __name__ == "__main__":
    main()
