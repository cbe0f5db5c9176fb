"""Assertion: what is absent, doubted, supposed or past, and how far a word of denial reaches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.assertion import Assertion, Assertions, assess
from ivigraph.model import Certainty

NEGEX = Path(__file__).parents[1] / "../shared/corpora/negex.jsonl"


def of(sentence: str, finding: str) -> Assertion:
    start = sentence.index(finding)
    return assess(sentence, start, start + len(finding))


@pytest.mark.parametrize(
    "sentence",
    [
        "No headache occurred.",
        "The infusion was given without headache.",
        "She denied fever, rash, nausea, headache or chills.",
        "There was no evidence of pneumonia or headache.",
        "Headache was not observed in any patient.",
        "Headache did not occur.",
        "Headache was ruled out.",
        "No patient developed headache.",
        "None of the patients had headache.",
        "Neither fever nor headache was seen.",
    ],
)
def test_a_finding_that_did_not_happen_is_negated(sentence: str) -> None:
    finding = "Headache" if "Headache" in sentence else "headache"
    assert of(sentence, finding).negated


@pytest.mark.parametrize(
    "sentence",
    [
        "He had no fever but headache persisted.",
        "She had headache without fever.",
        "Not only fever but headache was seen.",
        "There was no change in headache.",
        "No fever was seen, and she developed headache.",
        "Headache was severe; no fever occurred.",
    ],
)
def test_a_word_of_denial_reaches_no_further_than_its_clause(sentence: str) -> None:
    finding = "Headache" if "Headache" in sentence else "headache"
    assert not of(sentence, finding).negated


@pytest.mark.parametrize(
    ("sentence", "certainty"),
    [
        ("Headache occurred.", Certainty.ASSERTED),
        ("This was probably a headache.", Certainty.PROBABLE),
        ("The findings were suggestive of headache.", Certainty.PROBABLE),
        ("Immunoglobulin may cause headache.", Certainty.POSSIBLE),
        ("A headache cannot be excluded.", Certainty.POSSIBLE),
        ("Patients should be monitored for headache.", Certainty.HYPOTHETICAL),
        ("We aimed to determine the rate of headache.", Certainty.HYPOTHETICAL),
    ],
)
def test_the_wording_tells_how_certain_it_is(sentence: str, certainty: Certainty) -> None:
    assert of(sentence, "eadache").certainty is certainty


def test_what_was_before_is_historical() -> None:
    assert of("He had a history of stroke.", "stroke").historical
    assert not of("He had a stroke.", "stroke").historical


def test_the_words_that_decided_are_told() -> None:
    assert of("She denied fever.", "fever").triggers == ("denied",)


@given(st.text(max_size=120), st.integers(0, 120), st.integers(0, 20))
def test_any_sentence_can_be_asked(sentence: str, start: int, length: int) -> None:
    found = Assertions(sentence).of(start, start + length)
    assert found.negated in (True, False)


@pytest.mark.skipif(not NEGEX.is_file(), reason="the shared folder is not here")
def test_negation_agrees_with_the_negex_sentences() -> None:
    right = found = wanted = 0
    for line in NEGEX.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for entity in record["entities"]:
            negated = assess(record["text"], entity["start"], entity["end"]).negated
            gold = entity["attrs"].get("neg") == "Negated"
            right += negated and gold
            found += negated
            wanted += gold
    assert 2 * right / (found + wanted) >= 0.95
