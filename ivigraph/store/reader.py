"""A process that answers queries from one generation after another: `python -m ivigraph.store.reader`.

It is started by `ivigraph.store.readers`, speaks the frames of `ivigraph.store.frames`, and ends when its
standard input is closed. Only the engine and the standard library are imported, so that a fresh one is there
at once.
"""

from __future__ import annotations

import contextlib
import json
import select
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph

from ivigraph.errors import IvigraphError, QueryError
from ivigraph.store import base, confinement, frames, processes, searching
from ivigraph.store.base import MEDIA_TYPES, Form
from ivigraph.store.correlating import correlated
from ivigraph.store.frames import Kind
from ivigraph.store.generations import Generations, Held
from ivigraph.store.searching import Found

if TYPE_CHECKING:
    from ivigraph.store.textindex import TextIndex

LOOK_SECONDS = 0.25  # how often an idle reader looks for a newer generation
SETTLE_SECONDS = 2.0  # for which a generation must have been the newest before it is taken into memory
IN_MEMORY_FACTOR = 6  # the memory that a graph may take, in sizes of its files: it takes about two
CHUNK_BYTES = 32_768
MOST_MESSAGE = 4_000  # characters of an error, which may quote the query: a pipe takes them, however they are written
LIGHT_SECONDS = 0.02
RETIRE_MEGABYTES = 128  # a reader that a query made so much larger is replaced: its memory rarely shrinks again

_FORMS = {
    pyoxigraph.QuerySolutions: Form.SELECT,
    pyoxigraph.QueryBoolean: Form.ASK,
    pyoxigraph.QueryTriples: Form.GRAPH,
}


