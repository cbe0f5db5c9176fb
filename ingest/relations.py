"""What a sentence says about therapies, conditions and mechanisms: the rules applied to a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.rules import (
    AGAINST_A_RISK,
    OBJECTS,
    OF_RISK,
    OF_THE_CONTEXT,
    OF_THE_PATIENT,
    OF_THE_TREATMENT,
    RULES,
    TEMPORAL,
    TITLES_ONLY,
    UNSPECIFIC,
    Rule,
)
from ivigraph.model import Certainty, Mention, MentionType, Onset, Predicate


@dataclass(frozen=True, slots=True)
class Relation:
    """A pair that a rule found in a frame. `start` and `end` are the rule's match in the sentence's text.

    `onset` is when an event began that an earlier sentence tells the time of.
    """

    predicate: Predicate
    subject: Mention
    object: Mention
    frame: Frame
    rule: str
    confidence: float
    start: int
    end: int
    negated: bool = False
    certainty: Certainty = Certainty.ASSERTED
    onset: Onset | None = None


_DOES_NOT = re.compile(r"\b(?:do|does|did|is|are|was|were) not\b|\bno\b|\bneither\b", re.IGNORECASE)
# A condition that only says of what kind the next ones are ("infusion reactions such as chills").
_REACTION = re.compile(r"\b(?:reactions?|effects?|events?|complications?|toxicit(?:y|ies))$", re.IGNORECASE)
# A therapy that is not to be used, between therapy and condition or around them.
NOT_USED = re.compile(
    r"\b(?:not|never) (?:be )?(?:\w+ )?(?:recommended|indicated|used|given|appropriate|advised|justified"
    r"|warranted|approved for use)\b|\bno (?:role|indication|place)\b|"
    r"\b(?:does|do|did) not (?:support|justify|warrant|favou?r|recommend|advocate|advise)\b"
    r"|\b(?:cannot|can not|could not) be (?:\w+ )?"
    r"(?:recommended|advised|supported)\b|"
    r"\bshould (?:be avoided|never)\b|\bnot an? (?:\w+ )?(?:indication|treatment|option)\b",
    re.IGNORECASE,
)
# What makes a therapy the cause of a condition, or its victim, instead of its treatment.
_NO_TREATMENT = re.compile(
    r"\b(?:caus\w+|culprit|side[- ]effects?|adverse|complications?|risks?|induced|contra-?indicat\w+|toxicity"
    r"|caution\w*|should be (?:reduced|slow\w*|monitored|checked|measured|adjusted)|slow(?:ed|ing)|stopp(?:ed|ing)"
    r"|discontinu\w+|withdr\w+|(?:supportive|symptomatic) (?:\w+ )?(?:treatment|therapy|care|measures) (?:for|of))\b"
    r"|\b(?:occurred|reported|observed|seen|developed) (?:in|after|during|with)\b|\bwhile (?:receiving|taking|on)\b",
    re.IGNORECASE,
)
# "Resolved after immunoglobulin was stopped", "after its discontinuation": no treatment.
_ENDED = re.compile(
    r"\s?(?:(?:therapy|treatment|infusions?|administration) )?(?:(?:was|were|had been) (?:\w+ )?(?:discontinued|stopped"
    r"|withdrawn|ceased|withheld|interrupted)|discontinuation|withdrawal|cessation)\b",
    re.IGNORECASE,
)
# "Optic neuritis recurred on tapering the steroids": what comes when a therapy ends is not what it did.
_WITHDRAWN = re.compile(
    r"\b(?:taper\w*|withdraw\w*|discontinu\w*|cessation|stopping|weaning|reduc\w+|miss\w+)\b", re.IGNORECASE
)
_OF_THOSE_WITH = re.compile(
    r"\b(?:patients?|children|adults|infants|women|men|people|those|individuals|cases?) (?:with|of) (?:\w+ ){0,2}<$",
    re.IGNORECASE,
)
# What no therapy of ours is given for.
_HARMFUL = re.compile(r"toxicit(?:y|ies)$|\b(?:adverse|side)[ -]", re.IGNORECASE)
# "Pain relief", "fever reduction": what a therapy does about a condition is not the condition.
_RELIEF = re.compile(
    r"[\s-](?:relief|reduction|improvement|control|resolution|remission|regression|management|prevention|free\b)",
    re.IGNORECASE,
)
# Before a word for the kind of a reaction: what it was.
_IS_KIND = re.compile(
    r"<(?P<event>C\d+)>[^<;.]{0,30}\b(?:is|are|was|were|as|being|represents?)\b[^<;.]{0,30}<$", re.IGNORECASE
)
RELIEF_OF = re.compile(
    r"\b(?:improvements?|resolution|remission|relief|regression|disappearance|healing|normali[sz]ation|recovery)"
    r" (?:of|in|from) (?:\w+ ){0,3}$",
    re.IGNORECASE,
)
_LONGEST = 3000  # characters of a sentence that rules look at: more is a table or a list of references


def relations(frame: Frame, context: Sequence[Mention]) -> Iterator[Relation]:
    """What the sentence says, negated statements included. `context` is the therapy that the text is about here.

    A statement about side effects that names no therapy is about that one.
    """
    if len(frame.masked) > _LONGEST or not frame.slots:
        return
    letters = frozenset(name[0] for name in frame.slots)
    for rule in RULES:
        if not rule.letters <= letters:
            continue
        position = 0
        while match := rule.pattern.search(frame.masked, position):
            position = match.start() + 1
            yield from _pairs(rule, match, frame, context)
    yield from _mechanisms(frame, context)


def _pairs(rule: Rule, match: re.Match[str], frame: Frame, context: Sequence[Mention]) -> Iterator[Relation]:
    groups = match.groupdict()
    target = groups.get("c") or groups["e"]
    subjects = frame.slots[groups["d"]] if groups.get("d") else _subjects(frame, context, rule, match)
    if rule.predicate is Predicate.INTERACTS_WITH:
        # Of a list that names an immunoglobulin and something else, it is the one that interacts.
        subjects = [m for m in subjects if is_product(m)] or subjects
    start, end = frame.origin(match.start()), frame.origin(match.end())
    if (
        rule.predicate is Predicate.TREATS
        and rule.name not in OF_THE_PATIENT | AGAINST_A_RISK
        and _NO_TREATMENT.search(frame.masked, match.start(), match.end())
    ):
        return
    if rule.predicate is Predicate.TREATS and _ENDED.match(frame.masked, match.end()):
        return
    if rule.name in TITLES_ONLY and frame.sentence.section != "title":
        return
    if rule.name in OF_THE_CONTEXT and not groups.get("d") and _OF_THOSE_WITH.search(frame.masked, 0, match.start("c")):
        return  # "respiratory failure in children with lupus is common": who has it
    if rule.name == "reaction to" and (named := _IS_KIND.search(frame.masked, 0, match.start("c"))):
        target = named["event"]  # "dyshidrotic eczema is a common skin reaction to it"
    needed = OBJECTS.get(rule.name) if target == groups.get("c") else None
    if (kind := groups.get("k")) and not all(_REACTION.search(m.text) for m in frame.slots[kind]):
        return
    if rule.name in TEMPORAL:
        if _OF_THOSE_WITH.search(frame.masked, 0, match.start("c")):
            return
        if _WITHDRAWN.search(frame.masked, match.start("c"), match.start("d")):
            return
        subjects = [m for m in subjects if m.type is not MentionType.PROCEDURE]
    for subject in subjects:
        for thing in (m for name in _list_from(target, match, frame) for m in _members(rule, frame, name)):
            after = thing.end - frame.sentence.start
            if rule.predicate is Predicate.CAUSES and (
                _RELIEF.match(frame.text, after)
                or _OF_PEOPLE.match(frame.text, after)
                or RELIEF_OF.search(frame.text, 0, thing.start - frame.sentence.start)
            ):
                continue
            if rule.predicate is Predicate.TREATS and _HARMFUL.search(thing.text):
                continue
            if groups.get("d") and groups.get("e") and groups.get("c") and subject in frame.slots[groups["e"]]:
                continue
            if thing == subject or (needed and not needed.search(thing.text)) or thing.id == subject.id is not None:
                continue
            negated, certainty = _assertion(rule, frame, subject, thing, _clause(frame, match))
            yield Relation(
                rule.predicate, subject, thing, frame, rule.name, rule.confidence, start, end, negated, certainty
            )


def _members(rule: Rule, frame: Frame, name: str) -> Iterator[Mention]:
    """The members of a list; "for myasthenic crisis with ptosis" is for the crisis alone."""
    before: Mention | None = None
    for member in frame.slots[name]:
        if before is not None and rule.predicate is Predicate.TREATS:
            gap = frame.text[before.end - frame.sentence.start : member.start - frame.sentence.start]
            if gap.startswith(" with "):
                return
        yield member
        before = member


# What may stand between two slots of one list that other words interrupt: "headache in 30%, nausea in 10% and rash".
_LIST_GOES_ON = re.compile(
    r"(?:[^<;.]{0,60}?|[^<;.,]{0,20}, which [^;.,]{0,60})(?:,|\band\b|\bor\b)\s"
    r"(?:(?!\b(?:is|are|was|were|has|have|had|he|she|they|which|who|but"
    r"|developed|treated|resolved|improved)\b)[^<;.]){0,40}$"
)
# "The latter in IgA-deficient patients": who has it, not what happens to them.
_OF_PEOPLE = re.compile(r"[- ](?:deficient )?(?:patients|recipients|individuals|subjects|people|children|donors)\b")
# "Autoimmune diseases such as dermatomyositis": what is said of the kind is said of its examples.
_EXAMPLES = re.compile(
    r"(?: in (?:the )?\w+ (?:patients?|subjects?|children|participants?|recipients?|cases?))?: (?:[\w-]+ ){0,2}|"
    r"(?: \([^()<]*\))?,? (?:such as|including|like|e\.g\.,?|for example|for instance|namely|as \w+ as)"
    r" (?:[\w-]+ ){0,3}"
)


def _list_from(target: str, match: re.Match[str], frame: Frame) -> Iterator[str]:
    """The slot that a rule ended on, and those that go on its list; a rule that does not end on it has no list."""
    yield target
    group = "c" if match.groupdict().get("c") else "e"
    end = match.end(group) + 1
    if end < match.end():
        return
    last = end
    for following in re.finditer(rf"<({target[0]}\d+)>", frame.masked[end:]):
        start = end + following.start()
        is_example = _EXAMPLES.fullmatch(frame.masked, last, start)
        if not is_example and (group == "e" or not _LIST_GOES_ON.fullmatch(frame.masked, last, start)):
            return
        if not _OF_PEOPLE.match(frame.masked, end + following.end()):
            yield following.group(1)
        last = end + following.end()


_WORKS = re.compile(
    r"\b(?:work|act|exert|mechanism|effect|action|mode|through|via|by|inhibit|modulat|block|mediat|reduc|neutrali"
    r"|suppress)",
    re.IGNORECASE,
)
_MECHANISM = re.compile(
    r"\b(?:mechanisms?|modes?) of action\b|\b(?:it|they|this therapy) (?:works?|acts?)\b", re.IGNORECASE
)


def _mechanisms(frame: Frame, context: Sequence[Mention]) -> Iterator[Relation]:
    """A mechanism is said of the therapy of its sentence; without one, of that of the context where it says so."""
    subjects = _subjects(frame, context if _MECHANISM.search(frame.masked) else ())
    for thing in frame.named("M"):
        for subject in subjects:
            yield mechanism(subject, thing, frame)


def mechanism(subject: Mention, thing: Mention, frame: Frame) -> Relation:
    """That a therapy works in this way, as firmly as the sentence says it."""
    start = thing.start - frame.sentence.start
    end = start + len(thing.text)
    said = frame.assertions.of(start, end)
    confidence = 0.85 if _WORKS.search(frame.masked) else 0.6
    return Relation(
        Predicate.HAS_MECHANISM,
        subject,
        thing,
        frame,
        "mechanism",
        confidence,
        start,
        end,
        said.negated,
        said.certainty,
    )


def _clause(frame: Frame, match: re.Match[str]) -> str:
    """What a rule matched, with what stands before it in its clause: "should not be" before "used for"."""
    before = re.split(r"[,;]", frame.masked[max(0, match.start() - 40) : match.start()])[-1]
    return before + match.group()


def _subjects(
    frame: Frame, context: Sequence[Mention], rule: Rule | None = None, match: re.Match[str] | None = None
) -> Sequence[Mention]:
    """The therapy of a statement about side effects: the sentence's own, else the one of the context."""
    if rule is not None and rule.name in OF_THE_TREATMENT and context:
        return context
    general = rule is not None and rule.name in UNSPECIFIC
    if context and is_product(context[0]) and match is not None and _is_told_after(frame, match):
        return context
    named = next((ms for name, ms in frame.slots.items() if name[0] == "D" and not (general and is_support(ms[0]))), ())
    return named or context


