"""The five kinds of claim: their names, their IRIs in the graph, and how they are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivigraph.model import Predicate
from ivigraph.namespaces import ONTOLOGY, VOCABULARIES

_BIOLINK = VOCABULARIES["biolink"]


@dataclass(frozen=True, slots=True)
class Relation:
    """`says` stands between subject and object, `denies` when the claim is negated; `inverse` reads from the object."""

    predicate: Predicate
    iri: str
    says: str
    denies: str
    inverse: str


_RELATIONS = (
    Relation(
        Predicate.CAUSES,
        f"{_BIOLINK}has_adverse_event",
        "was followed by",
        "was not followed by",
        "reported after",
    ),
    Relation(
        Predicate.TREATS,
        f"{_BIOLINK}treats_or_applied_or_studied_to_treat",
        "was used for",
        "should not be used for",
        "treated with",
    ),
    Relation(
        Predicate.HAS_MECHANISM,
        f"{ONTOLOGY}hasMechanism",
        "works through",
        "does not work through",
        "mechanism of",
    ),
    Relation(
        Predicate.CONTRAINDICATED_IN,
        f"{_BIOLINK}contraindicated_in",
        "is contraindicated in",
        "is not contraindicated in",
        "contraindication of",
    ),
    Relation(
        Predicate.INTERACTS_WITH,
        f"{_BIOLINK}pharmacologically_interacts_with",
        "interacts with",
        "does not interact with",
        "interacts with",
    ),
)

BY_NAME: Mapping[str, Relation] = {relation.predicate.value: relation for relation in _RELATIONS}
BY_IRI: Mapping[str, Relation] = {relation.iri: relation for relation in _RELATIONS}
