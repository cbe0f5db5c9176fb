"""Gold claims in YAML: documents with the claims that a careful reader takes from them (docs/claims.md).

A claim of an extractor matches when predicate and negation agree, one of the `object` patterns is found in its
object (label, text or id) and one of the `subject` patterns in its subject, by default any immunoglobulin product.
Precision is counted over the affirmed `causes` and `treats`, in a document of `scope: ivig` those about
immunoglobulins.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ivigraph.errors import ReadError
from ivigraph.evaluation.scores import Count, Error, Figure, Kind
from ivigraph.ingest import readers
from ivigraph.ingest.extract import Extractor
from ivigraph.ingest.jsonl import to_json
from ivigraph.model import Document

_MAX_BYTES = 20_000_000
_IVIG = (
    r"immun(e|o) ?globulin", r"\bIV ?Ig\b", r"gamma.?globulin",
    r"privigen|gamunex|octagam|flebogamma|kiovig|gammagard|sandoglobulin|carimune|panzyga|venoglobulin|glovenin"
    r"|intratect|bivigam|vigam",
    r"\bJ06BA0[12]\b|\bD016756\b",
)  # fmt: skip

Json = Mapping[str, Any]


def measure(path: Path, extractor: Extractor) -> tuple[list[Figure], list[Error]]:
    """Recall and precision of claims, recall of qualifiers, forbidden claims, and facts about the documents."""
    session = _Session(path.name.removesuffix(".yaml"))
    for gold in _load(path):
        document = _document(path, gold)
        session.add(gold, json.loads(json.dumps(to_json(extractor.extract(document)))))
    return session.figures(), session.errors


def _load(path: Path) -> Sequence[Json]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(found, list) or not all(isinstance(d, dict) and {"id", "claims"} <= d.keys() for d in found):
            raise ValueError("a list of documents, each with id and claims, was expected")
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ReadError(f"no gold file: {error}", where=str(path), remedy="see docs/claims.md for its form") from error
    return found


def _document(path: Path, gold: Json) -> Document:
    if "file" in gold and "record" not in gold:
        return _first(path.parent / gold["file"])
    text = gold["text"] if "text" in gold else _record(path.parent / gold["file"], str(gold["record"]))
    for pattern, replacement in (gold.get("replace") or {}).items():
        text = re.sub(pattern, replacement, text)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{gold['id']}.txt"
        copy.write_text(text, encoding="utf-8")
        return _first(copy)


def _record(path: Path, name: str) -> str:
    """The text of a record of a corpus, or of all records of an article, by the id of either."""
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if name in line]
    texts = dict.fromkeys(r["text"] for r in records if name in (r["id"], r.get("doc")))
    if not texts:
        raise ReadError(f"there is no record {name}", where=str(path), remedy="name the id of a record or an article")
    return " ".join(texts)


def _first(path: Path) -> Document:
    item = next(iter(readers.read(path, max_bytes=_MAX_BYTES)))
    if not isinstance(item, Document):
        raise ReadError("the first record of the file is no document", where=str(path), remedy="name a text")
    return item


class _Session:
    def __init__(self, corpus: str) -> None:
        self.errors: list[Error] = []
        self._corpus = corpus
        self._claims, self._qualifiers, self._facts, self._forbidden = Count(), Count(), Count(), Count()

    def figures(self) -> list[Figure]:
        return [
            Figure(self._corpus, "claims", self._claims),
            Figure(self._corpus, "qualifiers", self._qualifiers),
            Figure(self._corpus, "facts about documents and cases", self._facts),
            Figure(self._corpus, "forbidden claims kept out", self._forbidden),
        ]

    def add(self, gold: Json, output: Json) -> None:
        self._add_facts(gold, output)
        for wanted in gold["claims"]:
            self._add_claim(gold, wanted, output)
        for claim in output["claims"]:
            self._add_given(gold, claim, output)
        for forbidden in gold.get("forbidden") or ():
            bad = [
                claim
                for claim in output["claims"]
                if _matches({**forbidden, "negated": False}, claim) and claim["certainty"] in ("asserted", "probable")
            ]
            _count(self._forbidden, not bad)
            if bad:
                self._error(Kind.FORBIDDEN, gold, output, _words(forbidden), bad[0])

    def _add_facts(self, gold: Json, output: Json) -> None:
        for name, wanted in (gold.get("document") or {}).items():
            right = re.search(wanted, str(output.get(name) or "")) is not None
            _count(self._facts, right)
            if not right:
                self._error(Kind.FACT, gold, output, f"{name} is not {wanted!r} but {output.get(name)!r}")
        for case in gold.get("cases") or ():
            right = any(all(str(found.get(k)) == str(v) for k, v in case.items()) for found in output["cases"])
            _count(self._facts, right)
            if not right:
                self._error(Kind.FACT, gold, output, f"no case with {case}")

    def _add_claim(self, gold: Json, wanted: Json, output: Json) -> None:
        found = [claim for claim in output["claims"] if _matches(wanted, claim)]
        self._claims.gold += 1
        self._claims.recalled += bool(found)
        if not found:
            self._error(Kind.MISSED, gold, output, _words(wanted))
        qualifiers = dict(wanted.get("qualifiers") or {})
        if "certainty" in wanted:
            qualifiers["certainty"] = wanted["certainty"]
        for name, value in qualifiers.items():
            right = any(_has(name, value, claim) for claim in found)
            _count(self._qualifiers, right)
            if found and not right:
                given = _given(name, found[0])
                about = f"{_words(wanted)}: {name} is not {value} but {'not given' if given is None else given}"
                self._error(Kind.QUALIFIER, gold, output, about, found[0], detail=name)

    def _add_given(self, gold: Json, claim: Json, output: Json) -> None:
        if claim["predicate"] not in ("causes", "treats") or claim["negated"]:
            return
        if gold.get("scope") == "ivig" and not _found(_IVIG, claim["subject"]):
            return
        right = any(_matches({**g, "negated": False}, claim) for g in gold["claims"] if not g.get("negated"))
        self._claims.found += 1
        self._claims.right += right
        if not right:
            about = f"{claim['subject']['label']} {claim['predicate']} {claim['object']['label']}"
            self._error(Kind.SPURIOUS, gold, output, about, claim)

    def _error(
        self, kind: Kind, gold: Json, output: Json, about: str, claim: Json | None = None, detail: str = ""
    ) -> None:
        text, marks = "", []
        if claim is not None:
            text, shift = claim["quote"], claim["start"]
            for part in ("subject", "object"):
                start, end = claim[part]["start"] - shift, claim[part]["end"] - shift
                if 0 <= start < end <= len(text):
                    marks.append((start, end, "drug" if part == "subject" else "condition"))
        figure = f"{self._corpus}: claims"
        self.errors.append(Error(figure, kind, str(gold["id"]), text, about, tuple(marks), detail))


def _count(count: Count, right: bool) -> None:
    count.gold += 1
    count.recalled += right


def _words(gold: Json) -> str:
    return f"{gold['predicate']} {gold['object'][0]}{' (negated)' if gold.get('negated') else ''}"


def _found(patterns: Sequence[str], term: Json) -> bool:
    fields = [str(term.get(name) or "") for name in ("label", "text", "id")]
    return any(re.search(pattern, field, re.IGNORECASE) for pattern in patterns for field in fields)


def _matches(gold: Json, claim: Json) -> bool:
    return (
        claim["predicate"] == gold["predicate"]
        and bool(claim["negated"]) == bool(gold.get("negated", False))
        and _found(gold["object"], claim["object"])
        and _found(gold.get("subject", _IVIG), claim["subject"])
    )


def _given(name: str, claim: Json) -> Any:
    """The value that a claim has for a qualifier under its name in a gold file; None where it has none."""
    if name == "certainty":
        return claim["certainty"]
    fields = {"label": "label_status", "onset_days": "onset"}
    return (claim.get("qualifiers") or {}).get(fields.get(name, name))


def _has(name: str, wanted: Any, claim: Json) -> bool:
    """Whether a claim has the value of a qualifier: a number, a pattern, or the days of an onset within one."""
    if name == "onset_days":
        onset = _given(name, claim) or {}
        days = onset.get("min_days"), onset.get("max_days")
        return None not in days and all(abs(day - want) <= 1 for day, want in zip(days, wanted, strict=True))
    value = _given(name, claim)
    if value is None:
        return False
    if isinstance(wanted, int | float):
        return isinstance(value, int | float) and abs(value - wanted) < 0.05
    text = value.get("text", json.dumps(value)) if isinstance(value, dict) else str(value)
    return re.search(wanted, text, re.IGNORECASE) is not None
