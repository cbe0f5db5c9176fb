"""Identifiers, dates, languages and kinds as databases write them."""

import pytest

from ivigraph.ingest.readers.bibliography import date, identifiers, language, written_date


@pytest.mark.parametrize(("parts", "expected"), [
    (("2020", "Apr", "7"), "2020-04-07"),
    (("2020", "04"), "2020-04"),
    (("2020", "Spring"), "2020"),
    (("2021", "2", "29"), "2021-02"),
    (("2020", "2", "29"), "2020-02-29"),
    (("2020", "13", "1"), "2020"),
    (("", "Apr"), None),
    (("99999",), None),
])  # fmt: skip
def test_a_date_is_as_exact_as_its_parts(parts, expected):
    assert date(*parts) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("2020 Apr 17", "2020-04-17"),
    ("2019/05/03", "2019-05-03"),
    ("2024-01-24T00:00:00Z", "2024-01-24"),
    ("1998 Dec-1999 Jan", "1998-12"),
    ("1998 Nov-Dec", "1998-11"),
    ("Spring 1998", "1998"),
    ("2019///", "2019"),
    ("in press", None),
])  # fmt: skip
def test_a_written_date_is_understood(text, expected):
    assert written_date(text) == expected


@pytest.mark.parametrize(("code", "expected"), [
    ("eng", "en"), ("ger", "de"), ("deu", "de"), ("jpn", "ja"), ("en-US", "en"), ("EN", "en"),
    ("und", None), ("", None), (None, None),
])  # fmt: skip
def test_a_language_is_told_in_two_letters(code, expected):
    assert language(code) == expected


def test_identifiers_are_put_into_one_form():
    found = identifiers(doi="https://doi.org/10.1000/ABC.", pmid=" 7 ", pmcid="pmc12.1")
    assert found == (
        "doi:10.1000/abc",
        "pmid:7",
        "pmcid:PMC12",
    )
    assert identifiers(doi="none", pmid="PMC7", pmcid="x") == ()
