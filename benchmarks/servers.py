"""The servers that `benchmarks/sparql.py` compares: each is given the same quads once, and is started on a free port.

What was loaded stays in its folder, so that another run begins at once; a load that was cut short is done again.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph
import quads

from ivigraph.assembly import ownership
from ivigraph.namespaces import Minter, prefixes
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.store import Store, open_store

MINTER = Minter()
JSON = "application/sparql-results+json"
_BINARIES = Path(sys.executable).parent  # where pip puts programs, on the path or not
_START_SECONDS = 180.0


def program(*names: str) -> str | None:
    """Where one of these programs is."""
    return next((found for name in names if (found := shutil.which(name) or shutil.which(name, path=_BINARIES))), None)


@dataclass(slots=True)
class Server(ABC):
    """A server over the folder of one size. `most` is the largest number of quads that it is tried with."""

    folder: Path
    name: str = ""
    path: str = "/sparql"
    headers: dict[str, str] = field(default_factory=dict)
    most: int = sys.maxsize
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _sql: int = 0

    def lacks(self) -> str:
        """What must be installed first; empty where all is there."""
        return ""

    @abstractmethod
    def load(self) -> None:
        """Take in the files of `files`."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it."""

    def files(self) -> list[Path]:
        return [self.folder / "data.nq", self.folder / "derived.nq"]

    def prepared(self) -> float:
        """Load, unless that was done before; seconds it took then."""
        done = self.folder / f"{self.name}.json"
        if not done.exists():
            begin = time.perf_counter()
            self.load()
            done.write_text(json.dumps({"seconds": time.perf_counter() - begin}))
        return float(json.loads(done.read_text())["seconds"])

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.stop()

    def start(self) -> None:
        with run.bind("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]
        log = (self.folder / f"{self.name}.log").open("wb")
        self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
        log.close()
        end = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                Client(self, 30.0).ask("ASK {}")
                return
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise TimeoutError(f"{self.name} does not answer; see {log.name}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class Client:
    """One connection to a server, kept open. For one thread."""

    def __init__(self, server: Server, seconds: float, **headers: str) -> None:
        self._server = server
        self._headers = {
            "Accept": JSON, "Content-Type": "application/x-www-form-urlencoded", **server.headers, **headers,
        }  # fmt: skip
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=seconds)

    def ask(self, query: str) -> bytes:
        """The body of the answer. Raises OSError or HTTPException where there is none, or none in time."""
        try:
            self._connection.request("POST", self._server.path, urlencode({"query": query}), self._headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except BaseException:
            self._connection.close()
            raise
        if answer.status != 200:
            raise http.client.HTTPException(f"{answer.status} {body[:200].decode(errors='replace')}")
        return body


class Ivigraph(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "ivigraph")

    def opened(self, *, create: bool = False) -> Store:
        return open_store(
            self.folder / "store",
            create=create,
            prefixes=prefixes(MINTER),
            derive=catalogue.derivation(MINTER),
            ownership=ownership(MINTER),
        )

    def load(self) -> None:
        """Write, derive, merge and index; then give the derived edges to the others."""
        shutil.rmtree(self.folder / "store", ignore_errors=True)
        with self.opened(create=True) as store, store.writer() as writer:
            # The engine's own loader: the benchmark is about reading.
            changed = writer._changed()  # type: ignore[attr-defined]
            changed.bulk_load(path=str(self.folder / "data.nq"), format=pyoxigraph.RdfFormat.N_QUADS)
        derived = pyoxigraph.NamedNode(MINTER.derived_graph)
        with (self.folder / "derived.nq").open("w", encoding="utf-8") as out:
            out.writelines(f"{quad} .\n" for quad in self.engine().quads_for_pattern(None, None, None, derived))

    def engine(self) -> pyoxigraph.Store:
        """The newest generation, in this process."""
        newest = max((self.folder / "store" / "generations").glob("[0-9]*"))
        return pyoxigraph.Store.read_only(str(newest / "graph"))

    def command(self) -> Sequence[str]:
        serve = ["serve", "--store", str(self.folder / "store"), "--port", str(self.port)]
        return [sys.executable, "-m", "ivigraph", *serve]


class Oxigraph(Server):
    """The native server of our engine (PyPI package oxigraph)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "oxigraph", "/query")

    def lacks(self) -> str:
        return "" if program("oxigraph") else "pip install oxigraph"

    def load(self) -> None:
        shutil.rmtree(self.folder / "native", ignore_errors=True)
        command = [str(program("oxigraph")), "load", "--location", str(self.folder / "native")]
        subprocess.run([*command, "--file", *map(str, self.files())], check=True, capture_output=True)

    def command(self) -> Sequence[str]:
        where = ["--location", str(self.folder / "native"), "--bind", f"127.0.0.1:{self.port}"]
        return [str(program("oxigraph")), "serve-read-only", *where, "--union-default-graph"]


class Virtuoso(Server):
    """Debian's virtuoso-opensource, with memory for all of the data and no limit of rows."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "virtuoso")

    def lacks(self) -> str:
        return "" if program("virtuoso-t") and program("isql-vt") else "apt-get install virtuoso-opensource"

    def load(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir()
        with self.running():
            steps = [f"ld_dir('{self.folder.absolute()}', '{file.name}', 'urn:none')" for file in self.files()]
            script = "; ".join([*steps, "rdf_loader_run()", "checkpoint"])
            isql = [str(program("isql-vt")), f"127.0.0.1:{self._sql}", "dba", "dba", f"EXEC={script};"]
            subprocess.run(isql, check=True, capture_output=True)

    def command(self) -> Sequence[str]:
        with run.bind("127.0.0.1", 0) as free:
            self._sql = free.getsockname()[1]
        home, file = self._home.absolute(), self._home / "virtuoso.ini"
        file.write_text(
            f"[Database]\nDatabaseFile={home}/v.db\nErrorLogFile={home}/v.log\nLockFile={home}/v.lck\n"
            f"TransactionFile={home}/v.trx\nxa_persistent_file={home}/v.pxa\n"
            f"[TempDatabase]\nDatabaseFile={home}/t.db\nTransactionFile={home}/t.trx\n"
            f"[Parameters]\nServerPort=127.0.0.1:{self._sql}\nNumberOfBuffers=340000\nMaxDirtyBuffers=250000\n"
            f"DirsAllowed={self.folder.absolute()}\nServerThreads=100\nCheckpointInterval=0\n"
            f"[HTTPServer]\nServerPort=127.0.0.1:{self.port}\nServerThreads=64\nKeepAliveTimeout=60\nMaxKeepAlives=64\n"
            "[SPARQL]\nResultSetMaxRows=100000000\nMaxQueryCostEstimationTime=0\nMaxQueryExecutionTime=0\n"
        )
        return [str(program("virtuoso-t")), "+configfile", str(file), "+foreground", "+wait"]

    @property
    def _home(self) -> Path:
        return self.folder / "virtuoso"


class RdflibEndpoint(Server):
    """rdflib-endpoint (PyPI), which keeps all in memory and reads its files at each start."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "rdflib", "/", most=1_000_000)

    def lacks(self) -> str:
        return "" if program("rdflib-endpoint") else "pip install rdflib-endpoint"

    def load(self) -> None:
        """Nothing: it reads the files whenever it starts."""

    def command(self) -> Sequence[str]:
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        return [str(program("rdflib-endpoint")), "serve", *where, *map(str, self.files())]


SERVERS: dict[str, Callable[[Path], Server]] = {
    "ivigraph": Ivigraph,
    "oxigraph": Oxigraph,
    "virtuoso": Virtuoso,
    "rdflib": RdflibEndpoint,
}


def written(folder: Path, number: int) -> Path:
    """The data in N-Quads, made where they are not there yet or were made by another version of the generator."""
    file, of = folder / "data.nq", folder / "data.json"
    version = {"quads": number, "generator": quads.version()}
    if not of.exists() or json.loads(of.read_text()) != version:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with file.open("w", encoding="utf-8") as out:
            out.writelines(quads.quads(MINTER, number))
        of.write_text(json.dumps(version))
    return file
