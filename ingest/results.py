"""Whether a result that a sentence tells is one of the therapy: not denied, not its reason, not that of another."""

from __future__ import annotations

import re

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.relations import Relation
from ivigraph.model import Predicate

_TO = re.compile(r"(?:\s\w+ly)?\s(?:to|with|on|after|from|under|following)\s(?:[\w./-]+\s){0,5}")


def is_of_another(finding: Finding, relation: Relation) -> bool:
    """Whether the therapy named right behind is not this one nor in one list with it ("responded to prednisolone")."""
    frame = relation.frame
    offset = frame.sentence.start
    behind = [d for d in frame.drugs() if _TO.fullmatch(frame.text, finding.end, max(finding.end, d.start - offset))]
    if not behind:
        return False
    first = min(behind, key=lambda d: d.start)
    together = frame.list_of(first) or (first,)
    return key(relation.subject) not in {key(m) for m in together}


def denied(finding: Finding, text: str) -> re.Match[str] | None:
    """The word that turns what follows it into its opposite ("no improvement" is none)."""
    before = text[max(0, finding.start - 40) : finding.start]
    match = re.search(
        r"\b(?:no|not|without|never|nor|any|refractory to|unless|until|rarely)\b[^.;,]*$", before, re.IGNORECASE
    )
    return (
        match
        if match
        and finding.value
        in (
            "improved",
            "recovered",
            "recovering",
            "spontaneous remission",
            "fatal",
            "sequelae",
            "first",
            "second",
            "stable",
            "common",
            "worsened",
        )
        else None
    )


def is_of_before(finding: Finding, relation: Relation) -> bool:
    """An effect told before the therapy is that of an earlier one, or the reason for it, unless "after" links them."""
    slot = relation.frame.list_of(relation.subject) or (relation.subject,)
    start = slot[0].start - relation.frame.sentence.start
    if (
        finding.name not in ("effect", "outcome")
        or relation.predicate is not Predicate.TREATS
        or start < 0
        or finding.end > start
    ):
        return False
    between = relation.frame.text[finding.end : start]
    if _BROUGHT_ABOUT.match(between) or _FOLLOWED.search(between):
        return False
    if re.search(r"\b(?:continu|maintain|resum|further|another)", between):
        return False
    linked = re.search(
        r"\b(?:after|with|following|to|under|on|by|upon|of|from|option|treatment|therapy|alternative)\b", between
    )
    return (
        linked is None
        or re.search(r",|\band\b", between) is not None
        or re.search(r"\b(?:prompt|requir|necessitat|lead|led to|despite)\w*", between) is not None
    )


# "Recovered with antibiotics, bowel rest and …", "improvement after corticosteroids and …".
_BROUGHT_ABOUT = re.compile(
    r"(?: \w+)? (?:with|after|following|to|on|under|upon)\b(?! (?:\w+ )?\w+ (?:hours|days|weeks|months))"
    r"(?!.*\b(?:was|were|had|then|so|therefore|relaps\w+|recur\w+)\b)",
    re.IGNORECASE,
)


# "A reduction in proteinuria and inflammatory markers following immunoglobulin."
_FOLLOWED = re.compile(
    r"^(?!.*\b(?:was|were|had|then|so|therefore|relaps\w+|recur\w+|but|who|which)\b).*\b(?:after|following|upon|under)"
    r"\s(?:the\s|an?\s)?(?:\w+\s)?$",
    re.IGNORECASE,
)
# "Given for an acute exacerbation": why it was given.
_REASON = re.compile(
    r"\b(?:for|because of|due to|owing to|on account of|in view of|in (?:the )?light of|given|upon|following"
    r") (?:an? |the |his |her |their )?(?:\w+ )?$",
    re.IGNORECASE,
)


def is_reason(finding: Finding, text: str) -> bool:
    return finding.value == "worsened" and _REASON.search(text[: finding.start]) is not None


def is_mere_improvement(finding: Finding, relation: Relation, text: str) -> bool:
    """Whether it is told as the effect of a treatment already ("symptoms improved"), and no outcome besides."""
    return (
        relation.predicate is Predicate.TREATS
        and finding.name == "outcome"
        and finding.value == "recovering"
        and text[: finding.end].endswith("improved")
    )


# "Died of pneumonia six weeks later": of what.
_DIED_OF = re.compile(r"\s(?:of|from|due to|because of)\s(?:an? |the |his |her )?(?:[\w-]+ ){0,3}?")


def dies_of_another(finding: Finding, relation: Relation, text: str) -> bool:
    """Whether the text names what the patient died of, and it is not this event."""
    if relation.predicate is not Predicate.CAUSES:
        return False
    offset = relation.frame.sentence.start
    named = [
        m for m in relation.frame.named("C")
        if _DIED_OF.fullmatch(text, finding.end, max(finding.end, m.start - offset))
    ]  # fmt: skip
    return bool(named) and all(key(m) != key(relation.object) for m in named)
