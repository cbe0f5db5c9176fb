"""Copies of a store: made while others read and write, checked, and put back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph

from ivigraph.errors import StoreError
from ivigraph.store.generations import Generations, locked, replace
from ivigraph.store.textindex import TextIndex


@dataclass(frozen=True, slots=True)
class Checked:
    """One generation that was read to its end; `problem` when that failed."""

    number: int
    quads: int = 0
    graphs: int = 0
    problem: str = ""


def backup(store: Path, into: Path) -> int:
    """Copy the newest generation of a store into a new directory; gives its number.

    The copy is a store of its own, with that one generation. Raises StoreError.
    """
    generations = Generations(store)
    _refuse_what_is_there(into)
    held = generations.hold()
    try:
        made = into / "generations"
        made.mkdir(parents=True)
        number = 0
        if held is not None:
            with held:  # keeps it from being pruned meanwhile
                number = held.number
                shutil.copytree(held.graph.parent, made / held.graph.parent.name)
        replace(into / "current", f"{number}\n")
        # Last: without it the directory is no store.
        replace(into / "store.json", (store / "store.json").read_text(encoding="utf-8"))
    except OSError as error:
        with suppress(OSError):
            shutil.rmtree(into)
        raise StoreError(
            f"cannot be copied: {error.strerror or error}", where=str(into), remedy="check the space and permissions"
        ) from error
    return number


def restore(copy: Path, store: Path, *, force: bool = False) -> int:
    """Make a store of a copy, replacing what is there only with `force`. Raises StoreError.

    The copy is checked first, and the old store goes only when the new one is complete and nobody writes the old one.
    """
    bad = next((checked for checked in verify(copy) if checked.problem), None)
    if bad is not None:
        raise StoreError(f"generation {bad.number}: {bad.problem}", where=str(copy), remedy="restore another copy")
    if store.exists() and any(store.iterdir()) and not force:
        raise StoreError("holds something already", where=str(store), remedy="name another directory, or add --force")
    aside = store.with_name(f"{store.name}.replaced")
    fresh = store.with_name(f"{store.name}.restoring")
    for leftover in (fresh, aside):
        shutil.rmtree(leftover, ignore_errors=True)
    number = backup(copy, fresh)
    try:
        if (store / "store.json").exists():
            with locked(store / "writer.lock"):
                store.rename(aside)
        elif store.exists():
            store.rename(aside)
        fresh.rename(store)
    except OSError as error:
        raise StoreError(
            f"cannot be put in place: {error.strerror or error}", where=str(store), remedy=f"it is whole in {fresh}"
        ) from error
    shutil.rmtree(aside, ignore_errors=True)
    return number


def verify(store: Path) -> Iterator[Checked]:
    """Read every quad of every generation. Raises StoreError where the store itself cannot be read."""
    about = store / "store.json"
    try:
        json.loads(about.read_bytes())["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError("is no store", where=str(store), remedy="name the directory of a store") from error
    generations = Generations(store)
    numbers = [generation.number for generation in generations.published()]
    if generations.current() not in (0, *numbers):
        raise StoreError(
            f"has no generation {generations.current()}, which is its newest",
            where=str(store),
            remedy="restore it from a copy",
        )
    for number in numbers:
        yield _read(generations, number)


def _read(generations: Generations, number: int) -> Checked:
    try:
        held = generations.hold(number)
        if held is None:
            return Checked(number)
        with held:
            opened = pyoxigraph.Store.read_only(str(held.graph))
            merged = generations.about(number).merged
            if told := _of_index(held.text, opened, merged=merged):
                return Checked(number, problem=f"text index: {told}")
            return Checked(number, sum(1 for _ in opened), sum(1 for _ in opened.named_graphs()))
    except (StoreError, OSError, SyntaxError, ValueError, RuntimeError) as error:
        return Checked(number, problem=str(error))


def _of_index(directory: Path, store: pyoxigraph.Store, *, merged: bool) -> str:
    try:
        index = TextIndex(directory)
    except StoreError as error:
        return error.message
    try:
        return index.problem(store, merged=merged)
    finally:
        index.close()


def _refuse_what_is_there(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StoreError("holds something already", where=str(directory), remedy="name a new directory")
