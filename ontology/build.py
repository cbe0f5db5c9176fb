"""Checks the vocabulary against the ontologies it refers to, and writes what follows from them.

    python -m ivigraph.ontology.build --sources DIR [--check]

writes `mappings/ivigraph.sssom.tsv` and `terms/labels_ja.tsv` beside this file and reports what the vocabulary
holds. `--check` writes nothing and fails when either file would change. The exit status is 1 when an identifier
does not exist, is obsolete, or names something else; nothing is written then.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ivigraph.errors import VocabularyError
from ivigraph.ontology import mapping, sources
from ivigraph.ontology.names import normalise
from ivigraph.ontology.sources import Catalogue
from ivigraph.ontology.vocabulary import (
    JAPANESE,
    LABEL_COLUMNS,
    MAPPINGS,
    TERMS,
    Concept,
    Scope,
    Vocabulary,
    read,
    table,
)

JAPANESE_REFUSED = "labels_ja_refused.tsv"


def verify(vocabulary: Vocabulary, catalogue: Catalogue) -> list[str]:
    """What is wrong with the external identifiers, one sentence each; empty when all are right."""
    return [problem for concept in vocabulary.concepts.values() for problem in _problems(concept, catalogue)]


def generated(vocabulary: Vocabulary, catalogue: Catalogue) -> Mapping[Path, str]:
    """The text of each generated file."""
    return {
        MAPPINGS: mapping.to_sssom(mapping.mapping_set(vocabulary, catalogue)),
        TERMS / JAPANESE: _japanese(vocabulary, catalogue),
    }


def ambiguous(vocabulary: Vocabulary) -> dict[str, tuple[Concept, ...]]:
    """Names that more than one concept bears, abbreviations aside, with the bearers, the first choice first."""
    found = {}
    for key, bearers in vocabulary.keys().items():
        concepts = tuple(dict.fromkeys(c for name, c in bearers if name.scope is not Scope.ABBREVIATION))
        if len(concepts) > 1:
            found[key] = concepts
    return found


def report(vocabulary: Vocabulary, catalogue: Catalogue) -> Iterator[str]:
    """Lines that say what the vocabulary holds."""
    concepts = vocabulary.concepts.values()
    for kind, number in sorted(Counter(concept.kind for concept in concepts).items()):
        yield f"{kind:<10} {number:>5}"
    own = sum(concept.id.startswith("ivo:") for concept in concepts)
    yield f"identifiers: {len(concepts) - own} of other ontologies, verified; {own} of our own"
    yield f"names: {sum(len(concept.names) for concept in concepts)}"
    lines = mapping.mapping_set(vocabulary, catalogue)
    targets = Counter(line.object.partition(":")[0] for line in lines)
    yield f"mappings: {len(lines)} ({', '.join(f'{prefix} {n}' for prefix, n in sorted(targets.items()))})"
    unverified = [concept.label for concept in concepts if concept.facts and concept.facts.status == "unverified"]
    yield f"products with unverified facts: {len(unverified)} ({', '.join(sorted(unverified))})"
    for key, bearers in sorted(ambiguous(vocabulary).items()):
        yield f"ambiguous: {key}: {', '.join(f'{concept.label} ({concept.id})' for concept in bearers)}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the ontologies")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")
    options = parser.parse_args(arguments)
    try:
        vocabulary = read(TERMS)
        catalogue = sources.read(options.sources)
    except VocabularyError as error:
        print(error, file=sys.stderr)
        return 1
    problems = verify(vocabulary, catalogue)
    for path, text in {} if problems else generated(vocabulary, catalogue).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            if options.check:
                problems.append(f"{path.name} is out of date: run this command without --check")
            else:
                path.write_text(text, encoding="utf-8")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("\n".join(report(vocabulary, catalogue)))
    return 1 if problems else 0


def _problems(concept: Concept, catalogue: Catalogue) -> Iterator[str]:
    same = [match.id for match in concept.matches if match.predicate == mapping.EXACT]
    near = [match.id for match in concept.matches if match.predicate != mapping.EXACT]
    keys = {normalise(name.text) for name in concept.names if name.language == "en"}
    for id in [*([] if concept.id.startswith("ivo:") else [concept.id]), *same, *near]:
        if id in catalogue.obsolete:
            yield f"{concept.id} ({concept.label}): {id} is obsolete"
        elif id not in catalogue.labels:
            yield f"{concept.id} ({concept.label}): {id} is in none of the files"
        elif id not in near and not keys & catalogue.keys[id]:
            yield f"{concept.id} ({concept.label}): {id} is {catalogue.labels[id]!r}, and no name of ours agrees"


def _japanese(vocabulary: Vocabulary, catalogue: Catalogue) -> str:
    """The labels that HPO calls official, less those that a reader of Japanese has found to mean something else."""
    refused = {(row["id"], row["label"]) for _, row in table(TERMS / JAPANESE_REFUSED, ("id", "label", "reason"))}
    rows = [
        (id, label, "hpo/hp-ja.babelon.tsv")
        for id in vocabulary.concepts
        if (label := catalogue.japanese.get(id)) and (id, label) not in refused
    ]
    return "\n".join(["\t".join(LABEL_COLUMNS), *("\t".join(row) for row in rows), ""])


if __name__ == "__main__":
    sys.exit(main())
