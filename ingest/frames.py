"""A sentence with its mentions, written so that relation rules can be read: names become slots.

"Prednisone and IVIG were given for fever, rash and severe myositis." becomes "<D0> were given for <C0>.", where D0
stands for both drugs and C0 for the three conditions: a coordinated list is one slot, and every member of it takes
part in what the slot takes part in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ivigraph.ingest.assertion import Assertions
from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Mention, MentionType
from ivigraph.ontology import vocabulary
from ivigraph.ontology.vocabulary import Kind

_LETTERS: Mapping[MentionType, str] = {
    MentionType.DRUG: "D",
    MentionType.PROCEDURE: "D",
    MentionType.CONDITION: "C",
    MentionType.MECHANISM: "M",
}
# Procedures that treat; the others find out, and are no therapy.
_TREATING = re.compile(
    r"exchange|adsorption|apheresis|ectomy|dialysis|filtration|transfusion|transplant|photo|radiotherapy|surgery"
    r"|tolerance induction",
    re.IGNORECASE,
)
# Words for an event or its course that name no event: the rules read them as words.
_NO_NAME = re.compile(
    r"(?:\w+ )*(?:(?:side|unwanted|untoward|undesirable|ill)[- ]effects?|adverse (?:\w+ )?(?:events?|effects?"
    r"|(?:drug )?reactions?)|complications?"
    r"|relapses?|recurrences?|exacerbations?|flares?|(?:delayed|immediate|early|late|acute|other) events|"
    r"(?:disease|clinical|rapid) (?:progression|deterioration|exacerbation)|deterioration|toxicity)",
    re.IGNORECASE,
)

# Neither do "subjective symptoms" or "clinical manifestations".
_NO_NAME_EITHER = re.compile(
    r"(?:(?:subjective|identical|similar|same|such|further|new|initial|typical|clinical|general|various|other"
    r"|associated|systemic|life-threatening|presenting|residual|all) )?"
    r"(?:symptoms?|manifestations?|signs)|(?:laboratory|biochemical|haematological|hematological) abnormalit(?:y|ies)",
    re.IGNORECASE,
)


def _is_slot(mention: Mention) -> bool:
    if mention.type is MentionType.PROCEDURE:
        return _TREATING.search(mention.label) is not None
    return mention.type is not MentionType.CONDITION or not any(
        pattern.fullmatch(mention.text) for pattern in (_NO_NAME, _NO_NAME_EITHER)
    )


# "Sepsis-associated encephalopathy", "an HIV-infected man", "steroid-dependent": only of what kind the next word is.
_OF_A_KIND = {
    "C": re.compile(
        r"-(?:associated|related|induced|mediated|triggered|infected|positive|negative|seropositive|exposed)\b"
    ),
    "D": re.compile(
        r"-(?:dependent|dependence|refractory|resistant|resistance|sparing|responsive|unresponsive|naive|na\u00efve|free"
        r"|experienced)\b|[ -](?:independen(?:t|ce)|dependen(?:cy|ce)|requirements?|burden)\b"
    ),
}


def _is_attribute(mention: Mention, text: str) -> bool:
    kind = _OF_A_KIND.get(_LETTERS[mention.type])
    return kind is not None and kind.match(text, mention.end) is not None


@dataclass(frozen=True, slots=True)
class Frame:
    """`slots` maps "C0" to its mentions; `place` says for each character of `masked` where it is in the document."""

    index: int
    sentence: Sentence
    text: str
    masked: str
    slots: Mapping[str, tuple[Mention, ...]]
    mentions: tuple[Mention, ...]
    generic: tuple[Mention, ...]  # "adverse events": what the rules read as words
    assertions: Assertions
    _origins: tuple[int, ...]

    def origin(self, position: int) -> int:
        """The offset in `text` of a position in `masked`."""
        return self._origins[position]

    def named(self, letter: str) -> Iterator[Mention]:
        return (m for name, members in self.slots.items() if name[0] == letter for m in members)

    def list_of(self, mention: Mention) -> tuple[Mention, ...]:
        """The names of the list that a mention stands in, itself among them; nothing where it has no slot."""
        return next((members for members in self.slots.values() if mention in members), ())

    def drugs(self) -> tuple[Mention, ...]:
        """The therapies that the sentence names itself."""
        return tuple(m for m in self.mentions if _LETTERS[m.type] == "D")

    def is_aside(self, drug: Mention) -> bool:
        """Whether a drug is named only to say what the therapy in question is set against or comes after."""
        return not is_product(drug) and self.is_set_aside(drug)

    def is_set_aside(self, drug: Mention) -> bool:
        """The same of any therapy: what the text goes on about is not due to it."""
        offset = self.sentence.start
        before, after = self.text[: drug.start - offset], self.text[drug.end - offset :]
        return _ASIDE.search(before) is not None or _FAILED.match(after) is not None


def frames(text: str, sentences: Sequence[Sentence], mentions: Iterable[Mention]) -> list[Frame]:
    """One frame for each sentence, with what "the infusion" or "it" refers to filled in from the sentences before."""
    ordered = sorted(mentions, key=lambda m: m.start)
    result: list[Frame] = []
    last: tuple[Mention, ...] = ()
    infused: tuple[Mention, ...] = ()
    both: tuple[Mention, ...] = ()
    suspected = False
    position = 0
    for index, sentence in enumerate(sentences):
        own: list[Mention] = []
        generic: list[Mention] = []
        while position < len(ordered) and ordered[position].start < sentence.end:
            mention = ordered[position]
            if mention.start >= sentence.start and not _is_attribute(mention, text):
                (own if _is_slot(mention) else generic).append(mention)
            position += 1
        frame = _frame(index, sentence, text, (own, generic), (last, infused or last, both))
        result.append(frame)
        drugs = [m for m in frame.named("D") if m in own and not frame.is_aside(m)]
        if drugs:
            last = antecedent(drugs)
            infused = last if is_product(last[0]) else infused
            distinct = {m.id or m.label: m for m in (*both, *drugs)}
            # The suspects that a title names stay those of the whole text.
            both = both if suspected else tuple(distinct.values())[-2:]
            suspected = suspected or (sentence.section == "title" and len(both) > 1)
    return result


# "Refractory to corticosteroids and azathioprine", "unlike rituximab": the text goes on about the other therapy.
_ASIDE = sieved(
    r"(?:\((?:in (?:conjunction|combination)|together|along) with"
    r"|\b(?:(?:refractory|resistant|unresponsive|intolerant|contraindications?) (?:to|of)|not respon\w+ to|despite"
    r"|instead of|(?:went on|proceeded|switched|changed) to"
    r"|in addition to|compared (?:with|to)|versus|unlike|in contrast to|other than|failed|failing"
    r"|alternative to|superior to|(?:first|second|third)[- ]line (?:treatment |therapy )?after))\b"
    r"(?:(?!\b(?:was|were|is|are|has|had|received|treated|given|started|then|who|which|but)\b)[^.;]){0,80}$",
    re.IGNORECASE,
)


_FAILED = re.compile(
    r"(?: and [\w-]+)?(?: therapy)? (?:fails?\b|failed\b|(?:has|have|had|was|were|proved) (?:\w+ )?"
    r"(?:failed|ineffective|unsuccessful|insufficient|no longer))",
    re.IGNORECASE,
)


def antecedent(drugs: Sequence[Mention]) -> tuple[Mention, ...]:
    """What a later "the treatment" means: the immunoglobulin where one was named, else the last therapy."""
    products = [m for m in drugs if is_product(m)]
    # A brand in brackets says which one it was, and the text goes on about the therapy.
    generic = [m for m in products if "globulin" in m.label]
    return ((generic or products or drugs)[-1],)


def is_product(mention: Mention) -> bool:
    """Whether a drug is an immunoglobulin product or one of their brands."""
    return mention.id in _products()


@cache
def _products() -> frozenset[str]:
    return frozenset(concept.id for concept in vocabulary.load().concepts.values() if concept.kind is Kind.PRODUCT)


# Between two members of a list: a comma or conjunction, then at most a few words that describe the next one.
_LINK = re.compile(
    r"\s*(?:\([^()]{0,40}\)|therap(?:y|ies)|treatments?|infusions?|administration|symptoms|alone|as monotherapy"
    r"|[A-Z]{2,6}\))?\)?\s*(?:,|(?:and|or|either)? ?(?:combined|in combination|together|in association) with"
    r"|;(?=[^;]{0,80};)|/|\+|\b(?:and/or|and|or|nor|versus|vs\.?|as well as|along with|together with|plus|followed by"
    r"|(?<=\s)with))"
    r"\s*(?:and/or|and|or|as well as|then|also|but also)?\s*(?:\n\s*(?:[-*•]|\d+[.)])\s*)?((?:[\w'’%/.-]+\s+){0,4})",
    re.IGNORECASE,
)
_ITEM_LINK = re.compile(
    r"[^\S\n]*(?:\([^()]{0,40}\))?[,;.]?(?:\s(?:and|or))?\n\s*(?:[-*+•◦▪‣·–—]\s+"
    r"|\(?\w{1,2}[.)]\s+)((?:[\w'’%/-]+\s+){0,3})"
)
_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d[\d.,]*%?)"
# "Headache in 42% of patients, fever in 19% and nausea in 16%", "six complained of headache and one of urticaria".
_COUNTED_LINK = re.compile(
    rf"(?: (?:was|were) (?:reported|seen|observed|noted))? in {_NUMBER}(?: \([^()]{{0,30}}\))?"
    r"(?: of (?:the )?\w+| patients| cases| others)?(?:,| and|, and) (?:[\w-]+ )?"
    rf"|(?: \([^()]{{0,30}}\))?,? and {_NUMBER}(?: \([^()]{{0,30}}\))? (?:of|with) ",
    re.IGNORECASE,
)
_APPOSITION = re.compile(r"\s*[(\[]\s*(?:also known as |i\.e\.,? |abbreviated )?")
# Words that end a list: what follows is another clause.
_NO_LINK = re.compile(
    r"\b(?:is|are|was|were|be|been|has|had|have|developed|showed|revealed|presented|received|who|which|that|he"
    r"|she|it|they|we|for|in|on|at|to|of|by|"
    r"from|after|before|during|following|due|without|no|not|but|while|treated|resulted|led|caused|improved"
    r"|resolved|underwent|started|may|can|"
    r"secondary|because|since|despite|presenting|complaining|associated|including|such|using|diagnosed|discontinued|discharged|initiated"
    r"|given|did|does)\b",
    re.IGNORECASE,
)
# "Swelling of the hands and tremor": a complement may stand between the name and the conjunction.
_COMPLEMENT = re.compile(
    r"\s(?:of|in|at)\s(?:(?:the|his|her|their|both|all|upper|lower|left|right|a"
    r"|an)\s)*(?:[\w-]+\s){0,2}?[\w-]+(?=\s*(?:,|and\b|or\b))",
    re.IGNORECASE,
)


def _linked(text: str, left: Mention, right: Mention) -> bool:
    if _LETTERS[left.type] != _LETTERS[right.type]:
        return False
    gap = text[left.end : right.start]
    if len(gap) > 120:
        return False
    if _APPOSITION.fullmatch(gap):
        return True
    if complement := _COMPLEMENT.match(gap):
        gap = gap[complement.end() :]
    if _NEW_CLAUSE.fullmatch(gap) and _PREDICATE.match(text, right.end) and _OBJECT.search(text, 0, left.start):
        return False
    if _COUNTED_LINK.fullmatch(gap):
        return True
    match = _ITEM_LINK.fullmatch(gap) or _LINK.fullmatch(gap)
    if match is None or _NO_LINK.search(match.group(1)):
        return False
    return not (match.group(1) and _is_verb(right))


def _is_verb(mention: Mention) -> bool:
    """Whether an event is told by its verb: "a man with immunodeficiency and absent IgA collapsed" is no list."""
    return mention.text in ("collapsed", "fainted", "vomited")


def _modifies(text: str, left: Mention, right: Mention) -> bool:
    """Whether the first is an adjective of the second, and no event by itself: "itchy vesicular eruption"."""
    both = left.type is MentionType.CONDITION and right.type is MentionType.CONDITION
    return both and text[left.end : right.start] == " " and not _is_verb(right)


# "Relieved the headache, and the meningitis resolved": a second clause, not a list.
_NEW_CLAUSE = re.compile(r",? and (?:the|his|her|their) (?:\w+ )?", re.IGNORECASE)
_PREDICATE = re.compile(
    r"\s(?:was|were|had|has|is|are|resolved|disappeared|subsided|cleared|faded|recovered"
    r"|improved)\b"
)
_OBJECT = re.compile(r"\w+ed (?:\w+ ){0,3}$")


# A therapy that was named before. "It" and "they" only where the verb is one of giving or working.
_ANAPHORA = sieved(
    r"\b(?:[Tt]he|[Tt]his|[Tt]hese|[Tt]hat|[Ee]ach|[Ee]very|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts|[Ss]uch)\s(?:(?:first"
    r"|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth|tenth|next|same|last|two|three|four|five|six|\d+|initial|subsequent|above|combined"
    r"|former|latter|following|whole"
    r"|entire|intravenous)\s)*"
    r"(?:infusions?|therap(?:y|ies)|drugs?|products?|medications?|immunotherap(?:y|ies)|regimens?|agents?"
    r"|preparations?|(?<!despite the )(?<!before the )treatments?)\b(?!\s(?:of|for|with|was commenced|options?"
    r"|period|center|unit|team|plan))"
    r"|\b(?:[Tt]he )?(?:[Ff]irst|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|subsequent"
    r"|last) (?:infusion|course|dose|cycle)s?\b(?!\sof)"
    r"|\b(?:[Mm]ost|[Aa]ll) (?:products|preparations)\b"
    r"|\b(?:[Ee]ach|[Ee]very) (?:course|cycle|dose|session)\b(?!\sof)"
    r"|\b(?:an?|one|any|two|three|four|five|six|both|several|(?<!\()(?<!,)\d[\d,]*)"
    r"(?: single)? (?:infusions?|courses|cycles)\b(?!\s(?:of|rate|site|pump|reaction|for))"
    r"|\b[\w-]+[- ](?:stabili[sz]ed|containing|treated|free) (?:products?|preparations?)\b"
    r"|\b(?:[Tt]he|an?) (?:intravenous|subcutaneous|intramuscular) (?:products?|preparations?|infusions?)\b"
    r"|\b(?:[Bb]oth|[Ee]ither|[Ee]ither of the(?: two)?) (?:drugs?|agents?|therap(?:y|ies)|medicines?|medications?"
    r"|treatments?)\b"
    r"|\b(?:[Ii]ts|[Tt]heir) (?:use|efficacy|effectiveness|administration)\b"
    r"|\bit(?=\s(?:is|was)\s(?:also |often |not )?(?:used|given|licensed|indicated|contraindicated|recommended)\b"
    r"|\sreplaces\b|\sserves\b|\shas been (?:added|used|given|tried)\b)"
    r"|(?<![\w])(?:It|They)(?=\s(?:is|are|was|were|has been|have been|can be|may be|can|may|should)?\s?(?:also "
    r"|often |usually |generally |commonly |not |sometimes |widely |currently )?(?:be )?(?:used|given"
    r"|administered|indicated|licensed|approved|effective|works?|acts?|exerts?|interferes?|infused|prescribed"
    r"|recommended|contraindicated|cause[sd]?|contains?|reduces?|improves?|treat|useful|of (?:no |little |some "
    r"|great )?(?:benefit|use|value|help)|a treatment|an effective"
    r"|the treatment))",
)


_TWO = re.compile(r"both|either", re.IGNORECASE)
_INFUSED = re.compile(r"infusion|product|preparation|dose|course|cycle", re.IGNORECASE)


def _frame(
    index: int,
    sentence: Sentence,
    document: str,
    named: tuple[Sequence[Mention], Sequence[Mention]],
    before: tuple[tuple[Mention, ...], tuple[Mention, ...], tuple[Mention, ...]],
) -> Frame:
    """`named` are the mentions for slots and the generic ones, `before` the last therapy, the last one infused, and
    the last two.
    """
    own, generic = named
    last, infused, both = before
    text = document[sentence.start : sentence.end]
    groups: list[list[Mention]] = []
    for mention in own:
        if groups and _modifies(document, groups[-1][-1], mention):
            groups[-1][-1] = mention
        elif groups and _linked(document, groups[-1][-1], mention):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    spans = [
        (g[0].start - sentence.start, _closed(text, g[-1].end - sentence.start, g), _LETTERS[g[0].type], tuple(g))
        for g in groups
    ]
    if last:
        for match in _ANAPHORA.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end, _, _ in spans):
                meant = infused if _INFUSED.search(match.group()) else last
                # "During IVIG, headache came after the infusions": those of the sentence's own therapy.
                earlier = [m for m in own if _LETTERS[m.type] == "D" and m.end <= sentence.start + match.start()]
                if any(is_product(m) for m in earlier):
                    meant = antecedent(earlier)
                spans.append((*match.span(), "D", both if _TWO.match(match.group()) else meant))
        spans.sort(key=lambda span: span[0])
    masked, origins, slots = _mask(text, spans)
    return Frame(index, sentence, text, masked, slots, tuple(own), tuple(generic), Assertions(text), origins)


def _closed(text: str, end: int, group: Sequence[Mention]) -> int:
    """Take in the bracket that closes an apposition: "immunoglobulin (IVIG)"."""
    closing = _CLOSING.match(text, end)
    before = text[:end]
    is_open = before.count("(") + before.count("[") > before.count(")") + before.count("]")
    return closing.end() if closing and is_open and len(group) > 1 else end


_CLOSING = re.compile(r"\s?%?[)\]]")


def _mask(
    text: str, spans: Sequence[tuple[int, int, str, tuple[Mention, ...]]]
) -> tuple[str, tuple[int, ...], dict[str, tuple[Mention, ...]]]:
    masked: list[str] = []
    origins: list[int] = []
    slots: dict[str, tuple[Mention, ...]] = {}
    position = 0
    for start, end, letter, members in spans:
        name = f"{letter}{sum(known[0] == letter for known in slots)}"
        slots[name] = members
        masked.append(text[position:start].replace("<", "‹").replace(">", "›"))
        origins.extend(range(position, start))
        masked.append(f"<{name}>")
        origins.extend([start] * (len(name) + 2))
        position = end
    masked.append(text[position:].replace("<", "‹").replace(">", "›"))
    origins.extend(range(position, len(text) + 1))
    return "".join(masked), tuple(origins), slots
