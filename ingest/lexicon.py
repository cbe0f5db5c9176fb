"""Mentions by longest match of the vocabulary's names, on normalised tokens.

The text's words are compared by their keys (`ivigraph.ontology.names`), so that spellings, plurals and hyphens do
not matter; only white space, hyphens, slashes and apostrophes may stand between the words of a name. What the
vocabulary does not know is left to `morphology`; abbreviations that the document defines count as its own names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ivigraph.ingest.abbreviations import definitions
from ivigraph.ingest.immunoglobulin import is_about_therapy, is_therapy
from ivigraph.ingest.mechanisms import deeds
from ivigraph.ingest.morphology import unknown
from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Document, Mention, MentionType
from ivigraph.ontology.names import tokens
from ivigraph.ontology.vocabulary import Concept, Kind, Name, Scope, Vocabulary, allows

TYPES: Mapping[Kind, MentionType] = {
    Kind.DISEASE: MentionType.CONDITION,
    Kind.EVENT: MentionType.CONDITION,
    Kind.PRODUCT: MentionType.DRUG,
    Kind.THERAPY: MentionType.DRUG,
    Kind.MECHANISM: MentionType.MECHANISM,
    Kind.PROCEDURE: MentionType.PROCEDURE,
}

Token = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of a vocabulary, ready for matching. `longest` is the most words of a name by its first word."""

    names: Mapping[tuple[str, ...], tuple[tuple[Name, Concept], ...]]
    longest: Mapping[str, int]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Lexicon:
        names = {tuple(key.split()): bearers for key, bearers in vocabulary.keys().items() if key}
        longest: dict[str, int] = {}
        for words in names:
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
        return cls(names, longest)

    def mentions(self, document: Document, sentences: Iterable[Sentence]) -> tuple[Mention, ...]:
        """All mentions of a document in order of place; none overlap."""
        text = document.text
        sentences = tuple(sentences)
        about = is_about_therapy(text)
        found = [mention for s in sentences for mention in self._in_sentence(text, s, about)]
        if local := _defined(text, sentences, found):
            found = _short_forms(text, sentences, local, found)
        return tuple(found)

    def _in_sentence(self, text: str, sentence: Sentence, about: bool) -> list[Mention]:
        known = list(self._known(text, sentence, about))
        known = _merge(
            [*_fallen(self, text, sentence), *_told(self, text, sentence), *_done(self, text, sentence)], known
        )
        found = [m for m in _merge(known, list(unknown(text, sentence, known))) if not _names_something_else(text, m)]
        split = [part for mention in found for part in _split_coordination(self, text, sentence, mention)]
        return _merge(found, split) if split else found

    def _known(self, text: str, sentence: Sentence, about: bool) -> Iterator[Mention]:
        words = [
            (s + sentence.start, e + sentence.start, key) for s, e, key in tokens(text[sentence.start : sentence.end])
        ]
        position = 0
        while position < len(words):
            if words[position][2] not in self.longest:
                position += 1
                continue
            mention, size = self._longest(text, sentence, words, position, about)
            if mention is not None:
                yield mention
            position += size

    def _longest(
        self, text: str, sentence: Sentence, words: Sequence[Token], position: int, about: bool
    ) -> tuple[Mention | None, int]:
        """The longest name that begins at a word, and the words to go on by."""
        most = min(self.longest[words[position][2]], len(words) - position)
        for size in range(most, 0, -1):
            run = words[position : position + size]
            bearers = self.names.get(tuple(key for _, _, key in run))
            if bearers is None or not _is_run(text, run):
                continue
            start, end = run[0][0], run[-1][1]
            surface = text[start:end]
            for name, concept in bearers:
                if not _allows(name, surface):
                    continue
                if concept.kind is Kind.PRODUCT and not is_therapy(text, sentence, start, end, about=about):
                    return None, size
                return _mention(text, start, end, concept, f"{name.scope}: {name.text}"), size
        return None, 1


@lru_cache(maxsize=1024)
def _keys(text: str) -> tuple[str, ...]:
    return tuple(key for _, _, key in tokens(text))


def _allows(name: Name, surface: str) -> bool:
    # A broad name ("reaction") says too little to be a mention.
    return name.scope is not Scope.BROAD and allows(name, surface)


