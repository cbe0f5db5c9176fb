"""The process that applies clients' changes and publishes them: `python -m ivigraph.store.writer`.

It is started by `ivigraph.store.commits` and speaks the frames of `ivigraph.store.frames`. A change that takes too long
or too much memory ends the process, and with it its transaction: nothing of it is published, and the lock is free.

    store   BEGIN        CHANGE DATA …            COMMIT
    writer        READY                  APPLIED          PUBLISHED       or ERROR, which ends the transaction
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ivigraph.errors import IvigraphError
from ivigraph.store import confinement, frames, processes
from ivigraph.store.applying import Applier
from ivigraph.store.changes import change
from ivigraph.store.frames import Kind
from ivigraph.store.generations import Generations
from ivigraph.store.ownership import Ownership
from ivigraph.store.writing import Transaction, transaction


def serve(requests: frames.Incoming, out: int) -> None:
    configuration = json.loads(requests.receive()[1])
    confinement.forbid_network()
    generations = Generations(Path(configuration["directory"]))
    while True:
        begin = json.loads(requests.receive()[1])
        try:
            with transaction(
                generations,
                prefixes=configuration["prefixes"],
                derive=configuration["derive"],
                keep=configuration["keep"],
                merge=configuration["merge"],
                wait=begin["wait"],
            ) as work:
                frames.send(out, frames.message(Kind.READY))
                _apply_all(work, requests, out, configuration)
                confinement.lift_memory_limit()  # what publication takes is not the client's doing
            frames.send(out, frames.message(Kind.PUBLISHED, generation=generations.current()))
        except IvigraphError as error:
            frames.send(out, _error(error))
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # a bug or the system: the next transaction begins from what is published
            frames.send(out, _error(IvigraphError(f"{type(error).__name__}: {error}")))


def _apply_all(work: Transaction, requests: frames.Incoming, out: int, configuration: dict[str, Any]) -> None:
    told = configuration["ownership"]
    ownership = Ownership(default=told["default"], managed=tuple(told["managed"]), computed=tuple(told["computed"]))
    prefixes: dict[str, str] = configuration["prefixes"]
    draft = work.draft()
    confinement.limit_memory(configuration["memory_mb"])
    generation: int | None = work.generation
    while True:
        kind, payload = requests.receive()
        if kind is Kind.COMMIT:
            return
        head = json.loads(payload)
        data = [requests.receive()[1] for _ in range(head["parts"])]
        confinement.end_after(head["seconds"])
        touched: set[str] = set()
        applier = Applier(touched=touched, draft=draft, generation=generation, ownership=ownership, prefixes=prefixes)
        done = applier.apply(change(head["change"], data))
        confinement.end_after(0)
        work.draft(*touched)
        generation = None
        frames.send(out, frames.message(Kind.APPLIED, **asdict(done)))


def _error(error: IvigraphError) -> bytes:
    confinement.end_after(0)
    confinement.lift_memory_limit()
    values = {name: value for name, value in error.__dict__.items() if isinstance(value, str | int | None)}
    return frames.message(Kind.ERROR, type=type(error).__name__, values=values)


if __name__ == "__main__":
    processes.run(serve)
    sys.exit(0)
