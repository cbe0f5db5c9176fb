"""Names and mappings in tab-separated tables: SSSOM, Babelon translations, lists of labels.

What a table is follows from the names of its columns; a row that cannot be used is reported with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import IO

from ivigraph.errors import ReadError
from ivigraph.namespaces import IDENTIFIERS
from ivigraph.ontology.external import Mapping, Problem, ProblemKind, Scope, Source, Term, TermName
from ivigraph.ontology.identifiers import canonical

Row = dict[str, str]
_CURIE = re.compile(r"^[A-Za-z][\w.-]*:\S+$")
_ID_COLUMNS = ("id", "curie", "term", "subject_id", "term_id")
_LABEL_COLUMNS = ("label", "name", "term_label", "subject_label")


def read(stream: IO[bytes], *, where: str, prefix: str = "") -> Source:
    """The terms and mappings of a table; `prefix` completes bare identifiers. Raises ReadError."""
    try:
        text = stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"is not UTF-8: {error}", where=where, remedy="save the table as UTF-8") from error
    comments, columns, rows = _split(text, where)
    problems: list[Problem] = []
    about = _metadata(comments)
    source = Source(
        format="",
        terms=(),
        problems=problems,
        title=about.get("mapping_set_id", ""),
        version=about.get("mapping_set_version", ""),
        licence=about.get("license", ""),
    )
    for format_, needs, read_rows in _LAYOUTS:
        if needs <= set(columns):
            source.format = format_
            source.terms, source.mappings = read_rows(rows, problems)
            return source
    source.format = "labels"
    source.terms = _labels(columns, rows, prefix, problems, where)
    return source


def _split(text: str, where: str) -> tuple[list[str], list[str], list[tuple[int, Row]]]:
    """Comment lines, names of the columns, and numbered rows."""
    comments: list[str] = []
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    comments = [line.removeprefix("#").strip() for line in lines[:first]]
    if first == len(lines) or "\t" not in lines[first]:
        raise ReadError(
            "has no line that names its columns",
            where=f"{where}, line {first + 1}",
            remedy="give a tab-separated table whose first line names the columns",
        )
    body = [(n, line) for n, line in enumerate(lines[first:], first + 1) if line and not line.startswith("#")]
    columns = [column.strip().removeprefix("?") for column in body[0][1].split("\t")]
    return comments, columns, [(n, dict(zip(columns, _cells(line), strict=False))) for n, line in body[1:]]


def _cells(line: str) -> list[str]:
    """Cells without the quotes that spreadsheets and SPARQL put around them."""
    return [
        cell[1:-1].replace('""', '"').replace('\\"', '"')
        if len(cell) > 1 and cell[0] == cell[-1] == '"'
        else cell[1:-1]
        if cell.startswith("<") and cell.endswith(">")
        else cell
        for cell in map(str.strip, line.split("\t"))
    ]


def _metadata(comments: Sequence[str]) -> dict[str, str]:
    """What a mapping set says of itself in comments before its table, by SSSOM's names."""
    return dict(line.partition(": ")[::2] for line in comments if ": " in line)


def _sssom(rows: list[tuple[int, Row]], problems: list[Problem]) -> tuple[list[Term], list[Mapping]]:
    """Mappings, and the labels of both sides as names."""
    labels: dict[str, str] = {}
    mappings: list[Mapping] = []
    for line, row in rows:
        try:
            mapping, sides = _mapping(row)
        except ValueError as error:
            problems.append(Problem(ProblemKind.SYNTAX, f"line {line}", str(error)))
            continue
        mappings.append(mapping)
        for curie, label in sides:
            if label:
                labels.setdefault(curie, label)
    return [Term(id=curie, label=label) for curie, label in labels.items()], mappings


def _mapping(row: Row) -> tuple[Mapping, tuple[tuple[str, str], ...]]:
    for column in ("subject_id", "predicate_id", "object_id"):
        if not _CURIE.match(row.get(column, "")):
            raise ValueError(f"{column} {row.get(column, '')!r} is no CURIE")
    confidence = row.get("confidence") or None
    subject, target = canonical(row["subject_id"]), canonical(row["object_id"])
    mapping = Mapping(
        subject=subject,
        predicate=row["predicate_id"],
        object=target,
        justification=row.get("mapping_justification", ""),
        confidence=float(confidence) if confidence else None,
    )
    return mapping, ((subject, row.get("subject_label", "")), (target, row.get("object_label", "")))


