"""The two steps of an ingest that run in processes of their own: a file to its sources, articles to their graphs.

Each is made once in a process (`file_step`, `article_step`) and gives nothing but values; what is written down is for
the process that started it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rdflib import Graph

from ivigraph.errors import IvigraphError, ReadError
from ivigraph.extracting import Extracting, Recipe, translated
from ivigraph.ingest import identity, rdf
from ivigraph.ingest.gate import Gate
from ivigraph.ingest.readers import read, refused_for_size
from ivigraph.ledger.articles import Article
from ivigraph.ledger.content import encode
from ivigraph.ledger.files import Outcome, Source, Withdrawal
from ivigraph.ledger.results import Patient, Result
from ivigraph.model import Deletion, Document, Extraction, MentionType, Relation
from ivigraph.namespaces import Minter
from ivigraph.ontology import conformance
from ivigraph.ontology.vocabulary import load as load_vocabulary

_BATCH_BYTES = 2_000_000  # what is sent at a time
_BATCH_ITEMS = 200
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to be read unless its content is the one that `sha256` tells."""

    number: int
    path: Path
    sha256: str


Entered = Source | Withdrawal | ReadError
FileStep = Callable[[FileTask], Iterator[Sequence[Entered] | Outcome | None]]
ArticleStep = Callable[[Sequence[Article]], Iterator[Result]]


def file_step(max_bytes: int, about: tuple[str, ...], how: str) -> FileStep:
    """Read a file: what it holds in batches, at last the `Outcome`, or None alone for a file that did not change."""
    gate = Gate(load_vocabulary(), about) if about else None
    return partial(_read_file, max_bytes=max_bytes, gate=gate, how=how)


def _read_file(
    task: FileTask, *, max_bytes: int, gate: Gate | None, how: str
) -> Iterator[Sequence[Entered] | Outcome | None]:
    begun = time.monotonic()
    sha256, size = "", 0
    kept = _Kept(gate)
    documents = 0
    error: IvigraphError | None = None
    batch: list[Entered] = []
    weight = 0
    stack = ExitStack()
    try:
        path = stack.enter_context(_seekable(task.path))
        _refuse_oversized(path, str(task.path), max_bytes=max_bytes)
        sha256, size = digest(path)
        if sha256 == task.sha256:
            yield None
            return
        items = read(path, max_bytes=max_bytes, keep=kept.record if gate else None, name=str(task.path))
        for ordinal, item in enumerate(items):
            if isinstance(item, Document):
                if gate and not kept.document(item):
                    continue
                entered = source(item, ordinal)
                documents += 1
                weight += len(entered.content)
                batch.append(entered)
            else:
                batch.append(Withdrawal(ordinal=ordinal, identifier=item.id) if isinstance(item, Deletion) else item)
            if weight >= _BATCH_BYTES or len(batch) >= _BATCH_ITEMS:
                yield batch
                batch, weight = [], 0
        yield batch
    except Exception as problem:  # a bug in a reader or in a library costs its file
        if batch:
            yield batch
        error = translated(problem, str(task.path))
    finally:
        stack.close()
    yield Outcome(
        sha256=sha256,
        how=how,
        bytes=size,
        documents=documents,
        passed_over=kept.passed_over,
        seconds=time.monotonic() - begun,
        error=error,
    )


@contextmanager
def _seekable(path: Path) -> Iterator[Path]:
    """The file itself, or a copy of what a named pipe gives."""
    if not path.is_fifo():
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        with path.open("rb") as pipe:
            shutil.copyfileobj(pipe, copy)
        copy.flush()
        yield Path(copy.name)


class _Kept:
    """The gate, counting what it leaves out. A record that it saw is not looked at again as a document."""

    def __init__(self, gate: Gate | None) -> None:
        self._gate = gate
        self._seen = False
        self.passed_over = 0

    def record(self, data: bytes) -> bool:
        self._seen = self._passes(data)
        return self._seen

    def document(self, document: Document) -> bool:
        if self._seen:
            self._seen = False
            return True
        headings = " ".join(f'UI="{heading.id.removeprefix("MESH:")}"' for heading in document.mesh if heading.id)
        return self._passes(f"{document.title}\n{headings}\n{document.text}".encode())

    def _passes(self, data: bytes) -> bool:
        passes = self._gate is None or self._gate(data)
        self.passed_over += not passes
        return passes


