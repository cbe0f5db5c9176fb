"""Reader processes: deadline, memory, consumers that leave or are slow, crashes, and what stays behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef

import ivigraph
from ivigraph.errors import QueryError, QueryRefusedError, QuerySyntaxError, QueryTimeoutError, StoreError
from ivigraph.store import open_store

ROOT = Path(ivigraph.__file__).parents[1]
CHILDREN = Path(f"/proc/{os.getpid()}/task")
SIZE = 3000
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b + ?d + ?f < 0) }"
STREAM = "SELECT * { ?a ?p ?b . ?c ?q ?d }"  # 9 million rows, the first at once
PROMPT = 60  # seconds; these queries would run for hours, and a busy machine may be very slow
GREEDY = "SELECT * { ?a ?p ?b . ?c ?q ?d } ORDER BY ?b ?d"

pytestmark = pytest.mark.skipif(not CHILDREN.exists(), reason="looks at processes through /proc, which is Linux")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("readers") / "store"
    numbers = Graph()
    for i in range(SIZE):
        numbers.add((URIRef(f"http://example.org/{i}"), URIRef("http://example.org/n"), Literal(i)))
    with open_store(path, create=True) as store, store.writer() as writer:
        writer.replace_graph("http://example.org/numbers", numbers)
    return path


@pytest.fixture
def store(directory):
    with open_store(directory, readers=1, query_timeout=20, query_memory_mb=100) as opened:
        yield opened
    assert processes() == []


def processes() -> list[int]:
    """The reader processes that this file's tests started, those included that nobody waited for."""
    return [pid for pid in readers_of_this_process() if pid not in OTHERS]


def readers_of_this_process() -> list[int]:
    children: list[int] = []
    for task in CHILDREN.iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended since
            children += map(int, (task / "children").read_text().split())
    return [pid for pid in children if b"ivigraph.store.reader" in command(pid) or not command(pid)]


OTHERS: set[int] = set()


@pytest.fixture(autouse=True, scope="module")
def _not_the_readers_of_other_files():
    # a store that tests of several files share keeps its readers until the end of the run
    OTHERS.update(readers_of_this_process())


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b"gone"


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def eventually(condition, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return bool(found)


def resident_mb(pid: int | str) -> float:
    """The private memory of a process; 0 for one that has ended."""
    try:
        _, anonymous, rest = Path(f"/proc/{pid}/status").read_text().partition("RssAnon:")
    except FileNotFoundError:
        return 0
    return int(rest.split()[0]) / 1000 if anonymous else 0


def total(store, **options) -> int:
    [row] = store.select(COUNT, **options)
    return row["n"].toPython()


def test_no_process_is_started_before_the_first_query(directory):
    with open_store(directory) as store:
        assert processes() == []
        assert total(store) == SIZE
        assert len(processes()) == 1


def test_a_query_is_ended_at_its_deadline_and_the_next_one_is_answered(store):
    begin = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"took longer than 0\.5 s"):
        store.select(ENDLESS, timeout=0.5)
    assert 0.4 < time.monotonic() - begin < PROMPT
    assert eventually(lambda: len(processes()) == 1)  # another one, without being asked
    assert total(store) == SIZE


def test_a_caller_cannot_ask_for_more_time_than_the_store_allows(directory):
    with open_store(directory, readers=1, query_timeout=0.3) as store:
        begin = time.monotonic()
        with pytest.raises(QueryTimeoutError, match=r"0\.3 s"):
            store.ask(ENDLESS.replace("SELECT (COUNT(*) AS ?n)", "ASK"), timeout=60)
        assert time.monotonic() - begin < PROMPT


def test_a_query_that_needs_too_much_memory_is_ended_and_nothing_else_is(store):
    with pytest.raises(QueryError, match="needed more than 100 MB"):
        store.select(GREEDY)
    assert total(store) == SIZE


def test_a_query_within_its_memory_is_answered_and_its_memory_given_back(directory):
    pairs = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c { ?a ?p ?b . ?c ?q ?d FILTER(?d < 400) } }"
    with open_store(directory, readers=1, query_memory_mb=1000) as store:
        total(store)
        [before] = processes()
        [row] = store.select(pairs)
        assert row["n"].toPython() == SIZE * 400
        assert eventually(lambda: resident_mb(before) < 100)
        assert total(store) == SIZE
        [after] = processes()
        assert resident_mb(after) < 100


