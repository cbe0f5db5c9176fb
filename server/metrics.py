"""What the server tells Prometheus: how long answers take, how they end, which generation it serves, its memory."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivigraph.errors import IvigraphError
from ivigraph.server.answers import Answers
from ivigraph.store import Store

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(slots=True)
class Times:
    """How many requests of one kind took how long: one count for each of `_SECONDS`, and for longer ones."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_SECONDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_SECONDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Each bound with how many took no longer, as Prometheus has it."""
        bounds = (*(str(second) for second in _SECONDS), "+Inf")
        return list(zip(bounds, map(float, accumulate(self.counts)), strict=True))


class Metrics:
    """The counters of one application; safe to use from many threads."""

    def __init__(self, store: Store, answers: Answers) -> None:
        self._store = store
        self._answers = answers
        self._lock = threading.Lock()
        self._requests: defaultdict[tuple[str, str, str], Times] = defaultdict(Times)
        self._queries: Counter[str] = Counter()
        self.running = 0

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[route, method, str(status)].add(seconds)

    def query(self, outcome: str) -> None:
        with self._lock:
            self._queries[outcome] += 1

    def collect(self) -> Iterator[Any]:
        """The families of metrics, for Prometheus' own library, which calls this."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        with self._lock:
            times = HistogramMetricFamily(
                "ivigraph_request_seconds", "Time until the last byte, by route.", labels=("route", "method", "status")
            )
            for labels, taken in self._requests.items():
                times.add_metric(labels, taken.buckets(), taken.total)
            queries = CounterMetricFamily("ivigraph_queries", "Queries by how they ended.", labels=("outcome",))
            for outcome, number in self._queries.items():
                queries.add_metric((outcome,), number)
        yield times
        yield queries
        asked = CounterMetricFamily(
            "ivigraph_answers", "Answers that could be kept: found, made, or shared with who asked.", labels=("how",)
        )
        for how in ("found", "made", "shared"):
            asked.add_metric((how,), getattr(self._answers, how))
        yield asked
        yield GaugeMetricFamily("ivigraph_answers_kept", "Answers that are kept.", len(self._answers))
        yield GaugeMetricFamily("ivigraph_answers_kept_bytes", "Memory for kept answers.", self._answers.bytes)
        yield GaugeMetricFamily("ivigraph_requests_running", "Requests that wait or are answered.", self.running)
        load = self._store.workload()
        yield GaugeMetricFamily("ivigraph_queries_running", "Queries that are evaluated.", load.running)
        yield GaugeMetricFamily("ivigraph_queries_waiting", "Queries that wait for a reader.", load.waiting)
        yield GaugeMetricFamily("ivigraph_writes_waiting", "Updates that wait for a publication.", load.writes)
        yield CounterMetricFamily(
            "ivigraph_readers_killed", "Queries that were ended with the process that evaluated them.", load.killed
        )
        yield GaugeMetricFamily("ivigraph_generation", "Generation that is served.", self._generation())
        memory = GaugeMetricFamily("ivigraph_memory_bytes", "Resident memory.", labels=("process",))
        for process, size in zip(("server", "children"), _memory(), strict=True):
            memory.add_metric((process,), size)
        yield memory

    def _generation(self) -> float:
        try:
            return self._store.generation
        except IvigraphError:
            return float("nan")


class Timing:
    """Measures every request. The route is that of the application, so that names and identifiers make no series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.running += 1  # all on the one thread of the event loop
        try:
            await self.app(scope, receive, watched)
        finally:
            self._metrics.running -= 1
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.request(route, scope["method"], status, time.perf_counter() - start)


def router(metrics: Metrics) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/metrics", summary="Prometheus metrics", response_class=Response)
    def exposed() -> Response:
        # Imported here: it takes a moment, and most servers are never asked.
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(metrics)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def _memory() -> tuple[int, int]:
    """The resident bytes of this process and of its children; 0 where the system does not tell."""
    try:
        children = [
            int(child)
            for task in Path("/proc/self/task").iterdir()
            for child in (task / "children").read_text(encoding="ascii").split()
        ]
    except OSError:
        return _resident("self"), 0
    return _resident("self"), sum(_resident(str(child)) for child in children)


def _resident(process: str) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
