"""The rules that decide what a sentence says about a therapy and a condition.

The tables of `wording_causes` and `wording_treats`, and the one of the other predicates here, are compiled to rules.

A rule is a regular expression over a frame's masked text (see `frames`), written with these signs:

    {D} {C} {E}       a therapy, a condition, a second therapy
    {BETTER} …        a class of words, defined below
    _5_               at most five words
    ~ ~60~            up to 140, or 60, characters of this clause without another slot; "~60," without a comma too
    !60! !60,         the same, and without a word of improvement
    ~C60~ ~D60~       the same, but conditions, or therapies, may stand between
    ~~                anything up to 160 characters, other slots included

The first rules of a table are the surest; each finds what it can, and the surest that finds a pair decides its
confidence. A rule speaks of wording, never of a document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivigraph.ingest.sieve import Sieved, sieved
from ivigraph.ingest.wording_causes import CAUSES
from ivigraph.ingest.wording_treats import TREATS
from ivigraph.model import Predicate


@dataclass(frozen=True, slots=True)
class Rule:
    """`letters` are the kinds of slot without which it finds nothing.

    `hedged`: the wording's "may" is part of the statement ("side effects may include"), not a doubt about it.
    """

    name: str
    predicate: Predicate
    pattern: Sieved
    confidence: float
    letters: frozenset[str]
    hedged: bool = False


_WORDS = {
    # words of time that may link a therapy and what came after it
    "TIME": r"(?:(?:on|in) the (?:day|evening|morning|night|afternoon) of"
    r"|after|following|during|upon|while (?:\w+ ){0,3}?(?:receiving|on|treated with|given)|(?:minutes?"
    r"|hours?|days?|weeks?) (?:after|of|into"
    r"|following|post)|within|on receiving|in response to|at the (?:end|beginning|start) of)",
    # between a word of time and the therapy: no new clause may begin ("after vaccination and was treated with …")
    "SHORT": r"(?:(?!\b(?:and|was|were|who|which|but|he|she|they|for|had|responded)\b)(?!<[DC]\d)[^;,]){0,60}?",
    # no other event and no giving of a therapy between ("no tumour was found and she was treated with …")
    "UNTREATED": r"(?:(?!\b(?:treated|managed|received|responded|improved|controlled|relieved|resolved|required"
    r"|needed)\b)(?!<[DC]\d)[^;]){0,80}?",
    # adverse events in general
    "EVENT": r"(?:side[- ]effects?|adverse (?:\w+ )?(?:events?|effects?|(?:drug )?reactions?|experiences?)"
    r"|(?:infusion"
    r"|hypersensitivity|local|systemic|severe|serious|acute|delayed|allergic|mild"
    r"|immediate)[- ](?:related )?(?:reactions?|complications?)|untoward (?:effects?|reactions?)|toxicit(?:y"
    r"|ies)|treatment[- ]emergent events?|serious events?|(?:unwanted|undesirable) (?:effects?|events?"
    r"|reactions?)|safety (?:concerns?|profile))",
    # a patient comes to have something
    "BEGIN": r"(?:develop(?:s|ed|ing)?|experienc(?:e|es|ed|ing)|suffer(?:s|ed|ing)?(?: from)?|complain(?:s|ed"
    r"|ing)? of"
    r"|presented with|reported|noticed|noted|showed|manifested|had|gets?|got|became|sustain(?:s|ed|ing)?|died (?:of"
    r"|from)"
    r"|found to have)",
    # something comes about, or is told of
    "APPEAR": r"(?:occur(?:s|red|ring)?|develop(?:s|ed|ing)?|appear(?:s|ed|ing)?|arose|arise|ensued|began|started"
    r"|emerged|(?:was|were|is|are|has been|have been|been|be) (?:(?:the )?(?:most |more |less )?\w+ )?"
    r"(?:observed|reported|noted|seen"
    r"|described|documented|mentioned|found|recorded|encountered|detected"
    r"|recogni[sz]ed|noticed))",
    # it is found to be there
    "FOUND": r"(?:(?:was|were) (?:\w+ )?(?:diagnosed|identified|confirmed))",
    # people
    "PATIENTS": r"(?:patients?|children|infants?|adults?|women|men|people|individuals|man|woman|boy|girl|child"
    r"|subjects?|cases?|those|recipients?|neonates?|newborns?|mothers?)",
    # a therapy is used or of use
    "USEFUL": r"(?:replac(?:es|ing|ement)|effective(?:ly|ness)?|efficac(?:y|ious)|useful|beneficial|benefits?"
    r"|indicated"
    r"|approved|licensed|used"
    r"|using|given|administered|recommended|considered|valuable|helpful|options?|choice|alternatives?"
    r"|treatments?|therap(?:y|ies)|successful(?:ly)?|tried|employed|prescribed|promising|started|initiated"
    r"|role|treat(?:s|ing)?|add-on|response|safe)",
    # a condition goes away or abates
    "BETTER": r"(?:corrected|improv(?:e|es|ed|ement|ements|ing)|resol(?:ve|ves|ved|ution|ving)|recover(?:y|ed|ing|s)?"
    r"|respon(?:d"
    r"|ds|ded|se|sive|ding)|disappear(?:ed|ance)|clear(?:ed|ance|ing)|remission|remitted|subsided"
    r"|ameliorat(?:ed|ion|es?)|alleviat(?:ed|ion|es?)|controlled|stabili[sz](?:ed|ation)|normali[sz](?:ed"
    r"|ation)|eradicat(?:ed|ion|es?)|regress(?:ed|ion)|relie(?:f|ved)"
    r"|reduction (?:in|of)|reduced)",
}

_OTHERS = (
    (Predicate.CONTRAINDICATED_IN, "contraindicated", r"{D}~D60~\bcontra-?indicated\b~{C}", 0.95),
    (
        Predicate.CONTRAINDICATED_IN,
        "contraindications",
        r"\bcontra-?indications? (?:to|of|for)? ?(?:the use of )?_3_{D}~\b(?:includ\w+|are|is|:)~{C}",
        0.9,
    ),
    (
        Predicate.CONTRAINDICATED_IN,
        "should not receive",
        r"{C}~\b(?:should|must|can|may) ?(?:not (?:receive|be given|have|be treated with)|never (?:receive|be given"
        r"|be treated with)|avoid) _4_{D}",
        0.85,
    ),
    (
        Predicate.CONTRAINDICATED_IN,
        "not to be given to",
        r"{D}~D40~\b(?:(?:should|must|can)(?:not| not| never) be (?:given|administered|prescribed|offered)"
        r"|is not suitable"
        r"|is unsuitable) (?:to|for) _2_{PATIENTS} (?:with|who (?:have|has|had|are))? ?_2_{C}",
        0.85,
    ),
    (
        Predicate.CONTRAINDICATED_IN,
        "in whom not",
        r"{C},? (?:in|for|to) whom _3_{D} (?:should|must|may|can)(?: not be| never be| be avoided)",
        0.85,
    ),
    (
        Predicate.CONTRAINDICATED_IN,
        "not if you have",
        r"\b(?:should|must) (?:not|never) (?:be given|have|take|receive|use) ~60~\bif (?:you|they|the patient)"
        r" (?:have|has|are|is|had|suffer)\b~{C}",
        0.85,
    ),
    (Predicate.CONTRAINDICATED_IN, "is contraindication", r"{C}~\bcontra-?indications? (?:to|for|of) _4_{D}", 0.9),
    (
        Predicate.CONTRAINDICATED_IN,
        "not in patients",
        r"{D}~D40~\b(?:should|must) (?:not be (?:used|given|administered)|never be (?:used|given|administered)"
        r"|be avoided) in _3_{PATIENTS} (?:(?:with|who have|suffering from)~|who _1_){C}",
        0.85,
    ),
    (
        Predicate.INTERACTS_WITH,
        "interacts",
        r"{D}~60~\b(?:interact(?:s|ed|ions?)?|interfere[sd]?) (?:with|between)? ?_6_{E}",
        0.85,
    ),
    (
        Predicate.INTERACTS_WITH,
        "impairs",
        r"{D}~40~\b(?:impair|reduc|decreas|diminish|attenuat|blunt|potentiat|increas|weaken)\w* ~40~\b(?:efficacy"
        r"|effectiveness|effects?|response|immune response|action|levels?|clearance|toxicity) (?:of|to) _5_{E}",
        0.8,
    ),
    (
        Predicate.INTERACTS_WITH,
        "does not work after",
        r"{E}~40~\b(?:(?:not|never) (?:work|take|be (?:fully )?effective)|be (?:less effective|ineffective)"
        r"|fail)~60~{D}",
        0.8,
    ),
    (
        Predicate.INTERACTS_WITH,
        "not together with",
        r"{E}~40~\b(?:should|must|need to|has to|have to) (?:not be (?:given|administered|used|combined)"
        r"|be (?:delayed"
        r"|postponed|deferred|avoided|withheld|separated))~60~\b(?:after|following|with|during|before|from|until"
        r"|on the"
        r" day of|in {PATIENTS} (?:receiving|treated with|on|given)) _4_{D}",
        0.8,
    ),
)
# Statements that name no therapy and only tell what happened: they hold where the text is about a therapy's safety.
UNSPECIFIC = frozenset(
    {
        "did not happen",
        "may react",
        "is rare",
        "risk rises",
        "happened",
        "in number",
        "accounted for",
        "there were",
        "group had",
        "next most",
        "one had",
        "dropped out",
        "signal for",
    }
)
# Statements about an event that leave the therapy to the text around them.
OF_THE_CONTEXT = UNSPECIFIC | {"is side effect", "treatment stopped for", "on a day of treatment"}
# Those that say "treatment" for it: what else the sentence names was given for the event.
OF_THE_TREATMENT = frozenset({"treatment stopped for", "on a day of treatment"})
# Statements of titles alone; in a sentence the same words may tell of a sequence without a cause.
TITLES_ONLY = frozenset({"after", "suspects"})
# The rules that tell when a therapy was given rather than for what: in a case the diagnosis weighs more.
CIRCUMSTANTIAL = frozenset({"treated with", "patient on"})
# Rules that tell what became better, which may be a symptom of what was treated.
OF_A_RESPONSE = frozenset({"improved", "responded to", "improvement of", "and improved"})
# Rules that tell which disease the patient had in whom the therapy did harm.
OF_THE_PATIENT = frozenset({"case with", "underlying", "reacting patient"})
# Rules that speak of a risk against which the therapy was given.
AGAINST_A_RISK = frozenset({"given against"})
# Statements about a risk: what may happen.
OF_RISK = frozenset({"risk", "raises risk", "risk rises", "suspects", "suspect too"})
# Rules that only tell what came after what; an operation is not blamed for what came later.
TEMPORAL = frozenset({"timed after", "began after", "after it began", "after it appeared", "appeared after"})
# The list of side effects is a statement of its own, whatever "may" stands before it.
_HEDGED = frozenset({"named side effect", "listed side effect", "kind of reaction"})
# What a rule asks of the words of its object.
OBJECTS = {
    "rose after": re.compile(r"\b(?:counts?|levels?|h(?:a)?emoglobin|numbers?)$", re.IGNORECASE),
    "reaction to": re.compile(
        r"\b(?:\w*toxicity|intoleran|allerg|hypersensitiv|anaphyla|reaction|sensitiv|sensiti[sz])", re.IGNORECASE
    ),
}

_SLOTS = (("{D}", "d", "D"), ("{C}", "c", "C"), ("{E}", "e", "D"))
_LETTERS = {"d": "D", "e": "D", "c": "C", "k": "C"}
_BETTER = "(?!{BETTER})"
_GAPS = (
    (r"~([DC])(\d+)~", lambda m: rf"(?:(?!<{'C' if m[1] == 'D' else 'D'}\d)[^;]){{0,{m[2]}}}?"),
    (r"~(\d+)~", lambda m: rf"(?:(?!<[DC]\d)[^;]){{0,{m[1]}}}?"),
    (r"~(\d+),", lambda m: rf"(?:(?!<[DC]\d)[^;,]){{0,{m[1]}}}?"),
    (r"!(\d+)!", lambda m: rf"(?:{_BETTER}(?!<[DC]\d)[^;]){{0,{m[1]}}}?"),
    (r"!(\d+),", lambda m: rf"(?:{_BETTER}(?!<[DC]\d)[^;,]){{0,{m[1]}}}?"),
    (r"_(\d)_", lambda m: rf"(?:[\w'’/%.,()-]+\s+){{0,{m[1]}}}?"),
    (r"~~", lambda m: r"[^;]{0,160}?"),
    (r"~", lambda m: r"(?:(?!<[DCM]\d)[^;]){0,140}?"),
)


def _rule(name: str, predicate: Predicate, pattern: str, confidence: float) -> Rule:
    for sign, expand in _GAPS:
        pattern = re.sub(sign, expand, pattern)
    for word, expression in _WORDS.items():
        pattern = pattern.replace(f"{{{word}}}", expression)
    for sign, group, letter in _SLOTS:
        pattern = pattern.replace(sign, rf"<(?P<{group}>{letter}\d+)>")
    compiled = sieved(pattern, re.IGNORECASE)
    letters = frozenset(_LETTERS[group] for group in compiled.groupindex)
    return Rule(name, predicate, compiled, confidence, letters, hedged=name in _HEDGED)


RULES = (
    *(_rule(name, Predicate.CAUSES, pattern, confidence) for name, pattern, confidence in CAUSES),
    *(_rule(name, Predicate.TREATS, pattern, confidence) for name, pattern, confidence in TREATS),
    *(_rule(name, predicate, pattern, confidence) for predicate, name, pattern, confidence in _OTHERS),
)