def _babelon(rows: list[tuple[int, Row]], problems: list[Problem]) -> tuple[list[Term], list[Mapping]]:
    """Translated labels (https://github.com/monarch-initiative/babelon), with the label they translate."""
    names: dict[str, tuple[str, list[TermName]]] = {}
    for line, row in rows:
        curie, value = row.get("subject_id", ""), row.get("translation_value", "")
        if not _CURIE.match(curie):
            problems.append(Problem(ProblemKind.SYNTAX, f"line {line}", f"{curie!r} is no CURIE"))
            continue
        _, translations = names.setdefault(canonical(curie), (row.get("source_value", ""), []))
        is_translated = row.get("translation_status", "") != "NOT_TRANSLATED" and value not in ("", "NA")
        if is_translated and row.get("predicate_id", "rdfs:label") == "rdfs:label":
            translations.append(TermName(value, Scope.EXACT, row.get("translation_language", "")))
    return [
        Term(id=curie, label=label, names=tuple(translations)) for curie, (label, translations) in names.items()
    ], []


def _lay(rows: list[tuple[int, Row]], problems: list[Problem]) -> tuple[list[Term], list[Mapping]]:
    """The names that patients use, as HPO publishes them."""
    terms = []
    for line, row in rows:
        if not row.get("layperson"):
            problems.append(Problem(ProblemKind.SYNTAX, f"line {line}", "no name in the column layperson"))
            continue
        names = (TermName(row["layperson"], Scope.LAY),)
        terms.append(Term(id=canonical(row["term"]), label=row.get("term_label", ""), names=names))
    return _merged(terms), []


def _synonyms(rows: list[tuple[int, Row]], problems: list[Problem]) -> tuple[list[Term], list[Mapping]]:
    """Synonyms for translation; those not translated yet are the English ones."""
    terms = []
    for line, row in rows:
        curie, text = row["subject_id"], row["translation_value"]
        if curie == "ID":  # a template for the ROBOT tool holds its instructions in the first row
            continue
        if not _CURIE.match(curie) or not text:
            problems.append(Problem(ProblemKind.SYNTAX, f"line {line}", f"{curie!r} is no CURIE, or has no name"))
            continue
        language = "en" if row.get("comment") == "NOT_TRANSLATED" else ""
        terms.append(Term(id=canonical(curie), label="", names=(TermName(text, Scope.EXACT, language),)))
    return _merged(terms), []


Reader = Callable[[list[tuple[int, Row]], list[Problem]], tuple[list[Term], list[Mapping]]]
_LAYOUTS: tuple[tuple[str, set[str], Reader], ...] = (
    ("SSSOM", {"subject_id", "predicate_id", "object_id"}, _sssom),
    ("Babelon", {"subject_id", "translation_value", "translation_language"}, _babelon),
    ("lay names", {"term", "layperson"}, _lay),
    ("synonyms", {"subject_id", "translation_value"}, _synonyms),
)


def _labels(
    columns: Sequence[str], rows: list[tuple[int, Row]], prefix: str, problems: list[Problem], where: str
) -> list[Term]:
    """A table of identifiers and labels. "mesh_id" and "mesh_name" say by themselves that the prefix is MESH."""
    id_column = next((c for c in columns if c in _ID_COLUMNS or c.endswith("_id")), "")
    label_column = next((c for c in columns if c in _LABEL_COLUMNS or c.endswith(("_name", "_label"))), "")
    if not id_column or not label_column:
        raise ReadError(
            f"the columns {', '.join(columns)} name no identifier and label",
            where=where,
            remedy="name the columns id and label",
        )
    own = canonical(f"{id_column.removesuffix('_id')}:x").partition(":")[0]
    prefix = prefix or (own if own in IDENTIFIERS else "")
    terms = []
    for line, row in rows:
        identifier, label = row.get(id_column, ""), row.get(label_column, "")
        if not _CURIE.match(identifier) and "://" not in identifier:
            identifier = f"{prefix}:{identifier}" if prefix and identifier else ""
        if not identifier or not label:
            problems.append(
                Problem(
                    ProblemKind.SYNTAX,
                    f"line {line}",
                    "no label" if identifier else "no CURIE; give its prefix with --prefix",
                )
            )
            continue
        terms.append(Term(id=canonical(identifier), label=label))
    if not terms:
        raise ReadError("holds no identifier with a label", where=where, remedy=problems[0].message)
    return _merged(terms)


def _merged(terms: list[Term]) -> list[Term]:
    """One term for each identifier; a second label becomes an exact name."""
    merged: dict[str, Term] = {}
    for term in terms:
        before = merged.get(term.id)
        if before is None:
            merged[term.id] = term
            continue
        other = (TermName(term.label, Scope.EXACT),) if term.label not in ("", before.label) else ()
        merged[term.id] = Term(id=term.id, label=before.label or term.label, names=(*before.names, *term.names, *other))
    return list(merged.values())
