"""Whether a name of immunoglobulin means the therapy, or the antibody that is measured, stained or engineered.

"Intravenous immunoglobulin" and brands are always the therapy. The bare word is the therapy only where the words
around it speak of giving it, and never where they speak of a level, a class, a deposit or a monoclonal protein.
"""

from __future__ import annotations

import re

from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.sieve import sieved

# The names that also mean the antibody: no route, no dose, no brand.
_BARE = re.compile(
    r"(?:(?:human|normal|polyclonal|polyvalent|pooled|serum|gamma|immune|therapeutic)[\s-]+)*"
    r"(?:immuno-?globulins?|immune globulins?|gamma-?\s?globulins?|globulins?|igg?s?)",
    re.IGNORECASE,
)
_ANTIBODY_BEFORE = re.compile(
    r"(?:\b(?:serum|surface|plasma|intrathecal|circulating|elevated|decreased|increased|low|high|normal|reduced"
    r"|undetectable|quantitative|"
    r"monoclonal|oligoclonal|positive|total|maternal|specific|class|measure(?:d|ment of)?|levels? of|titers? of"
    r"|concentrations? of|deposit(?:s|ion) of|"
    r"deficiency of|lack of|production of|synthesis of|absence of|light chain|heavy chain|thyroid[- ]stimulating"
    r"|thyrotropin[- ]binding)"
    r"|\b(?:anti|hyper|hypo|pan|a))[\s-]*$",
    re.IGNORECASE,
)
_ANTIBODY_AFTER = re.compile(
    r"\s\(?Ig[AGM]\d?\)? (?:antibod|against|levels?|titers?|titres?)|\s*[-(]?\s*(?:(?:A|D|E|M|G[1-4]?|light"
    r"|heavy|kappa|lambda|gamma|alpha|mu|κ|λ)\b(?!\s+(?:infusion|therapy"
    r"|treatment|replacement))|"
    r"(?:levels?|concentrations?|titers?|titres?|class(?:es)?|subclass(?:es)?|isotypes?|deposit(?:s|ion)?"
    r"|deficien|superfamily|genes?|receptors?|"
    r"domains?|chains?|assays?|expression|binding|variable|fold|index|production|synthesis|fractions?|bands?"
    r"|staining|antibod(?:y|ies)"
    r"|measurements?|panel|secret|"
    r"assays?|values?|determination|was (?:low|normal|elevated|within|undetectable|\d)|were (?:low|normal"
    r"|elevated|within|undetectable|\d))\b)"
)
_GIVEN_BEFORE = re.compile(
    r"\b(?:intravenous(?:ly)?|i\.?v\.?|subcutaneous(?:ly)?|intramuscular(?:ly)?|doses?(?: of)?|high[- ]doses?"
    r"|low[- ]dose|infusions? of|courses? of|cycles? of|"
    r"treat(?:ed|ment|ing)?|therap(?:y|ies)|receiv(?:ed|ing|es)|given|giving|gave|administ\w+|start(?:ed|ing)"
    r"|initiat\w+|infus\w+|injections? of|caused by|induced by|replacement|prophyla\w+|glycol[- ]treated"
    r"|pepsin[- ]treated|sulfonated"
    r"|sulphonated|products?|the use of|reactions? to|allerg\w+ to|intoleran\w+ to|response to|mg"
    r"|kg|put on|got|gets?|been on|(?:addition|inclusion|introduction|discontinuation|withdrawal"
    r"|cessation) of)\b[^.;:]{0,40}$",
    re.IGNORECASE,
)
_GIVEN_AFTER = re.compile(
    r"\s*(?:\([^)]{1,60}\)\s*)?(?:therap|treatment|infusion|replacement|administ|preparation|products?\b|prophyla"
    r"|substitution|injection|concentrates?\b|"
    r"pulse|doses?\b|courses?\b|at (?:a )?\d|\d+(?:\.\d+)?\s?(?:m?g)|(?:was|were|is|are|has been"
    r"|have been) (?:\w+ )?(?:given|administ|start|initiat|infus|"
    r"used|added|commenc|effective|tried|indicated|recommend|well tolerated|contraindicated|licensed|approved"
    r"|derived|prepared|made)|supplement|discontinuation|withdrawal|cessation|toxicity|intravenously|subcutaneously|intramuscularly|(?:may|can|should|must"
    r"|could)\b|reduces?\b|interfer\w+|blocks?\b|works?\b|acts?\b)",
    re.IGNORECASE,
)
_DRUG_NEAR = re.compile(
    r"\b(?:steroids?|corticosteroids?|\w+(?:solone|sone|mab|prine|phamide|sporin|imus)|plasma exchange"
    r"|plasmapheresis|intravenous|therapy|treatment)\b",
    re.IGNORECASE,
)
# A name with its route, or that is no form of the word "globulin" (a brand, IVIG).
_ROUTE = re.compile(r"intravenous|\bi\.?v\b|subcutaneous|intramuscular|(?<!globulin)(?<!globulins)$", re.IGNORECASE)
_REACH = 60


