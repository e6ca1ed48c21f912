"""Forget what is done and tell how much is owed. Events and audit entries are never touched here."""

from datetime import timedelta

from civicline.kernel import clock, metrics
from civicline.kernel.db import writes
from civicline.kernel.models import HandlerRun, Job
from civicline.kernel.selectors import count_jobs, outbox_depth_and_lag

KEEP_DAYS = 7
CHUNK = 500


def sweep(keep_days: int = KEEP_DAYS) -> int:
    """Delete marks of handlers and jobs that were done more than `keep_days` ago. Returns how many.

    In small writes, so that nobody waits for it. What failed stays until somebody has looked at it.
    """
    total = 0
    while swept := _sweep_some(keep_days):
        total += swept
    return total


@writes
def _sweep_some(keep_days: int) -> int:
    before = clock.now() - timedelta(days=keep_days)
    runs = HandlerRun.objects.filter(state=HandlerRun.State.DONE, done_at__lt=before).values_list(
        "pk", flat=True
    )
    jobs = Job.objects.filter(state=Job.State.DONE, finished_at__lt=before).values_list("pk", flat=True)
    swept, _ = HandlerRun.objects.filter(pk__in=list(runs[:CHUNK])).delete()
    done, _ = Job.objects.filter(pk__in=list(jobs[:CHUNK])).delete()
    return swept + done


def refresh_gauges() -> None:
    """Set the gauges of what is owed: call it when metrics are asked for."""
    outbox = outbox_depth_and_lag()
    metrics.outbox_depth.set(outbox.depth)
    metrics.outbox_lag.set(outbox.lag_seconds)
    jobs = count_jobs()
    for state in Job.State.values:
        if state != Job.State.DONE:
            metrics.jobs_waiting.labels(state).set(jobs.get(state, 0))
