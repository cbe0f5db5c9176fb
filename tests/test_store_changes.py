"""Clients' changes: which graphs they may write, what becomes of a bad one, and how they are published together."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import (
    PreconditionError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    StoreBusyError,
    StoreError,
    StoreLockedError,
)
from ivigraph.store import Content, GraphWrite, Ownership, Update, open_store, updates

CURATED, DOCUMENT, DERIVED = (f"http://example.org/graph/{name}" for name in ("curated", "document/1", "derived"))
OWNERSHIP = Ownership(default=CURATED, managed=("http://example.org/graph/document/",), computed=(DERIVED,))
OWN = "http://example.org/mine"
TRIPLE = "<http://example.org/a> <http://example.org/b>"
QUADS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
ENDLESS = (
    "INSERT { ?a ?b ?e } WHERE { "
    + " ".join(f"VALUES ?{v} {{ {' '.join(map(str, range(300)))} }}" for v in "vwxyz")
    + " BIND(?v + ?w + ?x + ?y + ?z AS ?e) FILTER(?e < 0) }"
)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def store(directory):
    """A store that holds a document's graph."""
    with opened(directory) as made:
        made.apply(Update(text=f"INSERT DATA {{ GRAPH <{DOCUMENT}> {{ {TRIPLE} 1 }} }}", admin=True))
        yield made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """The same, for tests in which nothing is written."""
    with opened(tmp_path_factory.mktemp("guarded") / "store") as made:
        made.apply(Update(text=f"INSERT DATA {{ GRAPH <{DOCUMENT}> {{ {TRIPLE} 1 }} }}", admin=True))
        yield made


def opened(directory, **options):
    given_ = {"readers": 1, "ownership": OWNERSHIP, "prefixes": {"graph": "http://example.org/graph/"}, **options}
    return open_store(directory, create=True, **given_)


def quads(store):
    """How many quads each graph holds."""
    return {str(row["g"]): int(row["n"]) for row in store.select(QUADS)}


def test_what_names_no_graph_goes_to_the_curated_graph(store):
    store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 . GRAPH <{OWN}> {{ {TRIPLE} 2 }} . {TRIPLE} 3 }}"))
    assert quads(store) == {DOCUMENT: 1, CURATED: 2, OWN: 1}
    store.apply(
        Update(text=f"DELETE {{ ?s ?p 3 }} INSERT {{ ?s ?p 4 , 5 }} WHERE {{ ?s ?p 3 }} ; COPY DEFAULT TO <{OWN}>")
    )
    assert quads(store) == {DOCUMENT: 1, CURATED: 3, OWN: 3}
    store.apply(
        Update(text="DELETE WHERE { ?s ?p 4 } ; DELETE DATA { <http://example.org/a> <http://example.org/b> 5 }")
    )
    assert quads(store) == {DOCUMENT: 1, CURATED: 1, OWN: 3}
    store.apply(Update(text=f"CLEAR DEFAULT ; MOVE <{OWN}> TO DEFAULT"))
    assert quads(store) == {DOCUMENT: 1, CURATED: 3}


def test_the_parameters_of_the_protocol_say_what_an_update_reads(store):
    text = f"INSERT {{ GRAPH <{OWN}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}"
    store.apply(Update(text=text))
    assert OWN not in quads(store)
    store.apply(Update(text=text, default_graphs=(DOCUMENT,)))
    assert quads(store)[OWN] == 1
    with pytest.raises(QueryError, match="USING"):
        store.apply(Update(text=f"WITH <{OWN}> {text}", named_graphs=(DOCUMENT,)))


def test_relative_names_are_resolved_by_the_base(store):
    store.apply(Update(text="INSERT DATA { GRAPH <g> { <a> <b> <c> } }", base="http://example.org/base/"))
    assert store.ask("ASK { GRAPH <http://example.org/base/g> { ?s ?p <http://example.org/base/c> } }")


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{DOCUMENT}> {{ {TRIPLE} 2 }} }}",
        f"INSERT DATA {{ GRAPH graph:document\\/1 {{ {TRIPLE} 2 }} }}",
        f"INSERT DATA {{ GRAPH <{DOCUMENT.replace('d', chr(92) + 'u0064')}> {{ {TRIPLE} 2 }} }}",
        f"BASE <http://example.org/graph/> INSERT DATA {{ GRAPH <document/1> {{ {TRIPLE} 2 }} }}",
        f"PREFIX x: <http://example.org/graph/document/> INSERT DATA {{ GRAPH x:1 {{ {TRIPLE} 2 }} }}",
        f"DELETE DATA {{ GRAPH <{DOCUMENT}> {{ {TRIPLE} 1 }} }}",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ BIND(<{DOCUMENT}> AS ?g) GRAPH ?g {{ ?s ?p ?o }} }}",
        f"INSERT DATA {{ {TRIPLE} 2 }} ; INSERT {{ GRAPH ?g {{ {TRIPLE} 3 }} }} WHERE {{ GRAPH ?g {{ ?s ?p 1 }} }}",
        f"WITH <{DOCUMENT}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR GRAPH <{DOCUMENT}>",
        f"DROP SILENT GRAPH <{DOCUMENT}>",
        f"COPY DEFAULT TO <{DOCUMENT}>",
        f"MOVE <{DOCUMENT}> TO DEFAULT",
        f"ADD <{OWN}> TO <{DOCUMENT}>",
        f"INSERT DATA {{ GRAPH <{DERIVED}> {{ {TRIPLE} 2 }} }}",
    ],
)
def test_an_update_cannot_write_the_graphs_of_documents_or_what_is_derived(guarded, text):
    before, generation = quads(guarded), guarded.generation
    with pytest.raises(QueryRefusedError, match=r"cannot be written"):
        guarded.apply(Update(text=text))
    assert (quads(guarded), guarded.generation) == (before, generation)


