"""What the server and the poller do, for Prometheus. Every name and label is in docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily as Counter
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from feeds.model import Pulse
from feeds.serve.counts import Counts
from feeds.serve.page import Page

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def expose(counts: Counts, pages: Mapping[str, Page], pulse: Pulse | None, *, complaints: int) -> bytes:
    """The text that Prometheus reads. As many series as there are feeds and reasons, whatever clients ask for."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told([*_served(counts, pages, complaints), *(_polled(pulse) if pulse else ())]))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Told(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _served(counts: Counts, pages: Mapping[str, Page], complaints: int) -> Iterator[Metric]:
    answers = Counter("feeds_http_answers", "Answers, by what was asked for.", labels=["what", "status"])
    for (what, status), number in sorted(dict(counts.answers).items()):
        answers.add_metric([what, str(status)], number)
    dropped = Counter("feeds_http_dropped", "Connections that were cut, and why.", labels=["why"])
    for why, number in sorted(dict(counts.dropped).items()):
        dropped.add_metric([why], number)
    yield answers
    yield dropped
    yield Counter("feeds_http_sent_bytes", "Bytes of answers, without their heads.", value=counts.sent)
    yield Gauge("feeds_http_connections", "Open connections.", value=counts.connections)
    yield Gauge("feeds_http_listeners", "Who listens to /events.", value=counts.listeners)
    yield Gauge("feeds_published_files", "Files that are served.", value=len({id(page) for page in pages.values()}))
    yield Gauge("feeds_complaints", "Reasons that /health gives.", value=complaints)


def _polled(pulse: Pulse) -> Iterator[Metric]:
    sources = Gauge("feeds_sources", "Sources, by how they stand.", labels=["state"])
    for state, number in sorted(pulse.sources.items()):
        sources.add_metric([state], number)
    entries = Gauge("feeds_topic_entries", "Entries in the feed of a topic.", labels=["topic"])
    for topic, number in sorted(pulse.topics.items()):
        entries.add_metric([topic], number)
    subscribers = Gauge("feeds_hub_subscribers", "Who subscribes to a feed by WebSub.", labels=["feed"])
    for feed, number in sorted(pulse.subscribers.items()):
        subscribers.add_metric([feed], number)
    yield sources
    yield entries
    yield subscribers
    yield Gauge("feeds_hub_waiting", "Subscribers and hubs that are to be told something.", value=pulse.hub_waiting)
    yield Gauge("feeds_hub_failing", "Those of them that could not be told the last time.", value=pulse.hub_failing)
    yield Gauge("feeds_schedule_behind_seconds", "How long the source due longest has waited.", value=pulse.behind)
    yield Gauge("feeds_poller_heard_seconds", "When the poller last said so.", value=pulse.at.timestamp())
