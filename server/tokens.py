"""Tokens that allow reading, writing and administration over HTTP; only their hashes are kept.

The file holds one JSON object: `{"tokens": [{"id", "name", "scope", "sha256", "created", "expires"}]}`, readable by its
owner alone. A token is 256 random bits, so that one round of SHA-256 is enough.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

import platformdirs

from ivigraph.errors import SettingsError

_BEGIN = "ivg_"  # lets secret scanners find a token that was committed somewhere


class Scope(IntEnum):
    """What a token allows; each includes those before it."""

    READ = 1
    WRITE = 2  # curated statements and graphs of one's own
    ADMIN = 3  # the graphs of documents and the vocabulary too

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token. Times are UTC in ISO 8601; `expires` is None for one that does not."""

    id: str
    name: str
    scope: Scope
    sha256: str
    created: str
    expires: str | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and datetime.fromisoformat(self.expires) <= now


def default_path() -> Path:
    return platformdirs.user_config_path("ivigraph") / "tokens.json"


class Tokens:
    """The tokens in a file, read again when it changes; safe to use from many threads.

    `given` is a token of the settings, with scope write.
    """

    def __init__(self, file: Path, given: str = "") -> None:
        self.file = file
        self._given = _hash(given) if given else None
        self._read: tuple[tuple[int, int, int] | None, Sequence[Token]] = (None, ())

    def __bool__(self) -> bool:
        """True when there is a token that would be accepted."""
        now = datetime.now(UTC)
        return self._given is not None or any(not token.expired(now) for token in self.all())

    def all(self) -> Sequence[Token]:
        """Every token of the file, expired ones too. Raises SettingsError when it cannot be read."""
        stamp, tokens = self._read
        try:
            about = self.file.stat()
        except FileNotFoundError:
            return ()
        now = (about.st_mtime_ns, about.st_ino, about.st_size)
        if now != stamp:
            tokens = self._load()
            self._read = (now, tokens)
        return tokens

    def scope(self, token: str) -> Scope | None:
        """What a token allows; None for one that is unknown, revoked or expired."""
        digest, found = _hash(token), None
        if self._given is not None and hmac.compare_digest(digest, self._given):
            found = Scope.WRITE
        now = datetime.now(UTC)
        for known in self.all():  # all of them, so that the time tells nothing
            if hmac.compare_digest(digest, known.sha256) and not known.expired(now):
                found = known.scope
        return found

    def create(self, name: str, scope: Scope, days: float | None = None) -> str:
        """A new token, which is told this once."""
        text, now = _BEGIN + secrets.token_urlsafe(32), datetime.now(UTC).replace(microsecond=0)
        made = Token(
            id=secrets.token_hex(4),
            name=name,
            scope=scope,
            sha256=_hash(text),
            created=now.isoformat(),
            expires=None if days is None else (now + timedelta(days=days)).isoformat(),
        )
        self._write([*self.all(), made])
        return text

    def revoke(self, id: str) -> None:
        """Raises SettingsError for an unknown id."""
        left = [token for token in self.all() if token.id != id]
        if len(left) == len(self.all()):
            raise SettingsError("there is no such token", where=id, remedy="ivigraph token list shows them")
        self._write(left)

    def _load(self) -> Sequence[Token]:
        try:
            entries = json.loads(self.file.read_bytes())["tokens"]
            return [Token(**{**entry, "scope": Scope[entry["scope"].upper()]}) for entry in entries]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"the tokens cannot be read: {error}",
                where=str(self.file),
                remedy="restore the file, or remove it and create the tokens anew",
            ) from error

    def _write(self, tokens: Sequence[Token]) -> None:
        text = json.dumps({"tokens": [{**asdict(token), "scope": str(token.scope)} for token in tokens]}, indent=1)
        temporary = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(text + "\n")
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self.file)
        except OSError as error:
            raise SettingsError(
                f"cannot be written: {error.strerror}", where=str(self.file), remedy="name another with token_file"
            ) from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
