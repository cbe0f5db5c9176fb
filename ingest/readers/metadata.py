"""What a page says about the document: kind, identifiers, year, journal, authors, language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivigraph.ingest.readers.furniture import is_reference
from ivigraph.model import DocumentType


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the page tells beside the article; a web page names it in its head, a text in the lines around."""

    title: str = ""
    identifiers: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    authors: tuple[str, ...] = ()


# The kind of a document, tried in this order on its title, then on its text: a title says it best.
_TITLES = (
    (
        DocumentType.CASE_SERIES,
        r"case series|series of (?:\w+ )?(?:cases|patients)|(?:report of|\b)(?:two|three|four|five|six|seven"
        r"|eight|nine|ten|\d+) (?:new |further |additional )?cases\b|cases? reports\b",
    ),
    (
        DocumentType.CASE_REPORT,
        r"case (?:report|study|presentation)|a case of|report of (?:a|one) case|\bin an? (?:\d+[- ]year|child"
        r"|infant|patient|man|woman|boy|girl)\b",
    ),
    (
        DocumentType.TRIAL,
        r"randomi[sz]ed|double[- ]blind|placebo[- ]controlled|phase (?:[1-4]|i{1,3}v?)\b|controlled trial"
        r"|open[- ]label",
    ),
    (DocumentType.REVIEW, r"\breview\b|meta[- ]analysis|overview|guidelines?|consensus|state of the art|\bupdate\b"),
    (
        DocumentType.COHORT,
        r"cohort|retrospective|prospective|registry|case[- ]control|observational|multicent(?:er|re) (?:study"
        r"|experience)|real[- ]world",
    ),
    (
        DocumentType.EDUCATION,
        r"patient (?:information|guide|leaflet)|what you need to know|\bquiz\b|tutorial|\blesson\b|fact sheet"
        r"|teaching|frequently asked",
    ),
)
# A text is searched only where one of the rule's signs stands in it, for every match holds one; that takes a tenth of
# the time. Rules of the second table are for the opening of the text.
_TEXTS = (
    (
        DocumentType.EDUCATION,
        (
            "quiz", "module", "lesson", "leaflet", "fact sheet", "learning ", "test your", "talk to your", "ask your",
            "after reading", "after completing", "what is", "what are", "how ", "why is it",
        ),
        r"this (?:quiz|module|lesson|leaflet|fact sheet)|learning (?:module|objectives)|test your knowledge"
        r"|talk to your (?:doctor|healthcare)|ask your (?:doctor|pharmacist)|after (?:reading|completing) this"
        r"|^(?:what (?:is|are) (?:it|they|\w+(?: \w+)?)|how (?:it|does it|do they|is it|is \w+) (?:works?|given)"
        r"|why is it (?:used|given))\??$",
    ),
    (
        DocumentType.TRIAL,
        ("randomi", "randomly", "double", "phase", "open-label", "open label", "open study", "open trial"),
        r"were randomi[sz]ed|were randomly (?:assigned|allocated)|randomi[sz]ed (?:to|into|\d+|patients)"
        r"|randomi[sz]ed,? (?:double|controlled|placebo"
        r"|open|multi)|double[- ]blind,|in this (?:[\w-]+,? ){0,3}(?:randomi[sz]ed|open[- ]label|phase)"
        r"|\ban? open (?:study|trial)",
    ),
    (
        DocumentType.REVIEW,
        ("review", "we summari"),
        r"(?:this|the|present|our) (?:\w+ )?review (?:article|highlights?|aims?|summari[sz]es|discusses|describes"
        r"|focus|covers|considers|paper)|we (?:review|summari[sz]e)(?:ed)? the (?:literature|evidence|use"
        r"|current)|systematic review|in this review|^review$",
    ),
    (
        DocumentType.CASE_SERIES,
        (
            "case series", "experience ", "report of ", "we report", "we present", "we describe", "patient 2", "case 2",
            "observation 2",
        ),
        r"case series|experience (?:in|with|of) (?:\d+|twelve|fifteen|twenty|thirty) (?:patients|children|cases)"
        r"|report of (?:two|three|four|five|six|seven|eight|nine|ten) cases"
        r"|we (?:report|present|describe) (?:on )?(?:the cases? of )?(?:two"
        r"|three|four|five|six|seven"
        r"|eight|nine|ten|\d{1,2})\b(?: \w+){0,3} (?:patients|cases|children|infants|women|men|adults|families)"
        r"|\b(?:patient|case|observation) 2\s?[:.]",
    ),
    (
        DocumentType.COHORT,  # an abstract in parts that counts its patients, though it may tell of one of them
        ("results", "methods"),
        r"\b(?:results|methods)[.:]?\s(?:.|\n){0,60}?\b(?:(?<![-.,\d])(?:1[3-9]|[2-9]\d|\d{3,5}|\d{1,3},\d{3})|\w+teen"
        r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?) (?:(?!year|month|week|day)[\w-]+ ){0,2}?"
        r"(?:patients|children|adults|women|men|subjects|participants|infants|recipients|reports)\b",
    ),
    (
        DocumentType.CASE_REPORT,
        (
            "case", "we report", "we present", "we describe", "we here", "old", "our patient", "was admitted",
            "presented", "was referred", "was treated", "age of",
        ),
        r"(?:this|present) case(?: report)?|\bat (?:the )?age of \d+(?: years)?,? (?:the|this|our|an?) "
        r"|we (?:here )?(?:report|present|describe) (?:here )?(?:the |a |an |one )(?:\w+ ){0,4}?(?:case|patient|man"
        r"|woman|female|male"
        r"|boy|girl|infant|child|episode)|\d+[- ](?:year|yr|month|week"
        r"|day)s?[- ]old|case (?:report(?!s)|presentation)|\bour patient\b"
        r"|\b(?:an?) (?:\w+ ){0,3}?(?:man|woman|boy|girl|patient) (?:\w+ ){0,4}?(?:with [^.]{0,80} )?"
        r"(?:was admitted|presented|was referred|was treated)\b",
    ),
    (
        DocumentType.COHORT,
        ("cohort", "retrospective", "prospective", "registry", "records of", "charts of", "files of",
        "prospectively", "followed up", "case-control", "case control",
         "consecutive patients"),
        r"cohort|retrospectively|retrospective (?:study|analysis|review|chart)|prospective(?:ly)? (?:study"
        r"|observational|followed)|registry|(?:records|charts|files) of|prospectively|followed up (?:\w+ )?(?:\d+"
        r"|\w+teen|twenty|thirty|forty|fifty)|case[- ]control"
        r"|consecutive patients",
    ),
)  # fmt: skip
_OPENINGS = {
    DocumentType.REVIEW: r"\W*review\b",
    DocumentType.CASE_SERIES: r"\W*(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?:\w+ ){0,3}(?:patients"
    r"|children|women|men|infants|cases|sisters|brothers)\b",
    DocumentType.CASE_REPORT: r"\W*(?:an?|the) (?:\w+ ){0,3}?(?:patient|man|woman|boy|girl|infant|neonate|child)\b",
}
# Searched in lower case: that takes a third of the time of a search that ignores case.
_TITLE_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _TITLES)
_TEXT_RULES = tuple((kind, signs, re.compile(pattern, re.MULTILINE)) for kind, signs, pattern in _TEXTS)
_OPENING_RULES = {kind: re.compile(pattern) for kind, pattern in _OPENINGS.items()}
_TYPED_FROM = 20_000  # characters of the page; later ones tell of other documents


