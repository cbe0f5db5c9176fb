"""Checks the vocabulary against the ontologies it refers to, and writes what follows from them.

    python -m ivigraph.ontology.build --sources DIR [--check] [--no-reasoner]

writes, and reports what the vocabulary holds:

    mappings/ivigraph.sssom.tsv   where the concepts are found in other ontologies
    terms/labels_ja.tsv           HPO's Japanese labels
    terms/inferred.tsv            what HermiT infers from the definitions of the ontology (needs Java)
    prefixes.json context.jsonld  the prefix map and the JSON-LD context

`--check` writes nothing and fails when a file would change. The exit status is 1, and nothing is written, when an
identifier does not exist, is obsolete, or names something else, when HermiT finds a contradiction, or when the
vocabulary does not conform to the shapes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, URIRef

from ivigraph.errors import ShapeError, VocabularyError
from ivigraph.namespaces import ONTOLOGY, compress
from ivigraph.ontology import conformance, mapping, publish, reasoning, sources
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.names import normalise
from ivigraph.ontology.sources import Catalogue
from ivigraph.ontology.vocabulary import (
    INFERRED,
    INFERRED_COLUMNS,
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
NAMES = (RDFS.label, SKOS.altLabel)


def verify(vocabulary: Vocabulary, catalogue: Catalogue) -> list[str]:
    """What is wrong with the external identifiers, one sentence each; empty when all are right."""
    concepts = [problem for concept in vocabulary.concepts.values() for problem in _problems(concept, catalogue)]
    return [*concepts, *_problems_of_ontology(catalogue)]


def generated(vocabulary: Vocabulary, catalogue: Catalogue) -> Mapping[Path, str]:
    """The text of each generated file, but for what takes a reasoner."""
    return {
        MAPPINGS: mapping.to_sssom(mapping.mapping_set(vocabulary, catalogue)),
        TERMS / JAPANESE: _japanese(vocabulary, catalogue),
        **publish.generated(conformance.schema()),
    }


def inferred(vocabulary: Vocabulary) -> Mapping[Path, str]:
    """The text of `inferred.tsv`. `vocabulary` is as the tables assert it. Raises VocabularyError as HermiT does."""
    lines = ("\t".join(pair) for pair in reasoning.inferred(vocabulary))
    return {TERMS / INFERRED: "\n".join(["\t".join(INFERRED_COLUMNS), *lines, ""])}


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
        yield f"{kind:<16} {number:>5}"
    ontology = conformance.schema()
    for cls in ("StudyDesign", "DocumentType", "Outcome", "Severity"):
        yield f"{cls:<16} {len(set(ontology.subjects(RDF.type, URIRef(ONTOLOGY + cls)))):>5}"
    homes = Counter(concept.id.partition(":")[0] for concept in concepts)
    own = homes.pop("ivo")
    shown = ", ".join(f"{prefix} {number}" for prefix, number in homes.most_common())
    yield f"identifiers: {homes.total()} of other ontologies, verified ({shown}); {own} of our own"
    names = Counter(name.language for concept in concepts for name in concept.names)
    yield f"names: {names.total()} ({', '.join(f'{language} {n}' for language, n in names.most_common())})"
    yield f"definitions: {sum(bool(concept.definition) for concept in concepts)}"
    lines = mapping.mapping_set(vocabulary, catalogue)
    yield f"mappings: {len(lines)} of {len({line.subject for line in lines})} concepts"
    for target, kinds in sorted(_by_target(lines).items()):
        shown = ", ".join(f"{predicate.removeprefix('skos:')} {n}" for predicate, n in sorted(kinds.items()))
        yield f"  {target:<14} {kinds.total():>5} ({shown or 'no file names it'})"
    facts = [concept for concept in concepts if concept.facts]
    unverified = [concept.label for concept in facts if concept.facts and concept.facts.status == "unverified"]
    yield f"products with sourced facts: {len(facts) - len(unverified)}"
    yield f"products marked unverified: {len(unverified)} ({', '.join(sorted(unverified))})"
    for key, bearers in sorted(ambiguous(vocabulary).items()):
        yield f"ambiguous: {key}: {', '.join(f'{concept.label} ({concept.id})' for concept in bearers)}"


def _by_target(lines: Sequence[mapping.Line]) -> Mapping[str, Counter[str]]:
    """The mappings of each predicate by the ontology that they lead to; all that can be asked for are listed."""
    found = {prefix: Counter[str]() for prefix in mapping.TARGETS}
    for line in lines:
        found.setdefault(line.object.partition(":")[0], Counter())[line.predicate] += 1
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the ontologies")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")
    parser.add_argument("--no-reasoner", action="store_true", help="do without HermiT, and leave inferred.tsv as it is")
    options = parser.parse_args(arguments)
    try:
        vocabulary = read(TERMS, asserted=True)
        catalogue = sources.read(options.sources)
        problems = verify(vocabulary, catalogue)
        files = {} if problems else dict(generated(vocabulary, catalogue))
        if not problems and not options.no_reasoner:
            files |= inferred(vocabulary)
        for path, text in files.items():
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                if options.check:
                    problems.append(f"{path.name} is out of date: run this command without --check")
                else:
                    path.write_text(text, encoding="utf-8")
        verdicts = [] if problems else _verdicts(files.get(TERMS / INFERRED))
    except (VocabularyError, ShapeError) as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("\n".join([*report(vocabulary, catalogue), *verdicts]))
    return 1 if problems else 0


def _verdicts(inferred: str | None) -> list[str]:
    """What SHACL and HermiT say of the vocabulary as it is written now. Raises ShapeError."""
    complete = read(TERMS, MAPPINGS)
    conformance.check(vocabulary_graph(complete), where="the vocabulary")
    closure = sum(len(complete.ancestors(id)) for id in complete.concepts)
    lines = ["unverified identifiers without a mark: 0", "SHACL: the vocabulary conforms to the shapes"]
    if inferred is not None:
        lines.append(f"HermiT: consistent, no class unsatisfiable; {inferred.count(chr(10)) - 1} pairs inferred")
    return [*lines, f"closure: {closure} pairs of a concept and what it is"]


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


def _problems_of_ontology(catalogue: Catalogue) -> Iterator[str]:
    """The same for the matches that the ontology gives its classes and values."""
    ontology = conformance.schema()
    for predicate in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch):
        for subject, other in sorted(ontology.subject_objects(predicate)):
            id = compress(str(other)) or str(other)
            names = {normalise(str(name)) for relation in NAMES for name in ontology.objects(subject, relation)}
            if id not in catalogue.labels and id not in catalogue.unnamed:
                yield f"{subject}: {id} is in none of the files"
            elif predicate == SKOS.exactMatch and not names & catalogue.keys.get(id, set()):
                yield f"{subject}: {id} is {catalogue.labels.get(id)!r}, and no name of ours agrees"


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
