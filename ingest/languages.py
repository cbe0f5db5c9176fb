"""Whether an extractor knows the language of a text; what it does not know, it is not given to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ivigraph.model import Document

if TYPE_CHECKING:
    from ivigraph.ingest.extract import Extractor

# One in four words of an English text is one of these. Texts in other languages have hardly any: "a", "in" and "is"
# are left out, for those are words elsewhere too.
_ENGLISH = frozenset("the of and with was were to for that which by from this are been had as be not or after".split())  # noqa: SIM905
_SHARE = 0.06  # of the words; lists of findings and of doses have few, too
_LEAST = 30  # words; a shorter text tells nothing


def unread(document: Document, extractor: Extractor) -> str | None:
    """Why the extractor is not to read the document, None where it knows its language.

    The language that was found in the text wins over the one that is stated for the article: the abstract of a German
    article is often English. A text in which no language was found is read where its words may be English ones.
    """
    languages = extractor.languages
    found = document.text_language or document.language
    if found is not None and found in languages:
        return None
    if found is None and ("en" not in languages or _may_be_english(document.text)):
        return None
    named = f"the language {found!r}" if found else "a language that was not recognised"
    return f"not read for claims: its text is in {named}, the extractor {extractor.name} knows {', '.join(languages)}"


def _may_be_english(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text[:5000].lower())
    if len(words) < _LEAST:
        # Writing without spaces gives few words, none of them in Latin letters.
        return 2 * sum(map(str.isascii, words)) >= len(words)
    return len([word for word in words if word in _ENGLISH]) >= _SHARE * len(words)
