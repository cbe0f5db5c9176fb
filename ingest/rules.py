"""The rules that decide what a sentence says about a therapy and a condition, as tables.

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

from ivigraph.model import Predicate


@dataclass(frozen=True, slots=True)
class Rule:
    """`letters` are the kinds of slot without which it finds nothing.

    `hedged`: the wording's "may" is part of the statement ("side effects may include"), not a doubt about it.
    """

    name: str
    predicate: Predicate
    pattern: re.Pattern[str]
    confidence: float
    letters: frozenset[str]
    hedged: bool = False


_WORDS = {
    # words of time that may link a therapy and what came after it
    "TIME": r"(?:after|following|during|upon|while (?:receiving|on)|(?:minutes?|hours?|days?|weeks?) (?:after|of|into"
    r"|following|post)|within|on receiving|in response to|at the (?:end|beginning|start) of)",
    # between a word of time and the therapy: no new clause may begin ("after vaccination and was treated with …")
    "SHORT": r"(?:(?!\b(?:and|was|were|who|which|but|he|she|they|for|had|responded)\b)(?!<[DC]\d)[^;,]){0,60}?",
    # no other event and no giving of a therapy between ("no tumour was found and she was treated with …")
    "UNTREATED": r"(?:(?!\b(?:treated|managed|received|responded|improved)\b)(?!<[DC]\d)[^;]){0,80}?",
    # adverse events in general
    "EVENT": r"(?:side[- ]effects?|adverse (?:\w+ )?(?:events?|effects?|(?:drug )?reactions?|experiences?)|(?:infusion"
    r"|hypersensitivity|local|systemic|severe|serious|acute|delayed|allergic|mild"
    r"|immediate)[- ](?:related )?(?:reactions?|complications?)|untoward (?:effects?|reactions?)|toxicit(?:y"
    r"|ies)|treatment[- ]emergent events?|serious events?|(?:unwanted|undesirable) (?:effects?|events?"
    r"|reactions?)|safety (?:concerns?|profile))",
    # a patient comes to have something
    "BEGIN": r"(?:develop(?:s|ed|ing)?|experienc(?:e|es|ed|ing)|suffer(?:s|ed|ing)?(?: from)?|complain(?:s|ed|ing)? of"
    r"|presented with|reported|noticed|noted|showed|manifested|had|sustain(?:s|ed|ing)?|died (?:of|from)"
    r"|found to have)",
    # something comes about, or is told of
    "APPEAR": r"(?:occur(?:s|red|ring)?|develop(?:s|ed|ing)?|appear(?:s|ed|ing)?|arose|arise|ensued|began|started"
    r"|emerged|(?:was|were|is|are|has been|have been|been|be) (?:\w+ )?(?:observed|reported|noted|seen"
    r"|described|documented|found|recorded|encountered|detected))",
    # people
    "PATIENTS": r"(?:patients?|children|infants?|adults?|women|men|people|individuals|man|woman|boy|girl|child"
    r"|subjects?|cases?|those|recipients?|neonates?|newborns?|mothers?)",
    # a therapy is used or of use
    "USEFUL": r"(?:replac(?:es|ing|ement)|effective(?:ly|ness)?|efficac(?:y|ious)|useful|beneficial|benefits?|indicated"
    r"|approved|licensed|used"
    r"|using|given|administered|recommended|considered|valuable|helpful|options?|choice|alternatives?"
    r"|treatments?|therap(?:y|ies)|successful(?:ly)?|tried|employed|prescribed|promising|started|initiated"
    r"|role|treat(?:s|ing)?|add-on|response|safe)",
    # a condition goes away or abates
    "BETTER": r"(?:corrected|improv(?:e|es|ed|ement|ements|ing)|resol(?:ve|ves|ved|ution|ving)|recover(?:y|ed|ing|s)?"
    r"|respon(?:d"
    r"|ds|ded|se|sive|ding)|disappear(?:ed|ance)|clear(?:ed|ance|ing)|remission|remitted|subsided"
    r"|ameliorat(?:ed|ion|es?)|alleviat(?:ed|ion|es?)|controlled|stabili[sz](?:ed|ation)|normali[sz](?:ed"
    r"|ation)|eradicat(?:ed|ion|es?)|regress(?:ed|ion)|relie(?:f|ved))",
}

_CAUSES = (
    (
        "induced",
        r"{D}(?: therapy| treatment| infusions?| administration)?[- ](?:induced|associated|related|triggered"
        r"|provoked|mediated)(?: and \w+)? _4_{C}",
        0.95,
    ),
    ("by", r"{C}~\b(?:induced|caused|triggered|provoked|precipitated|produced) by _5_{D}", 0.95),
    (
        "due to",
        r"{C}(?! (?:who|was treated))~\b(?:attribut(?:ed|able) to|ascribed to|as an? (?:\w+ )?(?:result"
        r"|complication|consequence|(?:side|adverse) (?:effect|event|reaction)) of|complicating|resulting from"
        r"|secondary to|due to|related to|linked to|a complication of) _6_{D}",
        0.85,
    ),
    ("associated", r"{C}_5_ associated with _5_{D}", 0.7),
    (
        "causes",
        r"{D}!60,\b(?:caus(?:e|es|ed|ing)|induc(?:e|es|ed|ing)|trigger(?:s|ed|ing)?|precipitat(?:e|es|ed|ing)"
        r"|provok(?:e|es|ed|ing)|(?:was|were|is|are|been) complicated by|complicated by)(?! by)!50!{C}",
        0.85,
    ),
    ("leads to", r"{D}!40,\b(?:le(?:d|ads?) to|result(?:s|ed|ing) in|associated with|followed by)!40!{C}", 0.7),
    ("began after", r"\b{BEGIN} !60!{C}!60!\b{TIME}\b{SHORT}{D}", 0.75),
    (
        "after it began",
        r"(?:^|[\s,]){TIME}\b{SHORT}{D}!60!\b(?:develop(?:s|ed)?|experienced|suffered|complained of"
        r"|presented with|reported|noticed|noted|had|felt|became|turned|sustained|passed|died (?:of|from)"
        r"|woke (?:up )?with|was found to have|(?:was|were|is) (?=<))!60!{C}",
        0.75,
    ),
    ("after it appeared", r"(?:^|[\s,]){TIME}\b{SHORT}{D}~40~,!40!{C}!30,\b{APPEAR}", 0.7),
    (
        "appeared after",
        r"{C}!60!\b{APPEAR}\b{UNTREATED}\b(?:{TIME}|with|in {PATIENTS} (?:receiving|treated with|given|on"
        r"|who received))\b{SHORT}{D}",
        0.75,
    ),
    (
        "named side effect",
        r"\b{EVENT}~~\b(?:includ(?:e|es|ed|ing)|are|were|was|is|such as|compris(?:e|ed|ing)|consist(?:s|ed)? of"
        r"|like|being|namely|e\.g\.|involv(?:e|ed))\b:?!80!{C}",
        0.85,
    ),
    ("listed side effect", r"\b{EVENT}~60~[:(]\s?(?:\n?\s?(?:[-*•]|\d+[.)])\s)?_4_{C}", 0.75),
    (
        "is side effect",
        r"{C}~\b(?:is|are|was|were|as|being|represents?|remains?)\b~\b(?:{EVENT}|complications?|reactions? to)\b",
        0.8,
    ),
    ("is cause", r"{D}~80~\b(?:causes?|culprit|trigger) (?:of|for|in) _4_{C}", 0.85),
    (
        "after",
        r"^(?:\w+[\s-]){0,3}{C} (?:after|following|during|with|upon|from|in association with|complicating) _5_{D}",
        0.8,
    ),
    (
        "in group",
        r"{C}!40! in (?:[^\s<]+ ){0,7}?{PATIENTS} (?:\([^)]*\) )?(?:receiving|treated with|given"
        r"|who (?:had )?received|on) _3_{D}",
        0.75,
    ),
    (
        "kind of reaction",
        r"<(?P<k>C\d+)>(?:\s\([^)]*\))?,? (?:such as|includ(?:e|es|ed|ing)|e\.g\.,?|namely|like|were|are):? _3_{C}",
        0.8,
    ),
    ("is rare", r"{C} (?:is|are|was|were) (?:\w+ )?(?:rare|uncommon|common|frequent|infrequent|unusual)\b", 0.6),
    (
        "did not happen",
        r"{C}!20!\b(?:(?:did|does|do) not (?:occur|develop|appear|ensue|follow)|(?:was|were) not (?:\w+ )?"
        r"(?:observed|seen"
        r"|noted|reported|recorded|encountered))\b",
        0.6,
    ),
    ("may react", r"\b(?:may|can|might|sometimes) (?:\w+ )?(?:react with|develop|have|suffer(?: from)?) _4_{C}", 0.6),
    ("died of", r"\b(?:{PATIENTS})\b[^<;]{0,30}<C\d+> (?:of|from) _3_{C}!60!\b{TIME}\b{SHORT}{D}", 0.75),
    ("complicated", r"{C}!30!\bcomplicat(?:ed|es|ing) _6_{D}", 0.8),
    (
        "caused as well",
        r"{D}~C100~\b(?:and|but) (?:\w+ )?(?:caused|induced|provoked|triggered|led to|resulted in) _4_{C}",
        0.8,
    ),
    (
        "frequent with",
        r"{C}~30~\b(?:common|frequent|often|rare|likely|frequently|commonly)\b~30~\b(?:with|after|during|in {PATIENTS}"
        r" (?:receiving|treated with|given|on)) _4_{D}",
        0.75,
    ),
    (
        "linked to",
        r"{C}(?: (?:has|have) been| was| were| is| are)(?: \w+)? (?:linked|tied|traced)(?: \w+)? to _4_{D}",
        0.8,
    ),
    ("followed", r"{D}(?:(?!<D\d).){0,140}?{C} (?:followed|ensued)\b", 0.7),
    ("risk rises", r"\brisks? (?:of|for) _5_{C}", 0.5),
    ("happened", r"{C}!30!\b(?:may|can|might|could)? ?{APPEAR}", 0.6),
    (
        "in number",
        r"{C} in (?:about |approximately |up to |only )?(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten"
        r"|most|some|several|no|all|a few)\b"
        r"(?!,? ?(?:more |to \w+ |or \w+ )?(?:minutes?|hours?|days?|weeks?|months?|years?))",
        0.6,
    ),
    ("there were", r"\bthere (?:was|were|has been|have been)(?: also| only)? ~40~{C}", 0.6),
    (
        "group had",
        r"\b(?:patients|children|infants|adults|women|men|individuals|people|subjects|cases|recipients|neonates"
        r"|newborns|mothers|(?:no|one|each|every) (?:patient|child|subject)|those"
        r"|\d+ \([^)]*\)) (?:\([^)]*\) )?(?:who |also )?(?:developed|experienced|had|reported|suffered"
        r"|complained of|died (?:of|from)) ~40~{C}",
        0.6,
    ),
    (
        "thereafter",
        r"^(?:Shortly|Soon|Immediately)(?: there)?after(?:wards?)?\b~40~\b(?:developed|experienced|suffered"
        r"|complained of|presented with)\b~60~{C}",
        0.7,
    ),
    ("reaction to", r"{C} (?:to|against) _3_{D}", 0.8),
    (
        "was stopped for",
        r"{D}~40~\b(?:discontinued|stopped|withdrawn|interrupted)\b~\b(?:due to|because of|owing to|for) _4_{C}",
        0.7,
    ),
    (
        "stopped for",
        r"\b(?:discontinu\w+|stopp\w+|withdr\w+|interrupt\w+|cessation)(?: of)? _3_{D}~\b(?:due to|because of"
        r"|owing to|on account of) _4_{C}",
        0.7,
    ),
    ("risk", r"\brisks? (?:of|for) _5_{C}~\b(?:with|from|of|after|following|associated with|during|by) _4_{D}", 0.6),
    (
        "raises risk",
        r"{D}~60~\b(?:increas\w+|rais\w+|carr(?:y|ies)|pos(?:e|es)|higher|elevated)\b~\brisks? (?:of|for) _5_{C}",
        0.6,
    ),
)
_TREATS = (
    (
        "for",
        r"{D}(?: therapy| treatment| infusions?| administration)?(?:\s\([^()]{1,40}\))? _4_(?:for|in"
        r"|against)(?: the)? (?:(?:successful |effective )?(?:treatment|management|therapy|prevention|prophylaxis"
        r"|control) of )?_2_(?:{PATIENTS} (?:with|suffering from|who have|affected by) )?_5_{C}",
        0.8,
    ),
    (
        "benefits",
        r"{D}(?: therapy)? (?:also )?(?:benefit|help|protect)(?:s|ed)? _3_{PATIENTS} (?:with|who have) _5_{C}",
        0.85,
    ),
    ("treatment of", r"{D}(?: therapy)?[- ]treat(?:ment|ed|ing)(?: (?:of|for|in))? _5_{C}", 0.85),
    ("useful for", r"{D}~\b{USEFUL}\b~\b(?:for|in|of|to treat|treating|against|to manage|to)\b~{C}", 0.85),
    (
        "useful including",
        r"{D}~\b(?:treat|used|indicat\w+|effective|treatment|therapy|approved|licensed|useful)\b~\b(?:includ(?:e"
        r"|es|ing)|such as|like|e\.g\.|namely|:)~{C}",
        0.85,
    ),
    (
        "treatment is",
        r"\b(?:treatments?|therap(?:y|ies)|management) (?:of|for) _7_{C}~30~\b(?:is|are|was|were|includ\w+"
        r"|consist\w+|compris\w+|with|by|using|involv\w+|:)~{D}",
        0.85,
    ),
    (
        "treatment was",
        r"{C} (?:treatment|therapy|prophylaxis|regimen|protocol|management) _3_(?:with|consist\w+|includ\w+"
        r"|compris\w+|was|is)~{D}",
        0.85,
    ),
    (
        "treated with",
        r"{C}~C100~\b(?:treated|managed|given|received|receiv\w+|started|put|placed|maintained|continued)\b~{D}",
        0.8,
    ),
    ("treat with", r"\btreat(?:ed|ing|s|ment)? (?:for|of)? ?_5_{C}~40~\b(?:with|using|by) _6_{D}", 0.9),
    ("responded to", r"{C}~60~\b{BETTER}\b~60~\b(?:to|after|with|following|on|under|by|upon)\b _8_{D}", 0.85),
    (
        "improvement of",
        r"\b{BETTER}(?: of| in)? _3_{C}~60~\b(?:after|with|following|on|under|by|upon|to)\b _8_{D}",
        0.85,
    ),
    ("improved", r"{D}~D100~\b{BETTER}\b~40~{C}", 0.75),
    (
        "prompted",
        r"{C}~\b(?:prompt(?:ed|ing)|requir(?:ed|ing|es)|necessitat(?:ed|ing)|warrant(?:ed|ing)|for which)\b~{D}",
        0.75,
    ),
    ("and improved", r"{D}~D100~(?:,| and| with) ~20,{C}_2_ _2_{BETTER}", 0.75),
    (
        "resistant to",
        r"{C}~100~\b(?:resistant|refractory|unresponsive|(?:did|does|do) not respond"
        r"|failed to respond) to (?:(?!but\b|and\b|while\b)[\w'-]+\s+){0,4}{D}",
        0.8,
    ),
    ("patient of", r"{C} {PATIENTS}\b[^.;,]{0,40}?{D}", 0.7),
    (
        "underlying",
        r"\bunderlying (?:disorders?|diseases?|conditions?|diagnos[ei]s)\b~40~\b(?:was|were|is|are|includ\w+|:)~{C}",
        0.65,
    ),
    (
        "case with",
        r"\b(?:cases?|{PATIENTS}) (?:of|with) _5_{C}~60~{D}(?: therapy)?[- ](?:induced|associated|related)",
        0.75,
    ),
    (
        "reacting patient",
        r"\b{PATIENTS} with _5_{C}(?: (?:who|that))?~C30~\b(?:developed|experienced|suffered)\b~C100~\b(?:after"
        r"|following|during|of|into|receiving)\b _5_{D}",
        0.65,
    ),
    ("but effective", r"{C}~D80~\bbut {D}~40~\b(?:effective|efficient|{BETTER})", 0.8),
    ("indications", r"\b(?:indications?|indicated)\b~D40~{D}~60~\b(?:are|is|includ\w+|such as|:)~{C}", 0.85),
    (
        "rose after",
        r"{C}~30~\b(?:increased|rose|recovered|normali[sz]ed)\b~40~\b(?:after|with|following|upon)\b _8_{D}",
        0.8,
    ),
    ("use in", r"\b(?:use|used|licensed|approved) (?:in|for) (?:the treatment of )?_3_{C}", 0.6),
    ("patient on", r"\b(?:with|of|for) ~{C}[^;,<]{0,30}? \bon _5_{D}", 0.7),
)
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
        "not together with",
        r"{E}~40~\b(?:should|must|need to|has to|have to) (?:not be (?:given|administered|used|combined)|be (?:delayed"
        r"|postponed|deferred|avoided|withheld|separated))~60~\b(?:after|following|with|during|before|from|until|on the"
        r" day of|in {PATIENTS} (?:receiving|treated with|on|given)) _4_{D}",
        0.8,
    ),
)
# Statements that name no therapy and only tell what happened: they hold where the text is about a therapy's safety.
UNSPECIFIC = frozenset(
    {"did not happen", "may react", "is rare", "risk rises", "happened", "in number", "there were", "group had"}
)
# Statements of titles alone; in a sentence the same words may tell of a sequence without a cause.
TITLES_ONLY = frozenset({"after"})
# The rules that tell when a therapy was given rather than for what: in a case the diagnosis weighs more.
CIRCUMSTANTIAL = frozenset({"treated with", "patient on"})
# Rules that tell which disease the patient had in whom the therapy did harm.
OF_THE_PATIENT = frozenset({"case with", "underlying", "reacting patient"})
# Statements about a risk: what may happen.
OF_RISK = frozenset({"risk", "raises risk", "risk rises"})
# The list of side effects is a statement of its own, whatever "may" stands before it.
_HEDGED = frozenset({"named side effect", "listed side effect", "kind of reaction"})
# What a rule asks of the words of its object.
OBJECTS = {
    "rose after": re.compile(r"\b(?:counts?|levels?|h(?:a)?emoglobin|numbers?)$", re.IGNORECASE),
    "reaction to": re.compile(
        r"\b(?:intoleran|allerg|hypersensitiv|anaphyla|reaction|sensitiv|sensiti[sz])", re.IGNORECASE
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
    compiled = re.compile(pattern, re.IGNORECASE)
    letters = frozenset(_LETTERS[group] for group in compiled.groupindex)
    return Rule(name, predicate, compiled, confidence, letters, hedged=name in _HEDGED)


RULES = (
    *(_rule(name, Predicate.CAUSES, pattern, confidence) for name, pattern, confidence in _CAUSES),
    *(_rule(name, Predicate.TREATS, pattern, confidence) for name, pattern, confidence in _TREATS),
    *(_rule(name, predicate, pattern, confidence) for predicate, name, pattern, confidence in _OTHERS),
)
