"""Sentences of our own about immunoglobulins and other therapies, of which the corpora have few.

Written for training by the developers; slots are filled with names of the vocabulary, so that the wording and not
the name decides. {D} is the therapy that the sentence is about, {O} another one that it says nothing of; {C} a
condition that {D} causes, {S} one that it may cause, {X} one that it is said not to have caused, {T} one that it
is given for, {N} any other condition.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from ivigraph.ontology.names import normalise
from ivigraph.ontology.vocabulary import Concept, Kind, Scope, Vocabulary
from training.corpora import Annotated, Link, Name

FRAMES = tuple(
    line
    for line in """
{D} was given for {T}, and {C} developed two days later.
She was treated with {D} 2 g/kg over five days for {T}.
He received {D} for {T} without any adverse effect.
{D}-induced {C}: a case report.
{D}-associated {C} in a patient with {T}.
{C} following {D} for {T}.
{C} and {C} after {D}.
{C} occurred during the second infusion of {D}.
Three days after starting {D}, the patient developed {C} and {C}.
The patient complained of {C}, {C} and {C} within hours of the infusion of {D}.
We report a woman with {T} who developed {C} after {D}.
A 54-year-old man with {T} presented with {C} one week after the second course of {D}.
Common side effects of {D} include {C}, {C}, {C} and {C}.
Rare but serious adverse events of {D} are {C}, {C} and {C}.
Adverse reactions to {D} are usually mild and include {C} and {C}.
{C} is a rare complication of {D}.
{C} is a well-known side effect of {D}, but {C} is rarely reported.
{D} may cause {S}.
{D} can rarely be associated with {S} or {S}.
The risk of {S} is increased by {D}.
{D} was suspected as the cause of the {S}.
The {S} was probably related to {D}.
{S} possibly due to {D} was considered.
{C} recurred when {D} was given again.
{D} was stopped because of {C}.
{D} had to be discontinued due to severe {C}.
After {D} was switched to another product, {C} did not recur.
{C} resolved completely after {D} was withdrawn.
No {X} occurred during treatment with {D}.
No {X}, {X} or {X} was observed after {D}.
{D} was well tolerated, without {X} or {X}.
None of the patients developed {X} after {D}.
The infusion of {D} was not followed by {X}.
There was no evidence of {X} after {D} for {T}.
He developed {C} after {D}, but no {X}.
{C} appeared after {D} without {X}.
{D} is effective in {T}.
{D} is used in {T}, {T} and {T}.
{D} is indicated for {T} and {T}.
{D} is a treatment option for refractory {T}.
{D} is recommended as second-line therapy of {T}.
Efficacy of {D} in {T}: a randomised trial.
Successful treatment of {T} with {D}.
{T} responding to {D}.
{T} successfully treated with {D} and {D}.
The {T} improved markedly after {D}.
{T} resolved after {D} was started.
{T} did not respond to {D}.
{D} was of no benefit in {T}.
Despite {D}, the {T} progressed.
{T} refractory to {D}.
A diagnosis of {T} was made and {D} was started.
The diagnosis of {T} was confirmed, and she was given {D}.
Because of worsening {T}, {D} and {D} were given.
Patients with {T} were randomised to {D} or placebo.
{D} for {T}: a review.
In {T}, {D} shortens the time to recovery.
The patient with {T} was started on {D} 1 mg/kg daily.
Off-label use of {D} for {T} is common.
{D} is licensed for {T}.
{D} reduced the frequency of {T}.
{T} was managed with {D}.
{T} was treated with {D} and improved within a week.
She had a history of {N} and received {D} for {T}.
He had {N} and {N} when {D} was given for {T}.
{D} was given, and the {T} improved; {N} had been known for years.
A woman with {N} presented with {N} and was taking {O}.
The patient with {N} had been on {O} for ten years.
She had never taken {O}; examination showed {N}.
{N} was diagnosed ten years before, and {O} had been stopped long ago.
The examination revealed {N}, {N} and {N}; {O} was continued.
We studied {N} and {O} levels in healthy volunteers.
The concentration of {O} was measured in patients with {N}.
{O} was continued unchanged, and laboratory tests showed {N}.
Before {O}, the patient had {N} and {N}.
On admission he had {N} and {N}; later {O} was given.
The differential diagnosis included {N} and {N}; {O} had not been given.
The mechanism of {O} in {N} is unknown.
{N} was caused by {N}, and {O} was not involved.
While on {O} for years without problems, she received {D} and developed {C}.
{C} was attributed to {D} and not to {O}.
{O} was well known to the patient, whereas {D} caused {C}.
{C} induced by {D} was treated with {O}.
{C} after {D} resolved with {O}.
{D}-induced {C} responded to {O}.
The patient, who had {N}, developed {C} after receiving {D} for {T}.
Twelve of 40 patients (30%) developed {C} after {D}.
{C} was reported in 5% of infusions of {D}.
{C} was seen in 3 and {C} in 7 of 62 patients treated with {D}.
{D} is contraindicated in {N}.
{D} should be avoided in patients with {N}.
The child with {T} was treated with {D} and aspirin; {C} was noted on day 3.
Laboratory tests after {D} showed {C} and {C}, which were attributed to the treatment.
{C} in a child with {T} treated with high-dose {D}.
Delayed {C} after {D} therapy for {T}.
An unusual adverse reaction to {D}: {C}.
Acute {C} complicating {D} treatment of {T}.
A case of {C} caused by {D} is described.
{D}: a cause of {C}?
To our knowledge this is the first report of {C} due to {D} in {T}.
Nurses should monitor patients on {D} for {S} and {S}.
Patients must be warned of {S} before they receive {D}.
{D} is made from the plasma of many donors and contains antibodies; {N} is a disease of the immune system.
{N} often coexists with {N}.
""".strip().splitlines()
)

_SLOT = re.compile(r"\{([DOCSXTN])\}")
_DRUGS = frozenset("DO")


def generate(vocabulary: Vocabulary, count: int, seed: int) -> Iterator[Annotated]:
    """So many sentences, each frame as often as any other, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    names = {
        "product": _names(vocabulary, Kind.PRODUCT),
        "therapy": _names(vocabulary, Kind.THERAPY),
        "event": _names(vocabulary, Kind.EVENT),
        "disease": _names(vocabulary, Kind.DISEASE),
    }
    for number in range(count):
        yield _fill(FRAMES[number % len(FRAMES)], names, chance, f"own:{number}")


