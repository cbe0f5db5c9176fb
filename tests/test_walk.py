"""The walk of the README: load ontologies, search, link, accept a mapping, ingest, and see it in graph and page."""

import json
from pathlib import Path

import httpx
import pytest

from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology import proposals
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.store import open_store

SHARED = Path(__file__).parents[1] / "../shared/ontologies"
TEXT = (
    "A 61-year-old man with hyperviscosity syndrome and renovascular hypertension was treated with intravenous "
    "immunoglobulin (IVIG) for acute cerebellar ataxia. He received IVIG for porokeratosis, too. IVIG-induced "
    "lymphangitis was noted on day 3."
)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the ontologies in ../shared are not here")
def test_a_mapping_that_was_accepted_is_in_the_graph_and_on_the_page_of_its_concept(ivigraph, tmp_path):
    def done(*arguments):
        finished = ivigraph(*arguments)
        assert finished.returncode == 0, finished.stderr
        return finished

    loaded = done("ontology", "add", SHARED / "doid/doid-b.obo", SHARED / "maxo/maxo-base.owl")
    assert "2 of 2 files loaded" in loaded.stderr
    hits = json.loads(done("ontology", "search", "porokeratosis", "--format", "json").stdout)
    assert ("DOID:3805", "porokeratosis") in {(hit["term"], hit["label"]) for hit in hits}

    done("link")
    file = tmp_path / "data" / "ivigraph" / "mappings.sssom.tsv"
    lines = file.read_text().splitlines()
    proposed = [p for p in proposals.read(file) if p.confidence >= 0.9]
    assert proposed
    chosen = proposed[0]
    file.write_text(
        "\n".join(
            line.removesuffix("proposed") + "accepted"
            if line.split("\t")[0] == chosen.subject and line.split("\t")[3] == chosen.object
            else line
            for line in lines
        )
        + "\n"
    )

    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.txt").write_text(TEXT)
    done("ingest", "papers", "--store", "graph")
    subject = Minter().iri_of_page(f"id/concept/{chosen.subject}")
    target = Minter().iri_of_page(f"id/concept/{chosen.object}")
    with open_store(tmp_path / "graph", prefixes=prefixes(Minter())) as store:
        relation = chosen.predicate.replace("skos:", "http://www.w3.org/2004/02/skos/core#")
        assert store.ask(f"ASK {{ <{subject}> <{relation}> <{target}> }}")
        linked = store.select("SELECT ?label { ?m ivo:denotes ?t . ?t a ivo:ExternalTerm ; rdfs:label ?label }")
        assert "porokeratosis" in {str(row["label"]) for row in linked}
        with (
            run.running(create_app(store, Minter(), load(), query_timeout=120)) as url,
            httpx.Client(base_url=url, timeout=120) as client,
        ):
            page = client.get(f"/id/concept/{chosen.subject}", headers={"Accept": "text/html"}).text
            assert chosen.object in page
            page = client.get("/id/concept/DOID:3805", headers={"Accept": "text/html"}).text
            assert "term of doid-b" in page
