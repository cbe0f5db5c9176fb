"""Who gets a reader: turns between clients, a full queue, long queries, and callers that leave."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx
import pytest

from ivigraph.errors import QueryCancelledError, QueryTimeoutError, StoreBusyError
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.store import open_store
from ivigraph.store.callers import CALLER, Caller
from ivigraph.store.pool import Pool, Ticket
from ivigraph.store.readers import Reader

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
STREAM = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"


@pytest.fixture
def directory(filled):
    return filled._generations.directory


@pytest.fixture
def pool(directory):
    configuration = {"directory": str(directory), "as_of": None, "memory_mb": 500, "in_memory_mb": 0, "prefixes": {}}
    made = Pool(1, configuration, queue=3)
    yield made
    made.close()


def soon(seconds: float = 20) -> float:
    return time.monotonic() + seconds


def asked_by(caller: Caller, store, query: str, timeout: float | None = None):
    token = CALLER.set(caller)
    try:
        return store.answer(query, timeout=timeout)
    finally:
        CALLER.reset(token)


def lease_once(pool: Pool, client: str) -> None:
    pool.release(pool.lease(soon(), Caller(client)), usable=True)


def waiting(pool: Pool, number: int) -> None:
    until = soon()
    while pool.waiting() != number:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_clients_are_served_in_turn(pool):
    served = []

    def one(client: str) -> None:
        lease_once(pool, client)
        served.append(client)

    first, other = pool.lease(soon(), Caller("a")), pool.lease(soon(), Caller("c"))
    with ThreadPoolExecutor(3) as threads:
        for number, client in enumerate("aab", 1):
            threads.submit(one, client)
            waiting(pool, number)
        pool.release(first, usable=True)
    assert served == ["a", "b", "a"]
    pool.release(other, usable=True)


def test_a_client_without_a_query_finds_a_place_although_another_has_just_taken_all(pool):
    held = pool.lease(soon(), Caller("greedy"))
    begin = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        pool.lease(soon(0.2), Caller("greedy"))
    assert time.monotonic() - begin < 0.5
    lease_once(pool, "other")
    pool.release(held, usable=True)


def at_once(pool: Pool, client: str) -> Reader | None:
    """A reader that this client gets without waiting."""
    found = pool.lease_idle(Caller(client))
    if isinstance(found, Ticket):
        pool.leave(found)
        return None
    return found


def started(pool: Pool, client: str) -> None:
    """Wait until a reader has started that this client would get at once, and leave it idle."""
    until = soon()
    while (reader := at_once(pool, client)) is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    pool.release(reader, usable=True)


def test_a_client_without_a_query_finds_a_reader_that_has_started_beside_the_queries_of_another(pool):
    lease_once(pool, "light")
    started(pool, "light")
    taken = pool.lease(soon(), Caller("heavy"))
    started(pool, "light")  # prepared before it is wanted
    assert at_once(pool, "heavy") is None
    pool.release(taken, usable=True)


def test_a_client_whose_query_had_to_be_ended_does_not_take_the_reader_that_is_kept_for_others(pool):
    pool.release(pool.lease(soon(), Caller("heavy")), usable=False)
    started(pool, "light")
    assert at_once(pool, "heavy") is None


def test_who_would_have_to_wait_has_a_place_in_the_queue_before_he_waits_for_it(pool):
    held = pool.lease(soon(), Caller("greedy"))
    tickets = [pool.lease_idle(Caller("greedy")) for _ in range(3)]
    assert pool.waiting() == 3
    with pytest.raises(StoreBusyError):
        pool.lease_idle(Caller("greedy"))
    pool.leave(tickets.pop())
    pool.release(held, usable=True)
    for ticket in tickets:
        pool.release(pool.lease(soon(), Caller("greedy"), ticket), usable=True)
    assert (pool.waiting(), pool.running()) == (0, 0)


def test_a_client_that_has_its_part_of_the_places_does_not_fill_the_queue_beyond_its_size(pool):
    held = [pool.lease(soon(), Caller("greedy"))]
    with ThreadPoolExecutor(3) as threads:
        tasks = [threads.submit(lease_once, pool, "greedy") for _ in range(3)]
        waiting(pool, 3)
        with pytest.raises(StoreBusyError):
            lease_once(pool, "greedy")
        for reader in held:
            pool.release(reader, usable=True)
        for task in tasks:
            task.result(timeout=20)


def test_when_the_queue_is_full_the_client_with_most_in_it_is_turned_away(pool):
    held = [pool.lease(soon(), Caller(client)) for client in ("", "", "a")]  # the first by now a long query
    with ThreadPoolExecutor(5) as threads:
        greedy = [threads.submit(lease_once, pool, "a") for _ in range(3)]
        waiting(pool, 3)
        with pytest.raises(StoreBusyError, match="3 queries wait already"):
            lease_once(pool, "a")
        other = threads.submit(lease_once, pool, "b")
        refused = next(iter(wait(greedy, return_when=FIRST_COMPLETED).done))
        assert isinstance(refused.exception(), StoreBusyError)
        for reader in held:
            pool.release(reader, usable=True)
        other.result(timeout=20)
        assert sum(task.exception() is None for task in greedy) == 2


def test_a_long_query_gives_up_its_place_but_no_client_has_them_all(directory):
    with open_store(directory, readers=2, query_timeout=60) as store:
        caller = Caller("greedy")
        running = [asked_by(caller, store, STREAM) for _ in range(3)]
        with pytest.raises(QueryTimeoutError):
            asked_by(caller, store, "ASK {}", timeout=1.5)
        assert asked_by(Caller("other"), store, "ASK {}").form == "ask"
        for answer in running:
            answer.chunks.close()


@pytest.mark.parametrize("running", [True, False])
def test_a_caller_that_leaves_ends_its_query(directory, running):
    with open_store(directory, readers=1, query_timeout=60) as store:
        held = [] if running else [store.answer(STREAM) for _ in range(2)]
        caller = Caller("a")
        threading.Timer(0.5, caller.leave).start()
        begin = time.monotonic()
        with pytest.raises(QueryCancelledError):
            asked_by(caller, store, ENDLESS)
        with pytest.raises(QueryCancelledError):
            asked_by(caller, store, "ASK {}")
        assert time.monotonic() - begin < 30
        for answer in held:
            answer.chunks.close()
        assert store.ask("ASK {}")


def test_an_answer_that_is_read_ends_when_its_caller_leaves(directory):
    with open_store(directory, readers=1, query_timeout=60) as store:
        caller = Caller("a")
        answer = asked_by(caller, store, STREAM)
        next(answer.chunks)
        threading.Timer(0.3, caller.leave).start()
        with pytest.raises(QueryCancelledError):
            for _ in answer.chunks:
                pass


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_that_hangs_up_before_the_first_byte_frees_the_readers(directory, method):
    minter = Minter()
    with (
        open_store(directory, readers=1, query_timeout=60) as store,
        run.running(create_app(store, minter, load(), query_timeout=60)) as url,
    ):
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        query = str(httpx.QueryParams({"query": ENDLESS}))
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(query)}\r\n\r\n{query}"
        rest = f"?{query} HTTP/1.1\r\nHost: x\r\n\r\n" if method == "GET" else f" HTTP/1.1\r\nHost: x\r\n{form}"
        for _ in range(4):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(f"{method} /sparql{rest}".encode())
                time.sleep(0.4)
        answer = httpx.get(f"{url}sparql", params={"query": "ASK {}"}, timeout=30)
        assert answer.status_code == 200


def test_a_full_queue_is_told_with_when_to_come_back(directory):
    minter = Minter()
    with (
        open_store(directory, readers=1, query_queue=1, query_timeout=8) as store,
        run.running(create_app(store, minter, load(), query_timeout=8)) as url,
        ThreadPoolExecutor(5) as threads,
    ):
        queries = [{"query": f"{ENDLESS} # {number}"} for number in range(5)]  # equal ones would share an answer
        tasks = [threads.submit(httpx.get, f"{url}sparql", params=query, timeout=60) for query in queries]
        answers = [task.result() for task in tasks]
        assert {answer.status_code for answer in answers} == {503, 504}
        for answer in answers:
            assert answer.json()["detail"]
            assert ("retry-after" in answer.headers) == (answer.status_code == 503)