def _refuse_oversized(path: Path, where: str, *, max_bytes: int) -> None:
    """Raises ReadError before all of a large file is read for its digest."""
    if path.is_file() and path.stat().st_size > max_bytes:
        with path.open("rb") as file:
            if refused := refused_for_size(file, where, max_bytes=max_bytes):
                raise refused


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file. Raises ReadError for what cannot be read, or has no end to be sure of."""
    try:
        if not path.is_file():
            raise ReadError("this is no regular file", where=str(path), remedy="save what it gives to a file")
        total, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while data := file.read(_CHUNK):
                total.update(data)
                size += len(data)
    except OSError as error:
        raise ReadError(
            f"the file cannot be read: {error.strerror or error}",
            where=str(path),
            remedy="check that it is a file and that you may read it",
        ) from error
    return total.hexdigest(), size


def source(document: Document, ordinal: int) -> Source:
    """A document as the ledger enters it."""
    sketch = identity.sketch(document)
    content = encode(replace(document, source=""))
    return Source(
        ordinal=ordinal,
        name=document.source,
        digest=hashlib.sha256(content).hexdigest(),
        format=document.format or "",
        rank=identity.rank(document),
        title=sketch.title,
        author=sketch.author,
        year=sketch.year,
        identifiers=sketch.identifiers,
        retracts=tuple(link.id for link in document.related if link.relation is Relation.RETRACTS),
        content=content,
    )


def article_step(recipe: Recipe, base_iri: str) -> ArticleStep:
    """Read articles for claims: for each a `Result`, in their order."""
    return article_step_with(Extracting(recipe), base_iri)


def article_step_with(extracting: Extracting, base_iri: str) -> ArticleStep:
    return partial(_read_articles, extracting=extracting, minter=Minter(base_iri))


@dataclass(slots=True)
class _Taken:
    extraction: Extraction
    graph: Graph
    seconds: float


def _read_articles(articles: Sequence[Article], *, extracting: Extracting, minter: Minter) -> Iterator[Result]:
    taken: list[_Taken | Result] = []
    for article in articles:
        begun = time.monotonic()
        place = article.sources[0][0]
        try:
            extraction = extracting(article.document())
            taken.append(_Taken(extraction, rdf.graph(extraction, minter), time.monotonic() - begun))
        except Exception as error:  # a bug in an extractor costs one document
            seconds = time.monotonic() - begun
            taken.append(Result(id=article.id, seconds=seconds, error=translated(error, place)))
    conforming = _conform([each.graph for each in taken if isinstance(each, _Taken)])
    for each in taken:
        if isinstance(each, Result):
            yield each
        elif not conforming and (violation := _violation(each)):
            yield Result(id=each.extraction.document.id, seconds=each.seconds, error=violation)
        else:
            yield _result(each, minter)


def _conform(graphs: Sequence[Graph]) -> bool:
    """Whether all graphs together satisfy the shapes; looked at one by one they take three times as long."""
    together = Graph()
    for graph in graphs:
        for triple in graph:
            together.add(triple)
    try:
        conformance.check(together)
    except IvigraphError:
        return False
    return True


def _violation(each: _Taken) -> IvigraphError | None:
    try:
        conformance.check(each.graph, where=each.extraction.document.source)
    except IvigraphError as error:
        return error
    return None


def _result(each: _Taken, minter: Minter) -> Result:
    extraction = each.extraction
    document = extraction.document
    lines = each.graph.serialize(format="nt11", encoding="utf-8").splitlines(keepends=True)
    claims = {str(node).rpartition("/")[2] for node in rdf.named_claims(extraction, minter)}
    return Result(
        id=document.id,
        triples=zlib.compress(b"".join(sorted(lines)), 1),
        claims=tuple(sorted(claims)),
        cases=len(extraction.cases),
        mentions=len(extraction.mentions),
        unlinked=sum(m.id is None for m in extraction.mentions),
        ambiguous=sum(bool(m.link and m.link.rivals) for m in extraction.mentions),
        patients=tuple(_patients(extraction, minter)),
        seconds=each.seconds,
        note=extraction.note,
    )


def _patients(extraction: Extraction, minter: Minter) -> Iterator[Patient]:
    document = extraction.document
    authors = tuple(sorted({identity.surname(name) for name in document.authors}))
    for case in extraction.cases:
        own = [claim for claim in extraction.claims if claim.case == case.id and not claim.negated]
        conditions = {
            mention.id
            for claim in own
            for mention in (claim.subject, claim.object)
            if mention.id and mention.type is MentionType.CONDITION
        }
        if case.age_years is not None and conditions:
            yield Patient(
                iri=minter.case(document.id, case.id),
                age=float(case.age_years),
                sex=str(case.sex) if case.sex else None,
                conditions=tuple(sorted(conditions)),
                authors=authors,
            )
