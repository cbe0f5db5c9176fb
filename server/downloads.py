"""Chosen claims as files, written batch by batch: tables, JSON, and RDF with its prefixes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI
from ivigraph.server.core import Core
from ivigraph.server.naming import names
from ivigraph.server.pages import short, words
from ivigraph.server.results import table

BATCH = 500
CSV, JSON = "text/csv", "application/json"
_RDF = ("text/turtle", "application/n-triples")
TYPES = (CSV, JSON, *_RDF)
_EXTENSIONS = {CSV: "csv", JSON: "json", "text/turtle": "ttl", "application/n-triples": "nt"}

# Column, and how it is reached from the claim; all but the first are optional in the graph.
_FIELDS: Mapping[str, str] = {
    "quote": "biolink:supporting_text",
    "certainty": "ivo:certainty",
    "confidence": "ivo:confidence",
    "count": "ivo:count",
    "total": "ivo:total",
    "percent": "ivo:percent",
    "unit": "ivo:unit",
    "frequency": "ivo:frequency",
    "severity": "ivo:severity",
    "onset": "ivo:onset/rdfs:label",
    "onset_min_days": "ivo:onset/ivo:minDays",
    "onset_max_days": "ivo:onset/ivo:maxDays",
    "outcome": "ivo:outcome",
    "dechallenge": "ivo:dechallenge",
    "rechallenge": "ivo:rechallenge",
    "dose": "ivo:dose/rdfs:label",
    "route": "ivo:administrationRoute",
    "rate": "ivo:rate",
    "schedule": "ivo:schedule",
    "effect": "ivo:effect",
    "line": "ivo:line",
    "label_status": "ivo:labelStatus",
    "population": "ivo:population",
    "product_class": "ivo:productClass",
    "patient": "ivo:case",
    "age_years": "ivo:case/ivo:ageYears",
    "sex": "ivo:case/ivo:sex",
}
_INDIVIDUALS = (
    "certainty", "unit", "severity", "dechallenge", "rechallenge", "route", "effect", "line", "label_status", "sex",
)  # fmt: skip

_NUMBERS = ("confidence", "count", "total", "percent", "onset_min_days", "onset_max_days", "age_years", "year")
_LISTS = ("diseases", "disease_labels", "identifiers")


def headers(media_type: str) -> Mapping[str, str]:
    """Those that make a browser save a table or RDF as a file; JSON is shown."""
    if media_type == JSON:
        return {}
    return {"Content-Disposition": f'attachment; filename="claims.{_EXTENSIONS[media_type]}"'}


def written(core: Core, claims: Sequence[str], media_type: str, generation: int) -> Generator[bytes]:
    """The claims in the order given. What was withdrawn since they were chosen is left out."""
    if media_type in _RDF:
        yield from _rdf(core, claims, media_type)
    elif media_type == CSV:
        yield from _csv(core, claims)
    else:
        yield from _json(core, claims, generation)


def _csv(core: Core, claims: Sequence[str]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for batch in _batches(claims):
        for record in _records(core, batch):
            writer.writerow([record.get(name, "") for name in _COLUMNS])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _json(core: Core, claims: Sequence[str], generation: int) -> Iterator[bytes]:
    yield f'{{"total": {len(claims)}, "generation": {generation}, "claims": ['.encode()
    comma = ""
    for batch in _batches(claims):
        for record in _records(core, batch):
            yield f"{comma}\n{json.dumps(_typed(record), ensure_ascii=False)}".encode()
            comma = ","
    yield b"\n]}\n"


def _typed(record: Mapping[str, str]) -> Mapping[str, object]:
    """Numbers and truths as JSON has them, and lists where a table has "a | b"."""
    values: dict[str, object] = {**record, "negated": record["negated"] in ("true", "1")}
    values.update({name: json.loads(record[name]) for name in _NUMBERS if record.get(name)})
    values.update({name: record[name].split(" | ") if record[name] else [] for name in _LISTS})
    return values


def _rdf(core: Core, claims: Sequence[str], media_type: str) -> Iterator[bytes]:
    """The claims with their parts, the names of what they are about, and their documents without the texts."""
    for batch in _batches(claims):
        these = f"VALUES ?claim {{ {' '.join(catalogue.iri(claim) for claim in batch)} }}"
        answer = core.store.answer(
            f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{
              {{ {these} ?claim ?p ?o BIND(?claim AS ?s) }}
              UNION {{ {these} ?claim ivo:onset|ivo:dose|prov:wasDerivedFrom|prov:wasGeneratedBy|ivo:subjectMention|
                       ivo:objectMention|ivo:case|(prov:wasDerivedFrom/oa:hasSelector) ?s . ?s ?p ?o }}
              UNION {{ {these} ?claim biolink:subject|biolink:object|biolink:disease_context_qualifier ?s .
                       VALUES ?p {{ rdfs:label }} ?s ?p ?o }}
              UNION {{ {these} ?claim biolink:publications ?s .
                       VALUES ?p {{ rdf:type dcterms:title dcterms:identifier rdfs:seeAlso ivo:documentType ivo:year
                                    ivo:journal dcterms:creator ivo:retractedBy }} ?s ?p ?o }} }}""",
            accept=media_type,
        )
        yield from answer.chunks


