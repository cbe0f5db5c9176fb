"""What a user sees of a run and of the ledger afterwards: progress, what was read, what is read again."""

import hashlib
import io
import json
import re

import pytest
from rich.console import Console

from ivigraph import console


def test_without_a_terminal_there_is_a_line_a_minute_with_rate_and_time_left(monkeypatch, capsys):
    with console.progress("extracting", 4) as advance:
        advance("one.txt")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(console, "LINE_SECONDS", 0)
    with console.progress("extracting", 4) as advance:
        advance("one.txt")
    line = " ".join(capsys.readouterr().err.split())
    assert re.fullmatch(r"extracting: 1 of 4, [\d,]+ a (?:second|minute), \d+:\d\d:\d\d left, at one\.txt", line)


def test_on_a_terminal_a_bar_shows_rate_and_time_left(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(console, "_err", Console(file=written, force_terminal=True, width=120))
    with console.progress("extracting", 2) as advance:
        advance("folder/one.txt")
        advance("folder/two.txt")
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", written.getvalue())
    assert "extracting" in shown
    assert "2/2" in shown
    assert re.search(r"a (?:second|minute)", shown)
    assert re.search(r"\d:\d\d:\d\d", shown)
    assert "two.txt" in shown


@pytest.fixture(scope="module")
def place(tmp_path_factory, ivigraph_in):
    """A folder with a store of two files, read by the rules."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "papers").mkdir()
    for age in (41, 42):
        text = (
            f"A {age}-year-old woman with dermatomyositis received intravenous immunoglobulin and developed headache."
        )
        (folder / "papers" / f"case{age}.txt").write_text(text)

    def ivigraph(*arguments):
        return ivigraph_in(folder, *arguments, "--store", "graph", environ={"IVIGRAPH_EXTRACTOR": "rules"})

    assert ivigraph("ingest", "papers").returncode == 0
    return ivigraph


def test_the_ledger_shows_each_file_with_its_reading(place):
    rows = json.loads(place("ledger", "show", "--format", "json").stdout)
    assert [row["path"].rpartition("/")[2] for row in rows] == ["case41.txt", "case42.txt"]
    assert all(row["sha256"] and row["readers"] and row["time"] and row["seconds"] is not None for row in rows)
    assert [(row["documents"], row["error"]) for row in rows] == [(1, None)] * 2
    (one,) = json.loads(place("ledger", "show", "papers/case42.txt", "--format", "json").stdout)
    assert one == rows[1]


def test_the_ledger_shows_what_was_taken_from_a_document(place):
    text = "A 41-year-old woman with dermatomyositis received intravenous immunoglobulin and developed headache."
    name = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    (row,) = json.loads(place("ledger", "show", name, "--format", "json").stdout)
    assert row["id"] == name
    assert row["extractor"].startswith("rules-")
    assert (row["claims"], row["cases"], row["error"]) == (1, 1, None)


def test_what_the_ledger_does_not_know_is_told(place):
    done = place("ledger", "show", "pmid:1")
    assert done.returncode == 1
    assert "no such file or document" in done.stderr


def test_a_ledger_without_failures_says_so_by_its_status(place):
    done = place("ledger", "failures")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_rehearsal_and_force_tell_what_is_read_again(place):
    def states(*more):
        done = place("ingest", "papers", "--dry-run", *more)
        assert done.returncode == 0
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}

    assert states() == {"unchanged"}
    assert states("--force") == {"read again by force"}
    before = json.loads(place("ledger", "show", "--format", "json").stdout)
    assert "2 files not read again" in " ".join(place("ingest", "papers").stderr.split())
    forced = " ".join(place("ingest", "papers", "--force").stderr.split())
    assert "0 documents new or changed" in forced
    assert "not read again" not in forced
    after = json.loads(place("ledger", "show", "--format", "json").stdout)
    assert [row["sha256"] for row in after] == [row["sha256"] for row in before]
