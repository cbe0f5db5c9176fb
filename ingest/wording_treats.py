"""The wordings that make a therapy the treatment of a condition.

A row is a name, a pattern in the signs of `rules`, and how sure the statement is.
"""

from __future__ import annotations

TREATS: tuple[tuple[str, str, float], ...] = (
    (
        "for",
        r"{D}(?: therapy| treatment| infusions?| administration)?(?:\s\([^()]{1,40}\))? _4_(?:for|in"
        r"|against)(?! \w+ (?:{PATIENTS} )?(?:\([^)]*\) )?and\b)(?: the)? (?:(?:successful "
        r"|effective )?(?:treatment|management|therapy|prevention|prophylaxis"
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
        r"\b(?:treatments?|therap(?:y|ies)|management)(?: (?:used|given|available|options?))? (?:of|for"
        r"|in) _7_{C}~30~\b(?:is|are|was|were|includ\w+"
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
        "given because of",
        r"\b(?:received|given|treated with|started(?: on)?|commenced(?: on)?) _3_{D}(?: \([^()]{1,40}\))?"
        r" (?:because of|on account of) _3_{C}",
        0.85,
    ),
    (
        "given a dose",
        r"\b{PATIENTS}\b[^<;.]{0,40}\bwith _2_{C}(?: \([^)]*\))? (?:who )?(?:received|were given|got)"
        r" \d[\d.,]* ?(?:g|mg)\b",
        0.8,
    ),
    (
        "treated so many",
        r"\b(?:treated|gave|infused) ~60~{PATIENTS}\b[^<;.]{0,50}?\bwith _2_{C}(?: \([^)]*\))? with _4_{D}",
        0.85,
    ),
    (
        "treated with",
        r"{C}~C100~\b(?:treated|managed|given|received|receiv\w+|started|put|placed|maintained|continued)\b~{D}",
        0.8,
    ),
    (
        "and started",
        r"\b(?:suspect|diagnos|presum|assum|consider|thought|interpret)\w*~40~{C}~20~\b(?:and|so|,) (?:we "
        r"|therefore |immediately |promptly |then )*(?:started|initiated|began"
        r"|commenced|administered|gave|treated(?: \w+)? with) _6_{D}",
        0.8,
    ),
    (
        "was treated with",
        r"\b(?:[Tt]he|[Tt]his|[Tt]hese|[Hh]is|[Hh]er)(?: patient['’]s)? {C} (?:was|were) (?:\w+ )?(?:treated|managed"
        r"|controlled) (?:\w+ )?(?:with|by|on|using) _5_{D}",
        0.85,
    ),
    (
        "given because of",
        r"\b{PATIENTS} (?:who were )?(?:taking|on|receiving|given|treated with) _3_{D} (?:due to|because of"
        r"|owing to) _4_{C}",
        0.85,
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
    ("and improved", r"{D}~D100~(?:,| and| with) ~20,{C}(?: (?!and\b|or\b)[\w'’%-]+){0,3} {BETTER}", 0.75),
    (
        "given on account of",
        r"\b(?:because of|on account of|due to|owing to|in view of) _5_{C},? (?:she|he|they|we|the (?:patient|boy|girl"
        r"|child|infant))\b ~60~\b(?:started|treated|given|gave|received|administered|commenced|put)\b~60~{D}",
        0.8,
    ),
    ("sensitive to", r"{C} (?:was|were|proved) (?:\w+ )?(?:sensitive|responsive) to _4_{D}", 0.85),
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
        r"\b{PATIENTS} with _5_{C}(?: (?:who|that))?~C30~(?:\b(?:developed|experienced|suffered|became|had|complained"
        r"|noticed)\b|<C\d+>)~C100~\b(?:after"
        r"|following|during|of|into|receiving)\b _5_{D}",
        0.65,
    ),
    ("but effective", r"{C}~D80~\bbut {D}~40~\b(?:effective|efficient|{BETTER})", 0.8),
    (
        "indications",
        r"\b(?:indications?|indicated)\b~D40~{D}~60~\b(?:are|is|were|was|compris\w+|includ\w+|such as|:)~{C}",
        0.85,
    ),
    (
        "rose after",
        r"{C}~30~\b(?:increased|rose|recovered|normali[sz]ed)\b~40~\b(?:after|with|following|upon)\b _8_{D}",
        0.8,
    ),
    (
        "licensed as",
        r"{D}~40~\b(?:licensed|approved|indicated|used|given|established|recommended) as (?:(?:an? )?<M\d+>|_4_) ?(?:in"
        r"|for)~{C}",
        0.8,
    ),
    ("was indication", r"{C} (?:was|were) (?:the )?(?:[\w-]+ ){0,3}indications?\b", 0.75),
    ("next indication", r"<C\d+>[^<;.]{0,40}\bindications?\b[^<;.]{0,40}\bfollowed by _3_{C}", 0.75),
    (
        "prevented by",
        r"{C}~40~\b(?:prevented|averted|abolished|suppressed|controlled) by _3_{D}",
        0.8,
    ),
    ("indication was", r"\bindications? (?:for (?:treatment|therapy|it|use) )?(?:was|were)~30~{C}", 0.75),
    ("uses are", r"\b(?:uses|indications?) (?:in \w+ )?(?:are|were|includ\w+|compris\w+|:) ~{C}", 0.7),
    (
        "in this condition",
        r"\b[Ii]n _4_{C},? {D}~40~\b(?:first|second|third|{USEFUL}|{BETTER}|adjuvant|adjunct\w*|add-on|added|rescue)\b",
        0.8,
    ),
    (
        "population",
        r"\b{PATIENTS} with _5_{C}_3_ (?:starting|receiving|treated with|given|commencing|requiring|eligible for"
        r"|who (?:had )?(?:received|started)|(?:were )?(?:randomly )?(?:randomi[sz]ed|assigned|allocated) to) _5_{D}",
        0.8,
    ),
    (
        "given against",
        r"{D}~D60~\bto (?:prevent|counteract|avert|avoid|reduce|minimi[sz]e|treat|control|manage|halt)"
        r" (?:the |any )?(?:(?:risks?|development|recurrence|progression) of )?_3_{C}",
        0.75,
    ),
    (
        "of whom had",
        r"\b(?:receiv(?:ed|ing)|started on|treated with|given) _4_{D}[^<.]{0,60}(?:<C\d+>[^<.]{0,60})?[;:,(]"
        r" ?(?:of (?:whom|these|them),? )?[\w-]+ (?:{PATIENTS} )?(?:\([^)]*\) )?(?:had|with|suffered from|were being"
        r" treated for) {C}",
        0.7,
    ),
    (
        "prevents",
        r"{D}!40!\b(?:prevent(?:s|ed|ing)?|abolish\w*|abort(?:s|ed)|control(?:s|led)?|suppress(?:es|ed)?"
        r"|(?:failed|fails|failing) to (?:prevent|control|relieve|reduce|halt|arrest|suppress|clear)) _3_{C}",
        0.75,
    ),
    (
        "evidence",
        r"\b(?:data|evidence|experience|trials?|studies|results) (?:on|in|for|regarding|from) _3_{C}~100~"
        r"\b(?:benefit|effect|conflicting|limited|lacking|scarce|disappointing|encouraging|promising)",
        0.6,
    ),
    ("use in", r"\b(?:use|used|licensed|approved) (?:in|for) (?:the treatment of )?_3_{C}", 0.6),
    ("patient on", r"\b(?:with|of|for) ~{C}[^;,<]{0,30}? \bon _5_{D}", 0.7),
)
