"""The disease in which something was reported: what the patient, the sentence or the case report was about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivigraph.model import Claim, DocumentType, Extraction, Mention, Predicate

_ONE_PATIENT = 1


def diseases_of(claim: Claim, extraction: Extraction) -> tuple[Mention, ...]:
    """The treated conditions that a claim about anything else was made in; () where the document names none.

    The nearest frame that names one decides: the claim's patient, then its sentence, then a case report as
    a whole when it describes no more than one patient. A review treats many diseases, so it gives no context
    beyond the sentence. In a frame, what the claim's own therapy was given for comes before what others were. What
    the document calls an adverse event is treated too, but it is not the disease.
    """
    if claim.predicate is Predicate.TREATS:
        return ()
    affirmed = [c for c in extraction.claims if not c.negated]
    events = {_name(claim.object), *(_name(c.object) for c in affirmed if c.predicate is Predicate.CAUSES)}
    treats = [c for c in affirmed if c.predicate is Predicate.TREATS and _name(c.object) not in events]
    for frame in _frames(claim, treats, extraction):
        own = [c for c in frame if _name(c.subject) == _name(claim.subject)]
        if found := {_name(c.object): c.object for c in own or frame}:
            return tuple(found[name] for name in sorted(found))
    return ()


def _frames(claim: Claim, treats: Sequence[Claim], extraction: Extraction) -> Iterator[Sequence[Claim]]:
    if claim.case is not None:
        yield [c for c in treats if c.case == claim.case]
    yield [c for c in treats if c.evidence == claim.evidence]
    if extraction.document.type is DocumentType.CASE_REPORT and len(extraction.cases) <= _ONE_PATIENT:
        yield treats


def _name(mention: Mention) -> str:
    return mention.id or mention.label
