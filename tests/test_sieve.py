"""Sieved expressions find what plain ones find."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ivigraph.ingest.sieve import sieved, signs

_EXPRESSIONS = (
    r"(?<![\w-])(?:improv(?:e|ed|ing)|respon(?:ded|se)|no (?:\w+ )?effect)(?!\w)",
    r"(?:once |twice )?every (?:other )?(?:day|week)s?",
    r"(?:a|(?P<b>bc)+|[cd]e)f?",
    r"(?i:iv)(?= \w)|s\.c\.",
    r"(?<=in )\d{1,3}|skin",
    r"x*y?",
    r"(?>kin|ski)d",
)
_WORDS = st.sampled_from(
    (
        "improved",
        "Respon",
        "se",
        "no effect",
        "every",
        " DAY",
        "bc",
        "ce",
        "IV",
        "ıv",
        "İV",
        "ſkin",
        "\u212ain",
        "s.c.",
        "in 12",
        " ",
        "d",
    )
)


@given(
    expression=st.sampled_from(_EXPRESSIONS),
    flags=st.sampled_from((0, re.IGNORECASE)),
    parts=st.lists(_WORDS | st.text(max_size=3), max_size=8),
    start=st.integers(0, 5),
    end=st.integers(0, 40),
)
def test_a_sieved_expression_finds_what_the_expression_finds(
    expression: str, flags: int, parts: list[str], start: int, end: int
) -> None:
    text = "".join(parts)
    plain, sieve = re.compile(expression, flags), sieved(expression, flags)
    assert [m.span() for m in sieve.finditer(text, start, end)] == [m.span() for m in plain.finditer(text, start, end)]
    for one, other in ((sieve.search(text), plain.search(text)), (sieve.match(text, start), plain.match(text, start))):
        assert (one and (one.span(), one.groups())) == (other and (other.span(), other.groups()))


def test_the_signs_of_an_expression_are_the_rarest_strings_that_each_match_holds() -> None:
    assert signs(re.compile(r"(?:was|were) (?:\w+ )?(?:approved|licen[sc]ed)")) == ("licen", "approved")
    assert signs(re.compile(r"side[- ]effects?|toxicit(?:y|ies)|nontoxicity")) == ("effect", "toxicit")


def test_what_may_match_anything_has_no_signs() -> None:
    assert signs(re.compile(r"(?:abc)?\d+")) == signs(re.compile(r"abc|\d")) == signs(re.compile(r"(?!abc)x*")) == ()