def test_an_administrator_writes_the_graphs_of_documents_but_nobody_what_is_derived(store):
    store.apply(Update(text=f"INSERT DATA {{ GRAPH <{DOCUMENT}> {{ {TRIPLE} 2 }} }}", admin=True))
    assert quads(store) == {DOCUMENT: 2}
    with pytest.raises(QueryRefusedError, match="anew"):
        store.apply(Update(text=f"CREATE GRAPH <{DERIVED}>", admin=True))


def test_reading_the_graphs_of_documents_is_no_writing(store):
    store.apply(Update(text=f"COPY <{DOCUMENT}> TO <{OWN}>"))
    store.apply(Update(text="INSERT { GRAPH graph:other { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }"))
    assert quads(store) == {DOCUMENT: 1, OWN: 1, "http://example.org/graph/other": 1}


def test_clearing_all_leaves_the_graphs_of_documents_and_says_so(store):
    store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 . GRAPH <{OWN}> {{ {TRIPLE} 2 }} }}"))
    assert store.apply(Update(text="DROP ALL")).left == 1
    assert quads(store) == {DOCUMENT: 1}
    assert store.apply(Update(text="CLEAR ALL", admin=True)).left == 0
    assert quads(store) == {}


@pytest.mark.parametrize(
    "text",
    [
        "DROPALL",
        f"INSERTDATA {{ {TRIPLE} 2 }}",
        f"PREFIX e: <http://example.org/> INSERT DATA {{ GRAPHe:x {{ {TRIPLE} 2 }} }}",
        f"INSERT {{ {TRIPLE} ?a }} WHERE {{ VALUES ?a {{ 1 }} FILTER(?a<'>'||?a>'') }} ; DROP GRAPH <{DOCUMENT}>",
        f"INSERT {{ {TRIPLE} ?a }} WHERE {{ VALUES ?a {{ 1 }} FILTER(?a<1#>) }} ; DROP GRAPH <{DOCUMENT}>\n) }}",
    ],
)
def test_an_update_that_can_be_read_in_two_ways_is_refused(guarded, text):
    before = quads(guarded)
    with pytest.raises(QueryError):
        guarded.apply(Update(text=text))
    assert quads(guarded) == before


def test_a_syntax_error_names_its_place_in_the_update_as_it_was_written(guarded):
    with pytest.raises(QuerySyntaxError) as caught:
        guarded.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }} ;\nINSERT DATA {{ ?a <b> <c> }}"))
    assert caught.value.line == 2
    assert guarded.generation == 1


def test_an_update_is_done_whole_or_not_at_all(guarded):
    with pytest.raises(QueryError, match="does not exist"):
        guarded.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }} ; CLEAR GRAPH <http://example.org/none>"))
    assert quads(guarded) == {DOCUMENT: 1}


@pytest.mark.parametrize(
    "text", ["LOAD <http://127.0.0.1/x>", "INSERT { ?s ?p ?o } WHERE { SERVICE <http://e/> { ?s ?p ?o } }"]
)
def test_an_update_cannot_reach_the_network(guarded, text):
    with pytest.raises(QueryRefusedError):
        guarded.apply(Update(text=text))


def test_a_document_that_was_fetched_for_load_is_loaded(store):
    content = Content(data=b"<a> <b> <c> .", media_type="text/turtle", base="http://other.example/")
    loads = {"http://other.example/d": content}
    for text in ("LOAD <http://other.example/d>", f"LOAD <http://other.example/d> INTO GRAPH <{OWN}>"):
        store.apply(Update(text=text, loads=loads))
    assert quads(store) == {DOCUMENT: 1, CURATED: 1, OWN: 1}
    with pytest.raises(QueryRefusedError):
        store.apply(
            Update(
                text=f"LOAD <http://other.example/d> INTO GRAPH <{DOCUMENT}>", loads={"http://other.example/d": content}
            )
        )


