"""The wordings that make a therapy the cause of a condition.

A row is a name, a pattern in the signs of `rules`, and how sure the statement is.
"""

from __future__ import annotations

CAUSES: tuple[tuple[str, str, float], ...] = (
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
        "in receivers",
        r"{C} in (?:\w+ )?{PATIENTS} (?:who were )?(?:taking|on|receiving|given|treated with) _3_{D}"
        r"(?= (?:due to|because of|owing to) )",
        0.8,
    ),
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
        r"|presented with|reported|noticed|noted|showed|had|felt|became|turned|sustained|passed|died (?:of|from)"
        r"|woke (?:up )?with|was found to have|(?:was|were|is) (?=<))!60!{C}",
        0.75,
    ),
    ("after it appeared", r"(?:^|[\s,]){TIME}\b{SHORT}{D}~40~,!40!{C}!30,\b(?:{APPEAR}|{FOUND})", 0.7),
    (
        "appeared after",
        r"{C}!60!\b(?:{APPEAR}|{FOUND})\b{UNTREATED}\b(?:{TIME}|with|in {PATIENTS} (?:receiving|treated with|given|on"
        r"|who received))\b{SHORT}{D}",
        0.75,
    ),
    (
        "timed after",
        r"(?<!of )(?<!in ){C}!20!\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a few|several|an?)"
        r"[\s-](?:minutes?|hours?|days?|weeks?) (?:after|following|into)\b{SHORT}{D}",
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
        r"{C}~\b(?:is|are|was|were|as|being|represents?|remains?)\b~\b(?:{EVENT}|complications?|consequences?"
        r"|reactions? to)\b(?! (?:of|in) [^<;.]{0,30}<C)",
        0.8,
    ),
    ("is cause", r"{D}~80~\b(?:causes?|culprit|trigger) (?:of|for|in) _4_{C}", 0.85),
    (
        "after",
        r"^(?:\w+[\s-]){0,3}{C} (?:(?:reported|observed|seen|described|occurring|developing) )?(?:after|following"
        r"|during|with|upon|from|complicating|under"
        r"|in (?:\w+ )?(?:association|relation|connection) (?:with|to)|(?:\w+ly )?(?:associated|related) (?:with"
        r"|to)) _7_{D}",
        0.8,
    ),
    (
        "in group",
        r"{C}!40! (?:in|to) (?:[^\s<]+ ){0,7}?{PATIENTS},? (?:\([^)]*\) )?(?:receiving|treated with|given"
        r"|who (?:had )?received|on) _3_{D}",
        0.75,
    ),
    (
        "kind of reaction",
        r"<(?P<k>C\d+)>(?:\s\([^)]*\))?,? (?:such as|includ(?:e|es|ed|ing)|compris(?:e|es|ed|ing)|consist(?:s"
        r"|ed)? of|range(?:d|s)? from|e\.g\.,?"
        r"|namely|like|were|are):? _3_{C}",
        0.8,
    ),
    (
        "after it is",
        r"{C} (?:(?:occurring|developing|seen|reported) )?(?:after|following|with|during|from|due to|associated with"
        r"|in association with|related to) _4_{D}~20~\b(?:is|are|was|were|has been|have been|remains?|may be|appears?"
        r" to be|seems? to be) (?:[\w,-]+ ){0,4}?(?:(?:un)?common|(?:in)?frequent|rare|unusual"
        r"|(?:[\w-]*-)?recogni[sz]ed"
        r"|(?:[\w-]*-)?reported|described|recorded|observed|seen|noted|known|transient|mild|benign|self-limit(?:ed|ing))\b",
        0.75,
    ),
    (
        "is rare",
        r"{C} (?:is|are|was|were) (?:\w+ )?(?:rare|uncommon|common|frequent|infrequent|unusual|exceptional)\b",
        0.75,
    ),
    ("next most", r"<C\d+>[^<;.]{0,30}\bmost (?:(?!indication)[^<;.]){0,60}\bfollowed by _3_{C}", 0.75),
    ("signal for", r"\bsignals?\b~40~\b(?:for|of) _2_{C}", 0.75),
    (
        "reports concern",
        r"\b(?:reports?|notifications?|cases?) (?:on|about|of|for|with|involving) _2_{D}~40~"
        r"\b(?:concern(?:ed|ing)?|described|involved|were of) _3_{C}",
        0.8,
    ),
    (
        "did not happen",
        r"{C}!20!\b(?:(?:did|does|do) not (?:occur|develop|appear|ensue|follow)|(?:was|were) not (?:\w+ )?"
        r"(?:observed|seen"
        r"|noted|reported|recorded|encountered))\b",
        0.75,
    ),
    (
        "apart from",
        r"\b(?:(?:apart|aside) from|except(?: for)?|other than|besides) ~40~{C}~~\b(?:(?:no|without"
        r"|any) (?:\w+ )?{EVENT}|well tolerated|uneventful)",
        0.8,
    ),
    (
        "case of event",
        r"\b(?:cases?|reports?|episodes?|occurrence|development|incidence|frequency|rate) of ~30~{C} (?:after|following"
        r"|due to|under|during|from|with|related to|associated with|in association with) _4_{D}",
        0.8,
    ),
    ("suspect too", r"{C}~~{D}~40~\b(?:suspect|suspected|co-suspect)\b", 0.75),
    ("may react", r"\b(?:may|can|might|sometimes) (?:\w+ )?(?:react with|develop|have|suffer(?: from)?) _4_{C}", 0.75),
    ("died of", r"\b(?:{PATIENTS})\b[^<;]{0,30}<C\d+> (?:of|from) _3_{C}!60!\b{TIME}\b{SHORT}{D}", 0.75),
    ("complicated", r"{C}!60!\b(?:complicat(?:ed|es|ing)|followed|accompan(?:ied|ies))(?! by) _6_{D}", 0.8),
    (
        "in arm",
        r"{C}!60!\b(?:in|among|by|with)\b[^<;]{0,60}?\bin the (?:\w+ )?{D}(?:[- ]treated)? (?:groups?|arms?)\b",
        0.75,
    ),
    (
        "other arm",
        r"{C}~\b(?:{APPEAR}|common|frequent)\b~{E}~60~\b(?:but|and|than|compared (?:with|to)|versus|vs\.?)\b~60~"
        r"\b(?:after|with|on|receiving|given|in the) _3_{D}",
        0.7,
    ),
    (
        "commonest event",
        r"\b{EVENT}~~{C} (?:was|were|being) (?:the )?(?:most|commonest)\b",
        0.75,
    ),
    (
        "next event",
        r"\b{EVENT}~~<C\d+> (?:was|were|being) (?:the )?(?:most|commonest)\b[^<;]{0,40}\b(?:followed by|then|and)"
        r" _3_{C}",
        0.75,
    ),
    (
        "another due to",
        r"<C\d+>~\b(?:attribut(?:ed|able) to|ascribed to|due to|caused by|related to) {D} in ~30~\band _3_{C} in\b",
        0.8,
    ),
    (
        "given and developed",
        r"\b(?:receiv(?:ed|ing)|given|treated with|responded to|tolerated|started(?: on)?"
        r"|infused with) _4_{D}[^<;]{0,50}?"
        r"(?:<C\d+>[^<;.]{0,30}?)?(?:\band|\bbut|,)(?: (?:then|he|she|they|who|had|has|also|later|subsequently|soon"
        r"|promptly|thereafter))*"
        r"(?: (?:after|within|in|over|during) [^<;,]{1,40})? (?:developed|experienced|suffered(?: from)?"
        r"|complained of|noticed)\b!40!{C}",
        0.7,
    ),
    (
        "on a day of treatment",
        r"\b(?:on|by|after) (?:the )?(?:[\w-]+ ){0,2}days? (?:\w+ )?of (?:the )?(?:treatment|therapy|infusions?)\b~20~"
        r"\b(?:developed|experienced|complained of|suffered(?: from)?|noticed|became|reported)\b!20!{C}",
        0.7,
    ),
    (
        "in number after",
        r"{C} in (?:\d[\d.,%]*|one|two|three|four|five|six|seven|eight|nine|ten)\b!40!\b(?:{TIME}|with|on)\b{SHORT}{D}",
        0.75,
    ),
    (
        "resolved without",
        r"{C}~60~\b{BETTER}\b~40~\b(?:after|when|once|upon|on|following|with)\b _4_{D}(?: (?:therapy|treatment"
        r"|infusions?))?"
        r" (?:(?:was|were) (?:\w+ )?(?:discontinued|stopped|withdrawn)|discontinuation|withdrawal|cessation)",
        0.75,
    ),
    (
        "stopped and resolved",
        r"\b(?:(?:after|following|upon|on|with) (?:the )?(?:withdrawal|discontinuation|cessation|stopping) of"
        r"|(?:discontinued|stopped|withdrew|ceased|withheld)) _2_{D}~D60~{C}~10~\b(?:resolved|improved"
        r"|disappeared|subsided"
        r"|cleared|recovered|remitted|normali[sz]ed)\b",
        0.7,
    ),
    (
        "after which it began",
        r"{D}(?:(?!<D\d)[^;]){0,100}?\b(?:after|following) which(?: time)?,?~30~\b{BEGIN}\b~40~{C}",
        0.7,
    ),
    (
        "resolved after stopping",
        r"{C}~60~\b{BETTER}\b~40~\b(?:discontinuation|discontinuing|withdrawal|cessation|stopping) (?:of )?_2_{D}",
        0.75,
    ),
    (
        "receivers developed",
        r"\b{PATIENTS}\b[^<;.]{0,60}?(?:<C\d+>[^<;.]{0,40}?)?\b(?:treated with|receiving|given|who received|on) _6_{D}"
        r"~20~\b(?:developed|experienced|suffered|reported)\b!40!{C}",
        0.75,
    ),
    (
        "linked with",
        r"\b(?:relationship|association|link|correlation) between _4_{C} and _5_{D}",
        0.7,
    ),
    (
        "causative role",
        r"{D}~60~\b(?:plays?|played|has|have) an? (?:\w+ )?(?:causative|causal|a?etiologic(?:al)?) role (?:in"
        r"|for) _4_{C}",
        0.8,
    ),
    (
        "had with",
        r"\b(?:no|none of the|one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?:of the )?{PATIENTS}"
        r" (?:\([^)]*\) )?(?:had|developed|experienced|reported|suffered) ~40~{C}!20!\b(?:with|on|during|under)"
        r" _3_{D}",
        0.75,
    ),
    (
        "treatment stopped for",
        r"\b(?:stop|stopped|discontinued?|interrupt(?:ed)?|withdr(?:ew|awn|awal)|discontinuation|cessation)(?: of)?"
        r" (?:the |their |his |her )?(?:treatment|therapy|infusions?)\b~20~\b(?:because of|due to|owing to"
        r"|on account of|for) _4_{C}",
        0.7,
    ),
    (
        "caused as well",
        r"{D}~C100~\b(?:and|but) (?:\w+ )?(?:caused|induced|provoked|triggered|led to|resulted in) _4_{C}",
        0.8,
    ),
    (
        "frequent with",
        r"{C}~30~\b(?:common|frequent|often|rare|likely|frequently|commonly)\b~30~\b(?:with|after|during"
        r"|in {PATIENTS}"
        r" (?:receiving|treated with|given|on)) _4_{D}",
        0.75,
    ),
    (
        "linked to",
        r"{C}(?: (?:has|have) been| was| were| is| are)(?: \w+)? (?:linked|tied|traced)(?: \w+)? to _4_{D}",
        0.8,
    ),
    ("followed", r"{D}(?:(?!<D\d).){0,140}?{C} (?:followed|ensued)\b(?! (?:the|an?|by)\b)", 0.7),
    ("risk rises", r"\brisks? (?:of|for) _5_{C}", 0.5),
    (
        "happened",
        r"{C}(?: (?:requiring|needing|necessitating) (?:\w+ )?<D\d+>)?!30!\b(?:may|can|might|could)? ?{APPEAR}",
        0.75,
    ),
    (
        "in number",
        r"{C} in (?:about |approximately |up to |only )?(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten"
        r"|most|some|several|no|all|a few)\b"
        r"(?!,? ?(?:more |to \w+ |or \w+ )?(?:minutes?|hours?|days?|weeks?|months?|years?))",
        0.75,
    ),
    ("suspects", r"^(?:[\w-]+\s){0,3}{C}\s?[:–-]~20~{D}\?", 0.75),
    (
        "drug induced",
        r"\b(?:drug|medication|treatment|medicine|therapy)[- ](?:induced|associated|related) _3_{C}\s?[:–-]~60~{D}",
        0.7,
    ),
    ("accounted for", r"{C} (?:\([^)]*\) )?(?:accounted for|made up|represented) (?:about )?\d", 0.75),
    ("there were", r"\bthere (?:was|were|has been|have been)(?: also| only)? ~40~{C}", 0.75),
    (
        "group had",
        r"\b(?:patients|children|infants|adults|women|men|individuals|people|subjects|cases|recipients|neonates"
        r"|newborns|mothers|(?:no|one|each|every) (?:patient|child|subject)|those"
        r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|\d+|none|all|another|others?)"
        r"(?: each| others| more| two| three| four| five| of (?:them|these))?"
        r"|\d+ \([^)]*\)) (?:\([^)]*\) )?(?:who |also )?(?:developed|experienced|had|reported|suffered"
        r"|complained of|died (?:of|from)) ~40~{C}",
        0.75,
    ),
    (
        "dropped out",
        r"\b(?:dropped out|withdrew)\b~60~\b(?:because of|due to|owing to|for) _4_{C}",
        0.75,
    ),
    (
        "one had",
        r"\b(?:an?|one) (?:[\w-]+ ){0,3}(?:man|woman|boy|girl|child|infant|patient) (?:who |also )?"
        r"(?:developed|experienced|suffered|had) (?:an? )?_3_{C}",
        0.75,
    ),
    (
        "thereafter",
        r"^(?:Shortly|Soon|Immediately)(?: there)?after(?:wards?)?\b~40~\b(?:developed|experienced|suffered"
        r"|complained of|presented with)\b~60~{C}",
        0.7,
    ),
    ("reaction to", r"{C} (?:to|against|of|from) _3_{D}", 0.8),
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
    ("risk", r"\brisks? (?:of|for) _5_{C}~\b(?:with|from|of|after|following|associated with|during|by) _4_{D}", 0.75),
    (
        "raises risk",
        r"{D}~60~\b(?:increas\w+|rais\w+|carr(?:y|ies)|pos(?:e|es)|higher|elevated)\b~\brisks? (?:of|for) _5_{C}",
        0.75,
    ),
)
