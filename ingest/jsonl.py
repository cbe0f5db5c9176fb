"""The JSON of one extraction, with the keys that docs/claims.md fixes."""

from __future__ import annotations

from dataclasses import fields

from ivigraph.model import Case, Claim, Dose, ExternalTerm, Extraction, Link, Mention, Onset, Qualifiers


def to_json(extraction: Extraction) -> dict[str, object]:
    """One document with its mentions, cases and claims, as values that `json.dumps` takes."""
    document = extraction.document
    candidates = {"candidates": [_claim(claim) for claim in extraction.candidates]} if extraction.candidates else {}
    terms = {"terms": [_external(term) for term in extraction.terms]} if extraction.terms else {}
    return {
        "source": document.source,
        "id": document.id,
        "title": document.title,
        "type": str(document.type),
        "text": document.text,
        "mentions": [_mention(mention) for mention in extraction.mentions],
        "cases": [_case(case) for case in extraction.cases],
        "claims": [_claim(claim) for claim in extraction.claims],
        **candidates,
        **terms,
    }


def _mention(mention: Mention) -> dict[str, object]:
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "type": str(mention.type),
        "id": mention.id,
        "label": mention.label,
        "link": None if mention.link is None else _link(mention.link),
    }


def _link(link: Link) -> dict[str, object]:
    return {
        "score": link.score,
        "reasons": list(link.reasons),
        "source": link.source,
        "rivals": list(link.rivals),
    }


def _external(term: ExternalTerm) -> dict[str, object]:
    return {
        "id": term.id,
        "kind": term.kind,
        "label": term.label,
        "source": term.source,
        "broader": [{"id": id, "label": label} for id, label in term.broader],
        "matches": [{"predicate": predicate, "id": id} for predicate, id in term.matches],
    }


def _case(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "age_years": case.age_years,
        "sex": None if case.sex is None else str(case.sex),
        "start": case.start,
        "end": case.end,
    }


def _claim(claim: Claim) -> dict[str, object]:
    return {
        "predicate": str(claim.predicate),
        "subject": _term(claim.subject),
        "object": _term(claim.object),
        "negated": claim.negated,
        "certainty": str(claim.certainty),
        "quote": claim.evidence.quote,
        "start": claim.evidence.start,
        "end": claim.evidence.end,
        "case": claim.case,
        "confidence": claim.confidence,
        "qualifiers": _qualifiers(claim.qualifiers),
    }


def _term(mention: Mention) -> dict[str, object]:
    return {
        "id": mention.id,
        "label": mention.label,
        "text": mention.text,
        "start": mention.start,
        "end": mention.end,
    }


def _qualifiers(qualifiers: Qualifiers) -> dict[str, object]:
    values = ((field.name, getattr(qualifiers, field.name)) for field in fields(Qualifiers))
    return {name: _value(value) for name, value in values if value is not None}


def _value(value: object) -> object:
    if isinstance(value, Onset):
        days: dict[str, object] = {"min_days": value.min_days, "max_days": value.max_days, "text": value.text}
        # Days count from the start of the therapy; only the other reckoning is said.
        return days | {"anchor": value.anchor} if value.anchor != "start" else days
    if isinstance(value, Dose):
        return {"value": value.value, "unit": value.unit, "text": value.text}
    return str(value) if isinstance(value, str) else value
