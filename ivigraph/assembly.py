"""Puts the rooms together as the settings say; what the commands and the demonstration call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import Graph

from ivigraph import fingerprint, ingesting, ledger, pipeline
from ivigraph.errors import IvigraphError, SettingsError, ShapeError, StoreLockedError
from ivigraph.extracting import Extracting, Recipe, mapped_vocabulary, shipped
from ivigraph.ingesting import Progress, Report
from ivigraph.model import Extraction
from ivigraph.namespaces import Minter, compress, prefixes
from ivigraph.ontology import conformance, proposals
from ivigraph.ontology.vocabulary import load as load_vocabulary
from ivigraph.pipeline import Failure
from ivigraph.queries import catalogue
from ivigraph.settings import Settings
from ivigraph.store import Ownership, Store, open_store
from ivigraph.store.generations import Generations, locked

if TYPE_CHECKING:  # the server's libraries take a moment to load, and reading needs none of them
    from fastapi import FastAPI

    from ivigraph.ingest.extract import Extractor
    from ivigraph.server.tokens import Tokens


@contextmanager
def opened(settings: Settings, *, create: bool = False) -> Iterator[Store]:
    """The store that the settings name, closed at the end of the block."""
    minter = Minter(settings.base_iri)
    store = _endpoint(settings, minter) if settings.endpoint else _directory(settings, minter, create=create)
    try:
        yield store
    finally:
        store.close()


def _endpoint(settings: Settings, minter: Minter) -> Store:
    from ivigraph.store.remote import RemoteStore

    return RemoteStore(
        settings.endpoint,
        authorization=settings.endpoint_authorization,
        timeout=settings.query_timeout,
        prefixes=prefixes(minter),
    )


def _directory(settings: Settings, minter: Minter, *, create: bool) -> Store:
    return open_store(
        settings.store,
        create=create,
        base=settings.base_iri,
        readers=settings.readers,
        query_queue=settings.query_queue,
        query_timeout=settings.query_timeout,
        query_memory_mb=settings.query_memory_mb,
        in_memory_mb=settings.in_memory_mb,
        keep_generations=settings.keep_generations,
        prefixes=prefixes(minter),
        derive=catalogue.derivation(minter),
        union_default_graph=settings.union_default_graph,
        ownership=ownership(minter),
        update_timeout=settings.update_timeout,
        update_memory_mb=settings.update_memory_mb,
        write_wait=settings.write_wait,
        write_queue=settings.write_queue,
    )


def named(store: Store, settings: Settings) -> str:
    """What is served, in words; for a store elsewhere, with what it cannot do."""
    from ivigraph.store.remote import RemoteStore

    if not isinstance(store, RemoteStore):
        return f"generation {store.generation} of {settings.store}"
    return "\n".join((*(f"{store.url}: {limit}" for limit in store.limits()), store.url))


def ownership(minter: Minter) -> Ownership:
    """Clients write curated statements and graphs of their own; documents are read, and edges are derived."""
    return Ownership(
        default=minter.curated_graph,
        managed=(f"{minter.base}graph/document/", minter.vocabulary_graph, minter.proposals_graph),
        computed=(minter.derived_graph,),
    )


@contextmanager
def opened_to_fill(settings: Settings) -> Iterator[Store]:
    """The same, made where there is none, and taken away again if nothing came to be stored in it."""
    fresh = not (settings.directory / "store.json").exists()
    before = settings.directory.exists()
    with opened(settings, create=True) as store:
        yield store
        empty = fresh and store.generation == 0  # not after an error or an interrupt: the ledger knows what was read
    if empty:
        _take_away(settings.directory, folder=not before)


def _take_away(store: Path, *, folder: bool) -> None:
    """Remove a store that holds nothing, unless another process has begun to fill it."""
    writer, reader = store / "writer.lock", store / "ledger.lock"
    with suppress(StoreLockedError), locked(reader), locked(writer):
        if Generations(store).current():
            return
        # The locks last: who waits for one of them learns that the store is gone.
        for file in (store / "store.json", store / "current", *store.glob(f"{ledger.NAME}*"), *store.glob("*.lock*")):
            file.unlink(missing_ok=True)
        for directory in (store / "generations", *((store,) if folder else ())):
            with suppress(OSError):  # whatever else lies there stays
                directory.rmdir()


def reading(settings: Settings) -> Extractor:
    """The extractor alone, as the evaluation measures it."""
    return shipped(settings.extractor, settings.confidence)


def recipe(settings: Settings) -> Recipe:
    return Recipe(extractor=settings.extractor, confidence=settings.confidence, term_index=settings.term_index)


def extractions(files: Sequence[Path | Failure], settings: Settings) -> Iterator[Extraction | Failure]:
    """What the chosen extractor takes from each file, linked."""
    processes = ingesting.processes_for_files([f for f in files if isinstance(f, Path)], settings.processes)
    documents = pipeline.documents(files, max_bytes=_max_bytes(settings), processes=-(-processes // 2))
    with Extracting(recipe(settings)) as extracting:  # made here in any case: wrong settings are told at once
        if processes == 0:
            yield from pipeline.extractions(documents, extracting)
            return
    yield from pipeline.extractions_by(documents, recipe(settings), processes)


def ingest(
    files: Sequence[Path | Failure],
    store: Store,
    settings: Settings,
    progress: Progress = ingesting.silent,
    *,
    about: Sequence[str] = (),
    force: bool = False,
) -> Report:
    """Read files into the store and publish what changed, with the mappings that a curator accepted.

    `about` names therapies, by identifier or name: documents that mention none of them are left out.
    """
    with ledger.opened(settings.directory, writing=True) as entered:
        return ingesting.run(
            files, store, entered, recipe(settings), _vocabulary(), ingest_options(settings, about, force), progress
        )


def rehearsed(
    files: Sequence[Path | Failure], settings: Settings, about: Sequence[str], force: bool
) -> Iterator[tuple[str, Path]]:
    """What an ingest would do with each file, nothing written: "new", "changed", "unchanged", …"""
    options = ingest_options(settings, about, force)
    paths = [file for file in files if isinstance(file, Path)]
    if (settings.directory / ledger.NAME).exists():
        with ledger.opened(settings.directory) as entered:
            yield from ingesting.rehearse(paths, entered, recipe(settings), options)
    else:
        yield from (("new", path) for path in paths)


def ingest_options(settings: Settings, about: Sequence[str] = (), force: bool = False) -> ingesting.Options:
    return ingesting.Options(
        max_bytes=_max_bytes(settings),
        base_iri=settings.base_iri,
        about=tuple(sorted({_concept(name) for name in about})),
        processes=settings.processes,
        force=force,
    )


def _max_bytes(settings: Settings) -> int:
    return int(settings.max_document_mb * 1_000_000)


def _concept(name: str) -> str:
    """The identifier of a concept of the vocabulary, given as it is or by a name."""
    known = load_vocabulary()
    if name in known.concepts:
        return name
    found = known.find(name)
    if len(found) != 1:
        several = f"; it may be {', '.join(concept.id for concept in found)}" if found else ""
        raise SettingsError(
            f"{name!r} names no concept of the vocabulary{several}",
            where="--about",
            remedy="give an identifier such as ivo:IVIG, or a name such as 'rituximab'",
        )
    return found[0].id


def _vocabulary() -> tuple[str, Callable[[], Graph]]:
    """The graph of the concepts when it is asked for, and a digest of what it is made of."""
    from ivigraph.ontology.graph import vocabulary_graph

    decisions = proposals.default_path()
    accepted = decisions.read_bytes() if decisions.is_file() else b""
    return fingerprint.vocabulary(accepted), lambda: vocabulary_graph(mapped_vocabulary())


def application(store: Store, settings: Settings) -> FastAPI:
    from ivigraph.server.access import Access
    from ivigraph.server.app import create_app
    from ivigraph.server.fetching import Fetcher

    return create_app(
        store,
        Minter(settings.base_iri),
        mapped_vocabulary(),
        query_timeout=settings.query_timeout,
        max_query_bytes=settings.max_query_kb * 1000,
        max_body_bytes=int(settings.max_body_mb * 1_000_000),
        max_rows=settings.max_rows,
        answer_cache_bytes=settings.answer_cache_mb * 1_000_000,
        rate=settings.rate_limit,
        hosts=_hosts(settings),
        origins=_names(settings.cors_origins),
        access=Access(tokens=tokens(settings), open_reading=settings.open_reading),
        fetcher=Fetcher(hosts=_names(settings.load_hosts), max_bytes=int(settings.max_body_mb * 1_000_000)),
        services=Fetcher(
            hosts=_names(settings.service_hosts),
            seconds=settings.query_timeout,
            clause="SERVICE",
            setting="service_hosts",
        ),
        log_queries=settings.log_queries,
    )


def _hosts(settings: Settings) -> frozenset[str] | None:
    """The names that the server goes by; None for any."""
    from ivigraph.server.run import is_local

    given = _names(settings.allowed_hosts)
    if not given and not is_local(settings.host):
        return None
    return given | {"localhost", "127.0.0.1", "::1", settings.host.lower()}


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())


def tokens(settings: Settings) -> Tokens:
    """The tokens that allow writing over HTTP."""
    from ivigraph.server.tokens import Tokens, default_path

    file = Path(settings.token_file) if settings.token_file else default_path()
    return Tokens(file, settings.token)


def refuse_strangers(settings: Settings) -> None:
    """Raises SettingsError where other machines could reach a server that knows no tokens."""
    from ivigraph.server.run import is_local

    if is_local(settings.host) or settings.allow_remote or tokens(settings):
        return
    raise SettingsError(
        "other machines could reach the server, and there are no tokens",
        where=f"host {settings.host}",
        remedy="make one with ivigraph token create, or allow it with --allow-remote",
    )


def query_text(target: str | None, text: str | None, parameters: Sequence[str]) -> str:
    """The SPARQL text that the command line names: a file, a query of the catalogue with its parameters, or itself."""
    if (target is None) == (text is None):
        raise SettingsError(
            "give either FILE.rq, the name of a query, or -e TEXT",
            where="ivigraph query",
            remedy="ivigraph query --list shows the catalogue",
        )
    if target is None:
        return str(text)
    if target in (queries := catalogue.load()):
        return queries[target].bind(_parameters(parameters, queries[target]))
    try:
        return Path(target).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "neither a readable file nor a query of the catalogue",
            where=target,
            remedy="ivigraph query --list shows the catalogue",
        ) from error


def pairs(given: Sequence[str]) -> dict[str, str]:
    """What `--param NAME=VALUE` gives. Raises SettingsError for one without a value."""
    values = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise SettingsError("no value", where=f"--param {item}", remedy="write --param NAME=VALUE")
        values[name] = value
    return values


def _parameters(given: Sequence[str], query: catalogue.Query) -> dict[str, str]:
    return catalogue.resolve(query, pairs(given), load_vocabulary().find)


def validate_store(store: Store, settings: Settings) -> Iterator[tuple[str, ShapeError | None]]:
    """Each document's graph, with what is wrong with it."""
    start = Minter(settings.base_iri).document_graph(":").removesuffix("/")
    names = store.select(
        f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s a ?c }} FILTER(STRSTARTS(STR(?g), "{start}")) }} ORDER BY ?g'
    )
    for row in names:
        graph = store.construct(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{row['g']}> {{ ?s ?p ?o }} }}")
        yield str(row["g"]), _violations(graph, str(row["g"]))