def test_deadlines_do_not_touch_the_queries_that_follow(store):
    for _ in range(3):
        assert total(store, timeout=1) == SIZE
        [pid] = processes()
    time.sleep(1.1)
    assert total(store) == SIZE
    assert processes() == [pid]


def test_a_large_answer_is_streamed_with_flat_memory(directory):
    with open_store(directory, readers=1, query_timeout=120) as patient:  # a long query has low priority
        answer = patient.answer(STREAM, accept="text/csv")
        here = resident_mb("self")
        received = 0
        for chunk in answer.chunks:
            received += len(chunk)
            if received > 30_000_000:
                break
        [pid] = processes()
        assert resident_mb(pid) < 100
        assert resident_mb("self") - here < 20
        answer.chunks.close()


def test_a_slow_consumer_makes_nobody_buffer(store):
    answer = store.answer(STREAM, accept="text/csv")
    next(answer.chunks)
    time.sleep(0.3)
    [pid] = processes()
    assert resident_mb(pid) < 100
    answer.chunks.close()


def test_the_whole_answer_arrives_in_order(store):
    data = b"".join(store.answer("SELECT ?b { ?a ?p ?b } ORDER BY ?b", accept="text/csv").chunks)
    assert data.decode().split() == ["b", *(str(i) for i in range(SIZE))]


def test_a_deadline_after_the_first_chunk_is_an_error_not_an_end(store):
    assert total(store) == SIZE  # its reader has started
    answer = store.answer(STREAM, accept="text/csv", timeout=0.4)
    with pytest.raises(QueryTimeoutError):
        for _ in answer.chunks:
            pass
    assert list(answer.chunks) == []
    assert total(store) == SIZE


def test_a_consumer_that_stops_reading_does_not_keep_the_reader_past_the_deadline(store):
    assert total(store) == SIZE  # its reader has started
    answer = store.answer(STREAM, accept="text/csv", timeout=0.3)
    begin = time.monotonic()
    assert total(store) == SIZE  # on the only reader there may be
    assert time.monotonic() - begin < PROMPT
    with pytest.raises(QueryTimeoutError):
        list(answer.chunks)


def test_a_small_answer_frees_its_reader_before_it_is_read(store):
    answers = [store.answer("ASK {}", timeout=5) for _ in range(3)]
    assert total(store, timeout=20) == SIZE
    assert [b"true" in b"".join(answer.chunks) for answer in answers] == [True] * 3


def test_a_consumer_that_leaves_ends_the_query(store):
    for leave in (lambda answer: answer.chunks.close(), lambda answer: None):
        answer = store.answer(STREAM, accept="text/csv")
        next(answer.chunks)
        [pid] = processes()
        leave(answer)
        del answer  # dropping an answer is leaving as well
        gc.collect()
        assert eventually(lambda pid=pid: not alive(pid))
        assert total(store) == SIZE


def test_an_answer_that_nobody_reads_at_all_ends_when_it_is_dropped(store):
    store.answer(STREAM, accept="text/csv")
    assert total(store, timeout=20) == SIZE


def test_waiting_for_a_reader_counts_as_time_of_the_query(store):
    answers = [store.answer(STREAM, accept="text/csv") for _ in range(2)]  # the first, being long, gives up its place
    with pytest.raises(QueryTimeoutError, match="no reader became free"):
        total(store, timeout=0.2)
    for answer in answers:
        answer.chunks.close()


def test_a_killed_reader_is_replaced(store):
    total(store)
    for _ in range(3):
        [pid] = processes()
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda pid=pid: processes() not in ([], [pid]))
        assert total(store) == SIZE


def test_a_reader_that_crashes_over_a_query_is_an_error(store):
    total(store)
    [pid] = processes()
    threading.Timer(0.2, os.kill, (pid, signal.SIGSEGV)).start()
    with pytest.raises(QueryError, match=f"ended unexpectedly .status -{signal.SIGSEGV:d}"):
        store.select(ENDLESS)
    assert total(store) == SIZE


def test_heavy_queries_leave_the_other_readers_alone(directory):
    with open_store(directory, readers=2, query_timeout=120) as store, ThreadPoolExecutor(9) as threads:
        heavy = threads.submit(store.select, ENDLESS)
        time.sleep(0.1)
        light = [threads.submit(total, store) for _ in range(40)]
        assert {task.result() for task in light} == {SIZE}
        assert not heavy.done()
        store.close()
        assert isinstance(heavy.exception(), StoreError)


