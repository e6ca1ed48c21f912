"""What nobody likes goes round, and so do wishes: counted over weeks, told to planner and agent, heeded by the plan."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from civicline.workforce.burdens import is_early, is_late, on_weekend
from civicline.workforce.models import KeptWish, Leave, Schedule, Wish
from civicline.workforce.selectors.fairness import Share, shares
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.services import planning
from civicline.workforce.services.contracts import Hours, save_wishes
from civicline.workforce.services.rosters import open_week, publish_week, withdraw_week
from civicline.workforce.services.wishes import KEPT_WEEKS, forget_wishes, keep_wishes
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
Crew = dict[str, UUID]
MONDAY = TODAY - timedelta(days=TODAY.weekday())
SATURDAY = MONDAY + timedelta(days=5)


def told() -> dict[str, Share]:
    return {one.name: one for one in shares(MONDAY)}


def test_shifts_that_nobody_likes_are_counted_by_person_from_published_weeks(crew: Crew) -> None:
    early, night = shift(crew["Asha"], MONDAY, 390, 840), shift(crew["Asha"], SATURDAY, 1020, 1500)
    plain = shift(crew["Bela"], MONDAY, 480, 1140)
    shift(crew["Bela"], MONDAY + timedelta(days=1))
    assert (is_early(early), is_late(early), on_weekend(early)) == (True, False, False)
    assert (is_late(night), on_weekend(night)) == (True, True)  # it ends at one o'clock, which is late
    assert not (is_early(plain) or is_late(plain) or on_weekend(plain))
    assert told()["Asha"].shifts == 0  # a draft is nobody's week yet
    publish_week(week=MONDAY)
    found = told()
    asha, bela = found["Asha"], found["Bela"]
    assert (asha.early, asha.late, asha.weekend, asha.unliked, asha.shifts) == (1, 1, 1, 3, 2)
    assert (bela.unliked, bela.shifts) == (0, 2)
    assert asha.due == bela.due == 1.5  # three in four shifts, and two shifts each


def test_wishes_count_once_for_each_of_their_days_but_not_on_leave(crew: Crew) -> None:
    asha, bela, tuesday = crew["Asha"], crew["Bela"], MONDAY + timedelta(days=1)
    for agent, weekday, kind in (
        (asha, 0, "rather_not"), (asha, 1, "likes"), (asha, 2, "likes"), (asha, 1, "home"), (asha, 3, "home"),
        (bela, 0, "rather_not"), (bela, 1, "cannot"),
    ):  # fmt: skip
        Wish.objects.create(agent_id=agent, weekday=weekday, kind=kind)
    Wish.objects.create(agent_id=asha, weekday=4, start=900, end=1080, kind="rather_not")
    Leave.objects.create(
        agent_id=asha, first=MONDAY + timedelta(days=2), last=MONDAY + timedelta(days=2), state="approved",
        asked_at=planning.clock.now(),
    )  # fmt: skip
    shift(asha, tuesday, place="office")
    shift(asha, MONDAY + timedelta(days=4), 480, 840)
    shift(bela, MONDAY)
    publish_week(week=MONDAY)
    found = told()
    # Asha: Monday free, Tuesday worked, Friday gone by 15:00; Tuesday not at home, and no shift on Thursday.
    assert (found["Asha"].wishes, found["Asha"].wishes_kept) == (4, 3)
    assert found["Asha"].denied == 0.25
    assert (found["Bela"].wishes, found["Bela"].denied) == (1, 1.0)


def test_the_next_plan_knows_who_had_what(crew: Crew, town: Town) -> None:
    shift(crew["Asha"], SATURDAY, 480, 960)
    Wish.objects.create(agent_id=crew["Asha"], weekday=5, kind="rather_not")
    Wish.objects.create(agent_id=crew["Bela"], weekday=5, kind="rather_not")
    publish_week(week=MONDAY)
    before, contracts = shares(MONDAY), list(list_contracts())
    following = MONDAY + timedelta(days=7)
    past = planning._past(contracts, following, before)
    assert past[str(crew["Asha"])].unpopular == pytest.approx(1 / 3)
    assert past[str(crew["Bela"])].unpopular == 0
    people = {one.name: one for one in planning._people(contracts, following, before)}
    assert people["Asha"].wishes[0].weight == 2 * people["Bela"].wishes[0].weight
    assert Schedule.objects.get(week=MONDAY).state == "published"


def test_a_week_is_measured_by_the_wishes_that_stood_when_it_was_published(crew: Crew) -> None:
    asha, following = crew["Asha"], MONDAY + timedelta(days=7)
    save_wishes(agent_id=asha, wishes=[Hours(0, "rather_not", 0, 1440)])
    shift(asha, following)
    publish_week(week=following)
    save_wishes(agent_id=asha, wishes=[Hours(0, "likes", 0, 1440), Hours(1, "likes", 0, 1440)])
    found = {one.name: one for one in shares(following)}["Asha"]
    assert (found.wishes, found.wishes_kept) == (
        1,
        0,
    )  # a later change of mind does not make the week a fair one
    withdraw_week(week=following)
    publish_week(week=following)
    found = {one.name: one for one in shares(following)}["Asha"]
    assert (found.wishes, found.wishes_kept) == (2, 1)  # planned again: measured by the wishes of then


def test_kept_wishes_are_forgotten_after_a_year(crew: Crew) -> None:
    Wish.objects.create(agent_id=crew["Asha"], weekday=0, kind="likes")
    long_ago = MONDAY - timedelta(weeks=KEPT_WEEKS + 1)
    for week in (long_ago, MONDAY):
        keep_wishes(schedule=open_week(week=week))
    forget_wishes()
    assert [one.schedule.week for one in KeptWish.objects.select_related("schedule")] == [MONDAY]
