"""An article is put together from the lines of a page: title, passages, and the record around them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import metadata
from ivigraph.ingest.readers.furniture import (
    ARTICLE_HEADING,
    ends_article,
    is_article_heading,
    is_interface,
    is_record,
    is_reference,
    without_furniture,
)
from ivigraph.ingest.readers.lines import is_item, is_prose
from ivigraph.ingest.readers.metadata import Record
from ivigraph.model import Document, Passage
from ivigraph.ontology import vocabulary

_HEADING_WORDS = 9
_TITLE_WORDS = range(1, 46)
_SHORT_TITLE = 100  # characters of the first sentence that stand for a missing title


def document(lines: Sequence[str], page: str, record: Record, source: str) -> Document:
    """The document that the lines of a page hold; `page` is its whole text, furniture included.

    What `record` names was found in the head of a web page and wins over what the lines tell.
    Raises ReadError when nothing but furniture is left.
    """
    start = _start(lines, record.title)
    front, rest = lines[:start], lines[start:]
    title = record.title or _title(front)
    body = [line for line in without_furniture(list(rest)) if line != title]
    if not body:
        raise ReadError(
            "no article was found in the text",
            where=source,
            remedy="save the article's text itself, without menus",
        )
    words = _words([title, *body])
    title, body = _rejoin(title, words), [_rejoin(line, words) for line in body]
    text, passages = _assemble(title, body)
    identifiers = record.identifiers or metadata.identifiers(front, rest)
    return Document(
        id=identifiers[0] if identifiers else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
        source=source,
        title=title or _opening(body[0]),
        type=metadata.document_type(title, page),
        text=text,
        passages=passages,
        identifiers=identifiers,
        language=metadata.language(text),
        year=record.year or metadata.year(front, rest),
        journal=record.journal or metadata.journal(front),
        authors=record.authors or metadata.authors(front),
    )


def _start(lines: Sequence[str], title: str) -> int:
    """The index of the article's first line: an opening heading or the first prose that is not about the page."""
    first = next((number + 1 for number, line in enumerate(lines) if title and line == title), 0)
    for number in range(first, len(lines)):
        line = lines[number]
        if is_article_heading(line) and any(map(is_prose, lines[number : number + 3])):
            return number
        if is_prose(line) and not _is_beside(line) and not (_is_titular(line) and _goes_on(lines, number)):
            return number
    # No sentence of ten words: a note, a list, or furniture alone.
    return next((number for number in range(first, len(lines)) if not _is_beside(lines[number])), len(lines))


def _is_beside(line: str) -> bool:
    return is_interface(line) or is_reference(line) or is_record(line) or ends_article(line) or metadata.is_byline(line)


_VERB = re.compile(
    r"\b(?:is|are|was|were|has|had|have|been|be|he|she|we|our|it|they|may|can|should|presented|developed|received"
    r"|showed|reported)\b",
    re.IGNORECASE,
)


def _is_titular(line: str) -> bool:
    """A title may end in a full stop, but it has no finite verb ("Haemolysis after immunoglobulin in a child.")."""
    words = line.count(" ") + 1
    return words in _TITLE_WORDS and line.count(". ") == 0 and (line.endswith("?") or not _VERB.search(line))


def _goes_on(lines: Sequence[str], number: int) -> bool:
    return any(is_prose(line) or is_article_heading(line) for line in lines[number + 1 : number + 8])


def _title(front: Sequence[str]) -> str:
    """The line in front of the article that most looks like a title, "" when none does."""
    candidates = [
        (number, line)
        for number, line in enumerate(front)
        if not _is_beside(line) and not is_item(line) and _is_titular(line) and (number == 0 or line.count(" ") >= 2)
    ]
    if not candidates:
        return ""
    times = {line: front.count(line) for _, line in candidates}
    return max(candidates, key=lambda c: (_title_score(c[1]) + 2 * (times[c[1]] > 1) + 2 * (c[0] == 0), c[0]))[1]


