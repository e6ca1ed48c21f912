"""`civicline check` walks along the sealed audit log and says in words what it found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from civicline.cli.checks import audit_log_in_words
from civicline.kernel import audit, audit_trail, clock
from civicline.kernel.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db


def sealed(entries: int) -> None:
    """So many entries, sealed; then a year goes by."""
    with clock.use(clock.ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))) as hands:
        for number in range(entries):
            audit.record("case.read", object=("case", number))
        hands.advance(timedelta(hours=1))
        audit_trail.seal()


def test_a_young_log_says_that_nothing_is_sealed_yet() -> None:
    said, broken = audit_log_in_words()
    assert said.startswith("The audit log has no seal yet")
    assert not broken


def test_a_whole_log_is_told_with_what_is_under_seal() -> None:
    sealed(3)
    assert audit_log_in_words() == ("The audit log is whole: 3 entries under 1 seal.", False)


def test_what_retention_removed_is_told_and_is_no_break() -> None:
    sealed(3)
    with clock.use(clock.ManualClock(datetime(2027, 1, 5, 9, tzinfo=UTC))):
        audit_trail.dispose(before=clock.now())
    said, broken = audit_log_in_words()
    assert (
        said
        == "The audit log is whole: 0 entries under 0 seals, and 1 seal of entries that retention removed."
    )
    assert not broken


def test_a_changed_entry_is_a_finding_that_names_where() -> None:
    sealed(3)
    seal = AuditSeal.objects.get()
    AuditEntry.objects.filter(pk=seal.first_entry).update(action="case.closed")
    said, broken = audit_log_in_words()
    assert broken
    assert said.startswith(f"The audit log is broken at the entries {seal.first_entry}-{seal.last_entry}:")
    assert "compare with a backup" in said