def _mention(text: str, start: int, end: int, concept: Concept, reason: str) -> Mention:
    surface = text[start:end]
    if surface.endswith(("'s", "’s")) and not concept.label.endswith(("'s", "’s")):
        end -= 2
    return Mention(
        start=start,
        end=end,
        text=text[start:end],
        type=TYPES[concept.kind],
        id=concept.id,
        label=concept.label,
        reasons=(reason,),
    )


_BETWEEN_WORDS = re.compile(r"[\s/'’‐-―-]{1,3}")


def _is_run(text: str, run: Sequence[Token]) -> bool:
    return all(_BETWEEN_WORDS.fullmatch(text, left[1], right[0]) for left, right in pairwise(run))


# "CMV DNA", "anti-ganglioside antibodies", "tumor necrosis factor", "myasthenia clinic": the condition is not meant.
_PART_OF = re.compile(
    r"-like\b|[\s-](?:(?:virus|viral|specific|surface|core|receptor) )?(?:DNA|RNA|PCR|antibod(?:y|ies)|antigens?"
    r"|vaccin\w+|serolog\w+|Ig[AGM]\b|genes?\b|receptors?\b|"
    r"(?:necrosis )?factor\b|clinics?\b|units?\b|wards?\b|foundation|society|association\b|(?:probability )?scale"
    r"|screening|work-?up|stud(?:y|ies)\b"
    r"|scores?\b|index"
    r"|inventory|questionnaire|"
    r"imaging|venogra\w+|angiogra\w+|spectroscopy|scans?\b|images?\b|genome|polymerase|titers?|titres?"
    r"|reaction analysis)"
)
_MARKER = re.compile(r"\s?[+-]?\s?\d")  # "CD + 19 cells"


def _names_something_else(text: str, mention: Mention) -> bool:
    if mention.type is not MentionType.CONDITION:
        return False
    if mention.text.isupper() and len(mention.text) == 2 and _MARKER.match(text, mention.end):
        return True
    before = text[max(0, mention.start - 11) : mention.start].lower()
    return _PART_OF.match(text, mention.end) is not None or before.endswith(("anti-", "polymerase "))


