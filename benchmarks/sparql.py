"""Researchers' questions over HTTP, side by side: `python benchmarks/sparql.py [--quads N] [--rounds N] [--seconds S]`.

The same data (benchmarks/quads.py) is served by ivigraph and, where it is installed (`pip install oxigraph`), by
the native Oxigraph server. Each question of the catalogue and a text search is asked of both in turn; answers are
compared by a hash of their sorted rows. Then a mixed load with 1, 8 and 32 clients, and light queries beside an
adversary who asks queries that never end. Times are medians unless said otherwise; compare ratios, not machines.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pyoxigraph
import quads

from ivigraph.namespaces import Minter, prefixes
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.store import Store, open_store

MINTER = Minter()
ROWS = 200  # the first so many of each question, as a page shows them
LIGHT = "SELECT ?c ?q { ?c biolink:object obo:HP_0001873 ; biolink:supporting_text ?q } LIMIT 20"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SEARCH = 'SELECT ?x ?o { SERVICE ivo:search { ?x search:query "thrombocytopenia" } ?x biolink:object ?o }'
CONTAINS = (
    "SELECT ?x ?o { ?x biolink:supporting_text ?t ; biolink:object ?o "
    'FILTER(REGEX(?t, "(^|[^a-z0-9])thrombocytopenia([^a-z0-9]|$)", "i")) }'
)


def questions() -> dict[str, tuple[str, str]]:
    """Each question as asked of ivigraph and of any other server."""
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes(MINTER).items())
    asked = {name: query.bind({}) for name, query in catalogue.load().items()}
    both = {name: (text, text) for name, text in asked.items()}
    both["light"] = (LIGHT, declared + LIGHT)
    both["text search"] = (SEARCH, declared + CONTAINS)
    return both


def load_store(directory: Path, number: int) -> Path:
    """Write the data as N-Quads and load them into an embedded store; gives the file."""
    file = directory / "data.nq"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(quads.quads(MINTER, number))
    begin = time.perf_counter()
    with opened(directory / "store", create=True) as store, store.writer() as writer:
        # The engine's own loader: the benchmark is about reading.
        writer._changed().bulk_load(path=str(file), format=pyoxigraph.RdfFormat.N_QUADS)  # type: ignore[attr-defined]
    print(f"loaded, derived and indexed in {time.perf_counter() - begin:.1f} s")
    return file


def opened(path: Path, *, create: bool = False) -> Store:
    return open_store(
        path, create=create, prefixes=prefixes(MINTER), derive=catalogue.derivation(MINTER), query_timeout=60
    )


@contextmanager
def ivigraph(directory: Path) -> Iterator[str]:
    """Our own server, in a process of its own as the other is."""
    yield from served(
        [sys.executable, "-m", "ivigraph", "serve", "--store", str(directory / "store")], "--port", "sparql"
    )


@contextmanager
def oxigraph(directory: Path) -> Iterator[str]:
    """The native server over a copy of the same generation; gives the address of its endpoint."""
    newest = max((directory / "store" / "generations").glob("[0-9]*"))
    pyoxigraph.Store.read_only(str(newest / "graph")).backup(str(directory / "native"))
    command = [str(shutil.which("oxigraph")), "serve-read-only", "--location", str(directory / "native")]
    yield from served([*command, "--union-default-graph"], "--bind", "query")


def served(command: list[str], flag: str, path: str) -> Iterator[str]:
    """Run a server on a free port until the consumer is done; gives the address of its endpoint."""
    with run.bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    where = str(port) if flag == "--port" else f"127.0.0.1:{port}"
    process = subprocess.Popen([*command, flag, where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/{path}", params={"query": "ASK {}"}, timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/{path}"
    finally:
        process.terminate()
        process.wait()


def ask(client: httpx.Client, url: str, query: str) -> str:
    """A digest of the rows, whatever their order. Raises for an answer that is none."""
    answer = client.post(url, data={"query": query}, headers={"Accept": "text/tab-separated-values"})
    answer.raise_for_status()
    return hashlib.sha256(b"\n".join(sorted(answer.content.split(b"\n")))).hexdigest()[:12]


def timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def each(urls: Mapping[str, str], rounds: int) -> None:
    print(f"{'question':28}" + "".join(f"{name:>14}" for name in urls) + "   answers")
    with httpx.Client(timeout=120, verify=False) as client:
        for name, texts in questions().items():
            asked = [(url, texts[number > 0]) for number, url in enumerate(urls.values())]
            digests = {ask(client, url, text) for url, text in asked}
            times: list[list[float]] = [[] for _ in asked]
            for _ in range(rounds):
                for own, (url, text) in zip(times, asked, strict=True):
                    own.append(timed(lambda u=url, t=text: ask(client, u, t)))
            shown = "".join(f"{statistics.median(own) * 1000:11.1f} ms" for own in times)
            print(f"{name:28}{shown}   {'equal' if len(digests) == 1 else 'DIFFERENT'}")


def mixed(urls: Mapping[str, str], seconds: float) -> None:
    """Answers a second of a mixed load: nine light queries for one question of the catalogue."""
    light, heavy = questions()["light"], questions()["network-edges"]
    for clients in (1, 8, 32):
        for number, (name, url) in enumerate(urls.items()):
            end, done = time.perf_counter() + seconds, []

            def one(url: str = url, number: int = number, end: float = end, done: list[float] = done) -> None:
                with httpx.Client(timeout=120, verify=False) as client:
                    count = 0
                    while time.perf_counter() < end:
                        text = heavy if count % 10 == 9 else light
                        with contextlib.suppress(httpx.HTTPError):  # turned away or ended: no answer that counts
                            done.append(timed(lambda text=text: ask(client, url, text[number > 0])))
                        count += 1

            threads = [threading.Thread(target=one) for _ in range(clients)]
            begin = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rate = len(done) / (time.perf_counter() - begin)
            print(f"{clients:3} clients  {name:10} {rate:8.1f} answers/s   p50 {quantile(done, 0.5):7.1f} ms")


def adversary(url: str, rounds: int) -> None:
    """Light queries alone, then while another address keeps four endless queries running."""
    with httpx.Client(timeout=120, verify=False) as client:
        alone = [timed(lambda: ask(client, url, LIGHT)) for _ in range(rounds)]
        stop = threading.Event()
        threads = [threading.Thread(target=endless, args=(url, stop)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        beside = [timed(lambda: ask(client, url, LIGHT)) for _ in range(rounds)]
        stop.set()
        for thread in threads:
            thread.join()
    print(
        f"light p99 alone {quantile(alone, 0.99):.1f} ms, beside four endless queries {quantile(beside, 0.99):.1f} ms"
    )


def endless(url: str, stop: threading.Event) -> None:
    transport = httpx.HTTPTransport(local_address="127.0.0.2", verify=False)
    late = []
    with httpx.Client(transport=transport, timeout=120) as client:
        while not stop.is_set():
            begin = time.perf_counter()
            client.post(url, data={"query": ENDLESS, "timeout": "2"})
            late.append(time.perf_counter() - begin - 2)
    print(f"  an endless query was ended at most {max(late):.2f} s after its deadline of 2 s")


def quantile(seconds: list[float], part: float) -> float:
    return float("nan") if not seconds else sorted(seconds)[min(int(len(seconds) * part), len(seconds) - 1)] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of each question")
    parser.add_argument("--seconds", type=float, default=10, help="of each mixed load")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        load_store(directory, options.quads)
        urls = {"ivigraph": stack.enter_context(ivigraph(directory))}
        if shutil.which("oxigraph"):
            urls["oxigraph"] = stack.enter_context(oxigraph(directory))
        else:
            print("oxigraph is not installed: pip install oxigraph")
        each(urls, options.rounds)
        mixed(urls, options.seconds)
        adversary(urls["ivigraph"], 50 * options.rounds)


if __name__ == "__main__":
    main()
