"""What was read, from where, by what, and with which result; kept beside the store in one SQLite file."""

from ivigraph.ledger.database import NAME, Ledger, opened

__all__ = ["NAME", "Ledger", "opened"]
