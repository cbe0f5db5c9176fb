"""Fetches what LOAD and SERVICE name from hosts that the settings allow, and from no address inside a network.

The name is resolved once and the connection goes to the address that was checked, so that it cannot change in between;
each redirect is checked like the first address. Proxies of the environment are not used.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from ivigraph.errors import QueryError, QueryRefusedError, QueryTimeoutError
from ivigraph.store import MEDIA_TYPES, Content, Form
from ivigraph.store.exchange import refuse_partial

_REDIRECTS = 5
_REDIRECTED = (301, 302, 303, 307, 308)
_ACCEPT = ", ".join((*MEDIA_TYPES[Form.GRAPH], "*/*;q=0.1"))
_PORTS = {"http": 80, "https": 443}


def is_public(address: str) -> bool:
    """True for an address of the internet: not private, loopback, link-local, of a cloud's metadata, or shared."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None and not inner.is_global:
            return False
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """`hosts` may be asked; an answer may have `max_bytes` and take `seconds`, redirects included.

    `clause` of SPARQL is what it works for, and `setting` names the hosts.
    """

    hosts: Collection[str] = ()
    max_bytes: int = 64_000_000
    seconds: float = 30.0
    allowed: Callable[[str], bool] = is_public
    clause: str = "LOAD"
    setting: str = "load_hosts"

    def fetch(self, url: str) -> Content:
        """Raises QueryRefusedError for what is not allowed, QueryError for what cannot be had."""
        return self._exchange("GET", url, None, {"Accept": _ACCEPT}, self.seconds, self.max_bytes)

    def ask(self, url: str, query: str, accept: str, seconds: float, most: int) -> Content:
        """What an endpoint answers to a query, at most so many seconds and bytes. Raises as `fetch`."""
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"query": query}).encode()
        return self._exchange("POST", url, body, headers, min(seconds, self.seconds), min(most, self.max_bytes))

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float, most: int
    ) -> Content:
        deadline = time.monotonic() + seconds
        for _ in range(_REDIRECTS + 1):
            connection, target = self._connect(url, deadline)
            # Each wait for the other side has its own limit; this one is for those who send a little at a time.
            end = threading.Timer(max(deadline - time.monotonic(), 0), connection.hang_up)
            end.start()
            try:
                connection.request(method, target, body, {**headers, "User-Agent": "ivigraph"})
                with connection.getresponse() as answer:
                    if answer.status in _REDIRECTED and (location := answer.getheader("Location")):
                        url = urljoin(url, location)
                        continue
                    content = _content(answer, url, most)
                if time.monotonic() >= deadline:  # a body without a length ends where the connection does
                    raise TimeoutError
                return content
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() >= deadline:
                    raise QueryTimeoutError(
                        f"took longer than {seconds:.2g} s", where=url, remedy="try again later, or ask for less"
                    ) from error
                raise QueryError("cannot be fetched", where=url, remedy="try again later") from error
            finally:
                end.cancel()
                connection.close()
        raise QueryError(f"more than {_REDIRECTS} redirects", where=url, remedy="name the last address itself")

    def _connect(self, url: str, deadline: float) -> tuple[_Pinned, str]:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not host or parts.username is not None:
            raise QueryRefusedError("only http and https addresses are asked", where=url, remedy="name another")
        if host not in {name.lower() for name in self.hosts}:
            raise QueryRefusedError(
                f"{host} is not asked", where=self.clause, remedy=f"allow the host with the setting {self.setting}"
            )
        try:
            port = parts.port or _PORTS[parts.scheme]
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, ValueError) as error:
            raise QueryError("its host is not found", where=url, remedy="look for a misspelling") from error
        if not found or not all(self.allowed(address) for address in found):
            raise QueryRefusedError(
                f"{host} is an address inside a network", where=self.clause, remedy="name a public host"
            )
        left = max(deadline - time.monotonic(), 0.001)
        connection = _Pinned(host, port, sorted(found)[0], left, secure=parts.scheme == "https")
        return connection, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _content(answer: http.client.HTTPResponse, url: str, most: int) -> Content:
    """The body. Raises IncompleteRead where it was cut off, which the library tells of some bodies only."""
    if answer.status != 200:
        raise QueryError(f"answered {answer.status}", where=url, remedy="look whether the address is right")
    refuse_partial(answer)
    data = bytearray()
    while chunk := answer.read1(65_536):
        data += chunk
        if len(data) > most:
            raise QueryError(f"is larger than {most / 1_000_000:g} MB", where=url, remedy="ask for less")
    size = answer.getheader("Content-Length", "")
    if not answer.chunked and size.isdecimal() and len(data) < int(size):
        raise http.client.IncompleteRead(bytes(data), int(size) - len(data))
    return Content(data=bytes(data), media_type=answer.headers.get_content_type(), base=url)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name that it was asked by."""

    def __init__(self, host: str, port: int, address: str, timeout: float, *, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = secure
        self._wire: socket.socket | None = None
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        wire = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            wire = ssl.create_default_context().wrap_socket(wire, server_hostname=self.host)
        self.sock = self._wire = wire

    def hang_up(self) -> None:
        """End whatever waits for the other side, from another thread."""
        if self._wire is not None:  # the library forgets its own when the answer has begun
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)  # that of TLS would say goodbye, and wait
