"""Word lists as text: easier to read, to extend and to compare than lists of quoted strings."""

from __future__ import annotations


def words(table: str) -> tuple[str, ...]:
    """The words of a table, in order; white space separates them."""
    return tuple(table.split())
