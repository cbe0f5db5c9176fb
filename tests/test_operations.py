"""Day and night: kills, copies, what is logged and measured, limits, and an orderly end."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.server.limits import RateLimit
from ivigraph.store import Update, copies, open_store

ROOT = Path(__file__).parents[1]
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ALL = "SELECT * { ?s ?p ?o }"
TRIPLE = "<http://example.org/a> <http://example.org/b>"


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_no_kill_loses_an_acknowledged_update_or_leaves_half_a_document(tmp_path):
    outcome = script("kills").run(tmp_path / "store", kills=3, seed=7, longest=0.5)
    assert outcome.acknowledged >= outcome.kills
    assert (outcome.lost, outcome.torn) == (0, 0)


# Copies.


def test_a_copy_is_a_store_of_its_own_and_can_be_put_back(ivigraph, store, tmp_path):
    copy, back = tmp_path / "copy", tmp_path / "back"
    assert ivigraph("backup", copy, "--store", store).returncode == 0
    assert "is whole" in ivigraph("verify", "--store", copy).stderr
    assert ivigraph("restore", copy, "--store", back).returncode == 0
    counts = [ivigraph("query", "-e", COUNT, "--format", "csv", "--store", it).stdout for it in (store, copy, back)]
    assert counts[0] == counts[1] == counts[2]
    refused = ivigraph("restore", copy, "--store", back)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert ivigraph("restore", copy, "--store", back, "--force").returncode == 0
    assert ivigraph("backup", copy, "--store", store).returncode == 1


def test_a_damaged_store_is_found_and_not_restored(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        store.apply(Update(text=f"INSERT DATA {{ {TRIPLE} 1 }}"))
    (checked,) = copies.verify(tmp_path / "store")
    assert (checked.quads, checked.problem) == (1, "")
    copies.backup(tmp_path / "store", tmp_path / "copy")
    for file in (tmp_path / "copy").rglob("*.sst"):
        file.write_bytes(b"x" * 100)
    assert next(iter(copies.verify(tmp_path / "copy"))).problem
    with pytest.raises(copies.StoreError):
        copies.restore(tmp_path / "copy", tmp_path / "other")
    assert not (tmp_path / "other").exists()


# The server.


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """The file that the lines of queries go to."""
    return tmp_path_factory.mktemp("log") / "queries.jsonl"


@pytest.fixture(scope="module")
def server(store, lines, tmp_path_factory):
    """A server as users start it; with the process and its address."""
    folder = tmp_path_factory.mktemp("served")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "ivigraph", "serve", "--store", store, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={
            **environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(folder),
            "IVIGRAPH_QUERY_LOG": str(lines),
            "IVIGRAPH_MAX_ROWS": "500",
            "IVIGRAPH_TOKEN": "secret-token",
        },
    )
    with process:
        url = re.search(r"http://\S+", process.stderr.readline())[0]
        yield process, url
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stderr.read()


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server[1], timeout=60) as opened:
        yield opened


def query(client, text, **more):
    return client.get("/sparql", params={"query": text}, **more)


def test_each_query_leaves_one_line_without_its_text_or_token(client, lines):
    before = len(lines.read_text().splitlines()) if lines.exists() else 0
    query(client, "ASK { ?secret ?p ?o }", headers={"Authorization": "Bearer secret-token"})
    query(client, "nonsense")
    query(client, f"{ALL} LIMIT 7", headers={"Accept": "text/csv"})
    new = [json.loads(line) for line in lines.read_text().splitlines()[before:]]
    assert [line["outcome"] for line in new] == ["complete", "syntax", "complete"]
    assert new[2]["rows"] == 7
    assert all(line["seconds"] >= 0 for line in new)
    assert "secret" not in lines.read_text()


@pytest.mark.parametrize(
    "accept",
    ["text/csv", "text/tab-separated-values", "application/sparql-results+json", "application/sparql-results+xml"],
)
def test_an_answer_of_too_many_rows_is_refused_or_breaks_off_visibly(client, accept):
    assert query(client, f"{ALL} LIMIT 500", headers={"Accept": accept}).status_code == 200
    refused = query(client, f"{ALL} LIMIT 501", headers={"Accept": accept})
    assert (refused.status_code, refused.json()["remedy"]) == (400, "add a LIMIT")
    with pytest.raises(httpx.RemoteProtocolError):  # too much to be gathered before it is sent, where it is not kept
        query(client, "SELECT * { ?s ?p ?o FILTER(RAND() < 2) }", headers={"Accept": accept})


def test_metrics_tell_routes_outcomes_generation_and_memory(client):
    query(client, "ASK {}")
    text = client.get("/metrics").text
    for pattern in (
        r'ivigraph_request_seconds_count\{method="GET",route="/sparql",status="200"\} \d',
        r'ivigraph_queries_total\{outcome="complete"\} \d',
        r"ivigraph_generation 1.0",
        r'ivigraph_memory_bytes\{process="children"\} [1-9]',
    ):
        assert re.search(pattern, text), pattern


def test_health_tells_living_from_ready(client):
    assert [client.get(f"/health/{part}").json()["status"] for part in ("live", "ready")] == ["live", "ready"]


def test_answers_are_compressed_for_who_accepts_it(client):
    answer = query(client, f"{ALL} LIMIT 400", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["results"]["bindings"]) == 400
    assert "content-encoding" not in query(client, "ASK {}", headers={"Accept-Encoding": "identity"}).headers


def test_a_name_of_another_site_is_refused(client):
    assert query(client, "ASK {}", headers={"Host": "evil.example"}).status_code == 421
    assert query(client, "ASK {}", headers={"Host": "localhost:1"}).status_code == 200


def test_the_dataset_is_described_from_its_data(client):
    from rdflib import VOID, Graph

    graph = Graph().parse(data=client.get("/.well-known/void", headers={"Accept": "text/turtle"}).text, format="turtle")
    (triples,) = set(graph.objects(predicate=VOID.triples)) & {
        triples for dataset in graph.subjects(VOID.sparqlEndpoint) for triples in graph.objects(dataset, VOID.triples)
    }
    bindings = query(client, COUNT).json()["results"]["bindings"]
    assert int(triples) == int(bindings[0]["n"]["value"])
    assert len(list(graph.objects(predicate=VOID.classPartition))) > 3
    parts = {
        int(n) for part in graph.objects(predicate=VOID.propertyPartition) for n in graph.objects(part, VOID.triples)
    }
    assert sum(parts) > 0


def test_at_its_end_the_server_lets_an_answer_come_to_its_end(server):
    process, url = server
    # Runs last: a slow reader begins, the server is told to stop, and the answer still arrives whole.
    text = f"{ALL} LIMIT 450"
    with httpx.stream(
        "GET", f"{url}sparql", params={"query": text}, headers={"Accept": "text/csv"}, timeout=60
    ) as answer:
        chunks = answer.iter_bytes(200)
        first = next(chunks)
        process.send_signal(signal.SIGTERM)
        whole = first + b"".join(chunks)
    assert whole.count(b"\r\n") == 451
    process.wait(60)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_client_has_its_share_of_requests_and_no_more():
    limit = RateLimit(lambda *_: None, 2.0, None)
    assert [limit._take("a", 0.0) == 0 for _ in range(5)] == [True] * 4 + [False]
    assert limit._take("b", 0.0) == 0
    assert limit._take("a", 0.5) == 0
    assert 0 < limit._take("a", 0.5) <= 0.5


def test_too_many_requests_are_told_when_to_come_again(filled):
    with run.running(create_app(filled, Minter(), load(), rate=0.01)) as url:  # slower than any machine
        answers = [httpx.get(f"{url}openapi.json") for _ in range(2)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert httpx.get(f"{url}health/live").status_code == 200
