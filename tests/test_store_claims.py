"""The rows of claims are what SPARQL says of the graphs, whatever was written and however it was written."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.namespaces import Minter, prefixes
from ivigraph.store import Among, open_store

EX = "http://example.org/"
GRAPHS = ("a", "b", "c")

ROWS = """SELECT DISTINCT ?claim ?subject ?relation ?object ?document ?case ?negated ?retracted { GRAPH ?g {
    ?claim a ivo:Claim ; biolink:subject ?subject ; biolink:predicate ?relation ; biolink:object ?object ;
           biolink:publications ?document ; biolink:negated ?negated OPTIONAL { ?claim ivo:case ?case }
    FILTER(DATATYPE(?negated) = xsd:boolean) BIND(EXISTS { ?claim ivo:retracted true } AS ?retracted) } }"""
ABOUT = f"""SELECT DISTINCT ?claim {{ GRAPH ?g {{
    ?claim a ivo:Claim ; biolink:subject ?s ; biolink:predicate ?p ; biolink:object ?o ; biolink:publications ?d ;
           biolink:negated ?negated FILTER(DATATYPE(?negated) = xsd:boolean)
    {{ ?claim biolink:subject <{EX}x> }} UNION {{ ?claim biolink:object <{EX}x> }}
    UNION {{ ?claim biolink:disease_context_qualifier <{EX}x> }} }} }}"""
DOCUMENTS = "SELECT DISTINCT ?document { GRAPH ?g { ?document a ivo:Document } }"
QUALIFIERS = {
    "outcome": "ivo:outcome",
    "certainty": "ivo:certainty",
    "count": "ivo:count",
    "population": "ivo:population",
}

claim = st.fixed_dictionaries(
    {
        "claim": st.integers(0, 5),  # few, so that graphs speak of the same
        "subject": st.sampled_from("px"),
        "object": st.sampled_from("xy"),
        "negated": st.sampled_from(["true", "false", "false", '"maybe"']),
        "documents": st.lists(st.integers(0, 2), max_size=2),
        "cases": st.lists(st.integers(0, 2), max_size=2),
        "diseases": st.lists(st.sampled_from("xyz"), max_size=2),
        "count": st.none() | st.integers(0, 9),
        "typed": st.sampled_from([True, True, True, False]),
        "retracted": st.sampled_from(["", "", "ivo:retracted true .", "ivo:retracted false ."]),
    }
)
change = st.tuples(
    st.sampled_from(["replace", "insert", "delete", "withdraw", "anywhere", "clear"]),
    st.sampled_from(GRAPHS),
    st.lists(claim, max_size=4),
)


def triples(claims) -> str:
    lines = []
    for one in claims:
        node = f"<{EX}claim/{one['claim']}>"
        lines += [f"{node} a ivo:Claim ."] if one["typed"] else []
        lines += [f"{node} biolink:subject <{EX}{one['subject']}> ; biolink:predicate biolink:causes ; "
                  f"biolink:object <{EX}{one['object']}> ; biolink:negated {one['negated']} ."]  # fmt: skip
        lines += [f"{node} ivo:case <{EX}case/{value}> ." for value in one["cases"]]
        lines += [f"{node} biolink:disease_context_qualifier <{EX}{value}> ." for value in one["diseases"]]
        lines += [f"{node} ivo:count {one['count']} ."] if one["count"] is not None else []
        lines += [f"{node} {one['retracted']}"] if one["retracted"] else []
        for value in one["documents"]:
            document = f"<{EX}document/{value}>"
            lines += [f"{node} biolink:publications {document} . {document} a ivo:Document ; ivo:year {2000 + value} ."]
    return " ".join(lines)


def write(store, how, name, claims) -> None:
    graph, content = f"<{EX}graph/{name}>", triples(claims)
    updates = {
        "replace": f"DROP SILENT GRAPH {graph} ; INSERT DATA {{ GRAPH {graph} {{ {content} }} }}",
        "insert": f"INSERT DATA {{ GRAPH {graph} {{ {content} }} }}",
        "withdraw": f"WITH {graph} DELETE {{ ?c ?p ?o }} WHERE {{ ?c biolink:negated true ; ?p ?o }}",
        # The graph that it writes is not known beforehand.
        "anywhere": f"INSERT {{ GRAPH ?g {{ {content} }} }} WHERE {{ BIND({graph} AS ?g) }}",
        "clear": "CLEAR ALL",
    }
    with store.writer() as writer:
        if how == "delete":
            writer.delete_graph(f"{EX}graph/{name}")
        else:
            writer.update(updates[how])


def rows_of(store):
    return {
        (*(row[:5]), row.case, row.negated, row.retracted) for row in store.claims(Among())
    }  # fmt: skip


def asked(store):
    return {
        (
            *(str(row[name]) for name in ("claim", "subject", "relation", "object", "document")),
            str(row.get("case", "")),
            str(row["negated"]) == "true",
            str(row["retracted"]) == "true",
        )
        for row in store.select(ROWS)
    }


@settings(max_examples=15, deadline=None)
@given(st.lists(change, min_size=1, max_size=6))
def test_rows_follow_every_write_and_are_those_that_sparql_finds(tmp_path_factory, changes):
    directory = tmp_path_factory.mktemp("random") / "store"
    with open_store(directory, create=True, prefixes=prefixes(Minter()), readers=1) as store:
        for step in changes:
            write(store, *step)
            assert rows_of(store) == asked(store)
        about = {row.claim for row in store.claims(Among(about=frozenset([EX + "x"])))}
        assert about == {str(row["claim"]) for row in store.select(ABOUT)}
        assert set(store.documents()) == {str(row["document"]) for row in store.select(DOCUMENTS)}


@pytest.fixture(scope="module")
def known(filled):
    """Each claim of the shared store by its row, and what SPARQL says of it."""
    return {row.claim: row for row in filled.claims(Among())}


@pytest.mark.parametrize("column", ["outcome", "certainty", "unit", "percent", "population", "count", "total"])
def test_a_row_has_the_qualifiers_of_its_claim(filled, known, column):
    said = {
        str(row["c"]): str(row["v"]) for row in filled.select(f"SELECT ?c ?v {{ ?c a ivo:Claim ; ivo:{column} ?v }}")
    }
    assert said == {
        claim: str(value)
        for claim, row in known.items()
        if (value := getattr(row, "counted" if column == "count" else column)) not in ("", None)
    }


def test_a_row_has_the_onset_the_diseases_and_the_sentence_of_its_claim(filled, known):
    said = filled.select("""SELECT ?c ?words ?anchor ?min ?max { ?c a ivo:Claim ; ivo:onset ?o .
        ?o rdfs:label ?words ; ivo:anchor ?anchor
        OPTIONAL { ?o ivo:minDays ?min } OPTIONAL { ?o ivo:maxDays ?max } }""")
    assert len(said) > 0
    for one in said:
        row = known[str(one["c"])]
        given = (row.onset, row.anchor, row.min_days, row.max_days)
        assert given == tuple(str(one.get(name, "")) for name in ("words", "anchor", "min", "max"))
    pairs = {
        (str(r["c"]), str(r["d"])) for r in filled.select("SELECT ?c ?d { ?c biolink:disease_context_qualifier ?d }")
    }
    assert {(claim, disease) for claim, row in known.items() for disease in row.diseases} == {
        (claim, disease) for claim, disease in pairs if claim in known
    }
    quotes = {str(r["c"]): str(r["q"]) for r in filled.select("SELECT ?c ?q { ?c biolink:supporting_text ?q }")}
    assert filled.sentences(list(known)) == quotes


def test_claims_are_chosen_by_any_of_their_ends_together(filled, known):
    one = next(row for row in known.values() if row.case and row.diseases)
    for among in (
        Among(claims=frozenset([one.claim])),
        Among(subjects=frozenset([one.subject]), objects=frozenset([one.object]), relations=frozenset([one.relation])),
        Among(documents=frozenset([one.document]), cases=frozenset([one.case])),
        Among(about=frozenset([one.diseases[0], "http://example.org/nothing"])),
    ):
        assert one.claim in {row.claim for row in filled.claims(among)}
    assert filled.claims(Among(subjects=frozenset([one.subject]), objects=frozenset([one.subject]))) == []
    assert filled.claims(Among(about=frozenset())) == []


def test_an_older_store_is_read_without_its_index(tmp_path):
    with open_store(tmp_path / "store", create=True, prefixes=prefixes(Minter())) as store:
        whole = {"claim": 1, "subject": "p", "object": "x", "negated": "false", "documents": [1], "cases": [],
                 "diseases": [], "count": None, "typed": True, "retracted": ""}  # fmt: skip
        write(store, "insert", "a", [whole])
        shutil.rmtree(tmp_path / "store" / "generations" / "000001" / "text")
        assert [row.claim for row in store.claims(Among())] == [f"{EX}claim/1"]
    with open_store(tmp_path / "store", as_of=1) as before:
        assert [row.claim for row in before.claims(Among())] == [f"{EX}claim/1"]