def _merge(first: Sequence[Mention], second: Sequence[Mention]) -> list[Mention]:
    """Both in order of place; where two overlap the longer one stays, of equal ones that of `first`."""
    kept: list[Mention] = []
    # The sort is stable: of two with the same range the one of `first` comes first.
    for mention in sorted((*first, *second), key=lambda m: (m.start, m.start - m.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
        elif mention.end - mention.start > kept[-1].end - kept[-1].start:
            kept[-1] = mention
    return kept


def _defined(text: str, sentences: Iterable[Sentence], mentions: Sequence[Mention]) -> dict[str, Mention | None]:
    """The short forms that the document defines, each with the mention that is its long form.

    A long form that is no mention gives None: what the vocabulary means by the letters is not meant here.
    """
    by_end: dict[int, Mention] = {}
    for mention in mentions:
        # A word for the kind of thing may follow the name ("common variable immunodeficiency disease (CVID)").
        kind = _KIND_OF_THING.match(text, mention.end)
        by_end[mention.end] = mention
        if kind:
            by_end.setdefault(kind.end(), mention)
    local: dict[str, Mention | None] = {}
    for sentence in sentences:
        for definition in definitions(text, sentence.start, sentence.end):
            meant = by_end.get(definition.end)
            if meant is not None and definition.start > meant.start + _LEFT_OUT:
                continue
            if local.get(definition.short) is None:
                local[definition.short] = meant
    return local


_KIND_OF_THING = re.compile(
    r"\s(?:disease|syndrome|disorder|infection|therapy|treatment|reaction|patients?)(?=\s*[(\[])", re.IGNORECASE
)
_LEFT_OUT = 10  # characters of the name that the letters may leave out ("severe congenital neutropenia (CN)")


def _short_forms(
    text: str, sentences: Iterable[Sentence], local: Mapping[str, Mention | None], mentions: Sequence[Mention]
) -> list[Mention]:
    """The mentions, with every defined short form read as the document defines it; its plural is a small s."""
    longest_first = sorted(local, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})s?(?!\w)")
    found: list[Mention] = []
    hidden: set[tuple[int, int]] = set()
    for sentence in sentences:
        for match in pattern.finditer(text, sentence.start, sentence.end):
            meant = local[match.group(1)]
            if meant is None:
                if not _PRODUCT.fullmatch(match.group(1)):
                    hidden.add(match.span())
                continue
            found.append(
                replace(
                    meant,
                    start=match.start(),
                    end=match.end(),
                    text=match.group(),
                    label=meant.label if meant.id else meant.text,
                    reasons=(f"defined here: {meant.text}",),
                )
            )
    return _merge(found, [m for m in mentions if (m.start, m.end) not in hidden])


# However a document spells it out, these letters stand for an immunoglobulin that is given.
_PRODUCT = re.compile(r"(?:IV|SC|IM)[- ]?Ig[Gs]?", re.IGNORECASE)
# A value that fell, or that rose again after something was given: "low platelet count" is what the patient has.
_FALLEN = sieved(
    r"\b(?P<value>(?:[\w-]+ )?(?:counts?|levels?|h(?:a)?emoglobin"
    r"|numbers?))(?: \([^)]*\))?(?=(?:, [^;,]{1,60},)? (?:\w+ ){0,2}?(?:fell|dropped|decreased|declined|"
    r"began to (?:drop|fall|decline)|reached a nadir|(?:increased|rose|recovered"
    r"|normali[sz]ed)\b[^.;]{0,40}\b(?:after|with|following|upon)\b))",
    re.IGNORECASE,
)


def _fallen(lexicon: Lexicon, text: str, sentence: Sentence) -> Iterator[Mention]:
    """The measured values whose fall the vocabulary has a name for ("platelet count" that "began to drop")."""
    for match in _FALLEN.finditer(text, sentence.start, sentence.end):
        keys = tuple(key for word in ("low", match["value"]) for _, _, key in tokens(word))
        for _, concept in lexicon.names.get(keys, ())[:1]:
            yield _mention(text, match.start("value"), match.end("value"), concept, f"fallen: {concept.label}")


# A finding told as a clause, and the name by which the vocabulary knows it; `name` is where it stands.
_CLAUSES = tuple(
    (name, sieved(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "fever",
            r"\b(?P<name>temperature)(?= (?:\w+ ){0,2}?(?:rose|increased|climbed|spiked|reached|of (?:3[89]"
            r"|4[0-2])))",
        ),
        ("stiff neck", r"\b(?P<name>neck) (?:was|became|had become|were) (?:\w+ )?stiff"),
        ("distended abdomen", r"\b(?P<name>abdomen) (?:was|became|had become) (?:\w+ )?distended"),
        (
            "low blood pressure",
            r"\b(?P<name>blood pressure)(?= (?:\w+ ){0,2}?(?:fell|dropped|fallen|decreased"
            r"|had fallen))",
        ),
        (
            "high blood pressure",
            r"\b(?P<name>blood pressure)(?= (?:\w+ ){0,2}?(?:rose|climbed|risen|soared"
            r"|increased))",
        ),
        (
            "hyponatremia",
            r"\b(?P<name>(?:serum )?sodium(?: level| concentration)?)(?= (?:\w+ ){0,2}?(?:fell|dropped"
            r"|fallen|decreased))",
        ),
        (
            "low hemoglobin",
            r"\b(?P<name>ha?emoglobin(?: level| concentration)?)(?= (?:\w+ ){0,2}?(?:fell|dropped"
            r"|fallen|decreased))",
        ),
        (
            "elevated creatinine",
            r"\b(?P<name>(?:serum )?creatinine(?: level)?)(?= (?:\w+ ){0,2}?(?:rose|increased"
            r"|climbed|risen|doubled))",
        ),
        (
            "elevated liver enzymes",
            r"\b(?P<name>(?:liver enzymes|transaminases))(?= (?:\w+ ){0,2}?(?:rose|increased"
            r"|climbed|risen))",
        ),
        ("elevated liver enzymes", r"\b(?:raised|increased|high|abnormal) (?P<name>(?:liver )?transaminases)\b"),
        ("high blood pressure", r"\b(?:rises?|increases?|elevations?) (?:of|in) (?P<name>blood pressure)\b"),
        ("low blood pressure", r"\b(?:falls?|drops?|decreases?) (?:of|in) (?P<name>blood pressure)\b"),
        ("elevated creatinine", r"\b(?:rises?|increases?|elevations?) (?:of|in) (?P<name>(?:serum )?creatinine)\b"),
        (
            "elevated liver enzymes",
            r"\b(?:rises?|increases?|elevations?) (?:of|in) (?P<name>transaminases|liver enzymes)\b",
        ),
        ("syncope", r"\b(?P<name>collapsed|fainted|passed out)\b"),
        ("vomiting", r"\b(?P<name>vomited)\b"),
        ("lethargy", r"\b(?:became|was|were|increasingly) (?P<name>lethargic)\b"),
        ("dyspnea", r"\b(?P<name>(?:short of breath|breathless|dyspno?eic))\b"),
        ("hypoxemia", r"\b(?:became|was|were|and) (?P<name>hypox(?:ic|a?emic))\b"),
        ("confusion", r"\b(?:became|was|were) (?:\w+ )?(?P<name>confused)\b"),
    )
)


def _told(lexicon: Lexicon, text: str, sentence: Sentence) -> Iterator[Mention]:
    """Findings told as a clause ("her neck was stiff")."""
    for name, pattern in _CLAUSES:
        for match in pattern.finditer(text, sentence.start, sentence.end):
            for _, concept in lexicon.names.get(tuple(key for _, _, key in tokens(name)), ())[:1]:
                yield _mention(
                    text, match.start("name"), match.end("name"), concept, f"told as a clause: {concept.label}"
                )


def _done(lexicon: Lexicon, text: str, sentence: Sentence) -> Iterator[Mention]:
    """The mechanisms told by a verb ("saturates the neonatal Fc receptor"); the longest object wins in `_merge`."""
    for deed in deeds(text, sentence.start, sentence.end):
        for name in deed.names:
            noun, of, thing = name.partition(" of ")
            bearers = lexicon.names.get(_keys(noun) + _keys(of) + _keys(thing), ())
            concept = next((c for n, c in bearers if c.kind is Kind.MECHANISM and _allows(n, name)), None)
            if concept is not None:
                yield _mention(text, deed.start, deed.end, concept, f"deed: {concept.label}")
                break


# "primary and secondary immunodeficiencies", "renal, hepatic or cardiac failure": what is before the last adjective
_CONJUNCTIONS = (", ", " and ", " or ", "/", "and/or ", " versus ", " vs ", " vs. ", " to ")
_SHARED_HEAD = re.compile(r"((?:[^\W\d_]+(?:, | and | or |/|, and | and/or | versus | vs\.? | to ))+)$")
_NO_COORDINATION = re.compile(r"\b(?:secondary|due|related|leading|prior|owing|attributed) to\b", re.IGNORECASE)
_ADJECTIVE = re.compile(r"(?:al|ic|ary|ous|ive|ar|oid|ine|mune)$")


def _split_coordination(lexicon: Lexicon, text: str, sentence: Sentence, mention: Mention) -> Iterator[Mention]:
    """The other conditions that share their last word with this one; each has its own adjective as its place.

    A name that the vocabulary knows is taken whatever its adjective; another only when both adjectives look alike.
    """
    first, _, head = mention.text.partition(" ")
    end = mention.start - (text[mention.start - 1 : mention.start] == "\n")
    if not text.endswith(_CONJUNCTIONS, sentence.start, end):
        return
    before = _SHARED_HEAD.search(text, max(sentence.start, mention.start - 80), mention.start)
    if not head or mention.type not in (MentionType.CONDITION, MentionType.DRUG) or before is None:
        return
    if _NO_COORDINATION.search(before.group(1)):
        return
    for word in re.finditer(r"[^\W\d_]+", before.group(1)):
        if word.group().lower() in ("and", "or", "versus", "vs", "to"):
            continue
        name = f"{word.group()} {head}"
        keys = tuple(key for _, _, key in tokens(name))
        bearers = [b for b in lexicon.names.get(keys, ()) if _allows(b[0], name) and TYPES[b[1].kind] is mention.type]
        if not bearers and not (
            mention.type is MentionType.CONDITION and _ADJECTIVE.search(word.group()) and _ADJECTIVE.search(first)
        ):
            continue
        concept = bearers[0][1] if bearers else None
        yield Mention(
            start=before.start(1) + word.start(),
            end=before.start(1) + word.end(),
            text=word.group(),
            type=mention.type,
            id=concept.id if concept else None,
            label=concept.label if concept else name,
            reasons=(f"shares its head with {mention.text!r}",),
        )
