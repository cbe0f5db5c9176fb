"""One writer at a time: whose turn it is, and what one that is late or gone may still do to the others."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ivigraph import assembly, ledger
from ivigraph.errors import StoreError
from ivigraph.settings import Settings
from ivigraph.store import Update, copies, open_store
from ivigraph.store.generations import locked

TRIPLE = "<http://example.org/a> <http://example.org/b>"
COUNT = "SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }"


def test_who_waits_writes_before_the_one_that_comes_again_and_again(tmp_path):
    file = tmp_path / "writer.lock"
    turns, waits, done = 0, threading.Event(), threading.Event()

    def greedy():
        nonlocal turns
        while not done.is_set():
            with locked(file, wait=60):
                waits.wait()
                turns += 1
                time.sleep(0.05)

    thread = threading.Thread(target=greedy)
    thread.start()
    waits.set()
    try:
        for _ in range(5):
            before = turns
            with locked(file, wait=60):
                assert turns - before <= 3
    finally:
        done.set()
        thread.join()


def test_an_engine_that_is_closed_after_its_transaction_failed_deletes_nothing_of_the_next(tmp_path):
    script = """
import sys
from pathlib import Path
from ivigraph.store import writing
from ivigraph.store.generations import Generations
try:
    with writing.transaction(Generations(Path(sys.argv[1])), prefixes={}, derive="", keep=3, merge=True) as work:
        draft = work.draft("")
        draft.update("INSERT DATA { <http://example.org/a> <http://example.org/b> 0 }")
        raise KeyError
except KeyError as error:
    print("the lock is free", flush=True)
    sys.stdin.readline()
del draft
print("closed", flush=True)
"""
    directory = tmp_path / "store"
    with open_store(directory, create=True, readers=1) as store:
        for number in range(3):
            store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} {number} }}"))
        command = [sys.executable, "-c", script, directory]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout.readline() == "the lock is free\n"
            with store.writer() as writer:
                writer.update(f"INSERT DATA {{ {TRIPLE} 3 }}")
                assert other.communicate("\n")[0] == "closed\n"
        assert [row["n"].toPython() for row in store.select(COUNT)] == [4]
    assert not [checked.problem for checked in copies.verify(directory) if checked.problem]


def test_a_store_that_another_process_begins_to_fill_is_not_taken_away(tmp_path):
    settings = Settings(store=tmp_path / "graph")
    with assembly.opened_to_fill(settings) as one:
        assert one.generation == 0
        other = ledger.opened(settings.store, writing=True)
        other.__enter__()
    assert (settings.store / "store.json").exists()
    other.__exit__(None, None, None)
    with assembly.opened_to_fill(settings):
        pass
    assert (settings.store / "store.json").exists()  # it was there before, so it stays


def test_an_empty_store_is_taken_away_with_all_its_files(tmp_path):
    settings = Settings(store=tmp_path / "graph")
    with assembly.opened_to_fill(settings), ledger.opened(settings.store, writing=True):
        pass
    assert not settings.store.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc/locks")
def test_who_waited_for_a_store_that_was_taken_away_is_told_so(tmp_path):
    file = tmp_path / "writer.lock"
    told = []

    def waits():
        try:
            with locked(file, wait=60):
                told.append("wrote")
        except StoreError as error:
            told.append(error.message)

    with locked(file):
        thread = threading.Thread(target=waits)
        thread.start()
        while not _is_locked(tmp_path / "writer.lock.next"):
            time.sleep(0.01)
        file.unlink()
    thread.join()
    assert told == ["was taken away meanwhile"]


def _is_locked(file: Path) -> bool:
    if not file.exists():
        return False
    inode = file.stat().st_ino
    return any(f":{inode} " in line for line in Path("/proc/locks").read_text().splitlines())
