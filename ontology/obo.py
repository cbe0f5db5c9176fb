"""A tolerant reader of OBO files (format 1.2 and 1.4).

Real files break the grammar in small ways: quotes within quotes, unescaped colons in a URL, a synonym without its
scope, comments after a value. A line that cannot be understood is reported with its number and left out; the
rest of its stanza is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from ivigraph.errors import ReadError
from ivigraph.ontology.external import XREF, Mapping, Problem, ProblemKind, Scope, Source, Term, TermName
from ivigraph.ontology.identifiers import canonical


@dataclass(slots=True)
class Stanza:
    """`kind` is "Term", "Typedef", … or "" for the header; `tags` are (line, tag, value as written)."""

    kind: str
    line: int
    tags: list[tuple[int, str, str]] = field(default_factory=list)

    def values(self, tag: str) -> list[tuple[int, str]]:
        return [(line, value) for line, name, value in self.tags if name == tag]

    def first(self, tag: str) -> str:
        return next((value for _, name, value in self.tags if name == tag), "")


_STANZA = re.compile(r"^\[([^\]]+)\]\s*(?:!.*)?$")
_TAG = re.compile(r"^([\w-]+)\s*:\s*(.*)$")
# A quoted text, then the same with unescaped quotes in it; what may follow tells where it ends.
_QUOTED = tuple(re.compile(rf'^"({text})"(?=\s*(?:[A-Z]+\b|\[|\{{|!|$))') for text in (r'(?:[^"\\]|\\.)*', ".*"))
_SCOPES = {
    "EXACT": Scope.EXACT,
    "NARROW": Scope.NARROW,
    "BROAD": Scope.BROAD,
    "RELATED": Scope.RELATED,
}
_ABBREVIATION = re.compile(r"\b(?:abbreviation|acronym|OMO:0003000|OMO:0003012)\b", re.IGNORECASE)
_LAY = re.compile(r"\b(?:layperson|lay)\b", re.IGNORECASE)
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
_COMMENT = re.compile(r"(?<!\\)\s+!.*$")
_MODIFIERS = re.compile(r"\s*\{[^{}]*\}\s*$")


def read(stream: IO[bytes], *, where: str) -> Source:
    """The terms of an OBO file. Raises ReadError when there is none."""
    problems: list[Problem] = []
    header, *rest = list(stanzas(_lines(stream, problems), problems))
    terms: list[Term] = []
    mappings: list[Mapping] = []
    for stanza in rest:
        if stanza.kind == "Term" and (term := _term(stanza, problems)) is not None:
            terms.append(term)
            mappings.extend(_mappings(term.id, stanza))
    if not terms:
        raise ReadError(
            "holds no [Term] that can be read" + (f": {problems[0].message}" if problems else ""),
            where=f"{where}, {problems[0].where}" if problems else where,
            remedy="give an OBO file",
        )
    problems.extend(
        Problem(ProblemKind.IMPORT, f"line {line}", _value(value)) for line, value in header.values("import")
    )
    return Source(
        format="OBO",
        terms=terms,
        mappings=mappings,
        problems=problems,
        title=header.first("ontology"),
        version=header.first("data-version") or header.first("date"),
        licence=_licence(header),
    )


def stanzas(lines: Iterable[tuple[int, str]], problems: list[Problem]) -> Iterator[Stanza]:
    """The header and then every stanza. A line that is no `tag: value` goes to `problems`."""
    stanza = Stanza("", 1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("!"):
            continue
        if (start := _STANZA.match(line)) is not None:
            yield stanza
            stanza = Stanza(start.group(1), number)
        elif (tag := _TAG.match(line)) is not None:
            stanza.tags.append((number, tag.group(1), tag.group(2)))
        else:
            problems.append(_wrong(number, f"neither a stanza nor `tag: value`: {line[:60]!r}"))
    yield stanza


def _lines(stream: IO[bytes], problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Numbered lines with continuations joined; bytes that are no UTF-8 are read as Latin-1 and reported."""
    held, begun = "", 0
    for number, raw in enumerate(stream, 1):
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            line = raw.decode("latin-1")
            problems.append(_wrong(number, "not UTF-8; read as Latin-1"))
        line = line.lstrip("\ufeff").rstrip("\r\n")
        begun = begun or number
        if line.endswith("\\") and not line.endswith("\\\\"):
            held += line[:-1]
            continue
        yield begun, held + line
        held, begun = "", 0
    if held:
        yield begun, held