def test_many_threads_get_their_own_answers(directory):
    with open_store(directory, readers=2) as store, ThreadPoolExecutor(16) as threads:

        def one(i: int) -> tuple[str, ...]:
            rows = store.select(f"SELECT ?s {{ ?s <http://example.org/n> {i} }}")
            return tuple(str(row["s"]) for row in rows)

        assert list(threads.map(one, range(400))) == [(f"http://example.org/{i}",) for i in range(400)]


def test_an_idle_reader_lets_go_of_an_old_generation(tmp_path):
    with open_store(tmp_path / "s", create=True, readers=1, keep_generations=1) as store:
        for number in range(3):
            with store.writer() as writer:
                writer.update(f"INSERT DATA {{ GRAPH <http://g> {{ <http://a> <http://b> {number} }} }}")
            assert total(store) == number + 1

        def pruned() -> bool:
            with store.writer() as writer:
                writer.update("INSERT DATA { GRAPH <http://g> { <http://a> <http://b> 9 } }")
            return not (tmp_path / "s" / "generations" / "000003").exists()

        assert eventually(pruned)


def test_readers_cannot_write(store, directory):
    with pytest.raises(QuerySyntaxError):
        store.select("INSERT DATA { <http://a> <http://b> <http://c> }")
    assert store.generation == 1


def test_a_reader_that_tries_to_reach_the_network_is_ended(store, monkeypatch):
    monkeypatch.setattr("ivigraph.store.embedded.refuse_network", lambda text: None)
    for silent in ("", "SILENT"):
        with pytest.raises(QueryRefusedError, match="network"):
            store.select(f"SELECT * {{ SERVICE {silent} <http://127.0.0.1:8080/> {{ ?s ?p ?o }} }}")
    assert total(store) == SIZE


def test_closing_ends_every_process_and_every_answer(directory):
    store = open_store(directory, readers=2)
    answer = store.answer(STREAM, accept="text/csv")
    total(store)
    assert len(processes()) == 2
    store.close()
    assert processes() == []
    with pytest.raises(StoreError, match="was closed"):
        list(answer.chunks)
    with pytest.raises(StoreError, match="is closed"):
        total(store)
    store.close()


def test_a_store_that_is_dropped_leaves_no_process(directory):
    store = open_store(directory, readers=1)
    total(store)
    del store
    gc.collect()
    assert processes() == []


def test_readers_end_with_their_parent_even_in_the_middle_of_a_query(directory):
    script = """
import sys, threading
from contextlib import suppress
from pathlib import Path
from ivigraph.store import open_store
store = open_store(Path(sys.argv[1]), readers=1)
store.ask("ASK {}")
threading.Thread(target=store.select, args=(sys.argv[2],)).start()
print("asked", flush=True)
sys.stdin.read()
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command_line = [sys.executable, "-c", script, str(directory), ENDLESS]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command_line, env=environment, text=True, **pipes) as parent:
        parent.stdout.readline()
        [pid] = [int(p) for p in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
        time.sleep(0.2)
        parent.kill()
    assert eventually(lambda: not alive(pid))


def test_a_reader_knows_nothing_of_the_settings_in_the_environment(store, monkeypatch):
    monkeypatch.setenv("IVIGRAPH_TOKEN", "secret")
    total(store)
    [pid] = processes()
    assert b"IVIGRAPH_" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_reader_that_cannot_start_says_why(directory, monkeypatch):
    monkeypatch.setattr("ivigraph.store.readers._ROOT", "/nowhere")
    monkeypatch.chdir("/")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with open_store(directory, readers=1) as store:
        if subprocess.run([sys.executable, "-P", "-c", "import ivigraph"], capture_output=True).returncode == 0:
            pytest.skip("ivigraph is installed, so a reader can always start")
        with pytest.raises(StoreError, match=r"cannot start a reader: .*ivigraph"):
            total(store)


def test_a_format_that_does_not_fit_the_query_is_refused(store):
    with pytest.raises(QueryError, match="cannot be written as text/turtle"):
        store.answer(COUNT, accept="text/turtle")
    with pytest.raises(QueryError, match="answers with select, ask was expected"):
        store.ask(COUNT)
