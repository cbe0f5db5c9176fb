"""The commands `ivigraph token …`: who may write over HTTP."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivigraph import console, settings
from ivigraph.console import Layout
from ivigraph.options import ConfigOption, FormatOption
from ivigraph.status import reported

token_app = typer.Typer(
    name="token",
    help="Create, list and revoke the tokens that allow writing over HTTP.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class ScopeName(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@token_app.command("create")
@reported
def create(
    name: Annotated[str, typer.Argument(help="For you to know it by.")] = "",
    scope: Annotated[
        ScopeName, typer.Option("--scope", help="read; write: your own graphs; admin: those of documents too.")
    ] = ScopeName.WRITE,
    days: Annotated[
        float | None, typer.Option("--days", min=0.001, max=36_500, help="Days until it expires; without: never.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Make a token and print it, this once; only its hash is kept."""
    from ivigraph import assembly
    from ivigraph.server.tokens import Scope

    tokens = assembly.tokens(settings.load(config=config))
    text = tokens.create(name, Scope[scope.name], days)
    print(text)
    console.note(f"scope {scope}; its hash is in {tokens.file}. Keep the token: it cannot be shown again.")


@token_app.command("list")
@reported
def listed(
    output: FormatOption = Layout.TABLE,
    config: ConfigOption = None,
) -> None:
    """List the tokens, without themselves or their hashes."""
    from ivigraph import assembly

    rows = []
    for token in assembly.tokens(settings.load(config=config)).all():
        row = {**asdict(token), "scope": str(token.scope), "expired": token.expired(datetime.now(UTC))}
        del row["sha256"]
        rows.append(row)
    if output is Layout.JSON:
        print(json.dumps(rows))
        return
    table = Table("id", "name", "scope", "created", "expires")
    for row in rows:
        expires = f"{row['expires'] or 'never'}{' (expired)' if row['expired'] else ''}"
        table.add_row(row["id"], row["name"], row["scope"], row["created"], expires)
    Console(highlight=False, markup=False).print(table)


@token_app.command("revoke")
@reported
def revoke(
    id: Annotated[str, typer.Argument(help="As `ivigraph token list` shows it.")],
    config: ConfigOption = None,
) -> None:
    """Make a token worthless, also for a server that runs."""
    from ivigraph import assembly

    assembly.tokens(settings.load(config=config)).revoke(id)
    console.note(f"{id} revoked")
