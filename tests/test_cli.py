"""The command line as a user meets it: what goes where, and with which exit status."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_extract_prints_one_object_a_document_and_nothing_else(program, papers):
    done = program("extract", papers)
    assert (done.returncode, done.stderr) == (0, "")
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(item) for item in objects] == [
        {"source", "id", "title", "type", "text", "mentions", "cases", "claims"}
    ] * 2
    assert all(item["text"][c["start"] : c["end"]] == c["quote"] for item in objects for c in item["claims"])
    assert any(item["claims"] for item in objects)


def test_extract_shows_a_table_for_reading(ivigraph, papers):
    done = ivigraph("extract", papers, "--format", "table")
    assert done.returncode == 0
    assert "headache" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["stats", "--format", "json"],
        ["query", "-e", "ASK {}"],
        ["query", "-e", "ASK {"],
        ["validate"],
        ["ledger", "show"],
        ["verify"],
        ["config", "--config", "absent.toml"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_the_program_does_what_the_command_does_in_this_process(program, ivigraph, store, arguments):
    environ = {"IVIGRAPH_STORE": str(store), "IVIGRAPH_TERM_INDEX": "none"}
    ended, done = program(*arguments, environ=environ), ivigraph(*arguments, environ=environ)
    assert (ended.returncode, ended.stdout) == (done.returncode, done.stdout)
    named = r"python -m [\w.]+"  # how the program was started, in the message about its usage
    assert re.sub(named, "ivigraph", ended.stderr) == re.sub(named, "ivigraph", done.stderr)


def test_ingest_then_stats_then_validate(ivigraph, store):
    stats = ivigraph("stats", "--store", store, "--format", "json")
    assert json.loads(stats.stdout)["documents"] == 2
    valid = ivigraph("validate", "--store", store)
    assert valid.returncode == 0
    assert "2 of 2 graphs conform" in valid.stderr


def test_reading_the_same_documents_again_changes_nothing(ivigraph, papers):
    everything = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    ivigraph("ingest", papers, "--store", "graph")
    before = ivigraph("query", "--store", "graph", "-e", everything, "--format", "csv").stdout
    again = ivigraph("ingest", papers, "--store", "graph")
    after = ivigraph("query", "--store", "graph", "-e", everything, "--format", "csv").stdout
    assert "0 documents new or changed; generation 1" in again.stderr
    assert len(before.splitlines()) > 100
    assert sorted(before.splitlines()) == sorted(after.splitlines())


def test_a_query_of_the_catalogue_takes_a_name_for_a_concept(ivigraph, store):
    done = ivigraph(
        "query", "adverse-event-sentences", "--param", "event=headache", "--store", store, "--format", "csv"
    )
    assert done.returncode == 0, done.stderr
    assert "two days after the infusion" in done.stdout
    assert "haemolysis" not in done.stdout


def test_a_query_in_a_file_is_answered(ivigraph, store, tmp_path):
    (tmp_path / "count.rq").write_text("SELECT (COUNT(*) AS ?n) { ?d a ivo:Document }")
    done = ivigraph("query", "count.rq", "--store", store, "--format", "csv")
    assert done.stdout.split() == ["n", "2"]


def test_a_graph_is_printed_in_the_syntax_that_is_asked_for(ivigraph, store):
    construct = "CONSTRUCT { ?d dcterms:title ?t } { ?d dcterms:title ?t }"
    done = ivigraph("query", "-e", construct, "--store", store, "--format", "ntriples")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2


def test_a_syntax_error_names_its_line(ivigraph, store):
    done = ivigraph("query", "--store", store, "-e", "SELECT *\n{ ?s ?p }")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "line 2" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["query"],
        ["query", "no-such-query"],
        ["extract"],
        ["extract", "x", "--format", "nonsense"],
        ["nonsense"],
        ["draw", "network", "--out", "picture.bmp"],
        ["query", "-e", "ASK {}", "--format", "nonsense"],
        ["extract", ".", "--extractor", "no-such-extractor"],
    ],
)
def test_wrong_usage_has_status_2(ivigraph, store, arguments):
    environ = {"IVIGRAPH_STORE": str(store)}
    done = ivigraph(*arguments, environ=environ)
    assert done.returncode == 2, done.stderr
    assert done.stderr


def test_some_failed_documents_have_status_3_and_all_failed_status_1(ivigraph, papers):
    (papers / "empty.txt").write_text("")
    some = ivigraph("extract", papers)
    assert some.returncode == 3
    assert len(some.stdout.splitlines()) == 2
    assert "empty.txt" in some.stderr
    assert ivigraph("extract", papers / "empty.txt").returncode == 1


def test_config_says_which_source_won_and_hides_secrets(ivigraph, tmp_path):
    (tmp_path / "my.toml").write_text("port = 1234\nreaders = 1")
    done = ivigraph(
        "config", "--config", "my.toml", "--format", "json", environ={"IVIGRAPH_PORT": "99", "IVIGRAPH_TOKEN": "s3cret"}
    )
    values = json.loads(done.stdout)
    assert values["port"] == {"value": "99", "origin": "environment (IVIGRAPH_PORT)"}
    assert values["readers"] == {"value": "1", "origin": "my.toml"}
    assert "s3cret" not in done.stdout + done.stderr


def test_doctor_finds_a_whole_installation(ivigraph):
    done = ivigraph("doctor")
    assert done.returncode == 0, done.stdout
    assert "vocabulary" in done.stdout


def test_validate_names_what_is_wrong_in_a_file(ivigraph, tmp_path):
    (tmp_path / "bad.ttl").write_text(
        "@prefix ivo: <https://w3id.org/ivigraph/ontology#> . <https://example.org/d> a ivo:Document ."
    )
    done = ivigraph("validate", "bad.ttl")
    assert done.returncode == 1
    assert "bad.ttl" in done.stderr
    assert "title" in done.stderr


@pytest.mark.parametrize("suffix", ["html", "graphml", "json"])
def test_a_network_is_drawn_into_a_file(ivigraph, store, tmp_path, suffix):
    done = ivigraph("draw", "network", "--store", store, "--out", tmp_path / f"network.{suffix}")
    assert done.returncode == 0, done.stderr
    assert "headache" in (tmp_path / f"network.{suffix}").read_text()


def test_drawing_what_is_not_in_the_graph_says_so(ivigraph, store, tmp_path):
    done = ivigraph("draw", "network", "--store", store, "--concept", "no such thing", "--out", tmp_path / "x.html")
    assert done.returncode in (1, 2)
    assert "no such thing" in done.stderr
    assert not (tmp_path / "x.html").exists()


def test_a_missing_store_is_told_with_the_remedy(ivigraph, tmp_path):
    done = ivigraph("stats", "--store", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "ivigraph ingest" in done.stderr


def start(tmp_path, *arguments):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "ivigraph", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environ,
    )


def url_in(stream):
    for line in stream:
        if "http://" in line:
            return "http://" + line.split("http://")[1].split()[0]
    raise AssertionError("no address was printed")


@pytest.mark.parametrize("command", [["demo", "--port", "0"], ["serve", "--port", "0"]])
def test_a_server_prints_its_address_answers_and_ends_cleanly_on_ctrl_c(tmp_path, store, command):
    process = start(tmp_path, *command, *(["--store", store] if command[0] == "serve" else []))
    try:
        address = url_in(process.stderr)
        deadline = time.monotonic() + 90  # the machine may be busy
        while True:
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        assert process.returncode in (0, 130)
    finally:
        process.kill()
        process.communicate()


def test_serving_on_a_port_in_use_says_so(ivigraph, store, tmp_path):
    process = start(tmp_path, "serve", "--store", store, "--port", "0")
    try:
        port = url_in(process.stderr).rstrip("/").rsplit(":", 1)[1]
        done = ivigraph("serve", "--store", store, "--port", port)
        assert done.returncode == 1
        assert "--port" in done.stderr
    finally:
        process.terminate()  # it may be so young that it takes no other sign
        process.communicate(timeout=60)
