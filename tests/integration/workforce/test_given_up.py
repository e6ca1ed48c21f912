"""What is worked out by a job whose workers die with it again and again: nobody waits for it for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from civicline.config import wiring
from civicline.kernel import clock
from civicline.kernel.jobs import Worker
from civicline.kernel.models import Job
from civicline.routing.models import Queue
from civicline.workforce.models import Forecast, Schedule
from civicline.workforce.models.planning import WhatIf
from civicline.workforce.refusals import GIVEN_UP, kept_words
from civicline.workforce.scenarios import Changes
from civicline.workforce.services.forecasts import ask_forecast
from civicline.workforce.services.planning import ask_plan
from civicline.workforce.services.scenarios import ask_what_if
from tests.integration.workforce.conftest import TODAY, work

pytestmark = pytest.mark.django_db(transaction=True)


def _die_with_what_is_due() -> None:
    """Workers begin, and are killed, until nothing is due any more."""
    while Worker(wiring.jobs())._claim_next() is not None:
        Job.objects.filter(state=Job.State.LEASED).update(leased_until=clock.now() - timedelta(seconds=1))


def test_a_forecast_whose_workers_die_says_so_and_can_be_asked_for_again(queue: Queue) -> None:
    asked = ask_forecast(queue_id=queue.pk, days=7)
    Forecast.objects.update(state=Forecast.State.RUNNING)
    _die_with_what_is_due()
    row = Forecast.objects.get(pk=asked.pk)
    assert (row.state, row.problem) == ("failed", str(GIVEN_UP))
    with translation.override("fr"):
        told = kept_words(row.problem, row.problem_values)
    assert told.startswith("Ce travail")
    again = ask_forecast(queue_id=queue.pk, days=7)
    work()
    assert Forecast.objects.get(pk=again.pk).state == "done"


def test_a_forecast_that_is_made_stays_made_when_its_worker_dies_after_it(queue: Queue) -> None:
    asked = ask_forecast(queue_id=queue.pk, days=7)
    work()
    wiring.jobs().tell_given_up(Job(kind="workforce.forecast", payload={"forecast": str(asked.pk)}))
    assert Forecast.objects.get(pk=asked.pk).state == "done"


def test_a_roster_and_an_answer_whose_workers_die_say_so(queue: Queue) -> None:
    monday = TODAY + timedelta(days=7 - TODAY.weekday())
    ask_plan(week=monday)
    asked = ask_what_if(name="One more", day=TODAY, changes=Changes(callback=50))
    _die_with_what_is_due()
    week = Schedule.objects.get(week=monday)
    assert (week.planning, week.findings) == ("failed", [["given_up", {}]])
    answer = WhatIf.objects.get(pk=asked.pk)
    assert (answer.state, answer.problem) == ("failed", str(GIVEN_UP))
