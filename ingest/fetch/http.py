"""Requests that a public service likes: spaced out, tried again after a fault, and none twice.

NCBI asks for no more than 3 requests a second, or 10 with a key, and for the name and e-mail address of a tool
(E-utilities, "Usage Guidelines and Requirements").
"""

from __future__ import annotations

import hashlib
import http.client
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from ivigraph.errors import ReadError, SettingsError

log = logging.getLogger(__name__)

TOOL = "ivigraph"
_ATTEMPTS = 6
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # states of a server that pass
_LONGEST = 120.0  # seconds between two attempts
_TIMEOUT = 60.0  # seconds without a byte
_DAY = 86_400.0

Valid = Callable[[bytes], bool]
"""Whether an answer is whole: a connection may end in its middle without saying so."""


@dataclass(slots=True, kw_only=True)
class Client:
    """Sends forms to one service. `directory` keeps the answers; `backoff` is the first wait after a fault, seconds."""

    url: str
    directory: Path
    email: str = ""
    key: str = ""
    backoff: float = 1.0
    _next: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise SettingsError("is no http address", where=f"ncbi_url {self.url!r}", remedy="give an http(s) URL")

    def kept(self, name: str) -> Path:
        """Where the answer of this name is kept."""
        return self.directory / name

    def post(
        self, program: str, form: Mapping[str, str], *, valid: Valid, keep_as: str = "", max_age: float = _DAY
    ) -> bytes:
        """The answer of a program of the service to a form.

        An answer that is kept and not older than `max_age` seconds is given again, under `keep_as` or the digest of
        the form. Raises ReadError, with what the service said, when it does not answer as it should.
        """
        file = self.kept(keep_as or f"answers/{_digest(program, form)}.xml")
        if file.is_file() and time.time() - file.stat().st_mtime < max_age:
            return file.read_bytes()
        data = self._ask(program, form, valid)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(data)
        part.replace(file)
        return data

    def _ask(self, program: str, form: Mapping[str, str], valid: Valid) -> bytes:
        address = f"{self.url.rstrip('/')}/{program}"
        sent = {**form, "tool": TOOL, **({"email": self.email} if self.email else {})}
        body = urlencode({**sent, **({"api_key": self.key} if self.key else {})}).encode()
        problem = ""
        for attempt in range(_ATTEMPTS):
            self._take_turn()
            wait = min(self.backoff * 2**attempt, _LONGEST)
            try:
                request = Request(address, body, {"User-Agent": TOOL})  # noqa: S310 - http(s), see __post_init__
                with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                    data: bytes = answer.read()
                if valid(data):
                    return data
                problem = "the answer is cut off or no XML"
            except HTTPError as error:
                problem = f"the server answers {error.code} {error.reason}"
                if error.code not in _PASSING:
                    raise _failed(address, problem) from error
                wait = max(wait, _retry_after(error))
            except (URLError, http.client.HTTPException, OSError) as error:
                problem = str(getattr(error, "reason", error)) or type(error).__name__
            log.info("%s: %s, attempt %d", address, problem, attempt + 1)
            if attempt + 1 < _ATTEMPTS:
                time.sleep(min(wait, _LONGEST))
        raise _failed(address, f"{problem}, {_ATTEMPTS} times")

    def _take_turn(self) -> None:
        """Wait until the next request may be sent."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + (0.105 if self.key else 0.34)


def _failed(address: str, problem: str) -> ReadError:
    return ReadError(
        f"nothing was fetched: {problem}",
        where=address,
        remedy="check the network and try again; what was fetched before is kept",
    )


def _retry_after(error: HTTPError) -> float:
    """Seconds that the server asks to wait: a number, or a date."""
    value = error.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0


def _digest(program: str, form: Mapping[str, str]) -> str:
    return hashlib.sha256(f"{program}?{urlencode(sorted(form.items()))}".encode()).hexdigest()[:32]
