"""Mentions: the vocabulary's names by longest match, a document's own abbreviations, and what only looks like one."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.abbreviations import definitions
from ivigraph.ingest.lexicon import Lexicon
from ivigraph.ingest.segment import sentences
from ivigraph.model import Document, DocumentType, Mention, MentionType, Passage
from ivigraph.ontology import vocabulary


@cache
def lexicon() -> Lexicon:
    return Lexicon.of(vocabulary.load())


def mentions(content: str) -> list[Mention]:
    passages = (Passage(section="body", start=0, end=len(content)),)
    document = Document(id="sha256:0", source="-", title="", type=DocumentType.OTHER, text=content, passages=passages)
    found = list(lexicon().mentions(document, sentences(document)))
    assert all(m.text == content[m.start : m.end] for m in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    return found


def linked(content: str) -> dict[str, str | None]:
    return {mention.text: mention.id for mention in mentions(content)}


def drugs(content: str) -> list[str]:
    return [mention.text for mention in mentions(content) if mention.type is MentionType.DRUG]


def test_a_name_is_found_in_any_spelling() -> None:
    for text in ("thrombocytopenia", "Thrombocytopaenia", "THROMBOCYTOPENIA"):
        assert linked(f"It was {text}.")[text] == "HP:0001873"


def test_the_longest_name_wins() -> None:
    assert list(linked("He had acute renal failure.")) == ["acute renal failure"]


def test_a_comma_ends_a_name() -> None:
    assert "renal failure" not in " ".join(linked("It was renal, failure was not seen."))


def test_an_abbreviation_keeps_its_case() -> None:
    assert "ALS" in linked("He had ALS.")
    assert linked("He als had it.") == {}


@pytest.mark.parametrize(
    "text",
    [
        "She received intravenous immunoglobulin.",
        "IVIG was given.",
        "She was treated with high-dose immunoglobulin.",
        "Immunoglobulin 2 g/kg was infused.",
        "Polyethylene glycol-treated human immunoglobulin products were used.",
        "She had intravenous corticosteroids and immunoglobulin.",
        "An intravenous immunoglobulin G infusion was started.",
        "Immunoglobulins were administered.",
        "She had immunoglobulin replacement.",
        "Privigen was given.",
    ],
)
def test_immunoglobulin_that_is_given_is_a_drug(text: str) -> None:
    assert any("globulin" in name.lower() or name in ("IVIG", "Privigen") for name in drugs(text))


@pytest.mark.parametrize(
    "text",
    [
        "Serum immunoglobulin levels were normal.",
        "Denosumab, a human immunoglobulin G2 monoclonal antibody, was started.",
        "Biopsy showed immunoglobulin A deposits.",
        "He had a gammopathy of the immune globulin G lambda type.",
        "Cytomegalovirus immunoglobulin M was positive.",
        "The immunoglobulin heavy chain gene was rearranged.",
        "Immunoglobulin G was elevated.",
        "Anti-immunoglobulin antibodies were found.",
    ],
)
def test_immunoglobulin_that_is_measured_is_no_drug(text: str) -> None:
    assert not any("globulin" in name.lower() for name in drugs(text))


def test_modifiers_that_share_a_head_are_mentions_of_their_own() -> None:
    found = {m.text: m for m in mentions("It is used in primary and secondary immunodeficiencies.")}
    assert found["primary"].label == "primary immunodeficiency"
    assert found["primary"].id == "MONDO:0003778"
    assert found["secondary immunodeficiencies"].id == "MONDO:0017769"


@pytest.mark.parametrize("text", ["His platelet count fell to 7.", "His platelet count (PLT) rose after IVIG."])
def test_a_value_that_fell_is_the_condition_of_a_low_value(text: str) -> None:
    assert linked(text)["platelet count"] == "HP:0001873"


def test_a_value_that_is_only_measured_is_no_condition() -> None:
    assert linked("His platelet count was normal.") == {}


def test_an_abbreviation_that_the_document_defines_means_what_it_says() -> None:
    found = mentions("Eosinophilic fasciitis (EoF) is rare. EoF was treated.")
    assert [m.id for m in found if m.text == "EoF"] == ["MONDO:0009175"] * 2


def test_an_abbreviation_defined_as_something_unknown_hides_the_vocabulary() -> None:
    assert "LAD" in linked("Leukocyte adhesion was tested for LAD.")
    assert "LAD" not in linked("The left anterior descending (LAD) artery was dilated, and the LAD was normal.")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("He developed zoniculitis.", "zoniculitis"),
        ("She had a Blorfeld syndrome.", "Blorfeld syndrome"),
        ("There was glonopenia.", "glonopenia"),
        ("He had reticular dysplopathy.", "reticular dysplopathy"),
    ],
)
def test_an_unknown_condition_is_known_by_its_form(text: str, name: str) -> None:
    assert linked(text) == {name: None}


@pytest.mark.parametrize(
    "text", ["The diagnosis was made.", "The prognosis is good.", "He underwent general anaesthesia."]
)
def test_a_word_that_only_ends_like_a_condition_is_none(text: str) -> None:
    assert linked(text) == {}


def test_an_unknown_drug_is_known_by_its_form() -> None:
    (drug,) = (m for m in mentions("She was given zolprimumab.") if m.type is MentionType.DRUG)
    assert (drug.text, drug.id) == ("zolprimumab", None)


@pytest.mark.parametrize(
    "text",
    [
        "Anti-thrombocytopenia was tested.",
        "Measles vaccine was given.",
        "It was CMV DNA.",
        "Tumor necrosis factor rose.",
    ],
)
def test_a_name_within_the_name_of_a_test_or_molecule_is_no_condition(text: str) -> None:
    assert not [m for m in mentions(text) if m.type is MentionType.CONDITION]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("He had eosinophilic fasciitis (EF).", "EF", "eosinophilic fasciitis"),
        ("We gave intravenous immunoglobulin (IVIg) to her.", "IVIg", "intravenous immunoglobulin"),
        (
            "The common variable immunodeficiency disease (CVID) patient",
            "CVID",
            "common variable immunodeficiency disease",
        ),
    ],
)
def test_a_long_form_is_found_before_its_bracket(text: str, short: str, long: str) -> None:
    (found,) = definitions(text, 0, len(text))
    assert (found.short, text[found.start : found.end]) == (short, long)


@pytest.mark.parametrize(
    "text", ["He was well (see Table 1).", "The count (n = 5) fell.", "She (aged 5) had it.", "It rose (Fig. 2)."]
)
def test_a_bracket_without_a_short_form_defines_nothing(text: str) -> None:
    assert list(definitions(text, 0, len(text))) == []


@given(st.text(max_size=150))
def test_mentions_of_any_text_are_verbatim_and_do_not_overlap(content: str) -> None:
    mentions(content + " IVIG (immunoglobulin) fever, rash and renal failure")
