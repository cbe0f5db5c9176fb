"""Fetches a document for LOAD from a host that the settings allow, and from no address inside a network.

The name is resolved once and the connection goes to the address that was checked, so that it cannot change in between;
each redirect is checked like the first address. Proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ivigraph.errors import QueryError, QueryRefusedError
from ivigraph.store import MEDIA_TYPES, Content, Form

_REDIRECTS = 5
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
    """`hosts` may be asked; a document may have `max_bytes` and take `seconds`, redirects included."""

    hosts: Collection[str] = ()
    max_bytes: int = 64_000_000
    seconds: float = 30.0
    allowed: Callable[[str], bool] = is_public

    def fetch(self, url: str) -> Content:
        """Raises QueryRefusedError for what is not allowed, QueryError for what cannot be had."""
        deadline = time.monotonic() + self.seconds
        for _ in range(_REDIRECTS + 1):
            connection, target = self._connect(url, deadline)
            try:
                connection.request("GET", target, headers={"Accept": _ACCEPT, "User-Agent": "ivigraph"})
                answer = connection.getresponse()
                if answer.status in (301, 302, 303, 307, 308) and (location := answer.getheader("Location")):
                    url = urljoin(url, location)
                    continue
                if answer.status != 200:
                    raise QueryError(
                        f"answered {answer.status}", where=url, remedy="look whether the document is there"
                    )
                kind = answer.headers.get_content_type()
                return Content(data=self._read(answer, url, deadline), media_type=kind, base=url)
            except (OSError, http.client.HTTPException) as error:
                raise QueryError("cannot be fetched", where=url, remedy="try again later") from error
            finally:
                connection.close()
        raise QueryError(f"more than {_REDIRECTS} redirects", where=url, remedy="name the document itself")

    def _connect(self, url: str, deadline: float) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not host or parts.username is not None:
            raise QueryRefusedError("only http and https documents are loaded", where=url, remedy="name another")
        if host not in {name.lower() for name in self.hosts}:
            raise QueryRefusedError(
                f"documents of {host} are not loaded", where="LOAD", remedy="allow the host with the setting load_hosts"
            )
        try:
            port = parts.port or _PORTS[parts.scheme]
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, ValueError) as error:
            raise QueryError("its host is not found", where=url, remedy="look for a misspelling") from error
        if not found or not all(self.allowed(address) for address in found):
            raise QueryRefusedError(
                f"{host} is an address inside a network", where="LOAD", remedy="send the document itself"
            )
        left = max(deadline - time.monotonic(), 0.001)
        connection = _Pinned(host, port, sorted(found)[0], left, secure=parts.scheme == "https")
        return connection, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"

    def _read(self, answer: http.client.HTTPResponse, url: str, deadline: float) -> bytes:
        data = bytearray()
        while chunk := answer.read1(65_536):
            data += chunk
            if len(data) > self.max_bytes:
                raise QueryError(
                    f"is larger than {self.max_bytes / 1_000_000:g} MB", where=url, remedy="load a smaller document"
                )
            if time.monotonic() > deadline:
                raise QueryError(f"took longer than {self.seconds:g} s", where=url, remedy="try again later")
        return bytes(data)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name that it was asked by."""

    def __init__(self, host: str, port: int, address: str, timeout: float, *, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = secure
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) if self._secure else plain
        )
