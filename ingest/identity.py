"""Which sources are one article, and what is known of it from all of them together.

Sources that share a DOI, a PMID or a PMCID are one article, unless their texts say otherwise: a page may state the
identifier of another. Where two share no identifier, the same title has to be borne out by first author and year or
by the text. A preprint, a correction and a retraction notice have identifiers of their own and stay documents of
their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ivigraph.ingest.readers.recognise import Format
from ivigraph.model import Document, Related, Relation

# How well a form keeps what is known of an article, the best first.
_ORDER = (
    Format.PUBMED,
    Format.MEDLINE,
    Format.JATS,
    Format.BIOC_XML,
    Format.BIOC_JSON,
    Format.RIS,
    Format.PUBTATOR,
    Format.RECORDS,
    Format.HTML,
    Format.PDF,
    Format.TEXT,
)
_RANKS = {format.value: len(_ORDER) - place for place, format in enumerate(_ORDER)}
CITATIONS = frozenset({Format.PUBMED.value, Format.MEDLINE.value})
"""Forms in which PubMed gives its records, which it may withdraw."""
_SCRAPED = frozenset({Format.HTML.value, Format.PDF.value, Format.TEXT.value})  # their titles are found, not stated

_FULL_TEXT = 3_000  # characters besides title and abstract; what is shorter is an abstract without its heading
_TITLE_LETTERS = 30  # a shorter title ("Case report") names no article
_TITLE_WORDS = 5
_SAME_TEXT = 0.5  # the share of an abstract's runs of words that the full text repeats
_SAME_NUMBERS = 0.9
_OTHER_TEXT = 0.4  # the share of words that two texts on one subject have in common
_RUN = 6  # words
_FEW_RUNS = 12
_FEW_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sketch:
    """What tells articles apart without their texts. `title` is a key: letters and digits alone, "" for a weak one."""

    identifiers: tuple[str, ...]
    title: str
    author: str
    year: int | None


def sketch(document: Document) -> Sketch:
    # The whole text names what has no identifier, so that two copies of it are one.
    return Sketch(
        identifiers=document.identifiers or (document.id,),
        title=_title(document.title),
        author=surname(document.authors[0]) if document.authors else "",
        year=document.year,
    )


def rank(document: Document) -> str:
    """Sorts the sources of an article: by full text, abstract or title alone, then by form, then by revision."""
    told = 0
    beside = 0
    for passage in document.passages:
        if passage.section == "title":
            continue
        told += passage.end - passage.start
        if not passage.section.startswith(("abstract", "keywords", "key words")):
            beside += passage.end - passage.start
    level = 2 if beside >= _FULL_TEXT else 1 if told else 0
    return f"{level}{_RANKS.get(document.format or '', 0):02}{document.revised or ''}"


def same(one: Sketch, other: Sketch, texts: Callable[[], tuple[str, str]]) -> bool:
    """Whether two sources are the same article; `texts` is asked for both where their records do not decide."""
    if not set(one.identifiers).isdisjoint(other.identifiers):
        return (one.title != "" and one.title == other.title) or not _differ(*texts())
    if not one.title or one.title != other.title or _contradict(one, other):
        return False
    if one.author and other.author and one.year and other.year:
        return True
    return _repeats(*texts())


def _contradict(one: Sketch, other: Sketch) -> bool:
    if one.author and other.author and one.author != other.author:
        return True
    if one.year and other.year and abs(one.year - other.year) > 1:  # on the web in one year, in print in the next
        return True
    kinds = [{id.partition(":")[0] for id in each.identifiers} - {"sha256"} for each in (one, other)]
    return bool(kinds[0] & kinds[1])


def _differ(one: str, other: str) -> bool:
    """Whether two texts are plainly about different things."""
    first, second = (set(re.findall(r"[^\W\d_]{5,}", text.casefold())) for text in (one, other))
    fewer = min(len(first), len(second))
    return fewer >= _FEW_WORDS and len(first & second) < _OTHER_TEXT * fewer


def _repeats(one: str, other: str) -> bool:
    """Whether the shorter text is found in the longer, its numbers included: cases are often told in the same words."""
    short, long = sorted((re.findall(r"\w+", text.casefold()) for text in (one, other)), key=len)
    runs, all_runs = ({tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)} for words in (short, long))
    numbers, all_numbers = ({word for word in words if word.isdecimal()} for words in (short, long))
    return (
        len(runs) >= _FEW_RUNS
        and len(runs & all_runs) >= _SAME_TEXT * len(runs)
        and len(numbers & all_numbers) >= _SAME_NUMBERS * len(numbers)
    )


def unified(
    sources: Sequence[Document], *, identifiers: tuple[str, ...], id: str, retracted_by: Sequence[str] = ()
) -> Document:
    """One document of the sources of an article, the one whose text is kept first.

    The text and its passages are those of the first; what it lacks besides is taken from the others, the best form
    first. `retracted_by` are notices elsewhere that retract it.
    """
    kept = sources[0]
    best = sorted(sources, key=lambda source: -_RANKS.get(source.format or "", 0))
    stated = next((s for s in best if s.publication_types), kept)
    titled = kept if kept.format not in _SCRAPED else next((s for s in best if s.format not in _SCRAPED), kept)
    own = {id, *identifiers}
    links = [link for source in best for link in source.related if link.id not in own]
    links += [Related(relation=Relation.RETRACTED_BY, id=notice) for notice in retracted_by]
    language = next((s.language for s in best if s.language), None)
    written = kept.text_language or kept.language
    dated = next((s for s in best if s.published), None)
    return replace(
        kept,
        id=id,
        identifiers=identifiers,
        title=titled.title,
        type=stated.type,
        language=language,
        text_language=written if written != language else None,
        year=dated.year if dated else next((s.year for s in best if s.year), None),
        published=dated.published if dated else None,
        journal=next((s.journal for s in best if s.journal), None),
        authors=next((s.authors for s in best if s.authors), ()),
        publication_types=stated.publication_types,
        mesh=next((s.mesh for s in best if s.mesh), ()),
        keywords=next((s.keywords for s in best if s.keywords), ()),
        licence=next((s.licence for s in best if s.licence), None),
        references=next((s.references for s in best if s.references), ()),
        related=tuple(dict.fromkeys(links)),
        also=tuple(dict.fromkeys(s.source for s in sources[1:])),
    )


def _title(title: str) -> str:
    if title.endswith("…"):
        return ""
    plain = re.sub(r"^\W*(?:retracted|withdrawn)(?: (?:article|paper|chapter))?\s*:", "", title, flags=re.IGNORECASE)
    key = _plain(plain)
    return key if len(key) >= _TITLE_LETTERS and len(plain.split()) >= _TITLE_WORDS else ""


def surname(name: str) -> str:
    """The last name, as a key, in "Lyubomir A Dourmishev", "Dourmishev, L. A." or "Dourmishev LA"."""
    last, comma, _ = name.partition(",")
    words = [word for word in re.split(r"[\s.]+", last) if word]
    whole = [word for word in words if not (len(word) <= 3 and word.isupper())]
    return _plain(last if comma else whole[-1] if whole else last)


def _plain(text: str) -> str:
    """Lower-case letters and digits without accents and ligatures."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if character.isalnum())
