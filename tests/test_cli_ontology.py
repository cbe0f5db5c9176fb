"""The commands that load, list, search and show other ontologies, and that propose mappings."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from ivigraph.cli import app

OBO = """ontology: little
[Term]
id: DOID:1
name: bullous pemphigoid
synonym: "BP" EXACT []
xref: MSH:D010391
is_a: DOID:2 ! autoimmune disease

[Term]
id: DOID:2
name: autoimmune disease
"""


@pytest.fixture
def run(tmp_path):
    index = tmp_path / "terms.sqlite"

    def call(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments), "--index", str(index)])

    return call


@pytest.fixture
def little(tmp_path):
    path = tmp_path / "little.obo"
    path.write_text(OBO)
    return path


def test_a_loaded_ontology_is_listed_searched_and_shown(run, little):
    added = run("ontology", "add", little)
    assert added.exit_code == 0, added.stderr
    assert "little: 2 terms, 3 names, 1 mappings" in added.stderr
    assert "little" in run("ontology", "list").stdout
    (hit,) = json.loads(run("ontology", "search", "Pemphigoid", "--format", "json").stdout)
    assert hit["term"] == "DOID:1"
    entry = json.loads(run("ontology", "show", "DOID:1", "--format", "json").stdout)
    assert entry["ancestors"] == [["DOID:2", "autoimmune disease"]]
    assert entry["mappings"][0][:2] == ["oboInOwl:hasDbXref", "MESH:D010391"]


def test_a_file_that_fails_does_not_stop_the_others(run, little, tmp_path):
    broken = tmp_path / "broken.ttl"
    broken.write_text("oops")
    result = run("ontology", "add", broken, little)
    assert result.exit_code == 3
    assert "broken.ttl, line 1" in result.stderr
    assert "1 of 2 files loaded" in result.stderr


def test_the_network_is_used_only_when_asked_for(run, little):
    result = run("ontology", "add", "https://nowhere.invalid/a.owl")
    assert result.exit_code == 1
    assert "--allow-network" in result.stderr
    assert run("ontology", "add", little.as_uri()).exit_code == 0


def test_a_search_without_a_hit_says_so_by_its_status(run, little):
    run("ontology", "add", little)
    assert run("ontology", "search", "measles").exit_code == 1


def test_a_term_that_is_not_loaded_says_what_to_do(run, little):
    run("ontology", "add", little)
    result = run("ontology", "show", "DOID:99")
    assert result.exit_code == 1
    assert "ontology search" in result.stderr


def test_proposals_are_written_for_a_curator_and_decisions_are_kept(run, little, tmp_path):
    run("ontology", "add", little)
    file = tmp_path / "mappings.sssom.tsv"
    assert run("link", "--file", file).exit_code == 0
    header, *lines = file.read_text().splitlines()
    assert header.endswith("\tstatus")
    file.write_text("\n".join([header, *(line.replace("\tproposed", "\trejected") for line in lines)]) + "\n")
    again = run("link", "--file", file)
    assert f"0 proposed, 0 accepted, {len(lines)} rejected" in again.stderr.replace("\n", " ")


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")
def test_an_inconsistent_ontology_is_told_with_the_axioms_that_contradict_each_other(tmp_path):
    path = tmp_path / "wrong.ttl"
    path.write_text(
        "@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        ":Sterile a owl:Class ; owl:disjointWith :Infection . :Infection a owl:Class . :one a :Sterile, :Infection ."
    )
    result = CliRunner().invoke(app, ["ontology", "check", str(path)])
    assert result.exit_code == 1
    assert result.stderr.count("contradicts:") == 3
    assert "owl:disjointWith" in result.stderr
    assert "inconsistent" in result.stderr


def test_every_fault_of_an_obo_file_is_reported_and_the_rest_is_loaded(run, tmp_path):
    path = tmp_path / "faulty.obo"
    path.write_text(
        "import: http://nowhere.invalid/a.obo\n[Term]\nid: X:1\nname: one\nis_a: X:2\nxref: NOWHERE:1\n<<<<\n"
        "[Term]\nid: X:2\nname: One\nis_a: X:1\n[Term]\nid: X:3\nname: three\n"
    )
    result = run("ontology", "add", path)
    assert result.exit_code == 0
    assert "faulty: 3 terms" in result.stderr
    for fault in ("import not fetched", "statement left out", "cyclic hierarchy", "duplicate label", "unknown prefix"):
        assert fault in result.stderr, fault
