"""Exit statuses, the decorator that gives errors and Ctrl-C theirs, and what goes to stderr besides."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec

import typer

from ivigraph import console
from ivigraph.errors import IvigraphError, SettingsError

if TYPE_CHECKING:
    from ivigraph.pipeline import Failure

FAILED, USAGE, SOME_FAILED, INTERRUPTED = 1, 2, 3, 130

P = ParamSpec("P")


def reported(function: Callable[P, int | None]) -> Callable[P, None]:
    """Make a function that returns its exit status a command: its errors are told on stderr, with their remedy."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            status = function(*args, **kwargs) or 0
        except KeyboardInterrupt:
            console.note("interrupted")
            status = INTERRUPTED
        except IvigraphError as error:
            console.error(error)
            status = USAGE if isinstance(error, SettingsError) else FAILED
        raise typer.Exit(status)

    return run


def log_to_stderr(verbose: bool) -> None:
    level = logging.DEBUG if verbose else logging.ERROR
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def of_failures(failures: Sequence[Failure], done: int) -> int:
    """The exit status where `done` documents came through; the failures are told."""
    console.failures(failures)
    if not failures:
        return 0
    console.note(f"{len(failures)} of {len(failures) + done} documents failed")
    return SOME_FAILED if done else FAILED