class View:
    """The generation that is open: the newest, or the one that was asked for."""

    def __init__(self, generations: Generations, as_of: int | None, memory_mb: int, in_memory_mb: int) -> None:
        self._generations = generations
        self._as_of = as_of
        self._memory_mb = memory_mb
        self._in_memory_mb = in_memory_mb
        self._opened = 0.0
        self._settling: threading.Thread | None = None
        self._held: Held | None = None
        self._size: int | None = None  # in megabytes, after the first opening
        self._texts: TextIndex | None = None
        self.store = pyoxigraph.Store()
        self.number = -1
        self.merged = False  # the default graph is the union of the others already

    def follow(self) -> None:
        """Open the newest generation unless it is open already."""
        newest = self._generations.current() if self._as_of is None else self._as_of
        if newest == self.number:
            return
        held = self._generations.hold(self._as_of)
        self.store = pyoxigraph.Store() if held is None else pyoxigraph.Store.read_only(str(held.graph))
        if self._texts is not None:
            self._texts.close()
            self._texts = None
        if self._held is not None:
            self._held.close()
        self._held = held
        self._opened, self._settling = time.monotonic(), None
        self.number = 0 if held is None else held.number
        self.merged = held is not None and self._generations.about(held.number).merged
        confinement.limit_memory(self._memory_mb)
        if self._size is None:
            self._size = confinement.private_megabytes()

    def settle(self) -> None:
        """Begin to take the open generation into memory, beside answering, where it is small enough and stays."""
        if not self._in_memory_mb or self._settling is not None or self._held is None:
            return
        if time.monotonic() < self._opened + SETTLE_SECONDS:
            return
        size = sum(file.stat().st_size for file in self._held.graph.iterdir()) // 1_000_000
        if size <= self._in_memory_mb:
            # What the graph itself takes is not the queries'.
            confinement.limit_memory(self._memory_mb + IN_MEMORY_FACTOR * max(size, 1))
            self._settling = threading.Thread(target=self._settle, args=(self.number, self.store), daemon=True)
            self._settling.start()

    def _settle(self, number: int, store: pyoxigraph.Store) -> None:
        memory = pyoxigraph.Store()
        with tempfile.NamedTemporaryFile(suffix=".nq") as file:
            # By a file, since both then run beside the interpreter, which goes on answering.
            store.dump(file.name, pyoxigraph.RdfFormat.N_QUADS)
            memory.bulk_load(path=file.name, format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
        if number == self.number:
            self.store = memory
            confinement.limit_memory(self._memory_mb)
            self._size = confinement.private_megabytes()

    def find(self, typed: str, kinds: Collection[base.Kind], most: int) -> Sequence[Found]:
        """Search the texts of the open generation. Implements `searching.Find`."""
        from ivigraph.store.textindex import TextIndex  # SQLite is loaded by the first that searches

        if self._held is None:
            return ()
        if self._texts is None:
            self._texts = TextIndex(self._held.text)
        return self._texts.found(typed, kinds, most)

    def has_grown(self) -> bool:
        return confinement.private_megabytes() > (self._size or 0) + RETIRE_MEGABYTES


class Sink:
    """Takes the engine's output and sends it in frames; `streamed` once a part was sent before the end."""

    def __init__(self, out: int) -> None:
        self.streamed = False
        self._out = out
        self._head: dict[str, Any] = {}
        self._data: list[bytes] = []
        self._size = 0

    def begin(self, **head: Any) -> None:
        self._head = head

    def write(self, data: bytes) -> int:
        self._data.append(bytes(data))
        self._size += len(data)
        if self._size >= CHUNK_BYTES:
            self._send(whole=False)
            self.streamed = True
        return len(data)

    def flush(self) -> None:
        """Called by the engine at its end; frames are sent when they are full, and by `end`."""

    def end(self, last: bytes) -> None:
        if not self.streamed:
            confinement.end_after(0)  # the pipe takes it: nobody who reads slowly can keep this process
        self._send(last, whole=not self.streamed)

    def _send(self, last: bytes = b"", *, whole: bool) -> None:
        parts = []
        if self._head:
            parts.append(frames.message(Kind.HEAD, whole=whole, **self._head))
        if self._data:
            parts.append(frames.frame(Kind.DATA, b"".join(self._data)))
        frames.send(self._out, b"".join((*parts, last)))
        self._head, self._data, self._size = {}, [], 0


def evaluate(view: View, request: Mapping[str, Any], prefixes: dict[str, str], sink: Sink) -> bool:
    """Answer one query; False when this process should not answer another."""
    begin = time.monotonic()
    try:
        view.follow()
        _write(view, request, prefixes, sink)
    except BrokenPipeError:
        raise
    except SyntaxError as error:
        sink.end(_error("syntax", error))
    except MemoryError as error:
        sink.end(_error("memory", error, last=True))
        return False
    except QueryError as error:
        sink.end(_error("query", error, remedy=error.remedy))
    except IvigraphError as error:
        sink.end(_error("store", error, where=error.where, remedy=error.remedy))
    except Exception as error:  # the engine's own, whatever it is: the process must survive it
        sink.end(_error("query", error))
    else:
        # A light query cannot have grown it by much, and the next heavy one tells.
        last = time.monotonic() - begin > LIGHT_SECONDS and view.has_grown()
        sink.end(frames.message(Kind.END, last=last))
        return not last
    return True


def _write(view: View, request: Mapping[str, Any], prefixes: dict[str, str], sink: Sink) -> None:
    text = request["query"]
    searches = searching.parse(text, prefixes)
    try:
        results: Any = view.store.query(
            searching.filled(correlated(text) if not searches else text, searches, view.find),
            base_iri=request["base"],
            prefixes=_needed(prefixes, text),
            **_dataset(request, merged=view.merged),
        )
    except SyntaxError:
        # What was filled in moved the place: without it the engine names that of the text which was sent.
        pyoxigraph.Store().query(searching.without(text, searches), prefixes=prefixes)
        raise
    form = _FORMS[type(results)]
    media_type = request["accept"] or MEDIA_TYPES[form][0]
    if media_type not in MEDIA_TYPES[form]:
        raise ValueError(f"the answer to this query cannot be written as {media_type}")
    sink.begin(form=form.value, media_type=media_type, generation=view.number)
    syntax = pyoxigraph.RdfFormat if form is Form.GRAPH else pyoxigraph.QueryResultsFormat
    results.serialize(sink, syntax.from_media_type(media_type))


def _needed(prefixes: dict[str, str], text: str) -> dict[str, str]:
    """Those that the query may use: to hand over all of them takes the engine longer than to read a light query."""
    return {name: iri for name, iri in prefixes.items() if f"{name}:" in text}


def _error(cause: str, error: Exception, *, last: bool = False, **more: str) -> bytes:
    message = error.message if isinstance(error, IvigraphError) else str(error)
    return frames.message(Kind.ERROR, cause=cause, message=message[:MOST_MESSAGE], last=last, **more)


def _dataset(request: Mapping[str, Any], *, merged: bool) -> dict[str, Any]:
    if request["default_graphs"] is None:
        return {"use_default_graph_as_union": request["union"] and not merged}
    named = {}
    if request["named_graphs"] is not None:  # else all of them
        named["named_graphs"] = [pyoxigraph.NamedNode(name) for name in request["named_graphs"]]
    return {
        "default_graph": [pyoxigraph.NamedNode(name) for name in request["default_graphs"]],
        **named,
    }


def serve(requests: frames.Incoming, out: int) -> None:
    configuration = json.loads(requests.receive()[1])
    view = View(
        Generations(Path(configuration["directory"])),
        configuration["as_of"],
        configuration["memory_mb"],
        configuration["in_memory_mb"],
    )
    confinement.forbid_network()
    _look(view)
    frames.send(out, frames.frame(Kind.STARTED))
    going_on = True
    while going_on:
        while not (requests.pending() or select.select([0], [], [], LOOK_SECONDS)[0]):
            _look(view)
        request = json.loads(requests.receive()[1])
        confinement.end_after(request["seconds"])
        sink = Sink(out)
        going_on = evaluate(view, request, configuration["prefixes"], sink)
        if sink.streamed:
            # The deadline holds until the answer was taken: a consumer that stops reading does not keep the process.
            requests.receive()
            confinement.end_after(0)


def _look(view: View) -> None:
    # An error is for the next query, which meets it again and can tell somebody.
    with contextlib.suppress(IvigraphError, OSError):
        view.follow()
        view.settle()


if __name__ == "__main__":
    processes.run(serve)
    sys.exit(0)
