"""Counts and times of a server, in the form Prometheus reads."""

from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from rag.index.shared.follower import Reach
from rag.index.store import Counts
from rag.records import Answer
from rag.server.addresses import OTHER, address_of

__all__ = ["CONTENT_TYPE", "Counted", "Followed", "Metrics", "route_of"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10)


class Counted(Protocol):
    """What is counted of `rag.index.store.Store`."""

    @property
    def generation(self) -> int:
        """The version of the index."""
        ...

    @property
    def outdated(self) -> bool:
        """Whether the index has moved on to another embedder."""
        ...

    def counts(self) -> Counts:
        """Return how much there is."""
        ...


class Followed(Protocol):
    """What is counted of `rag.index.shared.follower.Follower`."""

    @property
    def reach(self) -> Reach | None:
        """Whether the database answers."""
        ...


def route_of(path: str) -> str:
    """Return the label of a path below the mount; one for every path would let a stranger fill the memory."""
    address = address_of(path)
    return address.label if address else OTHER


class Metrics:
    """What one server has counted since it started."""

    def __init__(self, held: Callable[[], int], store: Counted, followed: Followed | None = None) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "youju_http_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self._durations = Histogram(
            "youju_http_request_seconds",
            "Seconds from request to end of reply.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._asked = Counter(
            "youju_questions", "Questions by what became of them.", ["outcome"], registry=registry
        )
        self._stages = Histogram(
            "youju_stage_seconds",
            "Seconds of each stage of an answer.",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self._gauge("youju_questions_in_line", "Questions that wait or are being answered.", held)
        self._gauge(
            "youju_index_generation", "Version of the index that is searched.", lambda: store.generation
        )
        self._gauge("youju_index_articles", "Articles that can be found.", lambda: store.counts().articles)
        self._gauge("youju_index_passages", "Passages that can be found.", lambda: store.counts().passages)
        self._gauge(
            "youju_index_outdated",
            "1 when the index was made anew with another embedder: restart to follow it.",
            lambda: store.outdated,
        )
        if followed is not None and followed.reach is not None:
            self._follow(followed)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that has ended; status 499 if the client left before."""
        self._requests.labels(route, str(status)).inc()
        self._durations.labels(route).observe(seconds)

    def answered(self, answer: Answer) -> None:
        """Count an answer or a refusal, and the time of its stages."""
        self._asked.labels(answer.refusal.reason if answer.refusal else "answered").inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def failed(self, code: str) -> None:
        """Count a question that got neither; `code` is that of the error."""
        self._asked.labels(code).inc()

    def text(self) -> bytes:
        """Return everything counted as Prometheus reads it."""
        return generate_latest(self._registry)

    def _follow(self, followed: Followed) -> None:
        self._gauge(
            "youju_database_up",
            "1 while the database that servers share answers.",
            lambda: (reach := followed.reach) is not None and reach.up,
        )
        self._gauge(
            "youju_database_since_seconds",
            "Since when that is so, in seconds since 1970.",
            lambda: reach.since if (reach := followed.reach) is not None else 0.0,
        )

    def _gauge(self, name: str, said: str, value: Callable[[], float]) -> None:
        Gauge(name, said, registry=self._registry).set_function(value)