def _is_told_after(frame: Frame, match: re.Match[str]) -> bool:
    """Whether the therapies of a sentence are what the event was treated with ("heart failure, which needed …")."""
    drugs = frame.drugs()
    if not drugs or any(is_product(d) or d.start < frame.sentence.start + frame.origin(match.start()) for d in drugs):
        return False
    return _NEEDED.search(frame.text, frame.origin(match.end()), drugs[0].start - frame.sentence.start) is not None


_NEEDED = re.compile(
    r"\b(?:requir|necessitat|need|treated with|managed with|controlled (?:with|by)|respond|prompt|reliev)\w*\s"
    r"(?:[\w-]+ ){0,3}$",
    re.IGNORECASE,
)


def is_support(drug: Mention) -> bool:
    """Whether it only carries a patient through an event ("six required transfusion; none developed renal failure")."""
    return drug.type is MentionType.PROCEDURE and _SUPPORT.search(drug.label) is not None


_SUPPORT = re.compile(r"transfusion|dialysis|filtration", re.IGNORECASE)


def _assertion(rule: Rule, frame: Frame, subject: Mention, thing: Mention, matched: str) -> tuple[bool, Certainty]:
    offset = frame.sentence.start
    said = frame.assertions.of(thing.start - offset, thing.end - offset)
    if rule.predicate is Predicate.TREATS:
        # The diagnosis may be presumed and the treatment for it still be a fact.
        doubt = said.certainty in (Certainty.POSSIBLE, Certainty.HYPOTHETICAL) and thing.start > subject.start
        return bool(NOT_USED.search(matched)), said.certainty if doubt else Certainty.ASSERTED
    if rule.predicate is not Predicate.CAUSES:
        denied = rule.predicate is Predicate.INTERACTS_WITH and _DOES_NOT.search(matched)
        return bool(denied), Certainty.ASSERTED
    if _NOT_RELATED.search(matched):
        return True, Certainty.ASSERTED
    if rule.name in OF_RISK:
        return said.negated, Certainty.POSSIBLE
    return said.negated, Certainty.ASSERTED if rule.hedged else _blame(frame, thing, said.certainty)