def _term(stanza: Stanza, problems: list[Problem]) -> Term | None:
    identifier = _value(stanza.first("id"))
    if not identifier:
        problems.append(_wrong(stanza.line, "a term without an id"))
        return None
    for line, tag, value in stanza.tags:
        if tag in ("id", "name", "is_a") and not _value(value):
            problems.append(_wrong(line, f"{identifier}: `{tag}` without a value"))
    obsolete = _value(stanza.first("is_obsolete")).lower() == "true"
    return Term(
        id=canonical(identifier),
        label=_unescape(_COMMENT.sub("", stanza.first("name")).strip()),
        names=tuple(_names(stanza, problems)),
        parents=tuple(canonical(parent) for _, value in stanza.values("is_a") if (parent := _value(value))),
        definition=_quoted(stanza.first("def"))[0],
        obsolete=obsolete,
        replaced_by=canonical(_value(stanza.first("replaced_by"))),
    )


def _names(stanza: Stanza, problems: list[Problem]) -> Iterator[TermName]:
    for line, value in stanza.values("synonym"):
        text, rest = _quoted(value)
        if not text:
            problems.append(_wrong(line, f"a synonym without a quoted text: {value[:60]!r}"))
            continue
        kind = rest.partition("[")[0]
        scope = next((_SCOPES[word] for word in kind.split() if word in _SCOPES), Scope.RELATED)
        if _ABBREVIATION.search(kind):
            scope = Scope.ABBREVIATION
        elif _LAY.search(kind) and scope is Scope.EXACT:
            scope = Scope.LAY
        yield TermName(text, scope)
    for tag, scope in (("exact_synonym", Scope.EXACT), ("related_synonym", Scope.RELATED)):  # format 1.0
        yield from (TermName(text, scope) for _, value in stanza.values(tag) if (text := _quoted(value)[0]))


def _mappings(subject: str, stanza: Stanza) -> Iterator[Mapping]:
    for _, value in stanza.values("xref"):
        if (target := canonical(_value(value).split(" ")[0])) != subject and ":" in target:
            yield Mapping(subject=subject, predicate=XREF, object=target)
    for _, value in stanza.values("property_value"):
        predicate, _, rest = _value(value).partition(" ")
        name = predicate.rpartition("#")[2].removeprefix("skos:")
        if name.endswith("Match") and rest:
            yield Mapping(subject=subject, predicate=f"skos:{name}", object=canonical(rest.split(" ")[0].strip('"')))


def _licence(header: Stanza) -> str:
    for tag in ("property_value", "remark"):
        for _, value in header.values(tag):
            if "licen" in value.lower():
                link = re.search(r"https?://(?:creativecommons|spdx|opensource)\.org/\S+", value)
                if link is not None:
                    return link.group().rstrip('."')
    return ""


def _value(text: str) -> str:
    """A value without trailing modifiers and comment."""
    return _unescape(_MODIFIERS.sub("", _COMMENT.sub("", f" {text}")).strip())


def _quoted(text: str) -> tuple[str, str]:
    """The quoted text that a value begins with, "" where there is none, and what follows it."""
    for pattern in _QUOTED:
        if (match := pattern.match(text)) is not None:
            return _unescape(match.group(1)).strip(), text[match.end() :]
    return "", text


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), text) if "\\" in text else text


def _wrong(line: int, message: str) -> Problem:
    return Problem(ProblemKind.SYNTAX, f"line {line}", message)