def _names(vocabulary: Vocabulary, kind: Kind) -> list[str]:
    return sorted({n for c in vocabulary.concepts.values() if c.kind is kind for n in _english(c)})


def _english(concept: Concept) -> Iterator[str]:
    for name in concept.names:
        if name.language == "en" and name.scope in (Scope.LABEL, Scope.EXACT, Scope.ABBREVIATION):
            yield name.text if name.scope is Scope.ABBREVIATION or not name.text[1:].islower() else name.text.lower()


def _pick(slot: str, names: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    if slot in _DRUGS:
        return chance.choice(names["product" if chance.random() < 0.4 else "therapy"])
    diseases = {"T": 0.9, "N": 0.5}.get(slot, 0.1)
    return chance.choice(names["disease" if chance.random() < diseases else "event"])


def _fill(frame: str, names: Mapping[str, Sequence[str]], chance: random.Random, id: str) -> Annotated:
    text, position, slots = "", 0, []
    used: set[str] = set()
    found: list[Name] = []
    for match in _SLOT.finditer(frame):
        slot = match.group(1)
        name = _pick(slot, names, chance)
        while normalise(name) in used:
            name = _pick(slot, names, chance)
        used.add(normalise(name))
        text += frame[position : match.start()]
        if not text and name[1:].islower():
            name = name[0].upper() + name[1:]
        found.append(Name(len(text), len(text) + len(name), "drug" if slot in _DRUGS else "condition"))
        slots.append(slot)
        text += name
        position = match.end()
    links = tuple(
        Link("treats" if right == "T" else "causes", head, tail, negated=right == "X", speculated=right == "S")
        for head, left in enumerate(slots)
        for tail, right in enumerate(slots)
        if left == "D" and right in "CSXT"
    )
    return Annotated(id, id, text + frame[position:], tuple(found), links)
