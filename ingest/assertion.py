"""What a sentence asserts of a finding: that it is absent, only possible, or of an earlier time.

Triggers and scopes as in NegEx (Chapman et al., J Biomed Inform 2001) and ConText (Harkema et al., 2009): a
trigger reaches forwards or backwards over a whole coordinated list until a word ends it. The tables below are the
rules; `assess` only applies them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from ivigraph.ingest.sieve import Sieved, sieved
from ivigraph.model import Certainty


@dataclass(frozen=True, slots=True)
class Assertion:
    """`triggers` are the words that decided, in the order of the text."""

    negated: bool = False
    certainty: Certainty = Certainty.ASSERTED
    historical: bool = False
    triggers: tuple[str, ...] = ()


class _Reach(Enum):
    FORWARD = "forward"
    BACKWARD = "backward"


class _Says(Enum):
    ABSENT = "absent"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"


# Look like negation, but leave the finding where it is; they hide the triggers within them.
_PSEUDO = r"""
    no (?:significant |appreciable |definite |real |further )?(?:increase|change|improvement)s? (?:in|of|between)
    no (?:significant |appreciable |definite |real |further )?(?:worsening|progression)s? (?:in|of|between)
    no (?:significant |appreciable |definite |real |further )?(?:difference|decrease)s? (?:in|of|between)
    no (?:increase|change) | no further | not only | not necessarily | not certain (?:if|whether) | not entirely
    not always | no doubt | not (?:drain|extend|respond|improve|resolve|affect|prevent|reduce|alter|influence)
    without (?:any )?(?:difficulty|improvement|response|benefit|effect|change|delay) | gram[- ]negative
    (?:sero|rh|hiv|ana|anca)[- ]?negative | no longer (?:able|taking|on)
    no (?:other )?(?:cause|reason|explanation) | not (?:been )?(?:ruled|rule) out
    (?:cannot|could not|can not|not) (?:be )?(?:completely |entirely )?(?:ruled out|rule out|excluded|exclude)
    absent (?:serum )?ig[agmde]\b
    no response | not tolerate | not clear | not known | no stranger | whether or not | if not | not less than
    no (?:better|worse|different|safer) | not (?:\w+ )?differ
    no less than | no more than | not more than | with or without | not until | no sooner | no matter
    not (?:yet )?(?:been )?(?:treated|given|received|required|require|compliant|take|taking)
"""
_FORWARD_ABSENT = r"""
    no | not | without | denie[sd] | deny(?:ing)? | never | neither | nor
    none (?:had|developed|experienced|showed|suffered)
    none of (?:the|them|these|our)?(?: \w+)? | absence of | absent | lack of | lacked | lacking
    free (?:of|from) | negative for | no evidence (?:of|for|to suggest)
    no (?:signs?|symptoms?|history|indication|suggestion|suspicion) (?:of|or \w+ of)
    no (?:complaints?|findings?|mention|features?|cases?|episodes?|reports?) (?:of|or \w+ of)
    ruled out(?! for) | not consistent with | no findings (?:of|suggesting) | exclude[sd]? | excluding
    fail(?:s|ed)? to (?:show|reveal|demonstrate|detect|disclose|develop|identify) | unremarkable for
    rather than | instead of | with no | non(?![- ]\w+[- ]\w) | cannot | can't | didn't | doesn't | wasn't | isn't
    hasn't | haven't | don't | nothing to suggest | no abnormal | in the absence of | no new | no acute
    test(?:s|ed)? negative for | negative | disappearance of
