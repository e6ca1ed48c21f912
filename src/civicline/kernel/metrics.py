"""All numbers that the parts count, by name, in one Prometheus registry."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
registry = CollectorRegistry()

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WAITS = (5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600, 7200, 14400, 86400)

queue_depth = Gauge("civicline_queue_depth", "Contacts waiting now", ["queue"], registry=registry)
queue_wait = Histogram(
    "civicline_queue_wait_seconds",
    "Wait of contacts from queue to agent",
    ["queue"],
    buckets=_WAITS,
    registry=registry,
)
offer_latency = Histogram(
    "civicline_offer_latency_seconds", "From arrival of a contact that could be served to its offer",
    buckets=_FAST, registry=registry,
)  # fmt: skip
offers = Counter("civicline_offers", "Offers by how they ended", ["outcome"], registry=registry)
contacts = Counter("civicline_contacts", "Contacts received", ["channel"], registry=registry)

outbox_depth = Gauge("civicline_outbox_depth", "Events not yet published", registry=registry)
outbox_lag = Gauge(
    "civicline_outbox_lag_seconds", "Age of the oldest event not yet published", registry=registry
)
events_published = Counter(
    "civicline_events_published", "Events given their place in the log", registry=registry
)
handler_seconds = Histogram(
    "civicline_handler_seconds",
    "Time one handler took for one event",
    ["handler"],
    buckets=_FAST,
    registry=registry,
)
handler_failures = Counter(
    "civicline_handler_failures", "Failed tries of handlers", ["handler"], registry=registry
)
handler_given_up = Counter(
    "civicline_handler_given_up",
    "Events given up by a handler after all tries",
    ["handler"],
    registry=registry,
)

write_batch = Histogram(
    "civicline_write_batch_calls",
    "Write calls in one commit",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
    registry=registry,
)
write_seconds = Histogram(
    "civicline_write_batch_seconds",
    "Time of one batch of writes with its commit",
    buckets=_FAST,
    registry=registry,
)

jobs_run = Counter("civicline_jobs", "Jobs by how a try ended", ["kind", "outcome"], registry=registry)
jobs_waiting = Gauge("civicline_jobs_waiting", "Jobs by state", ["state"], registry=registry)
job_seconds = Histogram(
    "civicline_job_seconds", "Time of one job", ["kind"], buckets=_FAST, registry=registry
)

deliveries = Counter(
    "civicline_deliveries", "Tries to deliver, by outcome", ["channel", "outcome"], registry=registry
)
live_connections = Gauge(
    "civicline_live_connections", "Open live connections", ["audience"], registry=registry
)
bus_errors = Counter("civicline_bus_errors", "Hints lost or failed, by place", ["place"], registry=registry)
lease_held = Gauge(
    "civicline_lease_held", "1 while this process holds the role", ["lease"], registry=registry
)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(registry)
