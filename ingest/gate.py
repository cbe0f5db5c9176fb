"""Does a record mention a therapy of interest? A scan of its bytes, before anything is parsed.

Of the records of PubMed, one in some hundreds is about immunoglobulins. Each name has a sign, its most telling word;
a record without any of the signs is passed over, in the others the whole name is looked for around its sign. What
mentions a name only in passing is let through: whether a document makes a claim is for the extractor to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from ivigraph.ontology.vocabulary import Concept, Name, Scope, Vocabulary

DEFAULT = ("ivo:Immunoglobulin",)
_REFERENCES = b"<ReferenceList>"  # what an article cites is not what it is about
_SHORTEST = 4  # characters; "IG" alone is in every second record of immunology
_COMMON = frozenset({b"human", b"treated", b"anti", b"next", b"new", b"for", b"and", b"the"})  # in many a record
_WINDOW = 96  # bytes around a sign in which its name stands
_WORD = re.compile(rb"[a-z0-9]+")
# Between two words of a name: space, hyphen, comma, the end of a line, a tag of emphasis.
_GAP = rb"(?:[\s\-.,/()]|</?[a-z]{1,3}>|\xe2\x80[\x80-\xaf]|\xc2\xa0){0,4}"


class Gate:
    """`gate(data)` tells whether UTF-8 bytes mention a concept of interest, or a narrower one, by name or MeSH id."""

    def __init__(self, vocabulary: Vocabulary, interests: Iterable[str] = DEFAULT) -> None:
        chosen = tuple(interests)
        wanted: list[Concept] = []
        others: list[Concept] = []
        for concept in vocabulary.concepts.values():
            (wanted if any(vocabulary.is_a(concept.id, id) for id in chosen) else others).append(concept)
        by_sign = _by_sign([name for concept in wanted for name in concept.names if _is_usable(name)], _counted(others))
        self._ids = tuple(sorted({b'UI="' + id.encode() + b'"' for concept in wanted for id in _mesh(concept)}))
        self._patterns: Mapping[bytes, re.Pattern[bytes]] = {
            form: _pattern(names)
            for sign, names in by_sign.items()
            for form in ((sign, sign + b"s") if len(sign) > 2 else (sign,))
        }
        self._signs = frozenset(self._patterns)

    def __call__(self, data: bytes) -> bool:
        own = data.partition(_REFERENCES)[0]
        if any(id in own for id in self._ids):
            return True
        lower = own.lower()
        return any(self._is_named(own, lower, sign) for sign in self._signs.intersection(_WORD.findall(lower)))

    def _is_named(self, own: bytes, lower: bytes, sign: bytes) -> bool:
        pattern = self._patterns[sign]
        at = lower.find(sign)
        while at >= 0:
            if pattern.search(own, max(0, at - _WINDOW), at + len(sign) + _WINDOW):
                return True
            at = lower.find(sign, at + 1)
        return False


def _is_usable(name: Name) -> bool:
    return name.text.isascii() and len(name.text) >= _SHORTEST


def _words(name: Name) -> list[bytes]:
    return _WORD.findall(name.text.lower().encode())


def _counted(concepts: Iterable[Concept]) -> Counter[bytes]:
    return Counter(word for concept in concepts for name in concept.names for word in _words(name))


def _by_sign(names: Iterable[Name], elsewhere: Mapping[bytes, int]) -> dict[bytes, list[Name]]:
    """Names by their sign: no common word, nor one that other concepts use as often, then what most names share."""
    names = tuple(dict.fromkeys(names))
    times = Counter(word for name in names for word in _words(name))
    found: dict[bytes, list[Name]] = {}
    for name in names:
        sign = max(
            _words(name),
            key=lambda word: (
                len(word) > 2 and word not in _COMMON,
                len(word) > 1,
                elsewhere.get(word, 0) < times[word],
                times[word],
                len(word),
                word,
            ),
        )
        found.setdefault(sign, []).append(name)
    return found


def _pattern(names: Iterable[Name]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![A-Za-z0-9])(?:" + b"|".join(map(_alternative, names)) + rb")(?![A-Za-z]{3})")


def _alternative(name: Name) -> bytes:
    """An abbreviation in its own case, any other name in any case; both in the plural as well."""
    joined = _GAP.join(part.encode() for part in re.findall(r"[A-Za-z0-9]+", name.text))
    return joined + rb"s?(?![A-Za-z])" if name.scope is Scope.ABBREVIATION else rb"(?i:" + joined + rb"s?)"


def _mesh(concept: Concept) -> list[str]:
    found = [concept.id, *(match.id for match in concept.matches)]
    return [id.removeprefix("MESH:") for id in found if id.startswith("MESH:")]