# A document with one of these is about immunoglobulin as a therapy, and so is its bare word.
_ABOUT = sieved(
    r"intravenous (?:human |normal |polyvalent |pooled )*(?:immun|gamma)|\bIV-?Ig|\bIVIG\b|\bSC-?Ig\b"
    r"|subcutaneous immun|human normal immun|normal human immun"
    r"|immun(?:o|e )\s?globulin (?:therapy|treatment|infusion|replacement|product|preparation)",
    re.IGNORECASE,
)
_SPELT_OUT = re.compile(
    r"(?:human |normal |polyvalent |polyclonal |pooled |therapeutic )*"
    r"(?:immuno-?globulins?|immune globulins?|gamma-?\s?globulins?)",
    re.IGNORECASE,
)
# A text with the bare word, and one of these.
_HANDLED = sieved(r"\binfusions?\b|\bg/kg\b|side effects?|adverse|unwanted effects?|contra-?indicat", re.IGNORECASE)
_NAMED = sieved(r"immuno-?globulin|immune globulin|gamma-?\s?globulin", re.IGNORECASE)


def is_about_therapy(text: str) -> bool:
    """Whether a document speaks of immunoglobulin as something that is given."""
    return _ABOUT.search(text) is not None or (_NAMED.search(text) is not None and _HANDLED.search(text) is not None)


def is_therapy(text: str, sentence: Sentence, start: int, end: int, *, about: bool = False) -> bool:
    """Whether the immunoglobulin named at `text[start:end]` is one that is given.

    `about`: the document speaks of immunoglobulin as a therapy.
    """
    name = text[start:end]
    before = text[max(sentence.start, start - _REACH) : start]
    after = text[end : min(sentence.end, end + _REACH)]
    if not _BARE.fullmatch(name):
        # "Cytomegalovirus immunoglobulin M antibody" is measured, "cytomegalovirus immunoglobulin" is given.
        return _ROUTE.search(name) is not None or _ANTIBODY_AFTER.match(after) is None
    if _ANTIBODY_BEFORE.search(before) or _ANTIBODY_AFTER.match(after):
        return False
    if (about and _SPELT_OUT.fullmatch(name)) or _GIVEN_AFTER.match(after) or _GIVEN_BEFORE.search(before):
        return True
    if _SPELT_OUT.fullmatch(name) and _LISTED.search(text, sentence.start, start):
        return True
    # "With" and "and" say little by themselves: a drug has to stand beside them.
    return _BESIDE.search(before) is not None and _DRUG_NEAR.search(before + after) is not None


# "Treatment consisted of antibiotics, corticosteroids, immunoglobulin and fluids": one of a list of what was given.
_LISTED = re.compile(
    r"\b(?:treat(?:ed|ment|ing|ments)|therap(?:y|ies)|receiv(?:ed|ing)|given|administ\w+|manage(?:d"
    r"|ment))\b[^.;:]{0,300}"
    r"(?:,|\band|\bor|\bplus|\bwith)\s(?:\w+\s)?(?:long-term\s)?$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\b(?:with|and|plus|or|by|g|using)\b[^.;:]{0,40}$", re.IGNORECASE)
