"""Conditions and drugs that the vocabulary does not know, by the shape of their words.

Medicine builds its names from endings: a word in -itis, -penia or -opathy is a condition, one in -mab or -cillin a
drug, and a phrase that ends in "syndrome" or "weakness" is named by what stands before. Such a mention has no
identifier; it is there so that a claim about it is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.sieve import sieved
from ivigraph.ingest.tables import words
from ivigraph.model import Mention, MentionType

# Endings that make a word a condition by itself, with at least three letters before them.
_ENDING = re.compile(
    r"[a-z-]{3,}(?:itis|itides|penias?|a?emia|opath(?:y|ies)|uria|algia|plegia|pare(?:sis|ses)|rrh(?:o?ea|age|agia)"
    r"|o?edema|"
    r"cytosis|philia|rrhexis|ectasia|ectasis|sclerosis|stenosis|phagia|pno?ea|phasia|arthria|(?:p(?:a?e)?r|hypo"
    r"|dys)a?esthesias?|"
    r"kinesia|opia|osis|oses|oma|omas|omata|thrombosis|embolism|megaly|rrhoea|uresis|stasis|trophy|algesia|pexia"
    r"|plasia)"
)
# Words with such an ending that are no condition.
_NO_CONDITION = re.compile(
    r"diagnos[ie]s|.*prognos[ie]s|.*diagnosis|symptoma|.*apoptosis|.*phagocytosis|.*endocytosis|.*exocytosis"
    r"|.*pinocytosis|meiosis|mitosis|"
    r"metamorphosis|hypnosis|homeostasis|hemostasis|haemostasis|diapedesis|.*glucosis|carcinoma in|stoma|aroma"
    r"|diploma|genoma|stroma|.*stomos[ie]s|.*mitoses|microscop\w+|"
    r"an(?:a)?esthesia|.*transcytosis|.*opsonosis|utopia|.*scopia|osmosis|symbiosis|.*biopsy"
    r"|.*trophy(?<!atrophy)(?<!dystrophy)(?<!hypertrophy)|"
    r".*plasia(?<!dysplasia)(?<!hyperplasia)(?<!hypoplasia)(?<!aplasia)(?<!neoplasia)|dosis|academia|eukaryosis"
    r"|polyposis coli|myopia gravis|.*philia(?<!eosinophilia)(?<!basophilia)(?<!hemophilia)(?<!haemophilia)"
    r"|euthanasia|chorea$^"
)
# Heads that name a condition only with words before them.
_HEADS = frozenset(
    words(
        """
        syndrome syndromes disease diseases disorder disorders rash rashes pain pains weakness failure
        insufficiency deficiency deficiencies infection infections lesion lesions injury injuries thromboses
        ulcer ulcers cancer tumor tumour tumors attack attacks seizure seizures impairment dysfunction
        disturbance disturbances palsy palsies paralysis numbness reaction reactions eruption eruptions
        bleeding shock infarction infarct ischemia ischaemia arrest block crisis events symptoms dilation
        dilatation aneurysm aneurysms stiffness swelling tenderness rigidity phenomena phenomenon
        event complications manifestations abnormality abnormalities intolerance incompatibility rejection
        discomfort effluvium
        """
    )
)
# Heads that name a condition alone as well.
_WHOLE = frozenset(
    words(
        """
        rash seizure seizures weakness numbness paralysis headache headaches fever fevers fatigue malaise
        chills nausea vomiting dizziness vertigo anaphylaxis stroke pain bleeding jaundice cough pruritus
        itching urticaria hives erythema flushing syncope confusion drowsiness somnolence tetany tremor
        ataxia coma sepsis cramps dyspnea hypotension hypertension tachycardia bradycardia arrhythmia
        wheezing rigors eczema psoriasis
        """
    )
)
# Modifiers that belong to a name; adjectives by their endings, nouns of body parts and functions by the list.
_MODIFIER = re.compile(
    r"[a-z][a-z-]*(?:al|ic|ous|ar|ary|oid|ive|otic|etic|eal|iac|ine|ular|ory|mune|less|ed|ing|toxic|lytic|penic|emic)"
)
_NOUNS = frozenset(
    words(
        """
        limb arm leg hand foot facial muscle joint chest back neck abdominal head skin lung kidney liver
        heart blood bone brain nerve eye ear throat bowel bladder gallbladder stomach breast thyroid lymph
        node vein artery coronary valve cell b-cell t-cell memory speech gait vision hearing taste sleep
        mood autoimmune connective tissue upper lower proximal distal left right serum sickness graft host
        virus respiratory tract urinary injection infusion site flu-like influenza-like acute chronic iron
        vitamin platelet immune complex motor neuron sensory transfusion-related mast light chain stress
        allergy
        """
    )
)
# Adjectives that grade or place a condition but are no part of its name, and participles that are verbs.
_NOT_MODIFIER = frozenset(
    words(
        """
        several various general additional clinical typical usual potential initial final total historical
        original critical medical surgical technical annual occasional special individual actual principal
        serious including following developed had having being showing causing experienced reported observed
        presented related suggested considered treated diagnosed underlying existing ongoing worsening
        improving according during resulting leading specific public basic mild moderate severe alternative
        positive negative effective active extensive novel rare common necessary primary involving suffering
        increased decreased induced associated caused confirmed suspected recurring documented described
        noted accompanied complicated revealed continued resulted excluded affected attributed previous
        obvious numerous dangerous precious scheduled needed received preexisting pre-existing limited used
        based presenting requiring using causing progressing prescribed evaluating testing identified called
        named selected showed displayed disclosed demonstrated detected found excluded presumed resolved
        improved persisted recurrent
        """
    )
)
# "Under-reported", "well-known", "drug-induced": what is known of a condition, or where it came from.
_GRADED = re.compile(r"(?:induced|related|associated|-(?:reported|known|recogni[sz]ed|described|documented))$")
_WORD = re.compile(r"[^\W\d_][\w-]*(?:['’]s)?")
_DRUG = re.compile(
    r"[a-z]{3,}(?:mab|cillin|mycin|oxacin|cycline|azole|prazole|sartan|statin|[aei]pril|olol|sone|solone|solon"
    r"|nide|prine|phamide|"
    r"sporin|limus|tinib|ciclib|parin|gatran|xaban|vir|vudine|zepam|azine|triptyline|oxetine|setron|profen|fenac"
    r"|dronate|platin|"
    r"teplase|(?<=ur)okinase|(?<=strept)okinase|tasol|tadine|fenadine|hydramine|tirizine|racetam|lukast|penem|gabalin|triptan|oxin|alol|dipine"
    r"|zosin|"
    r"rubicin|taxel|bine|trexate|quine|cept|kinra|mide|thiazide|gliptin|formin)",
)
_NO_DRUG = re.compile(
    r"carbine|combine|.*bromide|.*chloride|.*amide$(?<!phamide)(?<!lenalidomide)|sa?line|.*provir|outside"
    r"|reservoir|turbine|columbine|(?:con|inter|per|ac|ex)cept|someone|elvir|tur?bine|urine|marine|.*peptide"
    r"|resone|lone"
)
_MOST_MODIFIERS = 3
# A short form that nothing explains, where a diagnosis is expected: "he was diagnosed with EPS", "a case of PLAM".
_DIAGNOSED = sieved(
    r"\b(?i:diagnosed (?:with|as(?: having)?|to have)|diagnosis of|diagnosis was|suffering from|cases? of) "
    r"(?:[a-z-]+ ){0,2}(?P<name>[A-Z][A-Z0-9]{2,6})(?=[,.;)]| (?:on|in|by|with|after|at|and|was|were|is|who"
    r"|based|since)\b)"
)


def unknown(text: str, sentence: Sentence, known: Sequence[Mention]) -> Iterator[Mention]:
    """The conditions and drugs in a sentence that have the shape of one, outside the `known` mentions."""
    words = list(_WORD.finditer(text, sentence.start, sentence.end))
    taken = [(mention.start, mention.end) for mention in known]
    for number, word in enumerate(words):
        if any(start < word.end() and word.start() < end for start, end in taken):
            continue
        plain = word.group().lower().removesuffix("'s")
        kind = _kind(plain)
        if kind is MentionType.CONDITION:
            first = _first_modifier(text, words, number, taken)
            if first < number or plain not in _HEADS or plain in _WHOLE:
                yield _mention(text, words[first].start(), word.end(), MentionType.CONDITION)
        elif kind is MentionType.DRUG:
            yield _mention(text, word.start(), word.end(), MentionType.DRUG)
    for found in _DIAGNOSED.finditer(text, sentence.start, sentence.end):
        if not any(start < found.end("name") and found.start("name") < end for start, end in taken):
            yield _mention(text, found.start("name"), found.end("name"), MentionType.CONDITION)


def has_form(name: str) -> bool:
    """Whether the last word of a name is one that conditions end in."""
    return _kind(name.lower().split()[-1]) is MentionType.CONDITION


@lru_cache(maxsize=1 << 14)
def _kind(word: str) -> MentionType | None:
    """What a word in lower case names by its form."""
    if word in _HEADS or word in _WHOLE or (_ENDING.fullmatch(word) and not _NO_CONDITION.fullmatch(word)):
        return MentionType.CONDITION
    return MentionType.DRUG if _DRUG.fullmatch(word) and not _NO_DRUG.fullmatch(word) else None


def _first_modifier(text: str, words: Sequence[re.Match[str]], head: int, taken: Sequence[tuple[int, int]]) -> int:
    first = head
    while first > max(0, head - _MOST_MODIFIERS):
        before = words[first - 1]
        gap = text[before.end() : words[first].start()]
        plain = before.group().lower()
        is_name = before.group()[0].isupper() and first - 1 > 0 and not before.group().isupper()
        modifies = plain in _NOUNS or is_name or (_MODIFIER.fullmatch(plain) and plain not in _NOT_MODIFIER)
        free = not any(start < before.end() and before.start() < end for start, end in taken)
        if gap.strip(" ") or not modifies or not free or _GRADED.search(plain):
            break
        first -= 1
    return first


def _mention(text: str, start: int, end: int, kind: MentionType) -> Mention:
    surface = text[start:end]
    return Mention(start=start, end=end, text=surface, type=kind, id=None, label=surface, reasons=("by its form",))