def test_a_runaway_update_is_ended_and_nothing_of_it_is_published(directory):
    with opened(directory, update_timeout=1.0) as store:
        store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }}"))
        with pytest.raises(QueryTimeoutError):
            store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 2 }} ; {ENDLESS}"))
        store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 3 }}"))
        assert quads(store) == {CURATED: 2}


def test_an_update_that_needs_too_much_memory_is_ended(directory):
    bomb = "INSERT { ?s <http://example.org/b> ?o } WHERE { " + "VALUES ?a { 1 2 3 4 5 6 7 8 9 }".replace("?a", "?a0")
    bomb += "".join(f" VALUES ?a{n} {{ {' '.join(map(str, range(50)))} }}" for n in range(1, 5))
    bomb += " BIND(IRI(CONCAT('http://example.org/', STRUUID())) AS ?s) BIND(STRUUID() AS ?o) }"
    with opened(directory, update_memory_mb=64) as store:
        with pytest.raises(QueryError, match="memory"):
            store.apply(Update(text=bomb))
        assert store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }}")).generation == 1


# The graph store.


def turtle(text, base="http://example.org/"):
    return Content(data=text.encode(), media_type="text/turtle", base=base)


def put(graph, *contents, **more):
    return GraphWrite(action="put", graph=graph, contents=contents, **more)


def test_a_graph_is_made_replaced_added_to_and_removed(store):
    assert store.apply(put(OWN, turtle("<a> <b> 1, 2 ."))).created
    assert not store.apply(put(OWN, turtle("<a> <b> 3 ."))).created
    store.apply(GraphWrite(action="post", graph=OWN, contents=(turtle("<a> <b> 4 ."), turtle("[] <b> 5 ."))))
    assert quads(store)[OWN] == 3
    delete = GraphWrite(action="delete", graph=OWN)
    assert [store.apply(delete).found for _ in range(2)] == [True, False]
    assert OWN not in quads(store)


def test_a_document_that_cannot_be_read_changes_nothing_and_names_its_place(store):
    store.apply(put(OWN, turtle("<a> <b> 1 .")))
    with pytest.raises(QuerySyntaxError) as caught:
        store.apply(put(OWN, turtle("<a> <b> 2 .\n<a> <b> . .")))
    assert (caught.value.line, quads(store)[OWN]) == (2, 1)


@pytest.mark.parametrize("graph", [DOCUMENT, DERIVED])
def test_the_graph_store_guards_the_graphs_of_documents_too(guarded, graph):
    for action in ("put", "post", "delete"):
        with pytest.raises(QueryRefusedError):
            guarded.apply(GraphWrite(action=action, graph=graph, contents=(turtle("<a> <b> 1 ."),)))


def test_a_dataset_goes_to_the_graphs_that_it_names(store):
    trig = f"GRAPH <{OWN}> {{ <a> <b> 1 }} <a> <b> 2 ."
    content = Content(data=trig.encode(), media_type="application/trig", base="http://example.org/")
    store.apply(GraphWrite(action="post", graph=None, contents=(content,)))
    assert quads(store) == {DOCUMENT: 1, OWN: 1, CURATED: 1}
    with pytest.raises(QueryError, match="names a graph itself"):
        store.apply(put(CURATED, content))
    forbidden = Content(data=trig.replace(OWN, DOCUMENT).encode(), media_type="application/trig", base="http://e/")
    with pytest.raises(QueryRefusedError):
        store.apply(GraphWrite(action="post", graph=None, contents=(forbidden,)))


def test_a_write_meant_for_another_state_is_refused(store):
    seen = store.generation
    store.apply(put(OWN, turtle("<a> <b> 1 ."), if_generation=seen))
    with pytest.raises(PreconditionError):
        store.apply(put(OWN, turtle("<a> <b> 2 ."), if_generation=seen))
    with pytest.raises(PreconditionError):
        store.apply(put(OWN, turtle("<a> <b> 2 ."), if_absent=True))


# Publication.


