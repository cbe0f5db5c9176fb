"""Opens the store that a path names, or says what is in the way."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ivigraph.errors import StoreError
from ivigraph.namespaces import DEFAULT_BASE
from ivigraph.store.generations import Generations, replace
from ivigraph.store.ownership import Ownership

if TYPE_CHECKING:
    from ivigraph.store.embedded import EmbeddedStore

FORMAT = 1


def open_store(
    path: Path,
    *,
    create: bool = False,
    as_of: int | None = None,
    base: str = DEFAULT_BASE,
    readers: int = 0,
    query_queue: int = 64,
    query_timeout: float = 30.0,
    query_memory_mb: int = 2048,
    in_memory_mb: int = 0,
    keep_generations: int = 3,
    prefixes: Mapping[str, str] | None = None,
    derive: str = "",
    union_default_graph: bool = True,
    ownership: Ownership | None = None,
    update_timeout: float = 60.0,
    update_memory_mb: int = 2048,
    write_wait: float = 0.0,
    write_queue: int = 64,
) -> EmbeddedStore:
    """Open the embedded store in the directory `path`; with `create`, make it when there is none.

    `as_of` pins an older generation, read-only. `readers` processes answer queries, 0: as many as there are cores,
    and `query_queue` queries may wait for one. Each runs for at most
    `query_timeout` seconds and with `query_memory_mb` more memory than an idle one has; a graph of up to `in_memory_mb`
    on disk is held in memory by each. `prefixes` are known to
    every query. `derive` is a SPARQL update that a writer runs before it publishes. `union_default_graph` makes
    the default graph of a query the union of all graphs. `ownership` says which graphs clients may write; one change
    of theirs may take `update_timeout` seconds and `update_memory_mb`, and `write_queue` of them may wait. A writer
    waits up to `write_wait` seconds for another process to finish. Raises StoreError.
    """
    from ivigraph.store.embedded import EmbeddedStore  # rdflib takes a tenth of a second, and readers need none
    from ivigraph.store.readers import Limits

    _check(path, base, create=create)
    generations = Generations(path)
    return EmbeddedStore(
        generations,
        held=None if as_of is None else generations.hold(as_of),
        readers=readers or os.cpu_count() or 1,
        queue=query_queue,
        limits=Limits(seconds=query_timeout, memory_mb=query_memory_mb),
        in_memory_mb=in_memory_mb,
        keep_generations=keep_generations,
        prefixes=prefixes or {},
        derive=derive,
        union_default_graph=union_default_graph,
        ownership=ownership or Ownership(),
        update_limits=Limits(seconds=update_timeout, memory_mb=update_memory_mb),
        write_wait=write_wait,
        write_queue=write_queue,
    )


def _check(path: Path, base: str, *, create: bool) -> None:
    """Make sure that `path` is a store of this format and base IRI, by making one if that is allowed."""
    where, file = str(path), path / "store.json"
    try:
        if create and not file.exists():
            _create(path, base)
        about = json.loads(file.read_bytes())
        version, stored_base = int(about["format"]), str(about["base"])
    except FileNotFoundError as error:
        raise StoreError(
            "there is no store here", where=where, remedy=f"run ivigraph ingest PATH --store {path}"
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError("a file is in the way", where=where, remedy="name a directory") from error
    except OSError as error:
        raise StoreError(
            f"cannot be opened: {error.strerror}", where=where, remedy="check its permissions, or name another"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"is damaged: {error}", where=str(file), remedy="restore it from a copy") from error
    if version > FORMAT:
        raise StoreError(
            f"was written by a newer ivigraph (format {version}, this one reads {FORMAT})",
            where=where,
            remedy="update ivigraph",
        )
    if stored_base != base:
        raise StoreError(
            f"names its documents below {stored_base}, the settings say {base}",
            where=where,
            remedy="set base_iri to the store's, or name another directory",
        )


def _create(path: Path, base: str) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if any(not entry.name.startswith(("current", "store.json")) for entry in path.iterdir()):
        raise StoreError(
            "holds other files, and is no store", where=str(path), remedy="name an empty or a new directory"
        )
    Generations(path).begin()
    replace(path / "store.json", json.dumps({"format": FORMAT, "base": base}) + "\n")