def document_type(title: str, page: str) -> DocumentType:
    """The kind of a document from its title and its whole page, furniture included ("this quiz is designed to …")."""
    lower = title.lower()
    for kind, rule in _TITLE_RULES:
        if rule.search(lower):
            return kind
    text = page[:_TYPED_FROM].lower()
    for kind, signs, rule in _TEXT_RULES:
        if kind in _OPENING_RULES and _OPENING_RULES[kind].match(text):
            return kind
        if any(sign in text for sign in signs) and rule.search(text):
            return kind
    return DocumentType.OTHER


_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{4,8})\b")
_PMCID = re.compile(r"\bPMC\s?(\d{4,9})\b")
_DOI_LINE = re.compile(r"\bdoi\b|doi\.org", re.IGNORECASE)


def identifiers(front: Iterable[str], back: Iterable[str]) -> tuple[str, ...]:
    """The document's own DOI, PMID and PMCID as CURIEs: those in front of the article, else in a line of their own.

    `back` are the lines after the title; an identifier within a reference or a sentence is another document's.
    """
    found: dict[str, str] = {}
    own = [line for line in front if len(line) < 600]
    own += [line for line in back if len(line) < 120 and not is_reference(_without_doi(line))]
    for line in own:
        if _DOI_LINE.search(line) and (match := _DOI.search(line)):
            found.setdefault("doi", doi(match.group()))
        for prefix, pattern in (("pmid", _PMID), ("pmcid", _PMCID)):
            if match := pattern.search(line):
                found.setdefault(prefix, f"{prefix}:{'PMC' if prefix == 'pmcid' else ''}{match.group(1)}")
    return tuple(found[prefix] for prefix in ("doi", "pmid", "pmcid") if prefix in found)


def doi(text: str) -> str:
    """A DOI as a CURIE: lower case, since DOIs ignore case, without what the sentence around it adds."""
    text = text.rstrip(".,;:'\u201d\u2019")
    while text.endswith(")") and text.count("(") < text.count(")"):
        text = text[:-1]
    return f"doi:{text.lower()}"


def _without_doi(line: str) -> str:
    return re.sub(r"https?://(?:dx\.)?doi\.org/", "", line)


