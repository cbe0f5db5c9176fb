"""What a text is speaking of where no wording relates a condition to the therapy: its harm, its use, or neither.

Reviews, leaflets and trials speak of one therapy for paragraphs: under "Adverse reactions", or after "Unwanted effects
seldom force withdrawal", every condition is an event; after "It is indicated for", every one is treated. The words of
the sentence decide first, then those before it in its paragraph, then the heading, then the kind of document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from enum import Enum

from ivigraph.ingest.discourse import focal_therapy, key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import NOT_USED, Relation, is_support
from ivigraph.ingest.sieve import Sieved, sieved
from ivigraph.model import Certainty, Document, DocumentType, Mention, Predicate

_CONFIDENCE = 0.5
_HARMFUL = 0.6  # harm is spoken of in one place, use everywhere


class Topic(Enum):
    HARM = "harm"
    USE = "use"
    AGAINST = "against"
    INTERACTION = "interaction"
    NONE = "none"


_PREDICATES: Mapping[Topic, Predicate] = {
    Topic.HARM: Predicate.CAUSES,
    Topic.USE: Predicate.TREATS,
    Topic.AGAINST: Predicate.CONTRAINDICATED_IN,
    Topic.INTERACTION: Predicate.INTERACTS_WITH,
}


def _any(*words: str) -> Sieved:
    return sieved(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


_HEADINGS = (
    (Topic.AGAINST, _any("contra-?indicat", "who should not", "who must not", "when not to")),
    (Topic.INTERACTION, _any("(?:drug )?interact", "other medicines")),
    (
        Topic.HARM,
        _any("side effects?", "adverse", "unwanted", "undesirable", "safety", "tolera", "risks?", "warnings?",
             "precautions?", "complications?", "toxicit", "what can go wrong", "problems"),
    ),
    (Topic.USE, _any("indications?", "uses?\\b", "(?:what is it )?used for", "efficacy", "effectiveness", "benefits?")),
)  # fmt: skip
# What a sentence speaks of by its own words; the first row that is found decides.
_CUES = (
    (Topic.AGAINST, _any("contra-?indicated", "contra-?indications? (?:are|is|include)")),
    (
        Topic.HARM,
        _any("(?:side|unwanted|untoward|undesirable|ill)[- ]effects?", "adverse", "reactions?\\b", "complications?\\b",
             "complicat(?:ed|es)", "toxic(?:ity|ities)?\\b(?! epidermal| shock)", "hazards?", "harm",
             "(?<!efficacy and )(?<!effectiveness and )safety\\b(?! and (?:efficacy|effectiveness))",
             "tolera(?:ted|bility)", "feared", "dreaded",
             "(?<!effective and )(?<!efficacious and )safe\\b(?! and (?:effective|efficacious))",
             "transmi(?:t|ssion)",
             "(?:patients|people|a few|some|many|most) (?:may )?"
             "(?:complain|report|experience|develop|suffer|get|feel|notice)\\b",
             "caus(?:e|es|ed|ing)\\b", "(?<!at )(?<!at high )(?<!at increased )risks?\\b",
             "induc(?:e|es|ed)\\b", "trigger", "provok", "precipitat"),
    ),
    (
        Topic.USE,
        _any("indicated\\b(?! that| by)", "indications?\\b", "effective", "efficacy", "benefi",
             "(?<!non-)(?<!non)respon(?:d|se)", "improve", "licen[sc]ed", "approved",
             "recommend", "(?:be|is|are) considered", "treat(?:s|ed|ment|ing)? (?:of|for|with|in)\\b",
             "used? (?:in|for|as)\\b", "useful", "option", "mainstay", "role (?:in|for)",
             "(?:first|second|third)[- ]line", "alternative",
             "given (?:for|because)",
             "(?:trials?|studies|evidence|data|results) (?:in|of|on|for|describe|show|suggest)"),
    ),
)  # fmt: skip
# Kinds of documents whose results tell what happened under the therapy.
_MEASURED = frozenset({DocumentType.TRIAL, DocumentType.COHORT})
_NOT_RESULTS = _any(
    "title", "background", "introduction", "aims?", "objectives?", "methods?", "patients and methods", "purpose"
)

_RESPONSE = _any("indicat", "effective", "efficacy", "benefi", "respon(?:d|se)", "improve", "remission", "because of")
_HAPPENED = _any(
    "occur", "develop", "arose", "appear", "seen", "observed", "noted", "noticed", "found", "reported", "recorded",
    "recogni[sz]ed", "diagnosed", "identified", "detected",
    "documented", "mentioned", "showed", "affected", "had\b", "suffered", "experienced", "complained",
    "there (?:was|were)", "cases? of", "prevailed", r"in \d",
)  # fmt: skip
# Before a condition: who has it, not what happens to them.
_WHO = re.compile(
    r"\b(?:patients?|those|people|persons?|children|adults|wom[ae]n|m[ae]n|individuals|subjects|recipients"
    r"|history|risk factors?|predispos\w+|pre-?existing|underlying|concomitant|because of|owing to|due to"
    r"|attributed to"
    r"|(?:treated|given|used|reserved|indicated) (?:in|for)|diagnos\w+ (?:of|with)|exclud\w+|unlike"
    r"|than in)\b(?:\s(?!developed|experienced|suffered|showed|became|complained|noticed"
    r"|presented)[\w-]+){0,4}\s$|\bwho (?:are|have|suffer)\b[^.;]{0,40}$",
    re.IGNORECASE,
)
_WHO_AFTER = re.compile(
    r"(?:[- ]deficient)?[- ](?:patients|recipients|subjects|individuals|people|sufferers)\b"
    r"|[^.;,]{0,20}\bincreases? the risk"
)
# Not the therapy's: another arm, or the authors deny the link.
_ANOTHERS = re.compile(
    r"\b(?:mechanisms?|pathogen\w+|explain\w*|placebo|control group|untreated|controls|unrelated"
    r"|not (?:\w+ )?(?:related|attribut\w+)|unlikely"
    r"|fell|declined|decreased|lowered|fewer|non-?responders?|less (?:frequent|common)|comorbidit\w+"
    r"|(?:was|were|is|are|as) (?:[\w-]+ ){0,3}risk factors?)\b",
    re.IGNORECASE,
)


def topics(document: Document, frames: Sequence[Frame]) -> Mapping[int, Topic]:
    """The topic of each sentence, by the index of its frame."""
    found: dict[int, Topic] = {}
    of_harm = any(f.sentence.section == "title" and _own(f) is Topic.HARM for f in frames)
    before, section, end = Topic.NONE, "", 0
    heading = Topic.NONE
    for frame in frames:
        sentence = frame.sentence
        new_paragraph = "\n\n" in document.text[end : sentence.start]
        end = sentence.end
        if sentence.section != section or new_paragraph:
            section = sentence.section
            heading = before = next((topic for topic, words in _HEADINGS if words.search(section)), Topic.NONE)
        own = _own(frame)
        if own is Topic.AGAINST:
            # A contraindication has words of its own, and the next sentence may speak of anything.
            found[frame.index], before = Topic.NONE if heading is not own else own, heading
            continue
        if own is not None and heading not in _EXCLUSIVE:
            before = own
        found[frame.index] = before
        if of_harm and own is None and before is Topic.NONE and not _NOT_RESULTS.match(section):
            found[frame.index] = Topic.HARM
        if document.type in _MEASURED and before in (Topic.NONE, Topic.USE) and not _RESPONSE.search(frame.text):
            # Results tell what happened, unless they speak of a response.
            happened = _HAPPENED.search(frame.text) and not _NOT_RESULTS.match(section)
            found[frame.index] = Topic.HARM if happened else Topic.NONE if own is None else before
    return found


# Under these headings nothing is caused or treated.
_EXCLUSIVE = frozenset({Topic.AGAINST, Topic.INTERACTION})
_OF_HARM_AND_USE = frozenset({Predicate.CAUSES, Predicate.TREATS})


def by_topic(
    about: Mapping[int, Topic],
    frames: Sequence[Frame],
    stated: Sequence[Relation],
    contexts: Mapping[int, Sequence[Mention]],
    beside: Set[str],
    *,
    narrative: bool,
) -> Iterator[Relation]:
    """Relations of the conditions that nothing else relates, in sentences about an immunoglobulin's harm or use.

    `beside` are the keys of the drugs that only prepare for a therapy. In a report of patients (`narrative`) a sentence
    has to say by itself what it is about.
    """
    focal = focal_therapy(frames)
    named: Frame | None = None
    # What failed before is said beside it ("in patients resistant to corticosteroids").
    related = {(r.frame.index, key(r.object)) for r in stated if r.rule != "resistant to"}
    by_product = [r for r in stated if is_product(r.subject) and not r.negated]
    treated = {key(r.object) for r in by_product if r.predicate is Predicate.TREATS}
    caused = {key(r.object) for r in by_product if r.predicate is Predicate.CAUSES}
    for frame in frames:
        topic = about[frame.index]
        subject = _subject(frame, contexts[frame.index], focal, beside, topic)
        if any(is_product(m) for m in frame.named("D")):
            named = frame
        if topic is Topic.NONE or subject is None or frame.sentence.section == "title":
            continue
        if topic in _PREDICATES_OF_OUTCOME and not _is_near(frame, named, short=len(frames) <= _SHORT):
            continue
        if topic is Topic.HARM and (_ANOTHERS.search(frame.text) or _is_of_the_disease(frame)):
            continue
        if narrative and not (_names_product(frame) and _own(frame) is topic):
            continue
        for mention in frame.named("D" if topic is Topic.INTERACTION else "C"):
            name = key(mention)
            if (frame.index, name) in related or is_product(mention) or _is_general(mention, frame):
                continue
            if topic is Topic.HARM and (name in treated or is_whose(frame, mention)):
                continue
            if mention.text.lower() == "died":
                continue  # how an event ended, or the disease
            after = frame.text[mention.end - frame.sentence.start :]
            if topic is Topic.HARM and _OTHER_ARM.search(frame.text, 0, mention.start - frame.sentence.start):
                continue
            if topic is Topic.HARM and name not in caused and _WENT.match(after):
                continue  # "bleeding subsided in 38 of 45"
            if name in caused and _DEFINITE.search(frame.text[: mention.start - frame.sentence.start]):
                continue  # "the thrombocytopenia resolved" goes on about it
            if topic is Topic.USE and (
                name in caused
                or _UNRELATED.search(frame.text) is not None
                or (_own(frame) is None and not _goes_on_about_use(frame, mention))
            ):
                continue
            related.add((frame.index, name))
            yield _relation(topic, subject, mention, frame)


# "In nine of the other group, in whom sepsis predominated."
_OTHER_ARM = re.compile(r"\b(?:other|comparison|second|remaining) (?:group|arm)\b[^.;]*$", re.IGNORECASE)
_PREDICATES_OF_OUTCOME = frozenset({Topic.HARM, Topic.USE})
_SHORT = 60  # sentences of a text that stays on its therapy; a paper goes on to other things
_REACH = 12  # sentences after the last one that names an immunoglobulin


def _is_near(frame: Frame, named: Frame | None, *, short: bool) -> bool:
    """Whether the text is still on the immunoglobulin named last; a heading about harm or use keeps it there."""
    if named is frame:
        return True
    section = frame.sentence.section
    if _PLANNED.search(frame.text):
        return False
    if short:
        return True
    under = next((topic for topic, words in _HEADINGS if words.search(section)), None)
    return under in _PREDICATES_OF_OUTCOME or (named is not None and frame.index - named.index <= _REACH)


# What is looked for, or what will be done, and not what happened.
_PLANNED = re.compile(
    r"\b(?:eligib\w+|inclusion|exclusion|criteria|enrol(?:l|led|lment)\b|predict\w*|will be|differential diagnos[ei]s)",
    re.IGNORECASE,
)
# "A complication of Guillain-Barré syndrome", "lupus causes rashes": what the disease does.
_OF_A_DISEASE = re.compile(
    r"\b(?:complications?|causes?|sequelae|manifestations?|features?|symptoms?|signs?|presentations?|form|survivors"
    r"|prevalence) (?:of|in|among)"
    r"\b[^<.;]{0,40}(?:<C\d+>|the (?:disease|disorder|illness)\b)"
    r"|<C\d+> (?:in|among) (?!(?:\d[\d.,%]*|one|two|three|four|five|six|seven|eight|nine|ten|both|all|most|some)\b)"
    r"[^<.;]{0,40}<C\d+>"
    r"|<C\d+>(?: \([^)]*\))? (?:\w+ )?(?:causes?|leads? to|is (?:\w+,? ){0,6}?(?:cause|characteri[sz]ed|disease"
    r"|disorder|eruption|emergency))\b",
    re.IGNORECASE,
)


def _is_of_the_disease(frame: Frame) -> bool:
    return "<D" not in frame.masked and _OF_A_DISEASE.search(frame.masked) is not None


def within(about: Mapping[int, Topic], stated: Sequence[Relation]) -> list[Relation]:
    """The relations, without those that their heading contradicts: under "Contraindications" nothing is caused."""
    return [r for r in stated if about[r.frame.index] not in _EXCLUSIVE or r.predicate not in _OF_HARM_AND_USE]


def _subject(
    frame: Frame, context: Sequence[Mention], focal: Mention | None, beside: Set[str], topic: Topic
) -> Mention | None:
    """The immunoglobulin that a sentence is about; None where it is about another therapy, or about none."""
    named = [m for m in frame.named("D") if key(m) not in beside and not frame.is_aside(m) and not is_support(m)]
    products = [m for m in named if is_product(m)]
    if products or (named and topic is not Topic.INTERACTION and not _SUSPECT.search(frame.text)):
        return products[0] if products else None
    return next((m for m in (*context, *([focal] if focal else [])) if is_product(m)), None)


# Where a report of patients speaks of patients in general.
_GENERAL = _any("introduction", "background", "discussion", "comments?", "conclusions?", "literature", "review")


def general(frames: Sequence[Frame]) -> list[Frame]:
    """The sentences of a case report that are about patients in general."""
    found, opened = [], False
    for frame in frames:
        opened = opened or _DISCUSSION.fullmatch(frame.text) is not None
        if opened or _GENERAL.match(frame.sentence.section):
            found.append(frame)
    return found


_DISCUSSION = re.compile(r"(?:discussion|comments?|conclusions?)\s?[.:]?", re.IGNORECASE)


_SUSPECT = re.compile(r"\b(?:second|another|other|co-?|also) ?suspect", re.IGNORECASE)


def _own(frame: Frame) -> Topic | None:
    return next((topic for topic, cue in _CUES if cue.search(frame.text)), None)


def _goes_on_about_use(frame: Frame, mention: Mention) -> bool:
    """Whether a sentence that only follows one about use still tells what is treated."""
    offset = frame.sentence.start
    said = frame.assertions.of(mention.start - offset, mention.end - offset)
    return not said.negated and _GOES_ON.search(frame.text) is not None and _HAPPENED.search(frame.text) is None


# "In Kawasaki disease it prevents coronary lesions"; a sentence without a verb goes on a list.
_GOES_ON = re.compile(
    r"\b(?:it|they|its|their|this|these|such)\b|^(?:(?!\b(?:is|are|was|were|has|have|had|be|been|\w+ed)\b).)*$",
    re.IGNORECASE,
)


_UNRELATED = re.compile(r"\b(?:unrelated|not related|was diagnosed|were diagnosed)\b", re.IGNORECASE)


def _names_product(frame: Frame) -> bool:
    return any(is_product(m) for m in frame.named("D"))


_WENT = re.compile(
    r"(?: (?:had|has|have|was|were|also|completely))* (?:resolv|improv|disappear|subsid|vanish|abat|regress|heal"
    r"|clear|relaps)\w*\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|this|that|these|those|his|her|their|its) (?:\w+ )?$", re.IGNORECASE)
# A word for events as a whole, or a heading, names no event.
_GENERAL_NAME = re.compile(r"\b(?:reactions?|effects?|events?|complications?|symptoms?)$", re.IGNORECASE)


def _is_general(mention: Mention, frame: Frame) -> bool:
    says_little = _GENERAL_NAME.search(mention.text) is not None and _GENERAL_NAME.search(mention.label) is not None
    return says_little or mention.text == frame.text.rstrip(".:")


def is_whose(frame: Frame, mention: Mention) -> bool:
    offset = frame.sentence.start
    first = (frame.list_of(mention) or (mention,))[0]
    before = frame.text[: first.start - offset]
    return _WHO.search(before) is not None or _WHO_AFTER.match(frame.text, mention.end - offset) is not None


def _relation(topic: Topic, subject: Mention, mention: Mention, frame: Frame) -> Relation:
    start = mention.start - frame.sentence.start
    end = start + len(mention.text)
    said = frame.assertions.of(start, end)
    is_harm = topic is Topic.HARM
    refused = topic is Topic.USE and NOT_USED.search(frame.text[:start]) is not None
    certainty = Certainty.POSSIBLE if _SUSPECT.search(frame.text) else said.certainty
    return Relation(
        _PREDICATES[topic], subject, mention, frame, "topic", _HARMFUL if is_harm else _CONFIDENCE, start, end,
        negated=refused or (is_harm and said.negated),
        certainty=certainty if is_harm else Certainty.ASSERTED,
    )  # fmt: skip
