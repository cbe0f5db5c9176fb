"""Exit statuses, and the decorator that gives errors and Ctrl-C theirs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import typer

from ivigraph import console
from ivigraph.errors import IvigraphError, SettingsError

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
