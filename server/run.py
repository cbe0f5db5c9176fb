"""Runs the application: in the foreground until it is stopped, or beside the caller for as long as a block lasts."""

from __future__ import annotations

import gc
import ipaddress
import math
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from ivigraph.errors import IvigraphError

_START_SECONDS = 15.0
# Answers are handed from thread to thread: at the 5 ms that Python lets one go on, each would wait for the others.
_SWITCH_SECONDS = 0.0005


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises IvigraphError naming the address and the remedy."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only where the protocol is named; else each waits 40 ms for the client's ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise IvigraphError(
            f"cannot listen: {getattr(error, 'strerror', None) or error}",
            where=f"{host}:{port}",
            remedy="give another address with --host or another port with --port (0 takes a free one)",
        ) from error
    return listener


def is_local(host: str) -> bool:
    """True for an address that only this machine can reach."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address(listener: socket.socket) -> str:
    """The URL of the home page."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: FastAPI, listener: socket.socket, *, verbose: bool = False, grace: float = 5.0) -> None:
    """Serve until SIGINT or SIGTERM; no new request is taken then, and running answers have `grace` seconds to end."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    # What is there now lives as long as the server: to look through it for garbage takes 0.1 s, and nobody is answered.
    gc.collect()
    gc.freeze()
    uvicorn.Server(_config(app, "info" if verbose else "warning", grace)).run(sockets=[listener])


@contextmanager
def running(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread for as long as the block lasts; gives the URL of the home page."""
    listener = bind(host, port)
    server = uvicorn.Server(_config(app, "warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise IvigraphError("the server did not start", where=address(listener), remedy="see the log above")
        time.sleep(0.01)
    try:
        yield address(listener)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _config(app: FastAPI, level: str, grace: float = 5.0) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level=level,
        access_log=False,  # queries have a log of their own, which holds no query, token or address
        timeout_graceful_shutdown=math.ceil(grace),
        server_header=False,
        date_header=True,
        ws="none",
    )
