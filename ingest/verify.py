"""The last look at an extraction: every offset must point at the very text that it claims to."""

from __future__ import annotations

from collections.abc import Iterator

from ivigraph.errors import ShapeError
from ivigraph.model import Extraction, Mention


def verbatim(extraction: Extraction) -> Extraction:
    """The extraction itself; raises ShapeError when a quote or a mention of it is not verbatim."""
    problems = tuple(_problems(extraction))
    if problems:
        raise ShapeError(
            problems[0],
            violations=problems,
            where=extraction.document.source,
            remedy="nothing of it was stored; please report the document and this message as a bug of the extractor",
        )
    return extraction


def _problems(extraction: Extraction) -> Iterator[str]:
    text = extraction.document.text
    for claim in (*extraction.claims, *extraction.candidates):
        evidence = claim.evidence
        if not evidence.quote or text[evidence.start : evidence.end] != evidence.quote:
            yield f"the quote at {evidence.start}–{evidence.end} is not verbatim: {evidence.quote[:80]!r}"
        yield from _misplaced(claim.subject, text)
        yield from _misplaced(claim.object, text)
        if claim.case is not None and claim.case not in {case.id for case in extraction.cases}:
            yield f"the claim at {evidence.start}–{evidence.end} names the case {claim.case!r}, which is not described"
    for mention in extraction.mentions:
        yield from _misplaced(mention, text)


def _misplaced(mention: Mention, text: str) -> Iterator[str]:
    if not mention.text or text[mention.start : mention.end] != mention.text:
        yield f"the mention at {mention.start}–{mention.end} is not verbatim: {mention.text[:80]!r}"
