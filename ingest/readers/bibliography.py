"""What citation databases write about an article, put into one form: identifiers, dates, languages, kinds."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping

from ivigraph.ingest.readers import metadata
from ivigraph.model import DocumentType

# Kinds by publication type, the first that applies: MeSH publication types (their ids beside them), JATS article
# types, RIS types and headings that journals print. A document is often several: a report with a review of the
# literature is a case report, a randomised trial is also a "Multicenter Study".
_KINDS: tuple[tuple[DocumentType, frozenset[str]], ...] = (
    (
        DocumentType.TRIAL,
        frozenset(
            {
                "randomized controlled trial",  # D016449
                "controlled clinical trial",  # D018848
                "clinical trial",  # D016430
                "clinical trial, phase i",  # D017426
                "clinical trial, phase ii",
                "clinical trial, phase iii",
                "clinical trial, phase iv",
                "pragmatic clinical trial",  # D065007
                "adaptive clinical trial",
                "equivalence trial",
                "clinical-trial",
            }
        ),
    ),
    (
        DocumentType.CASE_REPORT,
        frozenset({"case reports", "case report", "case-report", "case study"}),  # D002363
    ),
    (
        DocumentType.REVIEW,
        frozenset(
            {
                "review",  # D016454
                "systematic review",  # D000078182
                "scoping review",
                "meta-analysis",  # D017418
                "network meta-analysis",
                "guideline",  # D016431
                "practice guideline",  # D017065
                "consensus development conference",  # D016446
                "review-article",
                "review article",
                "systematic-review",
            }
        ),
    ),
    (DocumentType.COHORT, frozenset({"observational study"})),  # D064888
    (DocumentType.EDUCATION, frozenset({"patient education handout"})),  # D029282
    (
        # What its words would make a review or a trial, though it only speaks of one.
        DocumentType.OTHER,
        frozenset(
            {
                "editorial",  # D016421
                "comment",  # D016420
                "published erratum",  # D016425
                "retraction of publication",  # D016440
                "retraction notice",
                "expression of concern",
                "news",  # D016433
                "biography",  # D019215
                "interview",  # D017203
                "correction",
                "retraction",
                "book-review",
                "article-commentary",
                "addendum",
                "announcement",
                "obituary",
            }
        ),
    ),
)


def document_type(publication_types: Iterable[str], title: str, text: str) -> DocumentType:
    """The kind from what the source states, else from title and text as for a text without a record.

    MeSH has no publication type for case series; the title and text of what it calls case reports tell one.
    """
    stated = {name.lower() for name in publication_types}
    kind = next((kind for kind, names in _KINDS if names & stated), None)
    if kind is None:
        return metadata.document_type(title, text)
    if kind is DocumentType.CASE_REPORT and metadata.document_type(title, text) is DocumentType.CASE_SERIES:
        return DocumentType.CASE_SERIES
    return kind


_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"]+")
_DIGITS = re.compile(r"[1-9][0-9]{0,9}")


def identifiers(*, doi: str | None = None, pmid: str | None = None, pmcid: str | None = None) -> tuple[str, ...]:
    """The CURIEs of a document in the order in which they name it; what is no identifier is left out."""
    found: list[str] = []
    if doi and (match := _DOI.search(doi)):
        found.append(metadata.doi(match.group()))
    if pmid and (match := _DIGITS.fullmatch(pmid.strip())):
        found.append(f"pmid:{match.group()}")
    if pmcid and (match := _DIGITS.fullmatch(pmcid.strip().upper().removeprefix("PMC").partition(".")[0])):
        found.append(f"pmcid:PMC{match.group()}")
    return tuple(found)


_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
    for name in (names, str(number), f"{number:02}")
}
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)[0-9]{2}(?!\d)")
_DAY = re.compile(r"[0-9]{1,2}")


def date(year: str | None, month: str | None = None, day: str | None = None) -> str | None:
    """An ISO 8601 date as exact as its parts are; months may be names, and a season is left out."""
    found = _YEAR.search(year or "")
    if not found:
        return None
    number = _MONTHS.get((month or "").strip().lower()[:3])
    if number is None:
        return found.group()
    found_day = _DAY.fullmatch((day or "").strip())
    if found_day and 1 <= int(found_day.group()) <= monthrange(int(found.group()), number)[1]:
        return f"{found.group()}-{number:02}-{int(found_day.group()):02}"
    return f"{found.group()}-{number:02}"


def written_date(text: str) -> str | None:
    """The date in "2020 Apr 17", "2020/04/17", "2020-04-17T00:00:00Z", "1998 Dec-1999 Jan" or "Spring 1998"."""
    match = _YEAR.search(text)
    if not match:
        return None
    rest = re.split(r"[\s/.-]+|T(?=\d)", text[match.end() :].strip(" /.-"))
    return date(match.group(), *rest[:2])


# ISO 639-2 codes (bibliographic form first) that PubMed uses, to ISO 639-1.
_LANGUAGES: Mapping[str, str] = {
    three: two
    for two, codes in {
        "af": "afr", "ar": "ara", "bg": "bul", "bs": "bos", "ca": "cat", "cs": "cze ces", "da": "dan", "de": "ger deu",
        "el": "gre ell", "en": "eng", "es": "spa", "et": "est", "eu": "baq eus", "fa": "per fas", "fi": "fin",
        "fr": "fre fra", "gl": "glg", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "arm hye",
        "id": "ind", "is": "ice isl", "it": "ita", "ja": "jpn", "ka": "geo kat", "ko": "kor", "lt": "lit",
        "lv": "lav", "mk": "mac mkd", "ms": "may msa", "nl": "dut nld", "no": "nor", "pl": "pol", "pt": "por",
        "ro": "rum ron", "ru": "rus", "sk": "slo slk", "sl": "slv", "sq": "alb sqi", "sr": "srp", "sv": "swe",
        "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "chi zho",
    }.items()
    for three in codes.split()
}  # fmt: skip


def language(code: str | None) -> str | None:
    """ISO 639-1 code of "eng", "en" or "en-US"; None for "und", "mul" and what is no code."""
    start = re.split(r"[-_]", (code or "").strip().lower(), maxsplit=1)[0]
    if len(start) == 2 and start.isascii() and start.isalpha():
        return start
    return _LANGUAGES.get(start)
