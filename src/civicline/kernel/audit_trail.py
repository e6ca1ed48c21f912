"""The audit log as a trail that can be checked: sealed run by run, thinned by whole runs, never with a gap.

A seal is a SHA-256 over a run of entries, chained to the seal before it. Whoever changes, adds or takes out a sealed
entry breaks the chain from there on. Retention removes entries by whole seals and leaves the seals: they still say how
many entries there were, from when to when, and still hold the chain together. What is younger than the last seal
(an hour and a quarter at most) is not covered yet. Each new digest is logged too: a copy outside of the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet, Sum

from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.models import AuditEntry, AuditSeal

log = structlog.get_logger(__name__)
SEAL_SIZE = 2000
CHUNK = 500
SETTLED = timedelta(minutes=15)
"""Ids commit out of order; after so long nothing older can come, for a write ends within 20 s."""
SEAL_JOB, CHECK_JOB = "kernel.seal_audit", "kernel.check_audit"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: `entries` read, `seals` of which `disposed` stand alone; `broken` "first-last" or ""."""

    entries: int
    seals: int
    disposed: int
    broken: str = ""


# -- sealing


def seal() -> int:
    """Seal what has settled since the last seal, run by run; how many entries."""
    total = 0
    while sealed := _seal_run():
        total += sealed
    return total


def _seal_run() -> int:
    """Read and digest outside of the write, so that nobody waits for it: entries that have settled do not change."""
    before = AuditSeal.objects.order_by("-last_entry").first()
    settled = clock.now() - SETTLED
    rows = AuditEntry.objects.filter(pk__gt=before.last_entry if before else 0).order_by("pk")[:SEAL_SIZE]
    run: list[AuditEntry] = []
    for row in rows:
        if row.at >= settled:
            break
        run.append(row)
    if not run:
        return 0
    made = AuditSeal(
        first_entry=run[0].pk,
        last_entry=run[-1].pk,
        count=len(run),
        from_at=min(row.at for row in run),
        to_at=max(row.at for row in run),
        entries_digest=_digest_of(run),
        sealed_at=clock.now(),
    )
    made.digest = _chained(before.digest if before else "", made)
    if not _chain(made=made, after=before.pk if before else None):
        return 0
    log.info("audit.sealed", entries=f"{made.first_entry}-{made.last_entry}", digest=made.digest)
    return len(run)


@writes
def _chain(*, made: AuditSeal, after: int | None) -> bool:
    """Hang the seal onto the chain, unless another worker was faster."""
    last = AuditSeal.objects.order_by("-last_entry").values_list("pk", flat=True).first()
    if last != after:
        return False
    made.save(force_insert=True)
    return True


def _digest_of(rows: Iterable[AuditEntry]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        facts = [
            row.pk,
            _moment(row.at),
            row.actor_kind,
            row.actor_id,
            row.action,
            row.object_kind,
            row.object_id,
            str(row.resident_id or ""),
            row.reason,
            row.data,
        ]
        line = json.dumps(
            facts, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=True, separators=(",", ":")
        )
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _chained(before: str, seal: AuditSeal) -> str:
    facts = [
        before,
        seal.first_entry,
        seal.last_entry,
        seal.count,
        _moment(seal.from_at),
        _moment(seal.to_at),
    ]
    return hashlib.sha256("\n".join(map(str, [*facts, seal.entries_digest])).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# -- thinning


def dispose(*, before: datetime, keep: Q | None = None) -> int:
    """Remove entries older than this by whole seals, in small writes; how many. `keep`: entries whose seal stays.

    Each disposal is itself in the audit, in the write that marks the seal, before the first entry goes.
    """
    total = 0
    unfinished = AuditSeal.objects.filter(disposed_at__isnull=False).order_by("-disposed_at", "-pk").first()
    if unfinished is not None:
        total += _remove(unfinished)
    for one in list(_due(before).order_by("first_entry")):
        if keep is not None and _entries(one).filter(keep).exists():
            continue
        _mark_disposed(seal_id=one.pk)
        total += _remove(one)
    return total


def count_due(*, before: datetime, keep: Q | None = None) -> tuple[int, int]:
    """(entries that `dispose` would remove, entries that stay because their seal holds one that is to be kept)."""
    held = 0
    due = _due(before)
    if keep is not None:
        held = sum(one.count for one in due if _entries(one).filter(keep).exists())
    return (due.aggregate(all=Sum("count"))["all"] or 0) - held, held


def _due(before: datetime) -> QuerySet[AuditSeal]:
    return AuditSeal.objects.filter(disposed_at__isnull=True, to_at__lt=before)


def _entries(seal: AuditSeal) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(pk__gte=seal.first_entry, pk__lte=seal.last_entry)


@writes
def _mark_disposed(*, seal_id: int) -> None:
    seal = AuditSeal.objects.get(pk=seal_id)
    seal.disposed_at = clock.now()
    seal.save(update_fields=["disposed_at"])
    data = {
        "entries": seal.count,
        "from": _moment(seal.from_at),
        "to": _moment(seal.to_at),
        "digest": seal.digest,
    }
    audit.record(
        "audit.disposed",
        object=("audit", f"{seal.first_entry}-{seal.last_entry}"),
        reason="retention",
        data=data,
    )


def _remove(seal: AuditSeal) -> int:
    total = 0
    while removed := _remove_some(first=seal.first_entry, last=seal.last_entry):
        total += removed
    return total


@writes
def _remove_some(*, first: int, last: int) -> int:
    found = AuditEntry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list("pk", flat=True)
    return AuditEntry.objects.filter(pk__in=list(found[:CHUNK])).delete()[0]


# -- checking


def check() -> Checked:
    """Walk along the whole trail and say whether it is whole; stops at the first break."""
    entries = seals = disposed = last = 0
    chain = ""
    for one in AuditSeal.objects.order_by("first_entry").iterator(chunk_size=CHUNK):
        run = f"{one.first_entry}-{one.last_entry}"
        between = AuditEntry.objects.filter(pk__gt=last, pk__lt=one.first_entry).exists()
        if between or one.digest != _chained(chain, one):
            return Checked(entries, seals, disposed, run)
        if one.disposed_at is None:
            rows = list(_entries(one).order_by("pk"))
            if len(rows) != one.count or _digest_of(rows) != one.entries_digest:
                return Checked(entries, seals, disposed, run)
            entries += one.count
        else:
            disposed += 1
        seals, chain, last = seals + 1, one.digest, one.last_entry
    return Checked(entries, seals, disposed)


def check_and_tell() -> Checked:
    """Check the trail and put what was found into it; a break is an error in the log as well."""
    found = check()
    if found.broken:
        log.error("audit.trail_broken", entries=found.broken)
    audit.record("audit.checked", object=("audit", "trail"), data=asdict(found))
    return found
