"""Tolerant reading of OBO files."""

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import ReadError
from ivigraph.ontology import obo
from ivigraph.ontology.external import ProblemKind, Scope

DOID = Path(__file__).parents[1] / "../shared/ontologies/doid/doid-b.obo"


def read(text):
    return obo.read(io.BytesIO(text.encode() if isinstance(text, str) else text), where="x.obo")


def term(body):
    (found,) = read(f"[Term]\nid: X:1\n{body}\n").terms
    return found


def test_a_term_has_its_label_parents_definition_and_state():
    found = term(
        'name: bullous pemphigoid ! a comment\nis_a: DOID:37 {source="x"} ! skin disease\n'
        'def: "Blisters \\"all over\\"." [url:http\\://a.b]\nis_obsolete: true\nreplaced_by: X:2'
    )
    assert found.label == "bullous pemphigoid"
    assert found.parents == ("DOID:37",)
    assert found.definition == 'Blisters "all over".'
    assert found.obsolete
    assert found.replaced_by == "X:2"


@pytest.mark.parametrize(
    ("line", "text", "scope"),
    [
        ('synonym: "BP" EXACT []', "BP", Scope.EXACT),
        ('synonym: "surfer\'s eye" NARROW [a:b, "c"]', "surfer's eye", Scope.NARROW),
        ('synonym: "ITP" EXACT ABBREVIATION []', "ITP", Scope.ABBREVIATION),
        ('synonym: "water on the brain" EXACT layperson []', "water on the brain", Scope.LAY),
        ('synonym: "without a scope" []', "without a scope", Scope.RELATED),
        ('synonym: "so called "kissing" disease" EXACT []', 'so called "kissing" disease', Scope.EXACT),
        ('exact_synonym: "of format 1.0" []', "of format 1.0", Scope.EXACT),
    ],
)
def test_a_synonym_keeps_its_text_and_scope(line, text, scope):
    (name,) = term(f"name: x\n{line}").names
    assert (name.text, name.scope) == (text, scope)


def test_cross_references_use_our_prefixes():
    source = read("[Term]\nid: X:1\nname: x\nxref: UMLS_CUI:C1\nxref: SNOMEDCT_US_2015_03_01:2 {a=b}\nxref: MSH:D3\n")
    assert [mapping.object for mapping in source.mappings] == ["UMLS:C1", "SCTID:2", "MESH:D3"]


def test_a_line_that_cannot_be_understood_is_reported_and_the_rest_is_kept():
    source = read("[Term]\nid: X:1\nname: one\nsynonym: no quotes\n<<<<\n[Term]\nid: X:2\nname: two\n")
    assert [t.label for t in source.terms] == ["one", "two"]
    assert [(p.kind, p.where) for p in source.problems] == [
        (ProblemKind.SYNTAX, "line 5"),
        (ProblemKind.SYNTAX, "line 4"),
    ]


def test_a_continued_line_and_windows_line_ends_are_read():
    assert term("name: one \\\r\nlong name\r").label == "one long name"


def test_bytes_that_are_no_utf8_are_read_as_latin_1_and_reported():
    source = read(b"[Term]\nid: X:1\nname: Sj\xf6gren syndrome\n")
    assert next(iter(source.terms)).label == "Sjögren syndrome"
    assert source.problems[0].where == "line 3"


def test_imports_are_reported_and_not_fetched():
    source = read("import: http://nowhere.invalid/a.obo\n[Term]\nid: X:1\nname: x\n")
    assert source.problems[0].kind is ProblemKind.IMPORT


def test_a_file_without_terms_is_refused_with_its_first_bad_line():
    with pytest.raises(ReadError) as raised:
        read("hello\n")
    assert raised.value.where == "x.obo, line 1"


@given(st.text())
def test_any_text_is_either_read_or_refused(text):
    with contextlib.suppress(ReadError):
        assert all(t.id for t in read(f"[Term]\nid: X:1\n{text}").terms)


def test_disease_ontology_of_2016_loads_whole():
    if not DOID.exists():
        pytest.skip("../shared is absent")
    with DOID.open("rb") as stream:
        source = obo.read(stream, where=DOID.name)
    text = DOID.read_text()
    assert len(list(source.terms)) == text.count("\n[Term]")
    assert sum(len(t.names) for t in source.terms) == text.count("\nsynonym: ")
    assert source.version == "releases/2016-07-01"
    assert not source.problems