def together(store, changes):
    """Apply all at once, each in a thread; what became of each."""
    outcomes = [None] * len(changes)

    def one(index, change):
        try:
            outcomes[index] = store.apply(change)
        except StoreError as error:
            outcomes[index] = error

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(changes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_writes_that_wait_together_share_a_publication_and_a_bad_one_spoils_none(store):
    bad = {3: "nonsense", 7: f"CLEAR GRAPH <{DOCUMENT}>"}
    changes = [Update(text=bad.get(n, f"INSERT DATA {{ {TRIPLE} {n} }}")) for n in range(12)]
    outcomes = together(store, changes)
    assert {n for n, outcome in enumerate(outcomes) if isinstance(outcome, StoreError)} == set(bad)
    assert quads(store)[CURATED] == 10
    generations = Counter(outcome.generation for n, outcome in enumerate(outcomes) if n not in bad)
    assert max(generations.values()) > 1


def test_more_writers_than_may_wait_are_told_to_come_again(directory):
    with opened(directory, write_queue=2) as store:
        outcomes = together(store, [Update(text=f"INSERT DATA {{ {TRIPLE} {n} }}") for n in range(12)])
        done = [outcome for outcome in outcomes if not isinstance(outcome, StoreBusyError)]
        assert 2 <= len(done) < 12
        assert quads(store) == {CURATED: len(done)}


def test_a_writer_waits_for_another_and_then_gives_up(directory):
    with opened(directory, write_wait=0.3) as store, opened(directory, write_wait=30) as patient:
        with store.writer() as other:
            other.update(f"INSERT DATA {{ GRAPH <{OWN}> {{ {TRIPLE} 1 }} }}")
            with pytest.raises(StoreLockedError):
                store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }}"))
            waiting = threading.Thread(target=patient.apply, args=(Update(text=f"INSERT DATA {{ {TRIPLE} 2 }}"),))
            waiting.start()
            time.sleep(0.2)
        waiting.join()
        assert quads(store) == {OWN: 1, CURATED: 1}


def test_closing_ends_the_process_that_writes(directory):
    store = opened(directory)
    store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }}"))
    store.close()
    with pytest.raises(StoreError):
        store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 2 }}"))


# How an update is taken apart.

NAMES = st.sampled_from([f"<{OWN}>", "graph:x", "?g", "<rel>"])
TERMS = st.sampled_from(["<http://e/a>", "graph:b", '"a } { \\" #"', "'''x'y'''", "1.5", "true", "'a'@en-GB"])
TRIPLES = st.lists(TERMS, min_size=1, max_size=3).map(
    lambda objects: "".join(f" <http://e/s> graph:p {o} . # ; }}\n" for o in objects)
)
BLOCKS = st.lists(st.one_of(TRIPLES, st.builds("GRAPH {} {{{}}} ".format, NAMES, TRIPLES)), max_size=3).map("".join)
OPERATIONS = st.one_of(
    st.builds("INSERT DATA {{{}}}".format, BLOCKS.filter(lambda block: "?g" not in block)),
    st.builds("INSERT {{{}}} WHERE {{ {{ ?g ?p 1 }} UNION {{ ?g ?p '}}' }} }}".format, BLOCKS),
    st.builds("DELETE {{{}}} INSERT {{{}}} USING <http://e/> WHERE {{ ?g ?p ?o }}".format, BLOCKS, BLOCKS),
    st.builds("WITH graph:x DELETE {{{}}} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}".format, BLOCKS),
    st.builds("DELETE WHERE {{{}}}".format, BLOCKS),
    st.builds("CLEAR SILENT {}".format, st.sampled_from(["ALL", "GRAPH <x>", "Default"])),
    st.sampled_from(["Copy DEFAULT to <z>", "MOVE graph:y TO GRAPH <z>", "DROP NAMED", "create graph <x>"]),
)


@given(st.lists(OPERATIONS, max_size=4))
def test_every_operation_is_found_with_the_graphs_it_writes_and_what_is_run_is_the_same(texts):
    found = updates.operations("PREFIX graph: <http://e/graph/>\n" + " ;\n".join(texts))
    assert len(found) == len(texts)
    for operation, text in zip(found, texts, strict=True):
        template = text if text.startswith("DELETE WHERE") else text.partition("WHERE")[0]
        named = {name for name in (f"<{OWN}>", "?g", "<rel>") if f"GRAPH {name} {{" in template}
        assert named <= set(updates.names_written(operation, CURATED))
        if not operation.scope:
            (again,) = updates.operations(updates.text(operation, CURATED))
            assert (again.insert, again.delete) == (operation.insert, operation.delete)


@given(st.text(alphabet="{}<>;.'\"\\#?:aG \nINSERTDAWHP", max_size=60))
def test_whatever_the_text_it_is_taken_apart_or_refused(text):
    with contextlib.suppress(QueryError):
        updates.operations(text)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_that_writes_ends_with_the_server(directory):
    script = (
        "import sys, os, signal; from pathlib import Path; from ivigraph.store import open_store, Update\n"
        "store = open_store(Path(sys.argv[1]), create=True)\n"
        "store.apply(Update(text='INSERT DATA { <http://e/a> <http://e/b> 1 }'))\n"
        "print(store._commits._process._process.pid, flush=True); signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(directory)], stdout=subprocess.PIPE, text=True) as server:
        writer = int(server.stdout.readline())
        server.send_signal(signal.SIGKILL)
    for _ in range(200):
        try:
            os.kill(writer, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the writer goes on")