"""
_BACKWARD_ABSENT = r"""
    (?:has|have|had) not (?:yet )?been (?:\w+ )?(?:reported|observed|seen|described|shown|documented|detected)
    (?:was|were|is|are|has been|have been|had been|being) (?:\w+ )?(?:ruled out|excluded|absent|denied)
    (?:was|were|is|are|has been|have been|had been|being) (?:\w+ )?(?:negative|unlikely)
    (?:was|were|is|are|has been|have been|had been|being) (?:\w+ )?(?:lacking)
    (?:was|were|is|are|has been|have been|had been|being) (?:\w+ )?(?:missing)
    (?:was|were|is|are|has been|have been|had been|being) (?:\w+ )?(?:not (?:\w+ )?(?:seen|observed|detected))
    (?:was|were|is|are) (?:\w+ )?(?:not (?:\w+ )?(?:present|found|identified|noted))
    (?:has been|have been|had been|being) (?:\w+ )?(?:not (?:\w+ )?(?:present|found|identified|noted))
    (?:was|were|is|are) (?:\w+ )?(?:not (?:\w+ )?(?:reported|evident|demonstrated|apparent))
    (?:has been|have been|had been|being) (?:\w+ )?(?:not (?:\w+ )?(?:reported|evident|demonstrated|apparent))
    (?:was|were|is|are) (?:\w+ )?(?:not (?:\w+ )?(?:felt|appreciated|visualized|recorded))
    (?:has been|have been|had been|being) (?:\w+ )?(?:not (?:\w+ )?(?:felt|appreciated|visualized|recorded))
    (?:was|were|is|are|has|have|had)(?: been)? never (?:\w+ )?(?:seen|observed|present|reported|noted|found|detected)
    did not (?:occur|appear|develop|recur|happen|arise|ensue) | (?:do|does) not (?:occur|appear|develop)
    never (?:occurred|developed|recurred|appeared) | ruled out | unlikely
    not (?:seen|present|observed|detected|found|identified|noted|evident)
    not (?:demonstrated|visualized|appreciated|suspected|reported|felt|palpable|audible)
    (?:is|are|was|were) none | : none | : no\b | : negative | : absent | (?:were|was|are|is) denied | negative
    not (?:be )?(?:seen|observed|detected|identified|found|demonstrated|appreciated|visualized|palpated|elicited)
    no longer (?:present|seen|visible|detectable|evident|identified|demonstrated)
    (?:is|are|was|were|do|does|did|has|have|had)(?:n't|n’t) (?:\w+ )?(?:seen|observed|present|found)
    (?:is|are|was|were|do|does|did|has|have|had)(?:n't|n’t) (?:\w+ )?(?:noted|occur|develop|appear)
"""
_FORWARD_PROBABLE = r"""
    probable | probably | likely | most likely | presumed | presumably | presumptive | suggestive of
    suggest(?:s|ed|ing)?(?: of| that)? | consistent with | compatible with | highly suspicious for
    thought to be | considered to be | believed to be | appears? to be
"""
_BACKWARD_PROBABLE = r"""
    (?:was|is|were|are) (?:thought|considered|believed|felt) (?:to be )?(?:likely|probable)
    (?:is|was|are|were) (?:most |very )?(?:likely|probable|presumed)
"""
_FORWARD_POSSIBLE = r"""
    possible | possibly | possibility of | may | might | could | perhaps | suspected | suspicion of
    suspicious for | question of | questionable | cannot (?:be )?(?:rule out|exclude|excluded)
    not (?:ruled|rule) out | equivocal | potential(?:ly)? | unclear (?:if|whether) | uncertain
    unknown (?:if|whether) | concern for | differential diagnos[ie]s (?:of|included|includes)
"""
_BACKWARD_POSSIBLE = r"""
    (?:cannot|could not|can not) be (?:completely |entirely )?(?:ruled out|excluded)
    (?:is|was|were|are|has been) (?:also )?(?:possible|suspected|questioned|uncertain|unclear|unknown|controversial)
    not (?:been )?(?:ruled out|excluded) | (?:may|might|could) (?:occur|develop|arise|appear|happen|ensue|result)
"""
_FORWARD_HYPOTHETICAL = r"""
    hypothesi[sz]ed (?:that|to) | if | in case of | should (?:there|he|she|they|the patient)
    to (?:investigate|evaluate|assess|determine|examine|study|rule out)
    to (?:exclude|look for|monitor for|screen for|prevent|avoid|reduce|minimi[sz]e)
    risk of | risk for | at risk | (?:evaluated|monitored|screened|observed|checked|tested) for | evaluate for
    prophylaxis (?:of|for|against) | prevention of | whether | unless | in order to (?:prevent|avoid)
"""
_FORWARD_HISTORICAL = r"""
    (?:past |previous |prior |remote |medical )+history (?:of|was significant for|included|significant for)
    history (?:of|included|was (?:notable|significant|remarkable) for) | previous(?:ly)? | status post | s/p
    prior | in childhood | years (?:ago|earlier|before|previously) | known | h/o | pmh
"""

_TABLE = (
    (_Says.HYPOTHETICAL, _Reach.FORWARD, _FORWARD_HYPOTHETICAL),
    (_Says.PROBABLE, _Reach.FORWARD, _FORWARD_PROBABLE),
    (_Says.PROBABLE, _Reach.BACKWARD, _BACKWARD_PROBABLE),
    (_Says.POSSIBLE, _Reach.FORWARD, _FORWARD_POSSIBLE),
    (_Says.POSSIBLE, _Reach.BACKWARD, _BACKWARD_POSSIBLE),
    (_Says.ABSENT, _Reach.FORWARD, _FORWARD_ABSENT),
    (_Says.ABSENT, _Reach.BACKWARD, _BACKWARD_ABSENT),
    (_Says.HISTORICAL, _Reach.FORWARD, _FORWARD_HISTORICAL),
)
# End a scope in either direction: what follows is another statement.
_TERMINATORS = r"""
    but | however | although | though | nevertheless | yet | except(?: for| that)? | aside from | apart from
    other than | besides | which | who | whose | because | since | secondary to | due to | caused by
    as a (?:cause|source|reason|result) (?:of|for) | origin of | cause of | reasons? for | trigger event for
    despite | in spite of | until | unless | after which | therefore | thus | so that | while | whereas | when
    where | while | presenting | revealing | showing
    (?:and|then|also|who|he|she) (?:presented|developed|showed|shows|revealed|demonstrated|remained)
    (?:and|then|also|who|he|she) (?:continued|received|started|improved|became|underwent|died)
    and (?:he|she|it|they|we|his|her|the|a|there|was|were|is|are|has|had|then|also|subsequently)
    (?:was|were|is|has been|had been) (?:\w+ )?(?:diagnosed|admitted|referred|treated|started|given|hospitali[sz]ed)
    with (?:the )?use of
    with (?:a |an |the )?(?:normal|good|stable|persistent|mild|moderate|marked|severe)
    with (?:a |an |the )?(?:residual|only|improvement|resolution|some|new|complete|progressive|associated)
    consistent with | compatible with | suggestive of | suggesting | ; | [.:](?=\s)
    a (?:final |definitive )?diagnosis of
"""
_SPACE = re.compile(r"\s+")


def _alternatives(table: str) -> str:
    parts = [
        part.strip() for line in table.strip().splitlines() for part in re.split(r"\s\|\s", line.strip().strip("|"))
    ]
    return "|".join(
        _SPACE.sub(r"\\s+", part) if not part.startswith((";", "[", ":")) else part for part in parts if part
    )


def _compile(table: str) -> Sieved:
    words = _alternatives(table)
    return (
        sieved(rf"(?:(?<![\w-])(?:{words})(?![\w])|[;])", re.IGNORECASE)
        if ";" in table
        else sieved(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)
    )


_PSEUDO_RULE = _compile(_PSEUDO)
_RULES = tuple((says, reach, _compile(table)) for says, reach, table in _TABLE)
_TERMINATOR_RULE = _compile(_TERMINATORS)
_LONGEST = 260  # characters that a trigger reaches over: lists are long, but not longer


@dataclass(frozen=True, slots=True)
class _Scope:
    says: _Says
    start: int
    end: int
    trigger: str


class Assertions:
    """The scopes of one sentence, found once, when it is first asked for one of its mentions."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    @cached_property
    def _scopes(self) -> tuple[_Scope, ...]:
        return tuple(_scopes(self._sentence))

    def of(self, start: int, end: int) -> Assertion:
        """What is asserted of `sentence[start:end]`."""
        found = [scope for scope in self._scopes if scope.start <= start and end <= scope.end]
        says = {scope.says for scope in found}
        # A doubled negation is rare, a list whose every item is negated again ("no fever, no rash") is not.
        return Assertion(
            negated=_Says.ABSENT in says,
            certainty=next((certainty for kind, certainty in _CERTAINTIES if kind in says), Certainty.ASSERTED),
            historical=_Says.HISTORICAL in says,
            triggers=tuple(dict.fromkeys(scope.trigger for scope in found)),
        )


# The weakest word wins: "might suggest" is possible.
_CERTAINTIES = (
    (_Says.HYPOTHETICAL, Certainty.HYPOTHETICAL),
    (_Says.POSSIBLE, Certainty.POSSIBLE),
    (_Says.PROBABLE, Certainty.PROBABLE),
)


def assess(sentence: str, start: int, end: int) -> Assertion:
    """What `sentence` asserts of the finding at `start`, `end`."""
    return Assertions(sentence).of(start, end)


def _scopes(sentence: str) -> Iterator[_Scope]:
    pseudo = [match.span() for match in _PSEUDO_RULE.finditer(sentence)]
    stops = [match.span() for match in _TERMINATOR_RULE.finditer(sentence)]
    for says, reach, rule in _RULES:
        for match in rule.finditer(sentence):
            start, end = match.span()
            if says is _Says.ABSENT and any(left <= start and end <= right for left, right in pseudo):
                continue
            if reach is _Reach.FORWARD:
                stop = min((left for left, right in stops if left >= end), default=len(sentence))
                yield _Scope(says, end, min(stop, end + _LONGEST), match.group())
            else:
                begin = max((right for left, right in stops if right <= start), default=0)
                yield _Scope(says, max(begin, start - _LONGEST), start, match.group())
