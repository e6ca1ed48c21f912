"""What changes hands: what was asked before it became one idea is as it was, and long lists cost what short ones do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from civicline.kernel import clock
from civicline.workforce.models import DutyTrade, OnCallDuty, OnCallRule, Schedule, Shift, ShiftTrade
from civicline.workforce.selectors import trades
from civicline.workforce.services.duty_trades import TURNS
from civicline.workforce.services.shift_trades import SHIFTS
from tests.integration.workforce.conftest import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
Crew = dict[str, UUID]
BEFORE, AFTER = "0004_offers_and_turns", "0005_what_changes_hands"
ASKED = {"agreed": True, "findings": [["notice", {"hours": 2}]], "reason": "My sister visits"}


def at(migration: str) -> Apps:
    """The planning tables as of this migration."""
    executor = MigrationExecutor(connection)
    executor.migrate([("workforce", migration)])
    return executor.loader.project_state([("workforce", migration)]).apps


def of(apps: Apps, name: str) -> Any:
    """A model as it was."""
    return apps.get_model("workforce", name)


@pytest.fixture
def earlier(crew: Crew) -> Iterator[Apps]:
    yield at(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("workforce"))  # what came later, too: others need it


def test_what_was_asked_before_waits_for_the_planner_as_it_did(crew: Crew, earlier: Apps) -> None:
    week = Schedule.objects.create(week=TODAY + timedelta(days=7), state="published", made_at=clock.now())
    hours = {"start": clock.now() + timedelta(days=7), "end": clock.now() + timedelta(days=7, hours=8)}
    one, other = (
        Shift.objects.create(schedule=week, agent_id=crew[name], **hours) for name in ("Asha", "Bela")
    )
    rule = OnCallRule.objects.create(name="Nights")
    turn = OnCallDuty.objects.create(schedule=week, rule=rule, agent_id=crew["Asha"], **hours)
    asked = ASKED | {"asked_by_id": crew["Asha"], "taker_id": crew["Bela"], "asked_at": clock.now()}
    swap = of(earlier, "Trade").objects.create(kind="swap", shift_id=one.pk, other_id=other.pk, **asked)
    gift = of(earlier, "DutyTrade").objects.create(kind="give", duty_id=turn.pk, **asked)
    at(AFTER)
    assert [(row.pk, row.thing, row.other) for row in trades.SHIFTS.asked()] == [(swap.pk, one, other)]
    assert [(row.pk, row.thing, row.other) for row in trades.TURNS.asked()] == [(gift.pk, turn, None)]
    for kept in (ShiftTrade.objects.get(), DutyTrade.objects.get()):
        assert {name: getattr(kept, name) for name in ASKED} == ASKED
        assert (kept.asked_by_id, kept.taker_id) == (crew["Asha"], crew["Bela"])
    back = at(BEFORE)
    assert of(back, "Trade").objects.get().shift_id == one.pk
    assert of(back, "DutyTrade").objects.get().duty_id == turn.pk


@pytest.mark.parametrize("many", [1, 12])
def test_a_list_is_one_query_however_long(crew: Crew, many: int, django_assert_num_queries: Any) -> None:
    week = Schedule.objects.create(week=TODAY + timedelta(days=7), state="published", made_at=clock.now())
    rule = OnCallRule.objects.create(name="Nights")
    for number in range(many):
        start = clock.now() + timedelta(days=7 + number)
        mine = {"schedule": week, "agent_id": crew["Asha"], "start": start, "end": start + timedelta(hours=8)}
        for market, thing in (
            (SHIFTS, Shift.objects.create(**mine)),
            (TURNS, OnCallDuty.objects.create(rule=rule, **mine)),
        ):
            market.give(thing_id=thing.pk, agent_id=crew["Asha"])
    for kept in (trades.SHIFTS, trades.TURNS):
        for rows in (kept.own, kept.given_away):
            with django_assert_num_queries(1):
                found = [
                    (one.asked_by.user.name, one.thing.start, getattr(one.thing, "rule", None))
                    for one in rows(crew["Asha" if rows == kept.own else "Bela"])
                ]
            assert len(found) == many
            assert {str(rule or "Nights") for _name, _start, rule in found} == {"Nights"}
