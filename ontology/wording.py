"""Different words for one thing, as small tables of medical English.

Two levels. The *bag* of a name holds what never changes its meaning: word order, "of", the organ as a noun or an
adjective, "tumour" for "neoplasm". Names with one bag name the same thing ("disease of the kidney", "renal
disorder"). *Variants* are what else a writer may have meant, tried in turn when a name is not found as it
stands ("ischemic" for "ischemia", "nephrotoxicity" for "kidney injury", "severe X" for "X"), each with its cost.

All words here are keys of `names.normalise`: American spelling, singular.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivigraph.ontology.names import normalise

_STOP = frozenset(
    ("of", "the", "a", "an", "in", "to", "with", "and", "or", "on", "due", "nos", "unspecified", "by", "from")
)

# One word of the left for each of the right; words of one line say the same of a disease.
_SAME = """
neoplasm: cancer carcinoma tumor malignancy neoplasia
disease: disorder syndrome condition illness
hypertension: hypertensive
kidney: renal nephric
heart: cardiac
liver: hepatic
lung: pulmonary
brain: cerebral
stomach: gastric
bowel: intestinal intestine
colon: colonic
colorectum: colorectal
skin: cutaneous dermal
eye: ocular
ear: otic aural
muscle: muscular
bladder: vesical
bone: osseous
nerve: neural
artery: arterial
vein: venous
vessel: vascular
ventricle: ventricular
atrium: atrial
prostate: prostatic
breast: mammary
ovary: ovarian
uterus: uterine
testis: testicular
cervix: cervical
esophagus: esophageal
pancreas: pancreatic
thyroid: thyroidal
spleen: splenic
retina: retinal
cornea: corneal
optic: optical
respiratory: respiration
bleeding: hemorrhage hemorrhagic
failure: insufficiency
deficiency: deficient deficit
infection: infectious
hereditary: inherited heritable familial genetic inborn
malignant: cancerou
abnormality: anomaly malformation defect
drug: medication substance
arrhythmia: dysrhythmia
thrombosis: thrombu
mental: psychiatric
itching: pruritu
vomiting: emesi
fever: pyrexia
stroke: apoplexy
seizure: convulsion
"""

# Weaker than the disease that they are taken for: "renal impairment" is linked to "kidney disease" when nothing
# nearer is found.
_WEAK = """
dysfunction impairment damage injury toxicity lesion abnormality complication involvement problem disturbance insult
defect manifestation symptom trouble deterioration event episode attack
deficit suppression gene locus
"""

# Left of a head they narrow it without changing what it is.
_NARROWING = """
acute subacute chronic severe mild moderate marked transient persistent recurrent relapsing refractory progressive
sporadic familial hereditary inherited idiopathic isolated congenital acquired primary secondary symptomatic
asymptomatic classic classical typical atypical generalized focal diffuse bilateral unilateral left right adult
childhood infantile juvenile neonatal early late onset postoperative perioperative human spontaneous fatal nonfatal
massive extensive advanced metastatic invasive seasonal spring new common rare x linked autosomal dominant recessive
experimental drug induced associated related
"""

# Greek and Latin forms within one word, and the word they stand for.
_COMBINING = {
    "nephro": "kidney",
    "hepato": "liver",
    "cardio": "heart",
    "neuro": "nervous system",
    "pneumo": "lung",
    "oto": "ear",
    "vestibulo": "vestibular",
    "myo": "muscle",
    "gastro": "stomach",
    "entero": "bowel",
    "dermato": "skin",
    "hemato": "blood",
    "myelo": "bone marrow",
    "retino": "retina",
}

# How an adjective ends, and how the noun that it was made from may end.
_DERIVATIONS = (
    ("etic", ("esia", "esis", "etes", "etus")),  # dyskinetic, diabetic
    ("otic", ("osis", "otism")),  # thrombotic, psychotic
    ("itic", ("itis", "y")),  # arthritic
    ("ptic", ("psy", "psis", "psia")),  # epileptic, septic
    ("ctic", ("xis", "xia")),  # anaphylactic, atactic
    ("eptic", ("epsy",)),
    ("mic", ("mia",)),  # ischemic, anemic
    ("onic", ("onia", "onus")),  # dystonic, myoclonic
    ("phic", ("phy", "phia")),  # hypertrophic
    ("genic", ("genesis",)),
    ("toxic", ("toxicity",)),  # nephrotoxic
    ("algesic", ("algesia",)),
    ("embolic", ("embolism",)),
    ("lytic", ("lysis",)),
    ("static", ("stasis",)),
    ("oid", ("osis", "oidism")),  # hypothyroid
    ("ic", ("ia", "y", "ism", "is", "e")),  # schizophrenic, allergic
    ("tensive", ("tension",)),
    ("essive", ("ession",)),
    ("sive", ("sion",)),
    ("ulsive", ("ulsion",)),
    ("thyroid", ("thyroidism",)),
    ("ian", ("", "ism", "ianism")),  # parkinsonian
    ("opal", ("ope",)),  # syncopal
    ("ous", ("us", "ia")),
    ("ese", ("esity",)),  # obese
    ("iac", ("ia", "iasis")),  # maniac
    ("al", ("", "a")),  # traumatal, edemal
    ("ed", ("ion", "")),
    ("eur", ("e",)),
)

_STUDIES = ("iatry", "logy")  # no disease, though a "psychiatric" one is named after it

_TABLE: Mapping[str, str] = {
    normalise(word): normalise(head)
    for line in _SAME.strip().splitlines()
    for head, _, words in [line.partition(":")]
    for word in words.split()
}
_WEAK_HEADS = frozenset(map(normalise, _WEAK.split()))
MODIFIERS = frozenset(map(normalise, _NARROWING.split()))
_GENERAL = frozenset(("disease", "disorder", "syndrome"))
_WEAK_IN_BAGS = frozenset(_TABLE.get(word, word) for word in _WEAK_HEADS | _GENERAL)

# Bags of names so broad that a link to them tells nothing.
GENERIC = frozenset(
    (
        "disease", "abnormality", "injury", "injury wound", "finding", "clinical finding", "symptom", "sign", "event",
        "adverse event", "attack", "death", "deficiency", "disease human", "disease hereditary",
    )
)  # fmt: skip


def bag(key: str) -> str:
    """The words of a normalised name without order, small words and synonyms: equal bags, equal things."""
    words = {_TABLE.get(word, word) for word in key.split() if word not in _STOP}
    if len(words) > 1:
        words.discard("type")
    return " ".join(sorted(words))


_PREPOSITION = re.compile(r" (?:of|in|with|due to|from|by|to|after|during|for|on) ")


def heads(key: str) -> frozenset[str]:
    """The word that says what kind of thing a name means, as bags write it, and those that may stand for it."""
    words = _PREPOSITION.split(key)[0].split()
    last = _TABLE.get(words[-1], words[-1]) if words else ""
    return _WEAK_IN_BAGS if last in _WEAK_IN_BAGS else frozenset((last,))


@dataclass(frozen=True, slots=True)
class Variant:
    """Another wording of a name: its `key`, the `cost` (0 to 1) of having changed it, and the reason in words."""

    key: str
    cost: float
    reason: str
    broader: bool = False


def variants(key: str) -> Iterator[Variant]:
    """Other wordings of a normalised name, the cheapest first. Most of them are no name at all."""
    found: dict[str, Variant] = {}
    for variant in sorted(_variants(key), key=lambda variant: variant.cost):
        found.setdefault(variant.key, variant)
    found.pop(key, None)
    yield from found.values()


def _variants(key: str) -> Iterator[Variant]:
    words = key.split()
    yield from _phrases(key)
    yield from _complement(key)
    yield from _derived(words)
    yield from _toxicity(words)
    yield from _induced(words)
    yield from _inherited(key)
    yield from _less_function(key)
    yield from _bare(words)
    yield from _weak_head(words)
    yield from _shorter(words)


# Phrases of one meaning, for what a drug does to a patient and the like; keys of `normalise`.
_PARAPHRASES = tuple(
    tuple(normalise(phrase) for phrase in line.split("|"))
    for line in (
        "toxicity|adverse drug reaction|adverse reaction|side effect|adverse effect|drug toxicity"
        "|drug-related side effects and adverse reactions",
        "metastasis|metastatic disease|neoplasm metastasis",
        "birth defect|congenital malformation|malformation|congenital anomaly|congenital abnormality",
        "heart attack|myocardial infarction",
        "asystole|cardiac arrest|heart arrest",
        "myelosuppression|bone marrow suppression|bone marrow depression",
        "low blood pressure|hypotension",
        "high blood pressure|hypertension",
    )
)


def _phrases(key: str) -> Iterator[Variant]:
    for group in _PARAPHRASES:
        if key in group:
            yield from (Variant(other, 0.1, f"{other} for {key}") for other in group if other != key)


_COMPONENT = re.compile(r"\bc([1-9])\b")


def _complement(key: str) -> Iterator[Variant]:
    """The short names of complement: "C7 deficiency" is that of a component of complement."""
    if (written := _COMPONENT.sub(r"complement component \1", key)) != key:
        yield Variant(written, 0.05, "component of complement")


def _derived(words: list[str]) -> Iterator[Variant]:
    """Noun for adjective, in the last word."""
    last = words[-1]
    for ending, nouns in _DERIVATIONS:
        if last.endswith(ending) and len(last) - len(ending) >= 2:
            for noun in nouns:
                changed = normalise(last.removesuffix(ending) + noun)
                if changed != last and not changed.endswith(_STUDIES):
                    yield Variant(" ".join([*words[:-1], changed]), 0.15, f"{changed} for {last}")


def _toxicity(words: list[str]) -> Iterator[Variant]:
    """What harms an organ: "nephrotoxicity" and "renal toxicity" are injuries of the kidney."""
    last = words[-1]
    if not last.endswith(("toxicity", "toxic")):
        return
    stem = last.removesuffix("ity").removesuffix("toxic")
    organ = _COMBINING.get(stem, stem.removesuffix("o")) if stem else " ".join(words[:-1])
    if not organ:
        return
    plain = _TABLE.get(organ, organ)
    joined = next((form for form, word in _COMBINING.items() if word == plain), None)
    if joined is not None:
        yield Variant(f"{joined}toxicity", 0.12, "toxicity in one word")
    for cost, pattern in enumerate(("drug induced {} injury", "{} toxicity", "{} injury", "{} disease")):
        yield Variant(normalise(pattern.format(organ)), 0.25 + 0.02 * cost, "toxicity is injury by a drug")


# What induces a disease and is no drug.
_NO_DRUG = frozenset(
    ("exercise", "radiation", "stress", "alcohol", "cold", "heat", "noise", "light", "diet", "trauma", "virus")
)


def _induced(words: list[str]) -> Iterator[Variant]:
    """The cause taken out: "heparin-induced thrombocytopenia" is drug-induced, and it is thrombocytopenia."""
    for link in ("induced", "associated", "related", "mediated"):
        if link in words[1:-1]:
            place = words.index(link)
            rest = " ".join(words[place + 1 :])
            if link == "induced" and not _NO_DRUG.intersection(words[:place]):
                yield Variant(f"drug induced {rest}", 0.12, "induced by a drug")
            yield Variant(rest, 0.22, f"whatever it was {link} by", broader=True)


_INHERITANCE = re.compile(
    r"^(?:autosomal|x linked|y linked|sex linked)(?: dominant| recessive)?|^(?:dominant|recessive)\b"
)


def _inherited(key: str) -> Iterator[Variant]:
    """The way it is inherited taken out: "autosomal recessive disorder" is a hereditary one."""
    rest = _INHERITANCE.sub("", key).strip()
    if rest and rest != key:
        yield Variant(f"hereditary {rest}", 0.2, "inheritance in general", broader=True)


_LESS = re.compile(
    r"^(?:decreased|reduced|impaired|diminished|abnormal|poor|worsening|deteriorating) (.+) function$"
    r"|^(?:decrease|reduction|impairment|decline|deterioration|worsening) (?:of|in) (.+) function$"
)


def _less_function(key: str) -> Iterator[Variant]:
    """An organ that works less well is insufficient: "decreased renal function"."""
    if (found := _LESS.match(key)) is not None:
        organ = found.group(1) or found.group(2)
        yield Variant(f"{organ} insufficiency", 0.2, "insufficiency for less function")
        yield Variant(f"{organ} disease", 0.3, "disease for less function", broader=True)


def _bare(words: list[str]) -> Iterator[Variant]:
    """With a general head added or taken away: "von Willebrand", "Lesch-Nyhan"; "seizure disorder"."""
    if words[-1] not in _GENERAL:
        cost = 0.1 if words[-1].endswith(("ic", "al", "ian")) else 0.14
        yield Variant(f"{' '.join(words)} disease", cost, "as a disease")
    elif len(words) > 1:
        yield Variant(" ".join(words[:-1]), 0.15, f"without {words[-1]!r}")


def _weak_head(words: list[str]) -> Iterator[Variant]:
    if len(words) > 1 and words[-1] in _WEAK_HEADS - _GENERAL:
        if words[-1] == "impairment":
            yield Variant(" ".join([*words[:-1], "insufficiency"]), 0.2, "insufficiency for impairment")
        yield Variant(" ".join([*words[:-1], "disease"]), 0.3, f"disease for {words[-1]}", broader=True)
        yield Variant(" ".join(words[:-1]), 0.35, f"without {words[-1]!r}", broader=True)
        # "Thrombotic events", "syncopal attacks": the adjective holds the disease.
        for noun in _derived(words[:-1]):
            yield Variant(noun.key, 0.2, f"{noun.reason}, without {words[-1]!r}")


def _shorter(words: list[str]) -> Iterator[Variant]:
    """Without what narrows it: words on the left of a compound, and a phrase with "of" or "with" on its right."""
    parts = _PREPOSITION.split(" ".join(words), maxsplit=1)
    if len(parts) == 2:
        words = parts[0].split()
        if words and not (_WEAK_HEADS | _GENERAL).issuperset(words):
            yield Variant(parts[0], 0.3, f"without what follows {parts[0]!r}", broader=True)
    for start in range(1, len(words)):
        left, right = words[:start], words[start:]
        if _WEAK_HEADS.issuperset(right) or _GENERAL.issuperset(right):
            return
        cost = 0.2 if all(word in MODIFIERS for word in left) else min(0.3 + 0.04 * start, 0.48)
        yield Variant(" ".join(right), cost, f"without {' '.join(left)!r}", broader=True)
