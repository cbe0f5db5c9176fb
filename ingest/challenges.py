"""The words for what happened when a therapy was stopped (dechallenge) or given again (rechallenge)."""

from __future__ import annotations

RECHALLENGES = (
    (
        "negative",
        r"(?:re-?challenge|re-?administ\w+|resum(?:ed|ption)|restarted|reintroduced)[^.;]{0,80}(?:uneventful"
        r"|without (?:\w+ )?(?:recurrence"
        r"|reaction|problem|complication|incident)s?|(?:been |was |were )?(?:well )?tolerated)"
        r"|(?:did not recur|no recurrence|without recurrence|not recur(?:red)?|(?:was|were) (?:well )?tolerated"
        r"|without (?:further )?(?:reaction|problem|complication|incident)s?)[^.;]{0,60}(?:re-?challenge"
        r"|re-?administ\w+|re-?exposure|re-?introduc\w+|(?:subsequent|further|next|second|another|later"
        r"|following) (?:\w+ )?(?:infusions?|courses?|doses?|cycles?|administrations?))|(?:re-?challenge\w*"
        r"|re-?administ\w+|re-?exposure|re-?introduc\w+|(?:subsequent|further|next|second|another"
        r"|later) (?:\w+ )?(?:infusions?|courses?|doses?|cycles?))[^.;]{0,60}(?:did not recur|no recurrence"
        r"|without (?:further )?(?:recurrence|reaction|problem|complication|incident)|(?:was"
        r"|were) (?:well )?tolerated|uneventful)",
    ),
    (
        "positive",
        r"(?:(?:a |the )?(?:second|third|next|subsequent|repeat(?:ed)?|another|further"
        r"|re-?treatment)(?: \w+){0,6}? (?:(?:was|were) followed"
        r" by|provoked|caused|led to|produced|triggered|resulted in) (?:the same|an? similar|similar|identical"
        r"|another|an? recurrence)"
        r"|(?:after|of|with|on|during|following|at) each (?:of )?(?:\w+ ){0,3}?(?:infusions?|courses?|doses?|cycles?"
        r"|exposures?"
        r"|administrations?)|recurrence on (?:\w+ )?exposure)"
        r"|(?:recur(?:red|s|rence)?|reappear(?:ed|ance)?|relapsed|returned|again (?:developed|occurred|appeared)"
        r"|developed again|occurred again)[^.;]{0,60}(?:re-?challenge|re-?administ\w+|re-?exposure"
        r"|re-?introduc\w+|re-?start\w*|(?:subsequent|further|next|second|another|third|each|every|following"
        r"|repeated) (?:(?:and|or) \w+ )?(?:\w+ )?(?:infusions?|courses?|doses?|cycles?|administrations?))"
        r"|(?:re-?challenge\w*"
        r"|re-?administ\w+|re-?exposure|re-?introduc\w+|(?:each|every) (?:\w+ )?(?:infusion|course|dose"
        r"|cycle)s? (?:was|were) (?:followed|complicated|accompanied)"
        r"|(?:after|during|with|on|upon|following) (?:each|every) (?:of (?:the|his|her) )?(?:\w+ ){0,2}?"
        r"(?:infusion|course|dose|cycle)s?"
        r"|(?:after|during|with|on|upon) (?:a |the )?(?:subsequent"
        r"|next|second|another|third|each|every|repeated) (?:\w+ )?(?:infusions?|courses?|doses?"
        r"|cycles?))[^.;]{0,60}(?:recur(?:red|rence)|reappear|again|same|similar)|positive re-?challenge|(?:two"
        r"|three|four|five|several|repeated|recurrent|multiple"
        r"|\d) (?:separate )?episodes of [\w -]{1,40}-(?:induced|associated|related)",
    ),
)
_STOPPED = (
    r"(?:discontinu(?:ation|ed|ing)|withdraw(?:al|n|ing)|cessation|stop(?:ped|ping)|ceas(?:ed|ing)|withh(?:eld"
    r"|olding)|interrupt(?:ion|ed"
    r"|ing)|slowing|taper(?:ed|ing)(?! (?:dose |doses |of )?[a-z])|reduc(?:tion|ing) of the (?:infusion )?rate)"
)
DECHALLENGES = (
    (
        "negative",
        r"(?:was|were) (?:\w+ )?(?:stopped|discontinued|withdrawn|withheld),? (?:but|however|yet)[^.;]{0,60}(?:worsen"
        r"|aggravat|persist|deteriorat|progress)\w*|"
        rf"(?:persisted|did not (?:resolve|improve|recover)|worsened|continued"
        rf"|no improvement)[^.;]{{0,60}}(?:after|despite|following) (?:the )?{_STOPPED}",
    ),
    (
        "positive",
        rf"(?:resol(?:ved|ution)|improv(?:ed|ement)|subsided|recover(?:ed|y)|disappear(?:ed|ance)|abated|remitted"
        rf"|cleared|normali[sz]ed|settled|reversed)[^.;]{{0,60}}(?:after|by|upon|on|following|with|once"
        rf"|when) (?:the )?(?:\w+ ){{0,4}}?{_STOPPED}|(?:after|upon|on|following"
        rf"|with|when|once) (?:the )?(?:\w+ ){{0,4}}?{_STOPPED}[^.;]{{0,60}}(?:resol(?:ved|ution)|improv(?:ed"
        rf"|ement)|subsided|recover(?:ed"
        rf"|y)|disappear|abated|remitted|normali[sz]ed)|(?:treatment|therapy|infusion"
        rf"|drug|\w*globulin|IVIG|it) (?:was|were) (?:\w+ )?(?:stopped|interrupted"
        rf"|discontinued|withdrawn)[^.]{{0,80}}?(?:resolved|remitted|subsided|recovered|disappeared|settled|improv(?:e|ed)\b)"
        rf"|(?:resolved|subsided|settled|disappeared|abated) (?:when|once|after|as) the (?:\w+ )?(?:rate|infusion"
        rf"|drug"
        rf"|treatment) was (?:\w+ )?(?:reduced|halved|slowed|stopped|interrupted|discontinued)|positive dechallenge"
        rf"|(?:was|were) (?:\w+ )?(?:replaced|stopped|withdrawn|switched|changed|discontinued)[^.]{{0,80}}"
        r"(?:no (?:further|more|new)|did not (?:recur|return)|never recurred|no recurrence)",
    ),
)
