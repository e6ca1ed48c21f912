"""Trades of shifts and of turns on call that were asked before both became one idea are as they were."""

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
    at(AFTER)


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
