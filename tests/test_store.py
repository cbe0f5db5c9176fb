"""The embedded store on disk: opening, writing, publishing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDFS, XSD

import ivigraph
from ivigraph.errors import QuerySyntaxError, StoreError, StoreLockedError
from ivigraph.store import Dataset, Form, open_store

ROOT = Path(ivigraph.__file__).parents[1]
G1, G2 = "http://example.org/graph/1", "http://example.org/graph/2"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


def graph(*labels: str, about: str = "http://example.org/a") -> Graph:
    made = Graph()
    for label in labels:
        made.add((URIRef(about), RDFS.label, Literal(label)))
    return made


def labels(store) -> list[str]:
    return sorted(str(row["o"]) for row in store.select(f"SELECT ?o {{ ?s <{RDFS.label}> ?o }}"))


def python(script: str, *arguments: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def store(directory):
    with open_store(directory, create=True, readers=1, prefixes={"ex": "http://example.org/"}) as opened:
        yield opened


def test_a_new_store_is_empty_and_of_generation_0(store):
    assert store.generation == 0
    assert len(store.select(ALL)) == 0
    assert store.ask("ASK { ?s ?p ?o }") is False
    assert store.generations() == ()
    assert store.quads() == 0


def test_what_was_written_is_there_after_opening_again(directory):
    with open_store(directory, create=True) as store, store.writer() as writer:
        assert writer.replace_graph(G1, graph("one")) is True
    with open_store(directory, readers=1) as store:
        assert labels(store) == ["one"]
        assert store.generation == 1


def test_terms_come_back_as_they_were_written(store):
    written = Graph()
    subject = URIRef("http://example.org/é?q=1#f")
    for term in (
        Literal('a "quoted"\nline\t\\ with 血小板減少 and \U0001f489'),
        Literal("bonjour", lang="fr"),
        Literal(7),
        Literal("30.6", datatype=XSD.decimal),
        Literal(True),
        Literal("2026-11-21", datatype=XSD.date),
        Literal("x", datatype=URIRef("http://example.org/own")),
        Literal(""),
        subject,
    ):
        written.add((subject, RDFS.seeAlso, term))
    with store.writer() as writer:
        writer.replace_graph(G1, written)
    assert set(store.construct("CONSTRUCT WHERE { ?s ?p ?o }")) == set(written)
    assert {row["o"] for row in store.select("SELECT ?o { ?s ?p ?o }")} == set(written.objects())


def test_blank_nodes_keep_their_connections(store):
    written, node = Graph(), BNode()
    written.add((URIRef("http://example.org/a"), RDFS.seeAlso, node))
    written.add((node, RDFS.label, Literal("inside")))
    with store.writer() as writer:
        writer.replace_graph(G1, written)
    assert store.ask(f'ASK {{ ex:a <{RDFS.seeAlso}> ?b . ?b <{RDFS.label}> "inside" }}')


def test_replacing_a_graph_leaves_the_others_alone(store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one", "two"))
        writer.replace_graph(G2, graph("other"))
    with store.writer() as writer:
        assert writer.replace_graph(G1, graph("two", "three")) is True
    assert labels(store) == ["other", "three", "two"]


def test_the_same_content_again_publishes_nothing(store):
    for _ in range(2):
        with store.writer() as writer:
            changed = writer.replace_graph(G1, graph("one"))
    assert changed is False
    assert store.generation == 1


def test_a_literal_that_the_engine_normalises_is_not_taken_for_a_change(store):
    written = Graph()
    written.add((URIRef(G1), RDFS.label, Literal("1.50", datatype=XSD.decimal, normalize=False)))
    with store.writer() as writer:
        assert writer.replace_graph(G1, written) is True
    with store.writer() as writer:
        assert writer.replace_graph(G1, written) is False


def test_the_second_content_of_a_graph_within_one_transaction_wins(store):
    with store.writer() as writer:
        assert writer.replace_graph(G1, graph("one"))
        assert writer.replace_graph(G1, graph("two"))
        assert not writer.replace_graph(G1, graph("two"))
    assert labels(store) == ["two"]


def test_a_deleted_graph_is_gone_and_deleting_it_again_changes_nothing(store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
        writer.replace_graph(G2, graph("two"))
    with store.writer() as writer:
        assert writer.delete_graph(G1) is True
        assert writer.delete_graph(G1) is False
        assert writer.replace_graph(G2, Graph()) is True
    assert len(store.select("SELECT ?g { GRAPH ?g {} }")) == 0


def test_an_exception_in_the_block_leaves_everything_as_it_was(store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))

    def fail() -> None:
        with store.writer() as writer:
            writer.replace_graph(G1, graph("two"))
            writer.update("INSERT DATA { GRAPH ex:g { ex:a ex:b ex:c } }")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert labels(store) == ["one"]
    assert store.generation == 1
    with store.writer() as writer:
        assert writer.replace_graph(G1, graph("three"))
    assert labels(store) == ["three"]


def test_an_error_of_the_system_in_the_block_is_not_mistaken_for_the_stores(store):
    with pytest.raises(FileNotFoundError), store.writer():
        Path("/nowhere/at/all").read_bytes()


def test_an_update_knows_the_prefixes_and_sees_what_was_written_before_it(store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
        writer.update("INSERT { GRAPH ex:copy { ?s ex:label ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert store.ask('ASK { GRAPH ex:copy { ex:a ex:label "one" } }')


def test_an_update_with_an_error_names_its_place_and_changes_nothing(store):
    with pytest.raises(QuerySyntaxError) as caught, store.writer() as writer:
        writer.update("INSERT DATA {\n GRAPH ex:g { ex:a nope:b ex:c } }")
    assert (caught.value.line, caught.value.column) == (2, 20)
    assert "nope:" in caught.value.message
    assert store.generation == 0


def test_an_iri_that_is_none_is_named(store):
    wrong = Graph()
    wrong.add((URIRef("not an iri"), RDFS.label, Literal("x")))
    with pytest.raises(StoreError, match="not an iri"), store.writer() as writer:
        writer.replace_graph(G1, wrong)


def test_the_derived_graph_is_made_again_at_every_publication(directory):
    derive = """
        DROP SILENT GRAPH <http://example.org/derived> ;
        INSERT { GRAPH <http://example.org/derived> { ?s <http://example.org/count> ?n } }
        WHERE { SELECT ?s (COUNT(?o) AS ?n)
                { GRAPH ?g { ?s ?p ?o } FILTER(?g != <http://example.org/derived>) } GROUP BY ?s }
    """
    count = "SELECT ?n { ?s <http://example.org/count> ?n }"
    with open_store(directory, create=True, readers=1, derive=derive) as store:
        for contents in (("one",), ("one", "two", "three")):
            with store.writer() as writer:
                writer.replace_graph(G1, graph(*contents))
            assert [row["n"].toPython() for row in store.select(count)] == [len(contents)]
    with open_store(directory, readers=1, derive=derive.replace("COUNT(?o)", "(10 * COUNT(?o))")) as newer:
        with newer.writer() as writer:
            assert not writer.replace_graph(G1, graph("one", "two", "three"))
        assert [row["n"].toPython() for row in newer.select(count)] == [30]


def test_a_failing_derivation_publishes_nothing(directory):
    with open_store(directory, create=True, readers=1, derive="DELETE WHERE { nonsense") as store:
        with pytest.raises(QuerySyntaxError), store.writer() as writer:
            writer.replace_graph(G1, graph("one"))
        assert store.generation == 0
        assert labels(store) == []


def test_generations_tell_their_size_and_time_and_old_ones_can_be_read(directory):
    with open_store(directory, create=True, readers=1, keep_generations=3) as store:
        for number in (1, 2, 3, 4):
            with store.writer() as writer:
                writer.replace_graph(G1, graph(*(str(n) for n in range(number))))
        kept = store.generations()
        assert [(g.number, store.quads(g.number)) for g in kept] == [(2, 2), (3, 3), (4, 4)]
        assert store.quads() == 4
        assert kept[0].time < kept[1].time < kept[2].time
    with open_store(directory, as_of=3, readers=1) as old:
        assert (old.generation, labels(old)) == (3, ["0", "1", "2"])
        with pytest.raises(StoreError, match="generation 3, which never changes"):
            old.writer()
    for missing in (0, 1, 5):
        with pytest.raises(StoreError, match=f"has no generation {missing}.*2, 3, 4"):
            open_store(directory, as_of=missing)


def test_a_generation_that_somebody_reads_is_not_pruned(directory):
    with open_store(directory, create=True, readers=1, keep_generations=1) as store:
        with store.writer() as writer:
            writer.replace_graph(G1, graph("one"))
        with open_store(directory, as_of=1, readers=1) as old:
            for text in ("two", "three"):
                with store.writer() as writer:
                    writer.replace_graph(G1, graph(text))
            assert labels(old) == ["one"]
            assert [g.number for g in store.generations()] == [1, 3]
        with store.writer() as writer:
            writer.replace_graph(G1, graph("four"))
        assert [g.number for g in store.generations()] == [4]


def test_the_default_graph_is_the_union_unless_the_setting_says_otherwise(directory):
    with open_store(directory, create=True, readers=1) as store:
        with store.writer() as writer:
            writer.replace_graph(G1, graph("one"))
            writer.replace_graph(G2, graph("two"))
        assert labels(store) == ["one", "two"]
        assert len(store.select(f"SELECT ?o FROM <{G1}> {{ ?s ?p ?o }}")) == 1
        assert len(store.select(f"SELECT ?o FROM NAMED <{G1}> {{ GRAPH ?g {{ ?s ?p ?o }} }}")) == 1
        assert len(store.select(f"SELECT ?o FROM NAMED <{G1}> {{ ?s ?p ?o }}")) == 0
    with open_store(directory, readers=1, union_default_graph=False) as store:
        assert labels(store) == []


def test_the_dataset_of_the_protocol_wins_over_that_of_the_query(store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
        writer.replace_graph(G2, graph("two"))

    def answer(where: str, dataset: Dataset) -> str:
        query = f"SELECT ?o FROM <{G2}> {{ {where} }}"
        return b"".join(store.answer(query, accept="text/csv", dataset=dataset).chunks).decode()

    assert answer("?s ?p ?o", Dataset(default_graphs=(G1,))).split() == ["o", "one"]
    assert answer("?s ?p ?o", Dataset(named_graphs=(G1,))).split() == ["o"]
    assert answer("GRAPH ?g { ?s ?p ?o }", Dataset(named_graphs=(G1,))).split() == ["o", "one"]
    assert answer("GRAPH ?g { ?s ?p ?o }", Dataset(default_graphs=(G1,))).split() == ["o"]
    assert answer("?s ?p ?o", Dataset()).split() == ["o", "two"]


@pytest.mark.parametrize(
    ("query", "accept", "form", "begin"),
    [
        (ALL, None, Form.SELECT, b'{"head"'),
        (ALL, "application/sparql-results+xml", Form.SELECT, b"<?xml"),
        (ALL, "text/csv", Form.SELECT, b"s,p,o\r\n"),
        (ALL, "text/tab-separated-values", Form.SELECT, b"?s\t?p\t?o\n"),
        ("ASK {}", None, Form.ASK, b'{"head":{},"boolean":true}'),
        ("ASK {}", "application/sparql-results+xml", Form.ASK, b"<?xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", None, Form.GRAPH, b"<http://example.org/a>"),
        ("DESCRIBE ex:a", "text/turtle", Form.GRAPH, b"<http://example.org/a>"),
        ("DESCRIBE ex:a", "application/trig", Form.GRAPH, b"<http://example.org/a>"),
        ("DESCRIBE ex:a", "application/n-quads", Form.GRAPH, b"<http://example.org/a>"),
        ("DESCRIBE ex:a", "application/rdf+xml", Form.GRAPH, b"<?xml"),
        ("DESCRIBE ex:a", "application/ld+json", Form.GRAPH, b'[{"@id":"http://example.org/a"'),
    ],
)
def test_answers_come_in_every_format_of_their_form(store, query, accept, form, begin):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
    answer = store.answer(query, accept=accept)
    assert (answer.form, answer.generation) == (form, 1)
    assert answer.media_type == accept or accept is None
    assert b"".join(answer.chunks).startswith(begin)


def test_a_second_writer_is_told_at_once_who_is_writing(directory, store):
    script = """
import sys
from pathlib import Path
from ivigraph.store import open_store
with open_store(Path(sys.argv[1])) as store, store.writer():
    print("writing", flush=True)
    sys.stdin.read()
"""
    with python(script, str(directory)) as other:
        assert other.stdout.readline() == "writing\n"
        with pytest.raises(StoreLockedError, match=f"pid {other.pid}"), store.writer():
            pass
        other.kill()
        other.wait()
        with store.writer() as writer:  # the lock of the dead is free
            writer.replace_graph(G1, graph("one"))
    assert labels(store) == ["one"]


def test_two_writers_of_one_process_exclude_each_other_too(store):
    with store.writer(), pytest.raises(StoreLockedError), store.writer():
        pass


def test_a_reader_never_sees_half_a_write(directory, store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("0"))
        writer.replace_graph(G2, graph("0"))
    stop, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        with open_store(directory, readers=1) as own:
            while not stop.is_set():
                found = labels(own)
                seen.add(found[0])
                if found[0] != found[-1] or len(found) != 2:
                    wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 11):
        with store.writer() as writer:
            writer.replace_graph(G1, graph(str(number)))
            writer.replace_graph(G2, graph(str(number)))
        assert labels(store) == [str(number)] * 2  # the next query sees it
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(seen) > 1


def test_opening_what_is_not_there_says_how_to_make_it(directory):
    with pytest.raises(StoreError, match=f"no store here.*ivigraph ingest PATH --store {directory}"):
        open_store(directory)
    assert not directory.exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="file is in the way"):
            open_store(path, create=True)


def test_a_directory_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(StoreError, match="holds other files"):
        open_store(tmp_path, create=True)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_without_the_right_to_write_a_store_can_be_read_and_nothing_else(tmp_path):
    script = """
import ctypes, os, sys
from pathlib import Path
if os.geteuid() == 0 and "bound" not in sys.argv:
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: what makes root write everywhere
        assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0
    os.execv(sys.executable, [*sys.orig_argv, "bound"])
from ivigraph.errors import StoreError
from ivigraph.store import open_store
directory = Path(sys.argv[1])
with open_store(directory / "store", readers=1) as store:
    print(len(store.select("SELECT * { ?s ?p ?o }")))
    try:
        with store.writer():
            print("written")
    except StoreError as error:
        print(error)
try:
    open_store(directory / "other", create=True)
except StoreError as error:
    print(error)
"""
    with open_store(tmp_path / "store", create=True) as store, store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
    for path in (*tmp_path.rglob("*"), tmp_path):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with python(script, str(tmp_path)) as other:
        found, writing, creating = other.stdout.read().splitlines()
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o700)
    assert found == "1"
    assert "store: cannot be written: Permission denied" in writing
    assert "other: cannot be opened: Permission denied" in creating


def test_files_that_cannot_be_written_are_an_error_of_the_store(directory, store):
    (directory / "generations").touch()  # a file in the way, which stops root as well
    with pytest.raises(StoreError, match=r"cannot be written: .*permissions"), store.writer():
        pass


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"format": 2, "base": "https://w3id.org/ivigraph/"}, "newer ivigraph.*update"),
        ({"format": 1, "base": "https://lab.example/"}, "below https://lab.example/.*base_iri"),
        ({"format": "one"}, "is damaged"),
    ],
)
def test_a_store_that_does_not_fit_is_refused_with_a_reason(directory, about, message):
    open_store(directory, create=True).close()
    (directory / "store.json").write_text(json.dumps(about))
    with pytest.raises(StoreError, match=message):
        open_store(directory, create=True)


def test_a_damaged_pointer_is_named(directory, store):
    with store.writer() as writer:
        writer.replace_graph(G1, graph("one"))
    for damage in ((directory / "current").unlink, lambda: (directory / "current").write_text("nonsense")):
        damage()
        with pytest.raises(StoreError, match="does not name a generation") as caught:
            store.select(ALL)
        assert "newest folder below generations" in caught.value.remedy
        with pytest.raises(StoreError, match="does not name a generation"), store.writer():
            pass
    (directory / "current").write_text("1")
    assert labels(store) == ["one"]


def test_a_writer_that_is_killed_at_any_moment_leaves_the_last_publication(directory):
    script = """
import os, sys
from pathlib import Path
from rdflib import Graph, Literal, URIRef
from ivigraph.store import open_store

def write(number):
    print(os.getpid(), flush=True)
    with open_store(Path(sys.argv[1]), create=True) as store:
        while True:
            with store.writer() as writer:
                for half in "ab":
                    graph = Graph()
                    for i in range(20):
                        graph.add((URIRef(f"http://example.org/{i}"), URIRef("http://example.org/n"), Literal(number)))
                    writer.replace_graph(f"http://example.org/{half}", graph)
            print(number, flush=True)
            number += 1

for line in sys.stdin:
    if (child := os.fork()) == 0:
        write(int(line))
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
    count = "SELECT ?n (COUNT(*) AS ?c) { GRAPH ?g { ?s <http://example.org/n> ?n } } GROUP BY ?n"
    acknowledged = 0
    with python(script, str(directory)) as writers:
        for attempt in range(10):
            print(acknowledged + 1, file=writers.stdin, flush=True)
            pid = int(writers.stdout.readline())
            for _ in range(1 + attempt % 3):
                acknowledged = int(writers.stdout.readline())
            time.sleep(attempt * 0.004)  # into the next transaction, each time a little further
            os.kill(pid, signal.SIGKILL)
            while (line := writers.stdout.readline()) != "dead\n":
                acknowledged = int(line)
            with open_store(directory, readers=1) as store:
                [row] = store.select(count)
            assert row["c"].toPython() == 40
            assert row["n"].toPython() in {acknowledged, acknowledged + 1}  # the last may lack its acknowledgement
            acknowledged = row["n"].toPython()
        writers.stdin.close()
