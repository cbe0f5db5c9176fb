"""What clients send: read to a limit, decoded, and taken apart as the protocols carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from fastapi import Request

from ivigraph.server.problems import Problem

FORM = "application/x-www-form-urlencoded"


def media_type(request: Request) -> str:
    """The type of the body without its parameters; empty where the request names none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read(request: Request, most: int) -> bytes:
    """The whole body. Raises Problem (413) for one of more than `most` bytes, without reading the rest."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def text(request: Request, body: bytes) -> str:
    """Raises Problem for a charset other than UTF-8, which the protocol demands."""
    for parameter in request.headers.get("content-type", "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8", "us-ascii"):
            raise Problem(415, f"the charset {value.strip()} is not understood", remedy="encode it as UTF-8")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "the request is not UTF-8", remedy="encode it as UTF-8") from error


def parameters(encoded: str, *, once: Sequence[str] = ()) -> Mapping[str, list[str]]:
    """The values of each parameter. Raises Problem where one of `once` is given twice."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Problem(
            400, "the parameters cannot be decoded", remedy="encode them as UTF-8 in percent escapes"
        ) from error
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    for name in once:
        if len(values.get(name, ())) > 1:
            raise Problem(400, f"the parameter {name!r} is given more than once", remedy="give it once")
    return values


def _too_large(most: int) -> Problem:
    size = f"{most / 1_000_000:g} MB" if most >= 1_000_000 else f"{most // 1000} kB"
    return Problem(413, f"the request is larger than {size}", remedy="send less at a time")