_COLUMNS = (
    "claim", "subject", "subject_label", "relation", "object", "object_label", "negated", "diseases", "disease_labels",
    *_FIELDS, "document", "title", "design", "year", "identifiers",
)  # fmt: skip


def _records(core: Core, batch: Sequence[str]) -> Iterator[Mapping[str, str]]:
    these = f"VALUES ?claim {{ {' '.join(catalogue.iri(claim) for claim in batch)} }}"
    optional = "\n".join(f"OPTIONAL {{ ?claim {path} ?{name} }}" for name, path in _FIELDS.items())
    rows = {
        row["claim"]: row
        for row in table(
            core.store,
            f"""SELECT * {{ {these} ?claim biolink:subject ?subject ; biolink:predicate ?relation ;
                biolink:object ?object ; biolink:negated ?negated ; biolink:publications ?document . {optional} }}""",
        )
    }
    diseases = _several(core, f"{these} ?claim biolink:disease_context_qualifier ?value", "claim")
    documents = " ".join(sorted({catalogue.iri(row["document"]) for row in rows.values()}))
    about = f"VALUES ?document {{ {documents} }} ?document dcterms:title ?title ; ivo:documentType ?design"
    papers = {
        row["document"]: row
        for row in table(core.store, f"SELECT * {{ {about} OPTIONAL {{ ?document ivo:year ?year }} }}")
    }
    identifiers = _several(core, f"VALUES ?document {{ {documents} }} ?document dcterms:identifier ?value", "document")
    labels = names(
        core, {row[end] for row in rows.values() for end in ("subject", "object")} | set().union(*diseases.values())
    )
    for claim in batch:
        if row := rows.get(claim):
            paper = papers.get(row["document"], {})
            in_ = sorted(diseases.get(claim, ()))
            yield {
                **{name: row[name] for name in ("claim", "subject", "object", "document", "negated")},
                **{name: words(row[name]) if name in _INDIVIDUALS else row[name] for name in _FIELDS if row[name]},
                "subject_label": labels[row["subject"]],
                "object_label": labels[row["object"]],
                "relation": BY_IRI[row["relation"]].predicate.value,
                "diseases": " | ".join(map(short, in_)),
                "disease_labels": " | ".join(labels[disease] for disease in in_),
                "title": paper.get("title", ""),
                "design": words(paper.get("design", "")),
                "year": paper.get("year", ""),
                "identifiers": " | ".join(sorted(identifiers.get(row["document"], ()))),
            }


def _several(core: Core, pattern: str, key: str) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in table(core.store, f"SELECT DISTINCT ?{key} ?value {{ {pattern} }}"):
        found.setdefault(row[key], set()).add(row["value"])
    return found


def _batches(claims: Iterable[str]) -> Iterator[Sequence[str]]:
    left = iter(claims)
    while batch := list(islice(left, BATCH)):
        yield batch
