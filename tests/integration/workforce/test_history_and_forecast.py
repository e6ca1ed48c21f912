"""From what came to what will come: imports that are whole or nothing, counts from the log, forecasts with ranges."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Invalid
from civicline.routing.models import Queue
from civicline.workforce.models import Forecast, HistoryDay
from civicline.workforce.refusals import kept_words
from civicline.workforce.selectors.forecasts import days_of, newest, past_runs
from civicline.workforce.selectors.history import Line, kept, series, today, zero_days
from civicline.workforce.services.forecasts import ask_forecast, ask_update
from civicline.workforce.services.history import count_arrivals, import_history
from civicline.workforce.services.marks import drop_mark, mark_days
from tests.integration.workforce.conftest import TODAY, remember, shape, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def table(*rows: str, heading: str = "interval_start,queue,count") -> str:
    return "\n".join((heading, *rows))


def test_a_table_is_kept_day_by_day_and_slots_without_a_row_are_unknown(town: Town) -> None:
    rows = [f"2026-02-{day:02d} {hour:02d}:{minute:02d},council-tax,{hour}" for day in (2, 3) for hour in range(8, 12)
            for minute in (0, 30) if (day, hour, minute) != (3, 9, 30)]  # fmt: skip
    imported = import_history(text=table(*rows))
    assert (imported.days, imported.queues) == (2, ("council-tax",))
    assert any("days that have others: 1." in note for note in imported.notes)
    found = series(Line(Queue.objects.get(code="council-tax").pk), 60)
    assert found is not None
    assert found.counts[0].tolist() == [16, 18, 20, 22]
    assert found.counts[1][1] != found.counts[1][1]  # the hour with the gap is unknown
    assert (
        kernel.events_named(["history.imported"], town.clock.now(), town.clock.now() + timedelta(1)).count()
        == 1
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-02-02 08:00,council-tax,-3", "Row 3: a count cannot be -3"),
        ("2026-02-02 08:00,council-tax,many", "Row 3: “many” is not a count"),
        ("2026-02-02 07:30,council-tax,4", "Row 3 repeats 2026-02-02 07:30"),
        ("31 February,council-tax,4", "Row 3: “31 February” is not a time"),
        ("2026-02-02T08:00:00+01:00,council-tax,4", "Give the time zone"),
        ("2026-02-02 08:00,parks,4", "There is no queue parks. There are: benefits, council-tax."),
        ("2026-02-02 08:00,council-tax", "Row 3 has 2 of the 3 columns"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_kept(town: Town, row: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_history(text=table("2026-02-02 07:30,council-tax,4", row))
    assert words in str(refused.value.field_messages()["table"])
    assert not HistoryDay.objects.exists()


def test_whole_days_are_too_coarse_and_an_empty_table_says_so(town: Town) -> None:
    with pytest.raises(Invalid, match="15, 30 or 60 minutes"):
        import_history(text=table("2026-02-02,400", "2026-02-03,390", heading="date,count"), queue="benefits")
    with pytest.raises(Invalid, match="empty"):
        import_history(text="")


def test_a_day_of_zeros_among_busy_days_is_told_and_teaches_nothing(queue: Queue) -> None:
    broken = TODAY - timedelta(days=6)
    rows = [f"{broken} {hour:02d}:{minute},council-tax,0" for hour in range(24) for minute in ("00", "30")]
    rows += [
        f"{broken + timedelta(1)} {hour:02d}:{minute},council-tax,2"
        for hour in range(24)
        for minute in ("00", "30")
    ]
    HistoryDay.objects.filter(day__in=(broken, broken + timedelta(1))).delete()
    imported = import_history(text=table(*rows))
    assert any("has only zeros" in note for note in imported.notes)
    assert broken in zero_days(Line(queue.pk))
    found = series(Line(queue.pk), 30)
    assert found is not None
    assert found.counts[(broken - found.first).days].sum() != 0  # unknown, not nought


def test_the_log_counts_each_contact_once_and_never_over_an_import(town: Town) -> None:
    town.chat("council-tax", languages=("tr",))
    town.chat("council-tax")
    town.settle()
    remember(Queue.objects.get(code="benefits"), weeks=1, until=TODAY + timedelta(1))
    town.chat("benefits")
    town.settle()
    town.clock.advance(86_400)
    assert count_arrivals() == 1
    assert count_arrivals() == 0
    rows = {(row.language, sum(row.counts)) for row in HistoryDay.objects.filter(queue__code="council-tax")}
    assert rows == {("tr", 1), ("", 1)} or rows == {("tr", 1), ("en", 1)}
    assert not HistoryDay.objects.filter(queue__code="benefits", source="log").exists()


def test_a_forecast_holds_what_comes_and_knows_how_good_it_is(queue: Queue) -> None:
    asked = ask_forecast(queue_id=queue.pk, days=14)
    work()
    made = newest(Line(queue.pk))
    assert made is not None
    assert (made.pk, made.first) == (asked.pk, today())
    day = days_of(made, TODAY + timedelta(days=1), 1)[0]
    foreseen = dict(zip(day.starts, day.expected, strict=True))
    assert foreseen[600] == pytest.approx(shape(1)[20], rel=0.2)
    assert all(low <= middle <= high for low, middle, high in zip(day.low, day.median, day.high, strict=True))
    assert made.accuracy["floor"] <= made.accuracy["ours"] < made.accuracy["naive"]
    assert 0.6 < made.accuracy["held"] <= 1
    assert past_runs(Line(queue.pk)).count() == 1


def test_too_little_history_is_said_in_words_and_a_like_queue_helps(queue: Queue, town: Town) -> None:
    benefits = Queue.objects.get(code="benefits")
    ask_forecast(queue_id=benefits.pk)
    work()
    failed = Forecast.objects.get(queue=benefits)
    assert (failed.state, "no history" in failed.problem) == ("failed", True)
    ask_forecast(queue_id=queue.pk)
    ask_forecast(queue_id=benefits.pk, like_id=queue.pk, scale=0.5)
    work()
    full, half = newest(Line(queue.pk)), newest(Line(benefits.pk))
    assert full is not None
    assert half is not None
    assert sum(half.rows["expected"][0]) == pytest.approx(sum(full.rows["expected"][0]) / 2, rel=0.01)


def test_events_and_outliers_change_what_is_foreseen(queue: Queue) -> None:
    letters = TODAY + timedelta(days=2)
    mark_days(kind="event", name="Bills go out", first=letters, factor=1.5)
    storm = mark_days(kind="outlier", name="Storm", first=TODAY - timedelta(days=3))
    ask_forecast(queue_id=queue.pk, days=14)
    work()
    made = newest(Line(queue.pk))
    assert made is not None
    assert made.notes[2] == "Bills go out"
    assert sum(made.rows["expected"][2]) == pytest.approx(1.5 * sum(made.rows["expected"][9]), rel=0.15)
    drop_mark(mark_id=storm.pk)
    with pytest.raises(Invalid) as refused:
        mark_days(kind="event", name=" ", first=letters, last=TODAY, factor=0)
    assert set(refused.value.fields) == {"name", "last", "factor"}


def test_the_rest_of_today_moves_with_what_came(queue: Queue, town: Town) -> None:
    ask_forecast(queue_id=queue.pk)
    work()
    made = newest(Line(queue.pk))
    assert made is not None
    town.clock.advance(3 * 3600)
    ask_update(forecast_id=made.pk)
    work()
    updated = Forecast.objects.get(pk=made.pk)
    assert updated.rows["today"]["day"] == TODAY.isoformat()
    over = days_of(updated, TODAY, 1)[0]
    assert over.expected[: over.starts.index(720)] == [0.0] * over.starts.index(720)  # nothing came so far
    assert over.expected[over.starts.index(750)] > 0


def test_history_that_ended_long_ago_asks_for_what_came_since(town: Town) -> None:
    benefits = Queue.objects.get(code="benefits")
    remember(benefits, until=TODAY - timedelta(days=60))
    ask_forecast(queue_id=benefits.pk)
    work()
    row = Forecast.objects.get(queue=benefits)
    ended = (TODAY - timedelta(days=61)).isoformat()
    assert kept_words(row.problem, row.problem_values).startswith(f"The history ends on {ended}. Import")
    with translation.override("fr"):
        assert kept_words(row.problem, row.problem_values).startswith(f"L’historique s’arrête le {ended}")
    assert kept()[benefits.pk].days == 16 * 7


def test_a_run_that_is_asked_for_wrongly_says_what_to_change(queue: Queue) -> None:
    with pytest.raises(Invalid) as refused:
        ask_forecast(queue_id=queue.pk, interval=20, days=400, like_id=queue.pk, scale=0)
    assert set(refused.value.fields) == {"interval", "days", "like", "scale"}
