"""Names are made consistent over a document, and lists of events are cut into their members."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.tagger.consistency import consistent
from ivigraph.ingest.tagger.coordination import parts
from ivigraph.ingest.tagger.decode import Span
from ivigraph.ingest.tagger.encoding import Window, Word


class Reading:
    """A window of one text with the spans that a tagger found in it."""

    def __init__(self, text, *found):
        words, place = [], 0
        for number, word in enumerate(text.split()):
            start = text.index(word, place)
            place = start + len(word.rstrip(".,;()"))
            words.append(Word(start + len(word) - len(word.lstrip("(")), place, number + 1, 0))
        self.window = Window(np.zeros(len(words) + 2), np.zeros((len(words) + 2, 1)), tuple(words))
        self._spans = [
            Span(type, start, start + len(name), *self.window.find(start, start + len(name)), 0, score)
            for name, type, start, score in found
        ]

    def spans(self, scheme):
        return self._spans


def names(text, *found):
    given = consistent(text, [Reading(text, *((n, t, text.index(n), s) for n, t, s in found))], "names")
    return [(text[span.start : span.end], span.type) for span in given]


def test_a_name_that_was_tagged_once_with_certainty_is_a_name_wherever_it_stands():
    text = "Nausea was severe. He had nausea, and nausea again."
    assert names(text, ("Nausea", "condition", 0.99)) == [
        ("Nausea", "condition"), ("nausea", "condition"), ("nausea", "condition"),
    ]  # fmt: skip


def test_what_was_tagged_in_one_of_many_places_with_doubt_is_no_name():
    assert names("The course of it. A course, the course, each course.", ("course", "condition", 0.6)) == []


def test_a_short_form_is_what_its_long_form_is():
    text = "She took valproic acid (VPA) daily. Then VPA was stopped."
    assert names(text, ("valproic acid", "drug", 0.98)) == [
        ("valproic acid", "drug"), ("VPA", "drug"), ("VPA", "drug"),
    ]  # fmt: skip


def test_the_longer_name_goes_first_and_none_overlap():
    text = "Renal failure is feared. Acute renal failure came."
    found = names(text, ("Renal failure", "condition", 0.99), ("Acute renal failure", "condition", 0.99))
    assert found == [("Renal failure", "condition"), ("Acute renal failure", "condition")]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("fever, rash and lymphadenopathy", ["fever", "rash", "lymphadenopathy"]),
        ("fever, rash, and then coma", ["fever", "rash", "coma"]),
        ("lactic acidosis (MALA)", ["lactic acidosis"]),
        ("aseptic meningitis", ["aseptic meningitis"]),
    ],
)
def test_each_member_of_a_list_is_an_event(text, members):
    assert [text[start:end] for start, end in parts(text, 0, len(text))] == members


@given(st.text(max_size=60))
def test_members_lie_within_the_text_in_order(text):
    place = 0
    for start, end in parts(text, 0, len(text)):
        assert place <= start <= end <= len(text)
        place = end
