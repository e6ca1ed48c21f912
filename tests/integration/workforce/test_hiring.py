"""Hiring: the need of each month from forecast, growth and rules; people from contracts; what cannot be is said."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from civicline.kernel.errors import Invalid, Refused
from civicline.routing.models import Queue
from civicline.workforce.hiring import HiringAsked, hiring_answer, months_from
from civicline.workforce.models import Contract, WhatIf
from civicline.workforce.selectors.forecasts import newest_of_all
from civicline.workforce.selectors.staffing import all_staffing, needs
from civicline.workforce.services.scenarios import ask_hiring, run_what_if
from tests.integration.workforce.conftest import TODAY, remember
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = HiringAsked(months=8, leavers=3, person_years=24.0, lead=2, training=1)


def test_months_go_on_over_the_years() -> None:
    assert months_from(date(2026, 11, 30), 3) == [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]


def test_the_need_of_a_month_is_that_of_its_weeks(crew: dict[str, UUID]) -> None:
    answer = hiring_answer(TODAY, ASKED)
    queue = Queue.objects.get(code="council-tax")
    made, rule = newest_of_all()[queue.pk], all_staffing()[queue.pk]
    week = sum(one.hours for one in needs(made, rule, TODAY + timedelta(days=7), 7))
    april = answer["months"][0]
    assert april["month"] == "2026-04-01"
    assert april["need"] == pytest.approx(week / 7 * 30, rel=0.1)
    assert answer["growth"][0] == pytest.approx(1.0, abs=0.25)
    assert answer["team"] == 6


def test_years_of_history_give_each_month_its_own_need(crew: dict[str, UUID]) -> None:
    queue = Queue.objects.get(code="council-tax")
    even = hiring_answer(TODAY, ASKED)
    assert (even["season_from"], {one["season"] for one in even["months"]}) == ("none", {1.0})
    for year in range(2):
        for month in range(1, 13):
            size = 1.5 if month == 6 else 1.0
            until = TODAY.replace(year=TODAY.year - year - 1, month=month, day=1) + timedelta(days=30)
            if until <= TODAY - timedelta(days=70):
                remember(queue, weeks=4, size=size, seed=month + 12 * year, until=until)
    found = hiring_answer(TODAY, ASKED)
    assert found["season_from"] == "history"
    june = next(one for one in found["months"] if one["month"] == "2026-06-01")
    july = next(one for one in found["months"] if one["month"] == "2026-07-01")
    assert june["season"] > 1.25 > july["season"]
    assert june["contacts"] > 1.2 * july["contacts"]
    assert june["need"] > 1.15 * july["need"]


def test_a_team_that_is_too_small_hires_in_time_and_says_which_months_are_lost(crew: dict[str, UUID]) -> None:
    Contract.objects.update(week_min=600, week_max=600)
    answer = hiring_answer(TODAY, ASKED)
    assert answer["hires"] > 0
    assert answer["late"] == [0, 1, 2]
    assert [one["chance_planned"] >= 0.8 for one in answer["months"]][3:] == [True] * 5
    assert answer["months"][1]["decide"] == answer["months"][3]["starts"]
    assert answer["months"][0]["present"][0] > answer["months"][7]["present"][0]


def test_a_job_keeps_the_plan_and_a_team_that_is_big_enough_hires_nobody(crew: dict[str, UUID]) -> None:
    Contract.objects.update(week_min=60 * 60, week_max=60 * 60)
    row = ask_hiring(name="Next year", day=TODAY, asked=HiringAsked(months=6, person_years=24.0))
    run_what_if(row.pk)
    row = WhatIf.objects.get(pk=row.pk)
    assert (row.kind, row.state, row.result["hires"], row.result["late"]) == ("hiring", "done", 0, [])


def test_without_a_forecast_or_contracts_the_sentence_says_so(town: Town, crew: dict[str, UUID]) -> None:
    Contract.objects.all().delete()
    with pytest.raises(Refused, match="no contracts"):
        hiring_answer(TODAY, ASKED)


def test_without_any_forecast_nothing_is_planned(town: Town) -> None:
    row = ask_hiring(name="Too early", day=TODAY, asked=ASKED)
    run_what_if(row.pk)
    assert WhatIf.objects.get(pk=row.pk).problem == "There is no forecast of a whole week. Make one first."


def test_what_cannot_be_asked_is_said_at_its_field() -> None:
    with pytest.raises(Invalid) as refusal:
        HiringAsked(months=99, chance=5).check()
    assert set(refusal.value.field_messages()) == {"months", "chance"}
    with pytest.raises(Invalid) as refusal:
        HiringAsked(leavers=3, person_years=2).check()
    assert set(refusal.value.field_messages()) == {"leavers"}
