"""Findings that belong to a treated disease: where they stand alone they are not blamed on its treatment.

Results of cohorts tell "Coronary aneurysms developed in nine children" as they tell adverse events. Only wording that
blames the therapy itself ("caused by", "two hours after the infusion") makes such a finding an effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.rules import TEMPORAL, UNSPECIFIC
from ivigraph.model import Predicate

# Rules that go by what the sentences around speak of, or by what came after what.
_WEAK = UNSPECIFIC | {"topic", "sequel", "section", "model", "after it appeared"}

_INFECTION, _WEAKNESS, _RESPIRATORY_FAILURE, _DYSPHAGIA = "MONDO:0005550", "HP:0001324", "HP:0002878", "HP:0002015"
_PTOSIS, _DIPLOPIA, _PARALYSIS, _PARAPLEGIA = "HP:0000508", "HP:0000651", "HP:0003470", "HP:0010550"
_CORONARY_DILATATION, _CORONARY_LESION = "ivo:CoronaryArteryDilatation", "ivo:CoronaryArteryLesion"
_BLEEDING, _PETECHIAE, _CALCINOSIS, _LUNG = "HP:0001892", "HP:0000967", "HP:0003761", "MONDO:0015925"
_PULMONARY_HYPERTENSION, _DIGITAL_ULCER, _ORGAN_FAILURE = "MONDO:0005149", "HP:0031917", "MONDO:0043726"
_BRONCHIECTASIS, _CRISIS = "MONDO:0004822", "ivo:MyasthenicCrisis"

# By disease, whatever is narrower included on both sides.
_OF_A_DISEASE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "MONDO:0012727": frozenset({_CORONARY_DILATATION, _CORONARY_LESION}),  # Kawasaki disease
        "MONDO:0016218": frozenset({_WEAKNESS, _PARALYSIS, _PARAPLEGIA, _RESPIRATORY_FAILURE}),  # Guillain-Barre
        "MONDO:0009688": frozenset(  # myasthenia gravis
            {_WEAKNESS, _RESPIRATORY_FAILURE, _PTOSIS, _DIPLOPIA, _DYSPHAGIA, _CRISIS}
        ),
        "MONDO:0019098": frozenset({_BLEEDING, _PETECHIAE}),  # immune thrombocytopenia
        "MONDO:0600023": frozenset({_WEAKNESS, _DYSPHAGIA, _CALCINOSIS, _LUNG}),  # inflammatory myopathy
        "MONDO:0005100": frozenset({_PULMONARY_HYPERTENSION, _DIGITAL_ULCER, _CALCINOSIS, _LUNG}),  # systemic sclerosis
        "MONDO:0021094": frozenset({_INFECTION, _BRONCHIECTASIS}),  # immunodeficiency
        "ivo:SevereCutaneousAdverseReaction": frozenset({_INFECTION, _ORGAN_FAILURE}),  # epidermal necrolysis
    }
)


def without_complications(stated: Iterable[Relation], ancestors: Callable[[str], frozenset[str]]) -> list[Relation]:
    """The relations, without findings of the treated diseases that only their place makes effects of a therapy."""
    stated = list(stated)
    treated = {
        disease
        for r in stated
        if r.predicate is Predicate.TREATS and not r.negated and is_product(r.subject) and r.object.id is not None
        for disease in ancestors(r.object.id) & _OF_A_DISEASE.keys()
    }
    # A form of the disease ("chronic ITP developed in 10 %") is no effect either.
    expected = treated.union(*(_OF_A_DISEASE[disease] for disease in treated))

    def is_of_the_disease(r: Relation) -> bool:
        weak = r.predicate is Predicate.CAUSES and not r.negated and r.rule in _WEAK and r.object.id is not None
        return weak and bool((ancestors(r.object.id or "") | {r.object.id}) & expected)

    return [r for r in stated if not is_of_the_disease(r)]


_AGAIN = re.compile(
    r"\b(?:recurrences?|relapses?|recurrent|relapsed|flares?(?: of)?) (?:of (?:the |his |her )?)?$", re.IGNORECASE
)


def without_recurrences(stated: Iterable[Relation], frames: Sequence[Frame]) -> list[Relation]:
    """The relations, without diseases that came back after a therapy and that the text told before it named any."""
    begun = next((f.index for f in frames if any(map(is_product, f.drugs()))), 0)
    before = {key(m) for f in frames if f.index < begun for m in f.named("C")}

    def is_old(r: Relation) -> bool:
        told = r.frame.text[: max(0, r.object.start - r.frame.sentence.start)]
        return r.rule in TEMPORAL and key(r.object) in before and _AGAIN.search(told) is not None

    return [r for r in stated if not is_old(r)]