_NOT_RELATED = re.compile(
    r"\b(?:not|never|un)[ -]?(?:\w+ )?(?:related|due|attribut\w+|linked|caused|ascribed|associated)\b", re.IGNORECASE
)
# How sure the wording is of the link, when the event itself is certain: "a rash, probably related to IVIG".
_LINK_IN_DOUBT = (
    (
        Certainty.POSSIBLE,
        r"\b(?:causal|causative) (?:role|relation\w*|link|association|connection) (?:(?:could not|cannot"
        r"|can not) be (?:excluded|ruled out)"
        r"|(?:is|was|remains) (?:possible|uncertain|unclear|unproven|plausible))"
        r"|\b(?:possibly|perhaps|may|might|could)(?: \w+){0,2} (?:related|due|attribut\w+|linked|caused|triggered"
        r"|induced|secondary)\b"
        r"|\b(?:either|both|any) (?:of them |of these |of the (?:two )?)?"
        r"(?:(?:drugs?|agents?|therap(?:y|ies)|medicines?) )?"
        r"(?:could|may|might)(?: also)? (?:be|have been|have caused)\b",
    ),
    (
        Certainty.PROBABLE,
        r"\b(?:probably|likely|presumably)(?: \w+){0,2} (?:related|due|attribut\w+|linked|caused|triggered|induced"
        r"|secondary)\b",
    ),
)
_DOUBTS = tuple((certainty, re.compile(pattern, re.IGNORECASE)) for certainty, pattern in _LINK_IN_DOUBT)


def _blame(frame: Frame, thing: Mention, said: Certainty) -> Certainty:
    """The certainty of the link: a doubt about it may stand in a clause that the event's own certainty ends before."""
    if said is not Certainty.ASSERTED:
        return said
    after = frame.text[thing.end - frame.sentence.start :]
    return next((certainty for certainty, doubt in _DOUBTS if doubt.search(after)), said)
