"""Small grammars for what a sentence says about a claim besides its three terms.

Each grammar finds values with their place in the sentence; which claim a value belongs to is decided in `attach`.
The values are those of docs/claims.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ivigraph.ingest import administration
from ivigraph.ingest.counts import Finding, counts, percents
from ivigraph.ingest.quantities import DASH, DURATION, NUMBER, UNIT, days
from ivigraph.model import Dose, Onset


def find(sentence: str) -> tuple[Finding, ...]:
    """All values in a sentence, in order of place for each qualifier."""
    found = tuple(finding for grammar in _GRAMMARS for finding in grammar(sentence))
    counted = [(f.start, f.end) for f in found if f.name == "count"]
    found = tuple(sorted(found, key=lambda f: f.start))
    return tuple(f for f in found if f.name != "percent" or not any(start <= f.start < end for start, end in counted))


# The words for a frequency and the value that they stand for; a word without one stands for itself.
_FREQUENCIES = (
    ("very common", r"very (?:common(?:ly)?|frequent(?:ly)?)"),
    (
        "very rare",
        r"(?:very|extremely|exceedingly|exceptionally) (?:rare(?:ly)?|uncommon(?:ly)?|infrequent(?:ly)?)|rarest",
    ),
    ("not uncommon", r"not (?:at all )?(?:un(?:common|usual)|rare|infrequent)(?:ly)?"),
    ("uncommon", r"(?:less|not) (?:common(?:ly)?|frequent(?:ly)?)|uncommon(?:ly)?|infrequent(?:ly)?|unusual(?:ly)?"),
    ("rare", r"rare(?:ly)?|rarity|seldom"),
    ("common", r"(?:most )?(?:common(?:ly)?|frequent(?:ly)?)"),
    ("occasional", r"occasional(?:ly)?"),
)
_SEVERITIES = (
    ("fatal", r"(?<!near )(?<!near-)(?<!non-)(?<!non)fatal|lethal|deadly"),
    ("serious", r"serious|life[- ]threatening|dangerous|major"),
    (
        "severe",
        r"severe(?:ly)?|violent(?:ly)?|intense(?:ly)?|excruciating|incapacitating|massive|profound"
        r"|near[- ]fatal|fulminant|marked",
    ),
    ("moderate", r"moderate(?:ly)?|mild(?:[- ]to[- ]|/|\s?[-–]\s?)moderate"),
    ("mild", r"mild(?:ly)?|minor|slight"),
)
_OUTCOMES = (
    (
        "spontaneous remission",
        r"spontaneous(?:ly)? (?:\w+ )?(?:remission|resolution|recover(?:y|ed)|resolved|remitted|improve(?:d|ment)"
        r"|subsided|disappeared)|(?:resolved|recovered|remitted|subsided|disappeared|improved) spontaneously"
        r"|self[- ]limit(?:ed|ing)",
    ),
    (
        "recovered",
        r"(?:without|no|free of) (?:any )?(?:\w+ ){0,2}?sequelae?|complete(?:ly)? (?:\w+ )?(?:recover(?:y|ed)"
        r"|resol(?:ution|ved))"
        r" with(?:out| no) sequelae?",
    ),
    ("fatal", r"died|death|demise|succumbed|passed away|fatal outcome|lethal outcome|expired"),
    ("sequelae", r"(?:as|with|permanent|neurological|residual|long-term) (?:\w+ )?sequelae?"),
    (
        "not_recovered",
        r"did not (?:resolve|recover|remit)|persisted despite|never (?:recovered|resolved)|remained unchanged"
        r"|no recovery",
    ),
    (
        "recovering",
        r"partial(?:ly)? (?:\w+ )?(?:recover(?:y|ed)|resolution|resolved|remission)|(?:is|was|were"
        r"|are) (?:slowly |gradually )?(?:recovering|improving)",
    ),
    (
        "recovered",
        r"(?:complete(?:ly)?|full(?:y)?|total(?:ly)?|almost completely|rapid(?:ly)?"
        r"|uneventful(?:ly)?) (?:and (?:complete|full) )?(?:\w+ )?(?:recover(?:y|ed)|resolution|resolved|remission"
        r"|disappearance|remitted)|resolved|resolves?|recovers?|recovered"
        r"|(?<!no )(?<!partial )(?<!without )resolution"
        r"|subsided?|settled?|ceased|wore off|wears? off|(?:went|go|goes) away"
        r"|disappear(?:ed|s)?|abated|faded|healed|clear(?:ed|s)"
        r"|slowly remission|started to recover|(?:made|had|showed|achieved) (?:an? )?(?:\w+ )?(?:recovery"
        r"|remission)|eradicat(?:ion|ed)|symptom-free|free (?:of|from) symptoms|overc(?:ame|ome)|recovery"
        r"|relieved (?:the|his|her"
        r"|all) (?:symptoms|complaints)|vanished|in remission|returned to (?:normal|baseline)|normali[sz]ed",
    ),
    ("stable", r"(?:was|is|remained|remains|condition) (?:\w+ )?stable"),
)
_EFFECTS = (
    (
        "no_response",
        r"(?:no|without|little|lack of|poor|inadequate|insufficient|any) (?:\w+ ){0,2}?(?:response|improvement"
        r"|benefit|effect|success|relief|regression|efficacy)|(?:did|does|do|was|were|has|have|had|is|are)(?: not"
        r"|n't|n’t) (?:\w+ )?(?:improve|respond|help|responded|improved|effective|efficacious|successful|benefit"
        r"|ameliorate|alter)\w*(?! to (?:\w+ )?(?:other|previous|prior|conventional|standard|first|initial"
        r"|cortico\w+|steroids?|oral|multiple|several|usual))|fail(?:ed|s|ure)? (?:to (?:respond|improve|show)"
        r"|of)|fail(?:ed|s) to (?:control|prevent|halt|arrest|reduce|relieve|suppress|clear)|(?:of"
        r"|to) no (?:\w+ )?(?:help|use|avail|value)"
        r"|disappointing|abandoned|ineffective(?:ness)?|unresponsive|unsuccessful|(?:resistan(?:t|ce)"
        r"|refractory) to (?:these|this"
        r"|both|all|intravenous|IVIG)|no regression|despite (?:(?!response|improvement|benefit"
        r"|recovery)[\w-]+,? ){0,12}?(?:IVIG|immun\w+ ?globulins?|infusions?"
        r"|courses? of|treatment|therap(?:y|ies)|effort)",
    ),
    (
        "worsened",
        r"worsen(?:ed|ing)?|deteriorat(?:ed|ion|ing)|aggravat(?:ed|ion)|exacerbat(?:ed|ion)|progressed (?:to"
        r"|despite|rapidly)",
    ),
    (
        "improved",
        r"improv(?:e|ed|es|ement|ements|ing)|respon(?:ded|ds|sive|d)|(?:good|favou?rable|excellent|positive"
        r"|dramatic|rapid|complete|partial|initial|clinical|significant|remarkable) (?:\w+ )?(?:response|outcome"
        r"|effect|recovery)|resol(?:ved|ution|ves)|recover(?:ed|y|s|ing)?|(?<!in)effective(?:ly|ness)?"
        r"|efficac(?:y|ious)|(?:highly )?efficient|remission|remitted|normali[sz](?:ed|ation)|ameliorat(?:ed|ion)"
        r"|alleviat(?:ed|ion)|regain(?:ed|ing)|benefit(?:ed|s)?|beneficial|success(?:ful|fully)?|disappear(?:ed"
        r"|ance)|asymptomatic|good condition|eradicat(?:ed|ion)|subsided|useful|valuable|helpful"
        r"|platelets?(?: counts?)? (?:\w+ )?(?:increased|rose|recovered|climbed)|vanished|soften(?:ed|ing)|relieved"
        r"|increased? (?:in )?(?:the )?platelet"
        r"|(?:reduction|decrease|decline) (?:in|of) (?:the |his |her )?(?:\w+ ){0,2}?(?:symptoms?|severity|pain"
        r"|proteinuria|relapses?"
        r"|disease activity|frequency|swelling|weakness|markers|titers?|titres?|bleeding|lesions?|attacks?|seizures?"
        r"|flares?|infections?|episodes?)"
        r"|overc(?:ame|ome)|(?:allow|permitt)(?:ed|ing) (?:the |a )?(?:discontinuation|withdrawal|tapering|reduction"
        r"|cessation|stopping) of"
        r"|free of (?:symptoms|relapse)|stabili[sz](?:ed|ation)|led to (?:a )?(?:reduction|decrease)"
        r"|rise (?:of|in) (?:the )?platelets?|platelet count(?:s)? (?:\w+ ){0,3}?(?:became normal|doubled|to)"
        r"|(?:bilirubin|creatine kinase|CP?K|troponin|ferritin|inflammatory markers?|inhibitor|antibod(?:y|ies)"
        r"|autoantibod(?:y|ies)"
        r"|(?:enzyme|antibody|inhibitor) (?:levels?|titers?|titres?)|proteinuria)(?: levels?| titers?| titres?)?"
        r" (?:\w+ ){0,2}?(?:decreased|fell|dropped|declined|normali[sz]ed)|defervescence|rapidly abated|in remission",
    ),
)
_LINES = (
    (
        "refractory",
        r"(?:\w+-)?(?:refractory|resistant|recalcitrant|unresponsive|intractable)|(?:have|had|has|did|do"
        r"|does) not (?:\w+ )?respond(?:ed)?|not respond(?:ing|ed)? to|fail(?:ed|ing|ure of|s) (?:to respond"
        r"|(?:other|conventional|standard|previous|prior|first|corticosteroid|steroid)\w*)|(?:has|have|had|is"
        r"|are) (?:\w+ )?failed|without (?:effect|success)|last resort|rescue"
        r"|salvage",
    ),
    ("first", r"(?:first|front)[- ]line|treatment of choice|initial (?:treatment|therapy) of choice"),
    ("second", r"(?:second|third)[- ]line"),
    ("alternative", r"alternative"),
    ("adjunct", r"adjunct(?:ive)?|adjuvant|add[- ]on|steroid[- ]sparing"),
)
_LABELS = (
    ("off-label", r"off[- ]label|unlicensed|unapproved|not (?:\w+ )?(?:licensed|approved|labell?ed)"),
    (
        "on-label",
        r"on[- ]label|(?:fda|ema|mhra)[- ]approved|licensed (?:for|in|as|indications?)|approved (?:for|by|in|to"
        r"|as|indications?)|(?:is|are|was|were|now|been) (?:\w+ )?(?:approved|licensed)|registered for"
        r"|labell?ed indications?",
    ),
)
_RECHALLENGES = (
    (
        "negative",
        r"(?:did not recur|no recurrence|without recurrence|not recur(?:red)?|(?:was|were) (?:well )?tolerated"
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
        r"(?:recur(?:red|s|rence)?|reappear(?:ed|ance)?|relapsed|returned|again (?:developed|occurred|appeared)"
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
    r"|ing)|slowing|reduc(?:tion|ing) of the (?:infusion )?rate)"
)
_DECHALLENGES = (
    (
        "negative",
        rf"(?:persisted|did not (?:resolve|improve|recover)|worsened|continued"
        rf"|no improvement)[^.;]{{0,60}}(?:after|despite|following) (?:the )?{_STOPPED}",
    ),
    (
        "positive",
        rf"(?:resol(?:ved|ution)|improv(?:ed|ement)|subsided|recover(?:ed|y)|disappear(?:ed|ance)|abated|remitted"
        rf"|cleared|normali[sz]ed)[^.;]{{0,60}}(?:after|by|upon|on|following|with|once"
        rf"|when) (?:the )?(?:\w+ ){{0,4}}?{_STOPPED}|(?:after|upon|on|following"
        rf"|with) (?:the )?{_STOPPED}[^.;]{{0,60}}(?:resol(?:ved|ution)|improv(?:ed|ement)|subsided|recover(?:ed"
        rf"|y)|disappear|abated|remitted|normali[sz]ed)|(?:treatment|therapy|infusion"
        rf"|drug|it) (?:was|were) (?:\w+ )?(?:stopped|interrupted"
        rf"|discontinued|withdrawn)[^.]{{0,60}}?(?:resolved|remitted|subsided|recovered|disappeared|settled)"
        rf"|(?:resolved|subsided|settled|disappeared|abated) (?:when|once|after|as) the (?:\w+ )?(?:rate|infusion"
        rf"|drug"
        rf"|treatment) was (?:\w+ )?(?:reduced|halved|slowed|stopped|interrupted|discontinued)|positive dechallenge"
        rf"|(?:was|were) (?:\w+ )?(?:replaced|stopped|withdrawn|switched|changed|discontinued)[^.]{0, 80}"
        r"(?:no (?:further|more|new)|did not (?:recur|return)|never recurred|no recurrence)",
    ),
)
# How a product was made, as makers and authors name it.
_PRODUCT_CLASS = re.compile(
    r"(?:polyethylene[- ]glycol|PEG|pH[- ]?4(?:\.\d+)?(?:[- ]acid)?|pepsin|plasmin|trypsin|solvent[/ -]?detergent"
    r"|S/D|caprylate|acid|heat|chemically|enzyme|β-propiolactone)[- ](?:treated|modified|processed|inactivated)"
    r"|sul[fp]h?onated|nanofilt(?:ered|rated)|(?:sucrose|maltose|glucose|sorbitol|glycine|l-proline|proline"
    r"|trehalose|mannitol)[- ](?:stabili[sz]ed|containing|free)|(?:containing|contains?|stabili[sz]ed with|(?:linked"
    r"|related|attributed) to(?: the)?) "
    r"(?:sucrose|maltose"
    r"|glucose|sorbitol|glycine|l-proline|proline|trehalose|mannitol)|IgA[- ]depleted|lyophili[sz]ed|freeze[- ]dried",
    re.IGNORECASE,
)
_DOSE_UNIT = r"(?:g|mg|mcg|µg|μg|ug|IU|units?|U|mL|ml|grams?|milligrams?)"
_DOSE = re.compile(
    rf"(?P<value>\d+(?:[.,·]\d+)?)(?:{DASH}\d+(?:\.\d+)?)?\s?(?P<unit>{_DOSE_UNIT}(?:\s?(?:/|per)\s?(?:kg|m2|m²"
    rf"|day|d|dose|h|hr|hour|min|minute|week|month|treatment|infusion|body weight))*)(?![\w/])"
    rf"(?P<schedule>(?:\s(?:body weight|BW|daily|weekly|monthly|once|twice|in total|total|divided|each|per day"
    rf"|a day))*(?:,?\s(?:for|over|on|in|x|×|per"
    rf"|every)\s(?:the\s)?(?:{NUMBER}(?:{DASH}{NUMBER})?[\s-](?:consecutive\s|divided\s|successive\s)?(?:{UNIT}"
    rf"|doses)|\w+\sdays|day|week|month))?)",
)
_PER_TIME = re.compile(r"/(?:h|hr|hour|min|minute)\b")
_HIGH_DOSE = re.compile(r"\b(?:high|low|immunomodulatory|replacement|standard|ultra-high)[- ]doses?\b", re.IGNORECASE)
_DOSE_OF_LABORATORY = re.compile(r"^\s?/\s?(?:d?l|mm|L)\b|^\s?(?:dl|l)\b", re.IGNORECASE)

_ANCHOR = (
    r"(?:the\s|his\s|her\s|their\s|an?\s|each\s|every\s)?(?:(?P<end>completion|completing|end|ending"
    r"|discontinu\w+|cessation|stopping|last|final)(?:\s(?:of\s)?(?:the\s)?(?:infusion|dose|course|treatment"
    r"|therapy))?|start\w*|initiat\w+|beginning|begin|commenc\w+|"
    r"each of (?:the )?(?:\w+ )?(?:infusion|course|cycle|dose)s|(?:first|second|third|fourth|fifth|sixth|seventh"
    r"|eighth|ninth|tenth|next)(?:\s(?:\w+\s)?(?:infusion|dose"
    r"|course|cycle|administration|day)s?)?|infusion|infusing|administ\w+|receiving|treatment|therapy|dose"
    r"|exposure|intravenous|IV|high[- ]dose|immun\w+|gamma\w*|\w*Ig[A-Z]?s?\b|drug|medication|transfusion|course"
    r"|cycle)\w*"
)
_ONSETS = (
    re.compile(
        rf"{DURATION}\s(?:after|following|post|from|of|into|since|subsequent to)[\s-](?P<anchor>{_ANCHOR})",
        re.IGNORECASE,
    ),
    re.compile(rf"{DURATION}\s(?:later|afterwards?|thereafter|post-?infusion|after(?=[,.;]))", re.IGNORECASE),
)
_ONSET_WORDS = (
    # No number is in these: what they say is kept as text alone, where the day is not certain.
    (
        (0.0, 0.0),
        re.compile(
            r"(?:on )?the same day|immediately (?:after|following|upon)|during (?:the |an? |each |his "
            r"|her )?(?:\w+ )?(?:infusion|administration)",
            re.IGNORECASE,
        ),
    ),
    (
        (1.0, 1.0),
        re.compile(r"(?:on |by )?the (?:next|following) (?:day|morning)|overnight|one day after", re.IGNORECASE),
    ),
    ((None, None), re.compile(r"(?:shortly|soon)(?: there)?after(?:wards?)?", re.IGNORECASE)),
)
# "Median latency was one day for urticaria and ten days for eczema."
_LATENCY = re.compile(r"\b(?:latency|latent period|time to onset|(?:median|mean) onset)\b", re.IGNORECASE)
_LASTING = re.compile(DURATION, re.IGNORECASE)
# "Several hours to two days after": each end has its own unit.
_ONSET_SPAN = re.compile(
    rf"(?P<low>(?:{NUMBER}|an?|a few|few|several)\s{UNIT})\s?(?:to|and|-|–|or)\s?(?P<high>(?:{NUMBER}|an?)\s{UNIT})"
    rf"\s(?:after|following|post|from|of|into)[\s-]{_ANCHOR}",
    re.IGNORECASE,
)
# "A median of 4 days (range 2-9) after": the range says more than its middle.
_ONSET_RANGE = re.compile(
    rf"(?:median|mean|average)[^.;,()]{{0,20}}?{NUMBER}\s(?P<unit>{UNIT})\s?\((?:\w+[:,]?\s)?(?P<low>{NUMBER}){DASH}(?P<high>{NUMBER})"
    rf"(?:\s(?:{UNIT}))?\)(?:\s(?:after|following|post|from)[\s-]{_ANCHOR})?",
    re.IGNORECASE,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "tenth": 10}
_DAY = re.compile(
    rf"\bon (?:the )?(?:day (?P<day>\d{{1,3}})|(?P<word>{'|'.join(_ORDINALS)}) day)"
    r"\s(?:of|after|following)\s(?:the\s|her\s|his\s)?(?:\w+\s){0,2}?(?:treatment|therapy|infusions?|dose|course"
    r"|immun\w+|IVIG)\b",
    re.IGNORECASE,
)


# "A rash on day 9"; but "resolved on day 9" is the course of it.
_ON_DAY = re.compile(r"\bon day (?P<day>\d{1,3})\b(?!\s(?:of|after|following)|[-–])", re.IGNORECASE)
_COURSE = re.compile(
    r"\b(?:recover|resol|normal|improv|discharg|died|stopp|discontinu|ceas|subsid|perform|scan|test|treat|given"
    r"|start)\w*"
    r"[^,;.]{0,40}$",
    re.IGNORECASE,
)


def onsets(sentence: str) -> Iterator[Finding]:
    """When something began: days after the start of the therapy, or after its end where the text says so."""
    if _ANY_UNIT.search(sentence):
        yield from _measured_onsets(sentence)
    for (low, high), words in _ONSET_WORDS:
        for match in words.finditer(sentence):
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ON_DAY.finditer(sentence):
        if not _COURSE.search(sentence[: match.start()]):
            day = float(match["day"])
            yield Finding("onset", Onset(min_days=day, max_days=day, text=match.group()), *match.span())
    for match in _DAY.finditer(sentence):
        day = float(match["day"] or _ORDINALS[match["word"].lower()])
        yield Finding("onset", Onset(min_days=day, max_days=day, text=match.group()), *match.span())


_ANY_UNIT = re.compile(rf"\b{UNIT}\b", re.IGNORECASE)


def _measured_onsets(sentence: str) -> Iterator[Finding]:
    """The onsets that are told in a unit of time."""
    for pattern in _ONSETS:
        for match in pattern.finditer(sentence):
            span = match.group()[: match.end("unit") - match.start()]
            low, high = days(span)
            anchor = "end" if "end" in pattern.groupindex and match["end"] else "start"
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group(), anchor=anchor), *match.span())
    if _LATENCY.search(sentence):
        for match in _LASTING.finditer(sentence):
            low, high = days(match.group())
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ONSET_SPAN.finditer(sentence):
        (low, _), (_, high) = days(match["low"]), days(match["high"])
        low = 0.0 if low is not None and low < 1 else low
        yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ONSET_RANGE.finditer(sentence):
        low, high = days(f"{match['low']} to {match['high']} {match['unit']}")
        yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())


def doses(sentence: str) -> Iterator[Finding]:
    """How much was given: "2 g/kg over five days", "high-dose"."""
    for match in _DOSE.finditer(sentence):
        if _DOSE_OF_LABORATORY.match(sentence[match.end("unit") :]):
            continue
        value = float(match["value"].replace(",", ".").replace("·", "."))
        unit = re.sub(r"\s?(?:/|\bper)\s?", "/", match["unit"])
        if _PER_TIME.search(unit):
            continue  # a rate
        yield Finding("dose", Dose(value=value, unit=unit, text=match.group().strip()), *match.span())
        if schedule := administration.spread(sentence, match.end("unit")):
            yield schedule
    for match in _HIGH_DOSE.finditer(sentence):
        yield Finding("dose", Dose(value=None, unit=None, text=match.group()), *match.span())


def product_classes(sentence: str) -> Iterator[Finding]:
    for match in _PRODUCT_CLASS.finditer(sentence):
        yield Finding(
            "product_class", match.group().lower() if match.group()[1:2].islower() else match.group(), *match.span()
        )


_PEOPLE = (
    r"(?:patients?|children|infants?|neonates?|adults?|women|men|individuals?|people|persons?|recipients?"
    r"|adolescents?|mothers?|those)"
)
_POPULATION = re.compile(
    rf"\b(?:in|among|for|to)\s(?P<who>(?:(?:the|all|most|some|elderly|older|young|younger|pa?ediatric|pregnant"
    rf"|diabetic|obese|immobili[sz]ed|critically ill|those|\w+[- ](?:deficient|resistant|naive"
    rf"|dependent))\s)*{_PEOPLE}"
    r"(?:\s(?:with|who|on|receiving|at|over|under|aged|without|whose)\s(?:[^\s,;:.()]+\s?){1,7})?)",
    re.IGNORECASE,
)


# "Neutropenia is frequent in children": one word may say for whom it holds.
_RATED = re.compile(r"\b(?:common|uncommon|frequent|infrequent|rare|unusual|often|likely) $", re.IGNORECASE)


def populations(sentence: str) -> Iterator[Finding]:
    """Who a statement holds for: "in patients with IgA deficiency"."""
    for match in _POPULATION.finditer(sentence):
        who = match["who"].strip()
        telling = _RATED.search(sentence[: match.start()]) and who.lower() not in ("patients", "people", "individuals")
        if " " in who or telling:  # bare "patients" says nothing
            yield Finding("population", who, match.start("who"), match.start("who") + len(who))


def _keywords(name: str, table: tuple[tuple[str, str], ...]) -> Callable[[str], Iterator[Finding]]:
    """A grammar of alternatives: the first row that matches a place gives its value."""
    rules = [(value, re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)) for value, words in table]

    def grammar(sentence: str) -> Iterator[Finding]:
        taken: list[tuple[int, int]] = []
        for value, rule in rules:
            for match in rule.finditer(sentence):
                if not any(start < match.end() and match.start() < end for start, end in taken):
                    taken.append(match.span())
                    yield Finding(name, value, match.start(), match.end())

    return grammar


frequencies = _keywords("frequency", _FREQUENCIES)
severities = _keywords("severity", _SEVERITIES)
outcomes = _keywords("outcome", _OUTCOMES)
effects = _keywords("effect", _EFFECTS)
lines = _keywords("line", _LINES)
label_statuses = _keywords("label_status", _LABELS)
rechallenges = _keywords("rechallenge", _RECHALLENGES)
dechallenges = _keywords("dechallenge", _DECHALLENGES)

_GRAMMARS = (
    counts,
    percents,
    frequencies,
    severities,
    onsets,
    outcomes,
    dechallenges,
    rechallenges,
    doses,
    administration.routes,
    administration.rates,
    administration.schedules,
    effects,
    lines,
    label_statuses,
    populations,
    product_classes,
)
