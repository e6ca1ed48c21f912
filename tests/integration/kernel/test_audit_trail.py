"""The audit log can be checked from end to end, and is thinned without a gap in the chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from civicline.kernel import audit, audit_trail, clock, selectors
from civicline.kernel.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def hands() -> Iterator[clock.ManualClock]:
    with clock.use(clock.ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))) as moment:
        yield moment


def write(count: int, action: str = "case.read") -> None:
    for number in range(count):
        audit.record(
            action, object=("case", number), reason="Zoë asked", data={"n": number, "of": [1.5, None]}
        )


def three_runs(hands: clock.ManualClock) -> list[AuditSeal]:
    """Three sealed runs of four entries, a year apart."""
    for _ in range(3):
        write(4)
        hands.advance(YEAR.total_seconds())
        audit_trail.seal()
    return list(AuditSeal.objects.order_by("pk"))


def test_what_is_young_is_left_until_nothing_older_can_come(hands: clock.ManualClock) -> None:
    write(3)
    assert audit_trail.seal() == 0
    hands.advance(16 * 60)
    write(2)
    assert audit_trail.seal() == 3
    assert audit_trail.seal() == 0
    assert audit_trail.check() == audit_trail.Checked(entries=3, seals=1, disposed=0)


def test_long_logs_are_sealed_in_runs_that_hang_together(
    hands: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "SEAL_SIZE", 4)
    write(10)
    hands.advance(3600)
    assert audit_trail.seal() == 10
    assert [one.count for one in AuditSeal.objects.order_by("pk")] == [4, 4, 2]
    assert audit_trail.check() == audit_trail.Checked(entries=10, seals=3, disposed=0)


def test_of_two_who_seal_at_once_one_does(hands: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    write(4)
    hands.advance(3600)
    digest_of = audit_trail._digest_of

    def meanwhile(rows: list[AuditEntry]) -> str:
        monkeypatch.setattr(audit_trail, "_digest_of", digest_of)
        assert audit_trail.seal() == 4
        return digest_of(rows)

    monkeypatch.setattr(audit_trail, "_digest_of", meanwhile)
    assert audit_trail.seal() == 0
    assert audit_trail.check() == audit_trail.Checked(entries=4, seals=1, disposed=0)


def change(entry: AuditEntry) -> None:
    AuditEntry.objects.filter(pk=entry.pk).update(reason="Nobody asked")


def take_out(entry: AuditEntry) -> None:
    entry.delete()


def put_in(entry: AuditEntry) -> None:
    entry.delete()
    AuditEntry.objects.create(
        pk=entry.pk, at=entry.at, actor_kind="staff", action="case.read", object_kind="case", object_id="9"
    )


@pytest.mark.parametrize("meddle", [change, take_out, put_in])
def test_meddling_shows_and_says_where(hands: clock.ManualClock, meddle: object) -> None:
    seals = three_runs(hands)
    assert callable(meddle)
    meddle(AuditEntry.objects.get(pk=seals[1].first_entry + 1))
    assert audit_trail.check().broken == f"{seals[1].first_entry}-{seals[1].last_entry}"


@pytest.mark.parametrize("field", ["count", "to_at", "entries_digest"])
def test_a_seal_that_was_made_to_fit_breaks_the_chain(hands: clock.ManualClock, field: str) -> None:
    seals = three_runs(hands)
    changed = {"count": 3, "to_at": clock.now(), "entries_digest": seals[0].entries_digest}[field]
    AuditSeal.objects.filter(pk=seals[1].pk).update(**{field: changed})
    assert audit_trail.check().broken == f"{seals[1].first_entry}-{seals[1].last_entry}"


def test_a_seal_that_is_gone_with_its_entries_shows(hands: clock.ManualClock) -> None:
    seals = three_runs(hands)
    AuditEntry.objects.filter(pk__gte=seals[1].first_entry, pk__lte=seals[1].last_entry).delete()
    seals[1].delete()
    assert audit_trail.check().broken == f"{seals[2].first_entry}-{seals[2].last_entry}"


def test_old_entries_go_their_seals_stay_and_the_disposal_is_in_the_log(
    hands: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "CHUNK", 3)
    seals = three_runs(hands)
    before = clock.now() - YEAR - timedelta(days=1)
    assert audit_trail.count_due(before=before) == (8, 0)
    assert audit_trail.dispose(before=before) == 8
    assert audit_trail.dispose(before=before) == 0
    assert AuditEntry.objects.filter(action="case.read").count() == 4
    assert audit_trail.check() == audit_trail.Checked(entries=4, seals=3, disposed=2)
    told = (
        AuditEntry.objects.filter(action="audit.disposed").order_by("pk").values_list("object_id", "reason")
    )
    assert list(told) == [(f"{one.first_entry}-{one.last_entry}", "retention") for one in seals[:2]]
    assert AuditEntry.objects.filter(action="audit.disposed").first().data["entries"] == 4  # type: ignore[union-attr]


def test_a_run_with_something_to_keep_stays_whole(hands: clock.ManualClock) -> None:
    write(4)
    audit.record("case.read", object=("case", "held"))
    hands.advance(YEAR.total_seconds())
    audit_trail.seal()
    keep = Q(object_kind="case", object_id="held")
    assert audit_trail.count_due(before=clock.now(), keep=keep) == (0, 5)
    assert audit_trail.dispose(before=clock.now(), keep=keep) == 0
    assert audit_trail.check().entries == 5


def test_a_disposal_that_was_cut_off_goes_on_next_time(hands: clock.ManualClock) -> None:
    first = three_runs(hands)[0]
    AuditSeal.objects.filter(pk=first.pk).update(disposed_at=clock.now())
    AuditEntry.objects.filter(pk=first.first_entry).delete()
    assert audit_trail.check().broken == ""
    assert audit_trail.dispose(before=clock.now() - 10 * YEAR) == 3
    assert AuditEntry.objects.filter(pk__lte=first.last_entry).count() == 0


def test_what_a_check_found_stands_in_the_log(hands: clock.ManualClock) -> None:
    three_runs(hands)
    audit_trail.check_and_tell()
    entry = selectors.last_audit("audit.checked")
    assert entry is not None
    assert entry.data == {"entries": 12, "seals": 3, "disposed": 0, "broken": ""}
