"""At night the lines learn from their own past; by day residents are told what it taught."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from civicline.intake import selectors as intake
from civicline.intake.models import Contact, Service
from civicline.kernel import ids
from civicline.routing import selectors
from civicline.routing import services as routing
from civicline.routing.lines import calibration_of, forget_lines, lines
from civicline.routing.models import Queue, WaitCalibration, WaitExperience
from tests.busy_line import busy_line
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def lived_through(town: Town, contacts: int, spoil: Callable[[float], float] = float) -> Queue:
    """The council-tax queue after a week in which so many came; `spoil` changes how long each waited."""
    queue = Queue.objects.get(code="council-tax")
    service = Service.objects.get(code="council-tax")
    turns = busy_line(3, contacts)
    start = town.clock.now().timestamp() - turns[-1].joined - 7200

    def at(second: float | None) -> datetime | None:
        return None if second is None else datetime.fromtimestamp(start + second, UTC)

    Contact.objects.bulk_create(
        Contact(
            id=ids.new_id(), reference=f"SM-{number}", channel="chat", service=service, queue=queue,
            state="abandoned" if turn.answered is None else "closed", priority=turn.priority,
            arrived_at=at(turn.joined), queued_at=at(turn.joined),
            connected_at=at(turn.joined + spoil(turn.answered - turn.joined)) if turn.answered else None,
            closed_at=at(turn.over),
        )
        for number, turn in enumerate(turns)
    )  # fmt: skip
    forget_lines()
    return queue


def test_a_line_learns_from_a_week_and_residents_are_told_what_it_learned(town: Town) -> None:
    queue = lived_through(town, 900)
    WaitCalibration.objects.create(
        queue=queue, state={"low_log": 0.5, "high_log": 1.0, "told": 7}, updated_at=town.clock.now()
    )
    assert routing.learn_waits() == 1
    stored = WaitExperience.objects.get(queue=queue)
    assert stored.judged >= 100
    assert stored.error_s < stored.plain_error_s
    assert 0.7 <= stored.coverage <= 0.92
    queue = Queue.objects.select_related("calibration").get(pk=queue.pk)
    moved = calibration_of(queue)
    assert (moved.low_log, moved.high_log, moved.told) == (0.0, 0.0, 7)  # new ways, new ends; the count stays

    town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    in_line = [town.chat("council-tax") for _ in range(5)]
    town.settle()
    line = lines()[queue.pk]
    assert line.experience is not None
    waiting = [
        one for one in map(intake.get_contact, (c.id for c in in_line)) if one and one.state == "queued"
    ]
    told = [selectors.get_wait(one).range for one in waiting]
    assert all(one is not None for one in told)
    highs = [one.high_minutes for one in told if one]
    assert highs == sorted(highs)  # who stands further back is told no less

    WaitExperience.objects.update(state={})
    forget_lines()
    assert [selectors.get_wait(one).range for one in waiting] != told


def test_what_residents_see_before_they_ask_is_learned_too(town: Town) -> None:
    queue = lived_through(town, 900)
    routing.learn_waits()
    town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    for _ in range(4):
        town.chat("council-tax")
    town.settle()
    service = Service.objects.get(code="council-tax")
    (seen,) = selectors.list_service_waits([service])
    line = lines()[queue.pk]
    assert line.experience is not None
    assert len(line.turns) == 4
    assert seen.wait.range is not None
    assert seen.waiting == 4

    WaitExperience.objects.update(state={})
    forget_lines()
    (by_theory,) = selectors.list_service_waits([service])
    assert by_theory.wait.range != seen.wait.range


def test_what_its_past_says_nothing_of_is_not_foretold_from_it(town: Town) -> None:
    came = iter(range(10_000))

    def another_world(wait: float) -> float:
        """Of late everybody waits an hour longer."""
        return wait + (3600.0 if next(came) > 600 else 0.0)

    queue = lived_through(town, 900, another_world)
    assert routing.learn_waits() == 0
    assert WaitExperience.objects.get(queue=queue).state == {}
    assert lines()[queue.pk].experience is None


def test_a_young_line_goes_on_by_theory(town: Town) -> None:
    queue = lived_through(town, 120)
    assert routing.learn_waits() == 0
    assert not WaitExperience.objects.filter(queue=queue).exists()


def test_a_second_night_keeps_the_ends_where_outcomes_moved_them(town: Town) -> None:
    queue = lived_through(town, 900)
    routing.learn_waits()
    WaitCalibration.objects.update_or_create(
        queue=queue, defaults={"state": {"low_log": -0.2, "told": 9}, "updated_at": town.clock.now()}
    )
    town.clock.set(town.clock.now() + timedelta(days=1))
    assert routing.learn_waits() == 1
    assert WaitCalibration.objects.get(queue=queue).state["low_log"] == -0.2
