"""Sentences: where one ends, and where a full stop ends nothing."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.readers import text
from ivigraph.ingest.segment import sentences
from ivigraph.model import Document, DocumentType, Passage


def document(content: str, section: str = "body") -> Document:
    passages = (Passage(section=section, start=0, end=len(content)),)
    return Document(id="sha256:0", source="-", title="", type=DocumentType.OTHER, text=content, passages=passages)


def split(content: str, section: str = "body") -> list[str]:
    return [content[s.start : s.end] for s in sentences(document(content, section))]


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith et al. described three patients in detail.",
        "The dose was 0.4 g/kg for 5.5 days.",
        "He took prednisone b.i.d. for a week.",
        "As shown in Fig. 2 the count fell.",
        "Patient No. 3 was treated by J. A. Smith.",
        "She was seen by Dr. Jones at St. Mary's.",
        "A rash (see Table 1. It is long) appeared.",
        "Immunoglobulin was given i.v. over six hours.",
        "The level was 7 vs. 12 mg/dl.",
        "Staphylococcus spp. was not found.",
    ],
)
def test_a_full_stop_within_a_sentence_does_not_end_it(sentence: str) -> None:
    assert split(f"{sentence} He recovered.") == [sentence, "He recovered."]


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("He was given vitamin D. She was not.", 2),
        ("Did she recover? Yes! She did.", 3),
        ("The rash resolved.[12] He went home.", 2),
        ("It was treated with “care.” She improved.", 2),
        ("The platelet count fell to 7 × 109/L. His mother was well.", 2),
        ("The skin was red.Treatment began at once.", 2),
    ],
)
def test_a_sentence_ends_at_its_mark(content: str, count: int) -> None:
    assert len(split(content)) == count


def test_the_label_of_a_passage_is_a_sentence_of_its_own() -> None:
    assert split("Results: Two patients died.", "results") == ["Results:", "Two patients died."]


def test_a_list_is_one_sentence_with_the_line_that_introduces_it() -> None:
    content = "Common side effects include:\n- headache\n- fever"
    assert split(content) == [content]


def test_items_that_are_sentences_stand_alone() -> None:
    assert len(split("- Headache was seen in five patients.\n- Fever was seen in three patients.")) == 2


def test_no_sentence_crosses_a_paragraph() -> None:
    assert split("a heading without a mark\n\nand a text") == ["a heading without a mark", "and a text"]


def test_a_title_is_one_sentence() -> None:
    assert split("Stroke. A report of two cases.", "title") == ["Stroke. A report of two cases."]


@given(st.text(max_size=200))
def test_sentences_of_any_text_lie_in_order_and_hold_all_its_words(content: str) -> None:
    found = list(sentences(document(content)))
    assert all(a.end <= b.start for a, b in pairwise(found))
    held = "".join(content[s.start : s.end] for s in found)
    assert "".join(held.split()) == "".join(content.split())


def test_time_grows_with_the_text_and_not_faster() -> None:
    def seconds(times: int) -> float:
        long = text.document("The patient (a woman) was given 0.4 g/kg i.v. and improved. " * times, "-")
        start = time.process_time()
        assert sum(1 for _ in sentences(long)) >= times
        return time.process_time() - start

    assert seconds(8000) < 12 * max(seconds(2000), 0.01)
