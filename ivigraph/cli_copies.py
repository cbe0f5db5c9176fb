"""The commands `ivigraph backup`, `restore` and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivigraph import console, settings
from ivigraph.options import ConfigOption, StoreOption
from ivigraph.status import FAILED, reported


@reported
def backup(
    into: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory for the copy.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Copy the newest state of the store, while others read and write it."""
    from ivigraph.store import copies

    chosen = settings.load({"store": store}, config=config)
    number = copies.backup(chosen.directory, into)
    console.note(f"generation {number} of {chosen.directory} copied to {into}")


@reported
def restore(
    copy: Annotated[Path, typer.Argument(metavar="DIR", help="A copy that `ivigraph backup` made.")],
    store: StoreOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the store that is there; stop its server before.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Make a store of a copy, after checking it."""
    from ivigraph.store import copies

    chosen = settings.load({"store": store}, config=config)
    number = copies.restore(copy, chosen.directory, force=force)
    console.note(f"generation {number} of {copy} is now in {chosen.directory}")


@reported
def verify(store: StoreOption = None, config: ConfigOption = None) -> int:
    """Read every quad of every generation of the store, and compare its text index with it."""
    from ivigraph.store import copies

    chosen = settings.load({"store": store}, config=config)
    bad = 0
    for checked in copies.verify(chosen.directory):
        told = checked.problem or f"{checked.quads} quads in {checked.graphs} graphs"
        console.note(f"generation {checked.number}: {told}")
        bad += bool(checked.problem)
    console.note(f"{chosen.directory} is damaged" if bad else f"{chosen.directory} is whole")
    return FAILED if bad else 0
