"""Whether what the tagger marks as a drug or a condition has the form of one.

The tagger learned from sentences about drugs; in other texts it takes a laboratory value for a drug and an adjective, a
part of the body or a test for a condition. The words themselves and those around them tell them apart, and so do the
ontologies: what they know only as something else is neither.
"""

from __future__ import annotations

import re

from ivigraph.ingest.morphology import has_form
from ivigraph.ingest.tagger.gazetteer import KINDS, Gazetteer, key, words

_CONDITION, _OTHER = KINDS.index("condition"), KINDS.index("other")

# Measured, not given: "serum creatinine", "creatine kinase", "potassium was 2.9 mmol/L".
_MEASURED_BEFORE = re.compile(
    r"\b(?:serum|plasma|blood|urinary|urine|salivary|elevated|raised|increased|decreased|low|high|normal|abnormal"
    r"|(?:levels?|concentrations?|values?|titres?|titers?|clearance|measurements?) of)[\s-]+$",
    re.IGNORECASE,
)
_MEASURED_AFTER = re.compile(
    r"[\s-](?:(?:phospho)?kinase|(?:amino)?transferase|transaminase|dehydrogenase|phosphatase|levels?|concentrations?"
    r"|clearance|values?|titres?|titers?|antigens?|receptors?|saturation)\b"
    r"|\s(?:\w+\s){1,3}?\d[\d.,]*\s?(?:[mµu]?mol|m?g/d?l|[mµ]?g/L|m?Eq|[IkK]?U/m?[lL]|[np]g/m[lL])",
    re.IGNORECASE,
)
_ENZYME = re.compile(
    r"(?:transferase|dehydrogenase|phosphokinase|phosphatase|transaminase|antigen|dimer)s?$", re.IGNORECASE
)
# "Maltose-stabilised immunoglobulin": what a product contains.
_EXCIPIENT = re.compile(r"[- ](?:stabili[sz]ed|containing|free|based)\b", re.IGNORECASE)
# Words of the language, whatever the tagger saw in them.
_WORD = re.compile(
    r"(?:\w+ly|you|we|they|he|she|it|non|one|two|three|four|five|six|seven|eight|nine|ten|\w*-|\W*|\w)", re.IGNORECASE
)
_ADJECTIVE = re.compile(r"[a-z-]+(?:ic|al|ous|ive|ary|ar|une|ent|ed|oid)")
_PREDICATIVE = re.compile(
    r"\b(?:was|were|is|are|became|become|becoming|remained|remains|been|being|felt)(?: \w+,?){0,3} $"
)
# Tests, what they measure, and what surgeons do.
_DONE = re.compile(
    r"(?:scop(?:y|ies)|graph(?:y|ies)|metry|grams?|plast(?:y|ies)|ectom(?:y|ies)|otom(?:y|ies)|ostom(?:y|ies)"
    r"|stomos[ie]s|\b(?:counts?|levels?|acuity|titres?|titers?|access|preference|score|index|test|assay|reports?"
    r"|reaction analysis))$",
    re.IGNORECASE,
)


# What is measured or looked at, where nothing is said to be wrong with it.
_NO_FINDING = re.compile(
    r"(?:(?:serum|plasma|blood|scalp|body|total) )?(?:creatinine|ha?emoglobin|sodium|potassium|bilirubin"
    r"|platelets?|hair"
    r"|skin|protein|albumin|pressure|leu[ck]ocytes|lymphocytes|neutrophils|enzymes|CRP|ferritin|glucose)",
    re.IGNORECASE,
)


def is_drug(text: str, start: int, end: int) -> bool:
    """Whether the words at that place may name a drug that is given."""
    name = text[start:end]
    if _WORD.fullmatch(name) or _ENZYME.search(name):
        return False
    before, after = text[max(0, start - 30) : start], text[end : end + 60]
    return not (_MEASURED_BEFORE.search(before) or _MEASURED_AFTER.match(after) or _EXCIPIENT.match(after))


def is_condition(text: str, start: int, end: int, gazetteer: Gazetteer) -> bool:
    """Whether the words at that place may name a condition: `gazetteer` knows what they are called elsewhere."""
    name = text[start:end]
    if _WORD.fullmatch(name) or _DONE.search(name) or _NO_FINDING.fullmatch(name):
        return False
    if _ADJECTIVE.fullmatch(name) and not _PREDICATIVE.search(text[max(0, start - 30) : start]):
        return False
    kinds = gazetteer.kinds.get(key([word for _, _, word in words(name)]), ())
    return _CONDITION in kinds or _OTHER not in kinds or has_form(name)