_CITATION_YEAR = re.compile(
    r"\b((?:19|20)\d\d)\s(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b((?:19|20)\d\d);\s?\d+|\(((?:19"
    r"|20)\d\d)\)"
)
_DATED = re.compile(
    r"(?:published|release date|posted|epub|date)\b\D{0,30}?(?:\w+ \d{1,2},? )?((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_JOURNAL = re.compile(r"(?:et al\.|^\d{0,3}\.?)\s*((?:[A-Z][\w()&-]*\.?\s){1,8}?)\.?\s?(?=(?:19|20)\d\d\b)")


def year(front: Iterable[str], back: Iterable[str]) -> int | None:
    """The year of publication from the citation line, else from a line that dates the page."""
    for lines, pattern in ((front, _CITATION_YEAR), (back, _DATED)):
        for line in lines:
            if len(line) < 300 and (match := pattern.search(line)):
                return int(next(group for group in match.groups() if group))
    return None


def journal(front: Iterable[str]) -> str | None:
    """The journal as the citation line abbreviates it ("Wien Med Wochenschr")."""
    for line in front:
        if len(line) < 300 and (match := _JOURNAL.search(line)):
            return match.group(1).strip().rstrip(".")
    return None


_NAME = (
    r"(?:Dr\.? )?(?:[A-Z][\w'’-]+|[A-Z]\.?)(?: (?:[A-Z][\w'’-]+|[A-Z]{1,3}\.?|van|von|de|der|da|di|la|el|al"
    r"|bin))+"
)
_ET_AL = re.compile(rf"^({_NAME})(?:,? and colleagues)?,? et al\b")
_DEGREES = re.compile(r",? ?\b(?:MD|PhD|MSc|MPH|MBBS|FRCP|BSc|DO|Prof|Dr)\b\.?")
_AFFILIATION = re.compile(
    r"\b(?:university|hospital|institute|department|college|school|clinic|center|centre)\b", re.IGNORECASE
)


def is_byline(line: str) -> bool:
    """Whether a line names people or where they work rather than a subject."""
    if _ET_AL.match(line):
        return True
    words = [
        word
        for word in re.split(r"[\s,;&]+", _DEGREES.sub("", line))
        if word and word not in ("and", "by", "of", "the")
    ]
    if len(words) < 2 or len(words) > _BYLINE_WORDS:
        return False
    names = sum(word[0].isupper() or not word[0].isalpha() for word in words)
    if _AFFILIATION.search(line):
        return "," in line and names >= _NAMES_IN_AFFILIATION * len(words)
    return names == len(words) and ("," in line or " and " in line)


_BYLINE_WORDS = 150
_NAMES_IN_AFFILIATION = 0.7  # the share of words with a capital


def authors(front: Iterable[str]) -> tuple[str, ...]:
    """The people named in the lines between title and article."""
    for line in front:
        if match := _ET_AL.match(line):
            return (match.group(1),)
        if is_byline(line) and not _AFFILIATION.search(line) and "," in line:
            plain = re.sub(r"\(\d+\)|[\d*†‡]+", "", _DEGREES.sub("", line))
            plain = re.sub(r"^(?:by|authors?):?\s+", "", plain, flags=re.IGNORECASE)
            names = [name.strip(" .;") for name in re.split(r",|;|&|\band\b", plain)]
            return tuple(name for name in names if " " in name)
    return ()


# Function words that the other languages do not share; ten of them in a text tell it.
_STOP_WORDS = {
    "en": "the of and with was were is in to for by which patient treatment",
    "de": "der die das und mit wurde nicht eine bei einer wird zur dem",
    "fr": "le les des une et est avec chez dans pour sur traitement",
    "es": "el los las una y con por fue para del tratamiento como",
    "it": "il gli una di che con per stato della nel sono trattamento",
    "pt": "os das uma e com foi para não em ao do tratamento",
    "nl": "het een van en met werd niet bij voor zijn behandeling",
}
_WORD_LANGUAGES: dict[str, list[str]] = {}
for _language, _words in _STOP_WORDS.items():
    for _word in _words.split():
        _WORD_LANGUAGES.setdefault(_word, []).append(_language)
_JAPANESE = re.compile("[\u3040-\u30ff]")
_LEAST_STOP_WORDS = 5
_MARGIN = 1.5  # times as many as the next language has


def language(text: str) -> str | None:
    """ISO 639-1 code of the text's language from its function words; None where they do not decide."""
    sample = text[:5000]
    if len(_JAPANESE.findall(sample)) > 0.05 * len(sample):
        return "ja"
    counts = dict.fromkeys(_STOP_WORDS, 0)
    for word in re.findall(r"[^\W\d_]+", sample.lower()):
        for name in _WORD_LANGUAGES.get(word, ()):
            counts[name] += 1
    (best, most), (_, next_most) = sorted(counts.items(), key=lambda pair: -pair[1])[:2]
    return best if most >= _LEAST_STOP_WORDS and most >= _MARGIN * next_most else None