_TITLE_WORD = re.compile(r"\b(?:of|in|with|and|for|the|after|to|by|from|during|an?|versus|on|following)\b|:")


def _title_score(line: str) -> float:
    words = line.count(" ") + 1
    # A short question heads a section, a line with a full stop is text.
    beside = 2 * (line.endswith("?") and words < 6) + 2 * line.endswith(".")
    return min(words, 12) / 4 - beside + min(len(_TITLE_WORD.findall(line)), 3) - 2 * (line.isupper() and words < 5)


def _opening(line: str) -> str:
    """A shortened first sentence, to show where a document has no title."""
    sentence = re.split(r"(?<=[a-z)\]][.!?])\s", line, maxsplit=1)[0]
    if len(sentence) <= _SHORT_TITLE:
        return sentence
    return sentence[:_SHORT_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def _assemble(title: str, body: Sequence[str]) -> tuple[str, tuple[Passage, ...]]:
    """The cleaned text and its passages: one for the title, then one for each heading with what follows it."""
    parts: list[tuple[str, list[str]]] = [("title", [title])] if title else []
    for number, line in enumerate(body):
        section = _section(line, body[number + 1] if number + 1 < len(body) else "")
        if section or not parts or parts[-1][0] == "title":
            parts.append((section or "body", []))
        parts[-1][1].append(line)
    text = ""
    passages: list[Passage] = []
    for section, section_lines in parts:
        text += "\n\n" if text else ""
        start = len(text)
        text += "\n".join(section_lines) if section == "title" else _paragraphs(section_lines)
        passages.append(Passage(section=section, start=start, end=len(text)))
    return text, tuple(passages)


def _paragraphs(lines: Sequence[str]) -> str:
    """Paragraphs with an empty line between; items stay with the list that they belong to."""
    pieces: list[str] = [lines[0]]
    for line in lines[1:]:
        pieces += ["\n" if is_item(line) else "\n\n", line]
    return "".join(pieces)


def _section(line: str, following: str) -> str:
    """The heading that the line is or opens with, in lower case without numbers; "" for none."""
    match = ARTICLE_HEADING.match(line)
    if match and (match["colon"] == ":" or match.end() == len(line)):
        return " ".join(match.group().strip(" :.").lower().lstrip("0123456789. ").split())
    words = line.count(" ") + 1
    if (
        words <= _HEADING_WORDS
        and line[-1].isalpha()
        and line[0].isupper()
        and not is_item(line)
        and is_prose(following, 5)
    ):
        return line.lower()
    label = re.match(r"([A-Z][A-Za-z]+(?:(?:,? and|,| &) [A-Za-z]+| [a-z]+){0,3}):\s", line)
    return label.group(1).lower() if label and is_prose(line) and following == "" else ""


_HYPHENATED = re.compile(r"\b([^\W\d_]{2,})-([^\W\d_]{3,})\b")
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def _vocabulary_words() -> frozenset[str]:
    concepts = vocabulary.load().concepts.values()
    return frozenset(word.lower() for c in concepts for name in c.names for word in _WORD.findall(name.text))


def _words(lines: Sequence[str]) -> frozenset[str]:
    """The words of the document, those next to a hyphen left out, for they may be halves."""
    plain = (_HYPHENATED.sub(" ", line) if "-" in line else line for line in lines)
    return frozenset(word for line in plain for word in _WORD.findall(line.lower()))


def _rejoin(line: str, words: frozenset[str]) -> str:
    """Undo the hyphenation of a printed line ("throm-bocytopenia") where the whole is known and a half is not."""
    if "-" not in line:
        return line
    vocabulary_words = _vocabulary_words()

    def known(word: str) -> bool:
        return word in words or word in vocabulary_words

    def joined(match: re.Match[str]) -> str:
        left, right = match.group(1).lower(), match.group(2).lower()
        if known(left + right) and not (known(left) and known(right)) and match.group(2).islower():
            return match.group(1) + match.group(2)
        return match.group()

    return _HYPHENATED.sub(joined, line)
