"""Small grammars for what a sentence says about a claim besides its three terms.

Each grammar finds values with their place in the sentence; which claim a value belongs to is decided in `attach`.
The values are those of docs/claims.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ivigraph.ingest import administration, challenges
from ivigraph.ingest.counts import Finding, counts, percents
from ivigraph.ingest.onsets import onsets
from ivigraph.ingest.quantities import DASH, NUMBER, UNIT
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Dose


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
        r"(?:very|extremely|exceedingly|exceptionally) (?:rare(?:ly)?|uncommon(?:ly)?|infrequent(?:ly)?)|rarest"
        r"|exceptional(?:ly)?(?= (?:complications?|cases?|instances?|events?|observed|reported|seen|described)|[.,;])",
    ),
    ("not uncommon", r"not (?:at all )?(?:un(?:common|usual)|rare|infrequent)(?:ly)?"),
    ("uncommon", r"(?:less|not) (?:common(?:ly)?|frequent(?:ly)?)|uncommon(?:ly)?|infrequent(?:ly)?|unusual(?:ly)?"),
    ("rare", r"rare(?:ly)?|rarity|seldom|in (?:isolated|exceptional|sporadic) cases|sporadic(?:ally)?"),
    ("common", r"(?:most )?(?:common(?:ly)?|frequent(?:ly)?)|commonest"),
    ("occasional", r"occasional(?:ly)?"),
    ("not known", r"(?:frequency )?(?:not known|unknown)(?=:)|frequency (?:is |was )?(?:not known|unknown)"),
)
_SEVERITIES = (
    ("fatal", r"(?<!near )(?<!near-)(?<!non-)(?<!non)fatal|lethal|deadly"),
    (
        "serious",
        r"serious|(?:potentially )?life[- ]threatening|dangerous|major|devastating|catastrophic|grade (?:4|IV)",
    ),
    (
        "severe",
        r"severe(?:ly)?|violent(?:ly)?|intense(?:ly)?|excruciating|incapacitating|massive|profound"
        r"|near[- ]fatal|fulminant|marked|disabling|debilitating|grade (?:3|III)",
    ),
    ("moderate", r"moderate(?:ly)?|grade (?:2|II)|mild(?:[- ]to[- ]|/|\s?[-–]\s?)moderate"),
    ("mild", r"mild(?:ly)?|minor|slight|trivial|grade (?:1|I)"),
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
    ("fatal", r"died|death|demise|succumbed|passed away|(?:fatal|lethal) (?:outcome|course)|expired|proved fatal"),
    (
        "sequelae",
        r"(?:was |were )?left with|(?:as|with|permanent|neurological|residual|long-term) (?:\w+ )?sequelae?"
        r"|residual (?:\w+ )?(?:deficits?|weakness|paresis)",
    ),
    (
        "not_recovered",
        r"did not (?:resolve|recover|remit)|persisted despite|never (?:recovered|resolved)|remained unchanged"
        r"|no recovery|persists|irreversible|(?:recovery|outcome) (?:was|remained) (?:poor|incomplete)"
        r"|(?:has|have|had) not (?:\w+ )?(?:resolved|recovered|remitted)",
    ),
    (
        "recovering",
        r"partial(?:ly)? (?:\w+ )?(?:recover(?:y|ed)|resolution|resolved|remission)|(?:is|was|were"
        r"|are) (?:slowly |gradually )?(?:recovering|improving)|incomplete(?:ly)? (?:recover(?:y|ed)"
        r"|resol(?:ution|ved))"
        r"|improved (?:only )?partially|recovered (?:only )?partially"
        r"|(?:he|she|patient|symptoms?|lesions?|eruption|rash|signs?|general condition) (?:\w+ ){0,2}?improved",
    ),
    (
        "recovered",
        r"(?:complete(?:ly)?|full(?:y)?|total(?:ly)?|almost completely|rapid(?:ly)?"
        r"|uneventful(?:ly)?) (?:and (?:complete|full) )?(?:\w+ )?(?:recover(?:y|ed)|resolution|resolved|remission"
        r"|disappearance|remitted)|resolved|resolves?|recovers?|recovered"
        r"|(?<!no )(?<!partial )(?<!without )resolution"
        r"|subsided?|settled?|ceased|wore off|wears? off|(?:went|go|goes) away"
        r"|disappear(?:ed|s|ance)?|abated?|waned?|receded|regressed|regression of|faded|healed|clear(?:ed|s)"
        r"|(?:was|were|proved|is|are) (?:fully |completely |entirely |usually |generally )?reversible|defervesced"
        r"|(?:was|were|became|is) (?:completely |entirely |now )?(?:well|symptom-free|asymptomatic)(?= (?:again"
        r"|after|by"
        r"|within|at|on|since)|[.,;])|regrew|regrowth|(?:levels?|values?|tests?|counts?)"
        r" (?:were|was|became|had become) (?:again )?normal|back to (?:normal|baseline)|became afebrile|(?:was"
        r"|were) discharged (?:home )?(?:well"
        r"|in good|without)"
        r"|transient(?:ly)?(?! ischa?emic)|(?<!posterior )reversible(?! (?:posterior|cerebral|encephal))(?= [a-z])"
        r"|slowly remission|started to recover|(?:made|had|showed|achieved) (?:an? )?(?:\w+ )?(?:recovery"
        r"|remission)|eradicat(?:ion|ed)|symptom-free|free (?:of|from) (?:any |all )?symptoms?|overc(?:ame|ome)"
        r"|recovery"
        r"|relieved (?:the|his|her"
        r"|all) (?:symptoms|complaints)|vanished|in(?:to)? (?:complete |full )?remission|returned to (?:normal"
        r"|baseline)|normali[sz]ed",
    ),
    ("stable", r"stabili[sz]ed|(?:was|is|remained|remains|condition) (?:\w+ )?stable"),
)
_EFFECTS = (
    (
        "no_response",
        r"(?:no|without|little|lack of|poor|inadequate|insufficient|any) (?:\w+ ){0,2}?(?:response|improvement"
        r"|benefit|effect|success|relief|regression|efficacy)|(?:did|does|do|was|were|has|have|had|is|are)(?: not"
        r"|n't|n’t) (?:\w+ )?(?:improve|respond|help|responded|improved|effective|efficacious|successful|benefit"
        r"|ameliorate|alter)\w*(?! to (?:\w+ )?(?:other|previous|prior|conventional|standard|first|initial"
        r"|cortico\w+|steroids?|oral|multiple|several|usual))|fail(?:ed|s|ure)? (?:to (?:respond|improve|show)"
        r"|of)|fail(?:ed|s) to (?:control|prevent|halt|arrest|reduce|relieve|suppress|clear)|(?:did|does"
        r"|do) not (?:\w+ )?(?:prevent|halt|stop|control)"
        r"|inadequate to|(?:of"
        r"|to) no (?:\w+ )?(?:help|use|avail|value)"
        r"|(?:no (?:better|more effective)|not (?:\w+ )?(?:superior|better|more effective)"
        r"|did not differ) (?:than|to|from)"
        r" (?:a )?(?:placebo|saline|controls?|no treatment)|disappointing|abandoned|ineffective(?:ness)?"
        r"|unresponsive|unsuccessful(?:ly)?|futile|in vain|(?:produced|brought|without) (?:no )?(?:change|difference)"
        r"|(?:showed|had) no (?:\w+ )?(?:change|difference)|(?:has|have|had|was|were|could) not (?:been |be )?"
        r"(?:prevented|averted|controlled|abolished)"
        r"|(?:response|recovery|reactivity|effect|efficacy|results?) (?:\w+ ){0,4}?(?:was|were|remained)"
        r" (?:\w+ )?(?:poor|inadequate|insufficient|minimal|negligible|limited|lacking|absent|nil)"
        r"|(?:response|improvement|benefit|effect) (?:was|could) not (?:be )?(?:seen|observed|noted|achieved|obtained"
        r"|evident|apparent)|(?:clinical )?improvement was absent|non-?responders?|(?:remained|was|were|is"
        r"|are) (?:\w+ )?"
        r"(?:unchanged|unaltered|unaffected)|unimproved|(?:resistan(?:t|ce)"
        r"|refractory) to (?:these|this"
        r"|both|all|intravenous|IVIG)|no regression|despite (?:(?!response|improvement|benefit"
        r"|recovery)[\w-]+,? ){0,12}?(?:IVIG|immun\w+ ?globulins?|infusions?"
        r"|courses? of|treatment|therap(?:y|ies)|effort)",
    ),
    (
        "worsened",
        r"worsen(?:ed|ing)?|deteriorat(?:ed|ion|ing)|aggravat(?:ed|ion)|exacerbat(?:ed|ion)|progressed(?: (?:to"
        r"|despite|rapidly|further|continuously)\b|(?=[,;.]))"
        r"|progressive (?:decline|deterioration)|continued to (?:progress|decline|worsen)",
    ),
    (
        "improved",
        r"(?:motor |muscle |visual |hearing |renal )?(?:function|strength|power|vision|speech|consciousness|gait"
        r"|platelets?)"
        r" (?:\w+ )?(?:returned|recovered|normali[sz]ed|climbed|regrew)"
        r"|(?:was|were|remain(?:s|ed)|been|is|are|under|brought under) (?:well |good |completely "
        r"|now |partially |partly |fully )?control(?:led)?\b"
        r"|(?:remain(?:s|ed)|was|is) in (?:good|excellent) health|doing well"
        r"|able to (?:walk|stand|return|work|resume|leave|speak|swallow|climb|run|breathe|eat)"
        r"|walk(?:ed|ing)? (?:unaided|independently|without|again|alone)|(?:returned|went back) to (?:work|school)"
        r"|(?:vasopressors?|inotropes|ventilation|oxygen|dialysis) (?:could be|was|were) (?:\w+ )?(?:tapered|weaned"
        r"|withdrawn|stopped|discontinued)|extubated|wean(?:ed|ing) (?:off|from)|decannulated"
        r"|(?:response|remission|control) (?:\w+ )?(?:was|were) "
        r"(?:\w+ )?(?:attained|achieved|obtained|observed|seen|noted|sustained|maintained)"
        r"|(?:saw|showed|shows?|noticed|noted|observed|obtained|attained|achieved) an? (?:\w+ ){0,2}?(?:response"
        r"|improvement|remission|benefit)|abate(?:d|s)|waned|receded|regressed|regression of|resorption"
        r"|defervesced|became afebrile|afebrile|reversed|revers(?:al|ion) of"
        r"|brought (?:\w+ ){1,3}?under control|seizure-free"
        r"|relapse-free|complete clearance|clear(?:ed|ance)|heal(?:ed|ing)|corrected|abolished"
        r"|(?:no|without) (?:further|new|more) (?:\w+ )?(?:relapses?|attacks?|episodes?|infections?|lesions?"
        r"|bleeding|flares?"
        r"|seizures?)|fewer (?:\w+ )?(?:relapses|attacks|episodes|infections|lesions|flares|seizures)"
        r"|disease activity (?:fell|declined|decreased)|(?:fever|temperature) (?:subsided|abated|settled|resolved)"
        r"|(?:had|have|achieved|showed) an? (?:\w+ )?response|responders?"
        r"|improv(?:e|ed|es|ement|ements|ing)|respon(?:ded|ds|sive|d)|(?:good|favou?rable|excellent|positive"
        r"|dramatic|rapid|complete|partial|initial|clinical|significant"
        r"|remarkable) (?:\w+ (?:and \w+ )?)?(?:response|outcome"
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
        r"|free (?:of|from) (?:any |all )?(?:symptoms?|relapses?|attacks?|seizures?)"
        r"|(?:lower|reduc|decreas|diminish|halv|prevent)(?:s|ed|d|es)? (?:the )?(?:\w+ )?(?:frequency|incidence"
        r"|risk|number"
        r"|severity|duration|occurrence|prevalence|need|requirement) (?:of|for)"
        r"|(?:frequency|incidence|number|severity|(?:annual )?rates?) of (?:\w+ ){1,3}?(?:fell|dropped"
        r"|decreased|declined"
        r"|was (?:reduced|lower|halved)|were (?:reduced|lower|halved))|stabili[sz](?:ed|ation)"
        r"|led to (?:a )?(?:reduction|decrease)"
        r"|rise (?:of|in) (?:the )?platelets?|platelet counts? (?:\w+ ){0,2}?(?:became normal|doubled|reached|exceeded"
        r"|returned|went up)"
        r"|(?:bilirubin|creatine kinase|CP?K|troponin|ferritin|inflammatory markers?|inhibitor|antibod(?:y|ies)"
        r"|autoantibod(?:y|ies)"
        r"|(?:enzyme|antibody|inhibitor) (?:levels?|titers?|titres?)|proteinuria)(?: levels?| titers?| titres?)?"
        r" (?:\w+ ){0,2}?(?:decreased|fell|dropped|declined|normali[sz]ed)|defervescence|rapidly abated|in remission",
    ),
)
_LINES = (
    (
        "refractory",
        r"poorly controlled (?:by|with|on|despite)"
        r"|(?:\w+-)?(?:refractory|resistant|recalcitrant|unresponsive|intractable)|(?:have|had|has|did|do"
        r"|does) not (?:\w+ )?(?:respond(?:ed)?|benefit(?:ed|ted)?)|not respond(?:ing|ed)? to|(?:were|was|been|proved) "
        r"(?:\w+ )?(?:futile|ineffective|unsuccessful)|(?:no|little|only partial|insufficient|inadequate) (?:\w+ )?"
        r"(?:response|relief|benefit|improvement) (?:to|from|with|after|on)|fail(?:ed|ing|ure of|s) (?:to respond"
        r"|(?:other|conventional|standard|previous|prior|first|corticosteroid|steroid)\w*)|(?:has|have|had|is"
        r"|are) (?:\w+ )?failed|without (?:effect|success)|last resort|rescue"
        r"|salvage",
    ),
    (
        "first",
        r"(?:first|front)[- ]line|(?:treatment|therapy|drug) of (?:first )?choice|initial (?:treatment"
        r"|therapy) of choice"
        r"|as (?:the )?(?:primary|initial|first) (?:treatment|therapy|choice)|first[- ]choice",
    ),
    ("second", r"(?:second|third)[- ]line|second[- ]choice"),
    ("alternative", r"alternative"),
    ("adjunct", r"adjunct(?:ive(?:ly)?)?|adjuvant|add[- ]on|steroid[- ]sparing|supplementary (?:treatment|therapy)"),
)
_LABELS = (
    ("off-label", r"off[- ]label|unlicensed|unapproved|not (?:\w+ )?(?:licensed|approved|labell?ed)"),
    (
        "on-label",
        r"on[- ]label|(?:product|medicine|preparation|brand) is indicated (?:for|in|to)|(?:fda|ema|mhra)[- ]approved"
        r"|licensed (?:for|in|as|indications?)|approved (?:for|by|in|to"
        r"|as|indications?)|(?:is|are|was|were|now|been) (?:\w+ )?(?:approved|licensed)|registered for"
        r"|labell?ed indications?",
    ),
)
# How a product was made, as makers and authors name it.
_PRODUCT_CLASS = sieved(
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
    rf"(?P<value>\d+(?:[.,·]\d+)?)(?:{DASH}\d+(?:\.\d+)?)?\s?(?P<unit>{_DOSE_UNIT}(?:\s?(?:/|per)\s?(?:[Kk]g"
    rf"|kilogram|m2|m²"
    rf"|day|d|dose|h|hr|hour|min|minute|week|month|treatment|infusion|body weight))*)(?![\w/])"
    rf"(?P<schedule>(?:\s(?:body weight|BW|daily|weekly|monthly|once|twice|in total|total|divided|each|per day"
    rf"|a day))*(?:,?\s(?:for|over|on|in|x|×|per"
    rf"|every)\s(?:the\s)?(?:{NUMBER}(?:{DASH}{NUMBER})?[\s-](?:consecutive\s|divided\s|successive\s)?(?:{UNIT}"
    rf"|doses)|\w+\sdays|day|week|month))?)",
)
_PER_TIME = re.compile(r"/(?:h|hr|hour|min|minute)\b")
_HIGH_DOSE = sieved(r"\b(?:high|low|immunomodulatory|replacement|standard|ultra-high)[- ]doses?\b", re.IGNORECASE)
_DOSE_OF_LABORATORY = re.compile(r"^\s?/\s?(?:d?l|mm|L)\b|^\s?(?:dl|l)\b", re.IGNORECASE)


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
_POPULATION = sieved(
    rf"\b(?:in|among|for|to)\s(?P<who>(?:(?:the|all|most|some|elderly|older|young|younger|pa?ediatric|pregnant"
    rf"|diabetic|obese|immobili[sz]ed|critically ill|those|\w+[- ](?:deficient|resistant|naive"
    rf"|dependent))\s)*{_PEOPLE}"
    r"(?:\s(?:with|who|of|on|receiving|at|over|under|aged|without|whose)\s(?:[^\s,;:.()]+\s?){1,7})?)",
    re.IGNORECASE,
)


# "Patients with IgA deficiency may develop anaphylaxis": those of whom it is said.
_OF_WHOM = sieved(
    rf"(?:^|\b(?:because|since|as|and|but|that)\s)(?P<who>(?:(?:the|all|most|some|elderly|older|young|younger"
    rf"|pa?ediatric|pregnant|diabetic"
    rf"|obese)\s)*{_PEOPLE}\s(?:with|of|who|over|under|aged)\s(?:(?!may\b|can\b|should\b)[^\s,;:.()]+\s){{1,12}}?)"
    r"(?=(?:may|can|could|might|should|are at|have a higher|are more|develop)\b)",
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
    for match in _OF_WHOM.finditer(sentence):
        who = match["who"].strip()
        yield Finding("population", who, match.start("who"), match.start("who") + len(who))


def _keywords(name: str, table: tuple[tuple[str, str], ...]) -> Callable[[str], Iterator[Finding]]:
    """A grammar of alternatives: the first row that matches a place gives its value."""
    rules = [(value, sieved(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)) for value, words in table]

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
rechallenges = _keywords("rechallenge", challenges.RECHALLENGES)
dechallenges = _keywords("dechallenge", challenges.DECHALLENGES)

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
