"""Mappings: the shipped set is what the build makes of the ontologies, and says how sure each is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ivigraph.namespaces import IDENTIFIERS
from ivigraph.ontology import build, mapping, sources
from ivigraph.ontology.sources import Catalogue, Correspondence
from ivigraph.ontology.vocabulary import (
    MAPPINGS,
    SSSOM_COLUMNS,
    TERMS,
    Concept,
    Kind,
    Match,
    Name,
    Scope,
    Vocabulary,
    load,
    read,
)

ONTOLOGIES = Path(__file__).parents[1] / "../shared/ontologies"


def concept(id: str, label: str, *matches: Match) -> Concept:
    return Concept(id=id, kind=Kind.EVENT, label=label, names=(Name(label, Scope.LABEL),), matches=matches)


def lines_of(found: Concept, catalogue: Catalogue) -> list[tuple[str, str, str]]:
    only = Vocabulary({found.id: found}, {}, {})
    return [(line.predicate, line.object, line.justification) for line in mapping.mapping_set(only, catalogue)]


def rows() -> list[dict[str, str]]:
    with MAPPINGS.open(encoding="utf-8") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


def test_the_generated_files_are_what_the_build_makes_of_the_ontologies() -> None:
    if not ONTOLOGIES.is_dir():
        pytest.skip("the ontologies in ../shared are not here")
    made = build.generated(read(TERMS, asserted=True), sources.read(ONTOLOGIES))
    assert [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text] == []


def test_the_mapping_set_names_its_prefixes_licence_and_version() -> None:
    head = [line for line in MAPPINGS.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    for slot in ("curie_map", "license", "mapping_set_id", "mapping_set_version"):
        assert any(line.startswith(f"# {slot}:") for line in head), slot
    declared = {line.removeprefix("#   ").partition(":")[0] for line in head if line.startswith("#   ")}
    used = {row[column].partition(":")[0] for row in rows() for column in SSSOM_COLUMNS if column.endswith("_id")}
    assert used <= declared


def test_every_mapping_starts_at_a_concept_and_says_how_sure_it_is() -> None:
    concepts = load().concepts
    for row in rows():
        assert concepts[row["subject_id"]].label == row["subject_label"]
        assert row["object_id"].partition(":")[0] in IDENTIFIERS
        assert row["predicate_id"].startswith("skos:")
        assert row["mapping_justification"].startswith("semapv:")
        assert 0 < float(row["confidence"]) <= 1


@pytest.mark.parametrize(
    ("id", "match"),
    [
        ("MONDO:0016367", Match("skos:exactMatch", "MESH:D003882")),
        ("ivo:IVIG", Match("skos:exactMatch", "MESH:D016756")),
    ],
)
def test_a_concept_carries_its_mappings(id: str, match: Match) -> None:
    assert match in load().concepts[id].matches


def test_a_published_mapping_is_found_either_way_round() -> None:
    catalogue = Catalogue(
        correspondences=[
            Correspondence("HP:1", "a", "skos:broadMatch", "MESH:D1", "b", "infores:x"),
            Correspondence("MESH:D2", "c", "skos:broadMatch", "HP:1", "a", "infores:x"),
        ]
    )
    assert lines_of(concept("HP:1", "a"), catalogue) == [
        ("skos:broadMatch", "MESH:D1", "semapv:ManualMappingCuration"),
        ("skos:narrowMatch", "MESH:D2", "semapv:ManualMappingCuration"),
    ]


def test_a_disease_of_the_same_name_is_close_and_so_is_what_it_matches() -> None:
    catalogue = Catalogue(
        labels={"MONDO:1": "anaemia"},
        correspondences=[Correspondence("MONDO:1", "anaemia", "skos:exactMatch", "SCTID:7", "", "infores:mondo")],
    )
    assert lines_of(concept("HP:1", "anemia"), catalogue) == [
        ("skos:closeMatch", "MONDO:1", "semapv:LexicalMatching"),
        ("skos:closeMatch", "SCTID:7", "semapv:MappingChaining"),
    ]


def test_the_surer_of_two_ways_is_kept() -> None:
    catalogue = Catalogue(labels={"MESH:D1": "Anemia"})
    found = concept("HP:1", "anemia", Match("skos:exactMatch", "MESH:D1"))
    assert lines_of(found, catalogue) == [("skos:exactMatch", "MESH:D1", "semapv:ManualMappingCuration")]


def test_an_obsolete_term_is_mapped_to_by_nobody() -> None:
    catalogue = Catalogue(
        obsolete={"MESH:D1"},
        correspondences=[Correspondence("HP:1", "a", "skos:exactMatch", "MESH:D1", "b", "infores:x")],
    )
    assert lines_of(concept("HP:1", "a"), catalogue) == []


def test_checking_fails_when_a_generated_file_is_out_of_date(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not ONTOLOGIES.is_dir():
        pytest.skip("the ontologies in ../shared are not here")
    old = tmp_path / "old.sssom.tsv"
    old.write_text("", encoding="utf-8")
    monkeypatch.setattr(build, "MAPPINGS", old)
    assert build.main(["--sources", str(ONTOLOGIES), "--check"]) == 1
    assert "old.sssom.tsv is out of date" in capsys.readouterr().err
    assert old.read_text(encoding="utf-8") == ""
