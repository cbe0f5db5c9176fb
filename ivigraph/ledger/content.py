"""A document as the bytes that the ledger keeps, so that its files need not be read again; `decode` undoes `encode`."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from typing import Any

from ivigraph.model import Document, DocumentType, Heading, Passage, Related, Relation


def encode(document: Document) -> bytes:
    """The same document gives the same bytes; fields that have their default are left out."""
    values: dict[str, Any] = {f.name: getattr(document, f.name) for f in fields(Document)}
    values = {name: value for name, value in values.items() if value not in (None, ())}
    values["passages"] = [[p.section, p.start, p.end] for p in document.passages]
    if document.mesh:
        values["mesh"] = [[h.label, h.id, h.qualifiers, h.major] for h in document.mesh]
    if document.related:
        values["related"] = [[r.relation, r.id] for r in document.related]
    return zlib.compress(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def decode(content: bytes) -> Document:
    values: dict[str, Any] = json.loads(zlib.decompress(content))
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    values["type"] = DocumentType(values["type"])
    values["passages"] = tuple(Passage(section=s, start=start, end=end) for s, start, end in values["passages"])
    values["mesh"] = tuple(
        Heading(label=label, id=id, qualifiers=tuple(qualifiers), major=major)
        for label, id, qualifiers, major in values.get("mesh", ())
    )
    values["related"] = tuple(Related(relation=Relation(kind), id=id) for kind, id in values.get("related", ()))
    return Document(**values)
