"""Spellings of one name meet in one key.

"Haemorrhagic diatheses", "hemorrhagic diathesis" and "Hemorrhagic-diathesis" have the same key, and so have
"Guillain–Barré syndrome" and "guillain barre syndromes". A key is for comparing; it need not be a word
("headache" and "headaches" meet in "headach"). Keys are compared only with keys, so a rule may change words
that it was not written for, as long as it does not make two medical names one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A run of letters and digits; marks that follow their letter and a possessive 's belong to it.
_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['\u2019\u02bc]s(?![^\W_]))?", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s$", re.IGNORECASE)
_NOT_IN_KEY = re.compile(r"[\W_]+")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]+")

_GREEK = {
    ord(letter): name
    for letter, name in (
        ("α", "alpha"),
        ("β", "beta"),
        ("γ", "gamma"),
        ("δ", "delta"),
        ("ε", "epsilon"),
        ("κ", "kappa"),
        ("λ", "lambda"),
        ("μ", "mu"),
        ("ω", "omega"),
    )
}

# Applied in this order, again and again until none changes the word; each brings a word nearer to the American
# singular, so that the loop ends and a key is its own key.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=[a-z]{3})ae$", "a"),  # bullae, petechiae: Latin plural
        (r"ae|oe", "e"),  # anaemia, oedema
        (r"sulph", "sulf"),  # sulphonated
        (r"leuc", "leuk"),  # leucopenia
        (r"(?<=[a-z]{4})oses$", "osis"),  # thromboses
        (r"(?<=st|ri)ases$|(?<=di)ases$", "asis"),  # metastases, psoriases, candidiases
        (r"(?<=[a-z]{4})yses$", "ysis"),  # paralyses
        (r"(?<=[a-z]{2})ies$", "y"),  # therapies
        (r"(?<=[a-z]{2}[a-hj-rtv-z])s$", ""),  # fevers, rashe[s]; not virus, weakness, thrombosis
        (r"(?<=ch|sh|ss|us)e$|(?<=[xz])e$", ""),  # what is left of rashes, abscesses, viruses, reflexes
        (r"(?<=[a-z]{3})our(?=$|ed$|ing$|ou?s$|al$)|(?<=^od)our$", "or"),  # tumour, odour; not four, hour
        (r"(?<=[a-z]{3}[iy])s(?=e$|ed$|ing$|ation$|er$|able$)", "z"),  # neutralise, paralysed
        (r"(?<=[a-z]{2}[bt])re$", "er"),  # titre, fibre
        (r"neurone$", "neuron"),
        (r"phenomena$", "phenomenon"),
        (r"(?<=[a-z]{4}ic)al$", ""),  # neurological, neurologic
    )
)

# Most words are as they should be; one search finds that out sooner than a substitution for each rule.
_MISSPELT = re.compile("|".join(pattern.pattern for pattern, _ in _SPELLINGS))


def tokens(text: str) -> list[tuple[int, int, str]]:
    """The words of `text` as (start, end, key); `text[start:end]` is the word as written, a possessive 's included."""
    return [(match.start(), match.end(), key) for match in _TOKEN.finditer(text) if (key := _key(match.group()))]


def normalise(text: str) -> str:
    """The keys of the words of a name with one space between; a key is its own key."""
    return " ".join(filter(None, map(_key, _TOKEN.findall(text))))


@lru_cache(maxsize=1 << 16)
def _key(word: str) -> str:
    word = _POSSESSIVE.sub("", word)
    word = word.lower() if word.isascii() else _plain(word)
    while _MISSPELT.search(word):
        before = word
        for pattern, replacement in _SPELLINGS:
            word = pattern.sub(replacement, word)
        if word == before:
            break
    return word


def _plain(word: str) -> str:
    """Case folded, compatibility forms and Latin accents taken off, Greek letters spelt out."""
    while True:
        before = word
        # Only Latin marks go: the voicing marks of Japanese, decomposed by NFKD too, tell words apart.
        word = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", word.casefold()))
        word = unicodedata.normalize("NFKC", word).translate(_GREEK)
        word = _NOT_IN_KEY.sub("", word)
        if word == before:
            return word
