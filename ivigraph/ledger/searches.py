"""The searches that `ivigraph watch` asks again, and the day on which each was last answered."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A query to PubMed for articles published `since` a day; `asked` is the day of the last complete answer."""

    query: str
    since: date | None
    full_text: bool
    asked: date


class Searches:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def all(self) -> list[Search]:
        rows = self._database.execute("SELECT query, since, full_text, asked FROM searches ORDER BY query")
        return [
            Search(
                query=query,
                since=date.fromisoformat(since) if since else None,
                full_text=bool(full_text),
                asked=date.fromisoformat(asked),
            )
            for query, since, full_text, asked in rows
        ]

    def remember(self, search: Search) -> None:
        since = search.since.isoformat() if search.since else ""
        with self._database as database:
            database.execute(
                "INSERT OR REPLACE INTO searches VALUES (?, ?, ?, ?)",
                (search.query, since, search.full_text, search.asked.isoformat()),
            )
