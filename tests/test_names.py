"""Names: spellings of one name meet in one key, whatever the text holds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ontology.names import normalise, tokens

LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöéABCES'’ -αß０㎎ﬁがガ", max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("haemorrhagic", "hemorrhagic"),
        ("oedema", "edema"),
        ("Anaemia", "anemia"),
        ("diarrhoea", "diarrhea"),
        ("leucopenia", "leukopenia"),
        ("tumours", "tumor"),
        ("neutralisation", "neutralization"),
        ("neutralise", "neutralizes"),
        ("sulphonated", "sulfonated"),
        ("titre", "titers"),
        ("flu-like symptoms", "flu\u2010like symptom"),
        ("Guillain–Barré syndrome", "Guillain-Barre\u0301 syndromes"),
        ("Kaposi's sarcoma", "Kaposi sarcoma"),
        ("Graves’ disease", "Grave's disease"),
        ("immunodeficiencies", "immunodeficiency"),
        ("headaches", "headache"),
        ("rashes", "rash"),
        ("abscesses", "abscess"),
        ("viruses", "virus"),
        ("petechiae", "petechia"),
        ("thromboses", "thrombosis"),
        ("metastases", "metastasis"),
        ("autoimmune diseases", "autoimmune  disease"),
        ("neurological disorder", "neurologic disorders"),
        ("interferon-α", "interferon alpha"),
        ("ＩＶＩＧ", "ivig"),
        ("IVIGs", "IVIg"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thrombocytopenia", "thrombocytosis"),
        ("hypertension", "hypotension"),
        ("pemphigus", "pemphigoid"),
        ("anti-D immunoglobulin", "immunoglobulin D"),
        ("factor IX", "factor IXa"),
        ("か", "が"),
        ("IgG", "IgM"),
    ],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text() | LETTERS)
def test_a_key_is_its_own_key(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text() | LETTERS)
def test_tokens_lie_in_the_text_in_order_and_carry_a_key(text: str) -> None:
    end = 0
    for start, stop, key in tokens(text):
        assert end <= start < stop <= len(text)
        assert key
        assert " " not in key
        end = stop


@given(LETTERS, LETTERS)
def test_a_word_has_the_same_key_wherever_it_stands(before: str, after: str) -> None:
    assert tokens(f"{before}. {after}")[len(tokens(before)) :] == [
        (start + len(before) + 2, end + len(before) + 2, key) for start, end, key in tokens(after)
    ]


def test_a_token_with_a_possessive_covers_it() -> None:
    text = "Graves's disease"
    assert [text[start:end] for start, end, _ in tokens(text)] == ["Graves's", "disease"]


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "s'" * 100_000, "e\u0301" * 100_000, "oe" * 100_000, "\u0301" * 200_000]
)
def test_time_grows_with_the_length_of_the_text(text: str) -> None:
    begin = time.process_time()
    tokens(text)
    assert time.process_time() - begin < 2
