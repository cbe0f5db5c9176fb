"""What the ontologies on disk say: labels and other names of their terms, Japanese labels, and mappings between them.

Reads the files as their projects publish them (SSSOM, Babelon and other tables, RDF/XML) from one folder:

    mondo/sssom/*.sssom.tsv   mondo/hp_import.owl   hpo/hp-ja.babelon.tsv   hpo/*synonyms.tsv
    doid/HumanDO.tsv   mesh/terms.tsv   maxo/maxo-base.owl   oae/*.owl   ro/ro.owl   biomappings/positive.sssom.tsv

Only the build of the vocabulary reads them; the vocabulary that ships does not need them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from ivigraph.errors import VocabularyError
from ivigraph.namespaces import IDENTIFIERS, compress
from ivigraph.ontology.names import normalise

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_OWL = "{http://www.w3.org/2002/07/owl#}"
_LABEL = "{http://www.w3.org/2000/01/rdf-schema#}label"
_SYNONYMS = tuple(
    f"{{http://www.geneontology.org/formats/oboInOwl#}}has{scope}Synonym"
    for scope in ("Exact", "Narrow", "Broad", "Related")
)
# Prefixes that differ from ours by more than their case.
_PREFIXES = {"icd11.foundation": "ICD11", "snomedct": "SCTID", "mim": "OMIM", "orphanet.ordo": "Orphanet"} | {
    prefix.casefold(): prefix for prefix in IDENTIFIERS
}


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One line of a mapping set, with our prefixes. `source` names the set as a CURIE (`infores:mondo`)."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    source: str


@dataclass(slots=True)
class Catalogue:
    """Terms by CURIE. `keys` holds the normalised names, labels among them; obsolete terms are in no other field.

    `unnamed` are classes that a file mentions without a label.
    """

    labels: dict[str, str] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    obsolete: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    japanese: dict[str, str] = field(default_factory=dict)
    correspondences: list[Correspondence] = field(default_factory=list)

    def add(self, id: str, name: str | None, *, label: bool = False) -> None:
        if not name:
            return
        if label and name.startswith("obsolete "):
            self.obsolete.add(id)
        if label:
            self.labels.setdefault(id, name)
        self.keys.setdefault(id, set()).add(normalise(name))


def read(folder: Path) -> Catalogue:
    """Everything in the folder; raises VocabularyError naming the file that is missing or cannot be read."""
    catalogue = Catalogue()
    try:
        _read_mondo(folder, catalogue)
        _read_hpo(folder, catalogue)
        for row in _table(folder / "doid/HumanDO.tsv"):
            catalogue.add(row["id"], row["label"], label=True)
        for row in _table(folder / "mesh/terms.tsv"):
            catalogue.add(f"MESH:{row['mesh_id']}", row["mesh_name"], label=True)
        _read_owl(folder / "mondo/hp_import.owl", "HP", catalogue)
        _read_owl(folder / "maxo/maxo-base.owl", "MAXO", catalogue)
        _read_owl(folder / "ro/ro.owl", "OGMS", catalogue)
        for path in _files(folder, "oae/*.owl"):
            _read_owl(path, "OAE", catalogue)
        catalogue.correspondences += _sssom(folder / "biomappings/positive.sssom.tsv", "infores:biomappings")
    except (OSError, UnicodeDecodeError, KeyError, csv.Error, ElementTree.ParseError) as error:
        raise VocabularyError(
            f"cannot be read: {error!r}", where=str(folder), remedy="give the folder that holds mondo/, hpo/, mesh/ …"
        ) from error
    catalogue.unnamed -= catalogue.labels.keys()
    for id in catalogue.obsolete:
        catalogue.labels.pop(id, None)
        catalogue.keys.pop(id, None)
        catalogue.japanese.pop(id, None)
    return catalogue


def _read_mondo(folder: Path, catalogue: Catalogue) -> None:
    for path in _files(folder, "mondo/sssom/*.sssom.tsv"):
        for line in _sssom(path, "infores:mondo"):
            catalogue.add(line.subject, line.subject_label, label=True)
            catalogue.add(line.subject, line.object_label)
            catalogue.correspondences.append(line)


def _read_hpo(folder: Path, catalogue: Catalogue) -> None:
    for row in _table(folder / "hpo/hp-ja.babelon.tsv"):
        if row["predicate_id"] == "rdfs:label":
            catalogue.add(row["subject_id"], row["source_value"], label=True)
            if row["translation_status"] == "OFFICIAL":
                catalogue.japanese[row["subject_id"]] = row["translation_value"]
    for row in _table(folder / "hpo/hp-nl.synonyms.tsv"):
        if row["subject_id"].startswith("HP:"):  # the second line repeats the header
            catalogue.add(row["subject_id"], row["translation_value"])
    for row in _table(folder / "hpo/layperson-synonyms.tsv"):
        if id := compress(row["?term"].strip("<>")):
            catalogue.add(id, row["?layperson"])


def _read_owl(path: Path, prefix: str, catalogue: Catalogue) -> None:
    start = IDENTIFIERS[prefix]
    for _, element in ElementTree.iterparse(path):  # noqa: S314 - a file that the curator chose, not one from the net
        iri = element.get(f"{_RDF}about", "") if element.tag == f"{_OWL}Class" else ""
        if iri.startswith(start):
            id = f"{prefix}:{iri.removeprefix(start)}"
            catalogue.unnamed.add(id)
            if element.find(f"{_OWL}deprecated") is not None:
                catalogue.obsolete.add(id)
            for child in element:
                if child.tag == _LABEL:
                    catalogue.add(id, child.text, label=True)
                    if prefix == "OAE":  # "headache AE" is the adverse event of headache
                        catalogue.add(id, (child.text or "").removesuffix(" AE"))
                elif child.tag in _SYNONYMS:
                    catalogue.add(id, child.text)
        if element.tag == f"{_OWL}Class":
            element.clear()


def _sssom(path: Path, source: str) -> Iterator[Correspondence]:
    for row in _table(path):
        subject, object_ = _curie(row["subject_id"]), _curie(row["object_id"])
        if subject and object_ and row["predicate_id"].startswith("skos:"):
            yield Correspondence(
                subject, row["subject_label"], row["predicate_id"], object_, row.get("object_label") or "", source
            )


def _curie(text: str) -> str | None:
    """With our prefix; None for a vocabulary that we do not link to."""
    prefix, _, local = text.partition(":")
    known = _PREFIXES.get(prefix.casefold())
    return f"{known}:{local}" if known else None


def _table(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")


def _files(folder: Path, pattern: str) -> list[Path]:
    if files := sorted(folder.glob(pattern)):
        return files
    raise FileNotFoundError(folder / pattern)