def validate_files(files: Sequence[Path]) -> Iterator[tuple[str, ShapeError | None]]:
    for file in files:
        try:
            graph = Graph().parse(file)
        except Exception as error:  # rdflib's parsers raise whatever their libraries do
            raise IvigraphError(
                f"cannot be read as RDF: {error}",
                where=str(file),
                remedy="give Turtle, N-Triples, RDF/XML or JSON-LD",
            ) from error
        yield str(file), _violations(graph, str(file))


def _violations(graph: Graph, where: str) -> ShapeError | None:
    try:
        conformance.check(graph, where=where)
    except ShapeError as error:
        return error
    return None


def stats(store: Store) -> Mapping[str, int]:
    """What the graph holds, counted."""
    row = next(iter(store.select(catalogue.load()["overview"].bind({}))))
    linked = list(store.select(catalogue.load()["linking"].bind({})))
    return {
        "generation": store.generation,
        **{name: int(value) for name, value in row.items()},
        "mentions": sum(int(found["mentions"]) for found in linked),
        "unlinked": sum(int(found["mentions"]) for found in linked if str(found["foundIn"]) == "nowhere"),
        "ambiguous": sum(int(found["ambiguous"]) for found in linked),
    }


def shortener(settings: Settings) -> Callable[[str], str]:
    """Gives the CURIE of an IRI for people to read; anything else stays as it is."""
    known = prefixes(Minter(settings.base_iri))
    return lambda text: (compress(text, known) if "://" in text else None) or text
