"""Unreadable input and unwritable stores: a clear message with a remedy, the others read, nothing half-written."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ivigraph.store import open_store

ROOT = Path(__file__).parents[1]

UNREADABLE = {
    "empty.txt": b"",
    "blank.txt": b" \n\t\n\n",
    "picture.txt": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00" + bytes(range(256)) * 8,
    "zeros.txt": bytes(4096),
    "menu.html": b"<html><body><nav><a href='#'>Home</a> <a href='#'>Log in</a></nav></body></html>",
    "unclosed.html": b"<!DOCTYPE html><html><body><p",
}


def files_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def quads_in(store):
    with open_store(store) as graph:
        return {tuple(row.items()) for row in graph.select("SELECT * { GRAPH ?g { ?s ?p ?o } }")}


def documents_in(store):
    with open_store(store) as graph:
        return len(graph.select("SELECT ?d { ?d a <https://w3id.org/ivigraph/ontology#Document> }"))


def says(done, *parts):
    """The message names each part, gives a remedy, and no traceback."""
    message = " ".join(done.stderr.split())
    assert all(str(part) in message for part in (*parts, "what to do:")), done.stderr
    assert "Traceback" not in done.stderr
    assert "this is a bug" not in done.stderr
    return True


def test_unreadable_files_do_not_keep_the_others_from_the_store(ivigraph, papers, tmp_path):
    for name, content in UNREADABLE.items():
        (papers / name).write_bytes(content)
    done = ivigraph("ingest", papers, "no-such-folder", "--store", "graph")
    assert done.returncode == 3
    assert says(done, *UNREADABLE, "no-such-folder")
    assert done.stderr.count("what to do:") == len(UNREADABLE) + 1
    assert f"{len(UNREADABLE) + 1} of {len(UNREADABLE) + 3} documents failed" in done.stderr
    assert documents_in(tmp_path / "graph") == 2
    assert ivigraph("validate", "--store", "graph").returncode == 0


def test_invalid_utf_8_is_refused_with_the_place_of_the_first_wrong_byte(ivigraph, papers):
    (papers / "latin.txt").write_bytes("Sjögren syndrome was treated with IVIG.".encode("latin-1"))
    done = ivigraph("extract", papers)
    assert done.returncode == 3
    assert says(done, "latin.txt", "not valid UTF-8", "byte 2 is 0xf6")
    assert len(done.stdout.splitlines()) == 2


def test_a_text_of_50_mb_is_refused_with_its_size_the_limit_and_the_setting(ivigraph, papers):
    sentence = b"She was treated with intravenous immunoglobulin for dermatomyositis. "
    (papers / "huge.txt").write_bytes(sentence * (50_000_000 // len(sentence) + 1))
    done = ivigraph("extract", papers)
    assert done.returncode == 3
    assert says(done, "huge.txt", "50.0 MB", "20 MB", "max_document_mb")
    assert len(done.stdout.splitlines()) == 2


def test_the_limit_of_size_is_a_setting(ivigraph, papers):
    (papers / "headache.txt").write_text("IVIG was given for dermatomyositis. " * 40)
    done = ivigraph("extract", papers, "--max-document-mb", "0.001")
    assert done.returncode == 3
    assert says(done, "headache.txt", "max_document_mb")
    assert ivigraph("extract", papers, environ={"IVIGRAPH_MAX_DOCUMENT_MB": "0.01"}).returncode == 0


def test_a_directory_without_documents_says_which_names_are_read(ivigraph, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "network.png").write_bytes(UNREADABLE["picture.txt"])
    done = ivigraph("ingest", "pictures", "--store", "graph")
    assert done.returncode == 1
    assert says(done, "pictures", ".txt")


def test_an_unknown_path_is_named(ivigraph):
    done = ivigraph("extract", "no/such/file.txt")
    assert done.returncode == 1
    assert says(done, "no/such/file.txt", "no such file")


def test_a_file_in_the_place_of_the_store_stays_as_it_is(ivigraph, papers, tmp_path):
    (tmp_path / "graph").write_text("my notes")
    done = ivigraph("ingest", papers, "--store", "graph")
    assert done.returncode == 1
    assert says(done, "graph", "a file is in the way")
    assert (tmp_path / "graph").read_text() == "my notes"


def test_a_directory_of_other_files_is_not_made_a_store(ivigraph, papers):
    before = files_below(papers)
    done = ivigraph("ingest", papers, "--store", papers)
    assert done.returncode == 1
    assert says(done, papers, "no store")
    assert files_below(papers) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_store_without_permission_to_write_is_told(ivigraph, papers, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    done = ivigraph("ingest", papers, "--store", "locked/graph")
    assert done.returncode == 1
    assert says(done, "locked/graph", "permission")


def test_a_second_writer_is_refused_with_the_first_ones_process_while_reading_goes_on(program, papers, tmp_path):
    assert program("ingest", papers, "--store", "graph").returncode == 0
    (papers / "headache.txt").write_text("A 50-year-old man with pemphigus received IVIG and developed fever.")
    with open_store(tmp_path / "graph") as first, first.writer():
        second = program("ingest", papers, "--store", "graph")
        assert second.returncode == 1
        assert says(second, "graph", "another process", os.getpid())
        assert documents_in(tmp_path / "graph") == 2


@pytest.fixture
def stopped_while_reading(tmp_path, papers, interruptible):
    """Send a signal to an ingest of two documents while it waits for the third; gives its status and messages."""

    def run(signal_number):
        third = papers / "third.txt"
        os.mkfifo(third)
        process = subprocess.Popen(
            [sys.executable, "-m", "ivigraph", "ingest", papers, "--store", "graph"],
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            pipe = opened_by_a_reader(third, process)
            process.send_signal(signal_number)
            _, messages = process.communicate(timeout=60)
            os.close(pipe)
            return process.returncode, messages
        finally:
            process.kill()
            process.communicate()
            third.unlink()

    return run


def opened_by_a_reader(pipe, process):
    """The writing end of a named pipe, once the process reads from it: until then opening it fails with ENXIO."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def test_ctrl_c_during_ingest_has_status_130_keeps_what_was_read_and_can_go_on(
    ivigraph, papers, tmp_path, stopped_while_reading
):
    status, messages = stopped_while_reading(signal.SIGINT)
    assert status == 130, messages
    assert "interrupted" in messages
    assert "Traceback" not in messages
    assert documents_in(tmp_path / "graph") == 2
    assert ivigraph("validate", "--store", "graph").returncode == 0

    (papers / "third.txt").write_text("A 50-year-old man with pemphigus received IVIG and developed fever.")
    assert "1 documents new or changed" in ivigraph("ingest", papers, "--store", "graph").stderr
    assert documents_in(tmp_path / "graph") == 3


def test_an_ingest_that_is_killed_leaves_the_graph_as_it_was(ivigraph, papers, tmp_path, stopped_while_reading):
    assert ivigraph("ingest", papers / "headache.txt", "--store", "graph").returncode == 0
    before = quads_in(tmp_path / "graph")
    assert stopped_while_reading(signal.SIGKILL)[0] == -signal.SIGKILL
    assert quads_in(tmp_path / "graph") == before
    assert ivigraph("ingest", papers, "--store", "graph").returncode == 0
    assert documents_in(tmp_path / "graph") == 2
