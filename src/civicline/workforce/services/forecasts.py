"""Making forecasts: asked for by people, worked out by a job, kept with how good the same way was in past weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext_lazy

from civicline.engine.forecast import (
    Calendar,
    Outlook,
    Rolling,
    Series,
    TooShort,
    backtest,
    by_analogy,
    forecast,
    learned_scale,
    rest_of_day,
)
from civicline.kernel import clock, ids, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Forecast
from civicline.workforce.refusals import GIVEN_UP, HISTORY, refused_to_keep, to_keep
from civicline.workforce.selectors.forecasts import calendar_of, get_forecast
from civicline.workforce.selectors.history import Line, series, today, today_so_far
from civicline.workforce.services.hints import plan_changed

if TYPE_CHECKING:
    from civicline.routing.models import Queue

FORECAST_JOB = "workforce.forecast"
UPDATE_JOB = "workforce.update_today"
INTERVALS = (15, 30, 60)
MOST_DAYS = 56
MOST_GAP = 28
JUDGED_WEEKS = 6
DIGITS = 3


@writes
def ask_forecast(
    *,
    queue_id: int,
    channel: str = "",
    language: str = "",
    interval: int = 30,
    days: int = 28,
    like_id: int | None = None,
    scale: float = 1.0,
    by: UUID | None = None,
) -> Forecast:
    """Ask for a forecast of the days from today on; a job makes it. `like_id`: the queue that a new one resembles."""
    wrong: dict[str, Any] = {}
    if interval not in INTERVALS:
        wrong["interval"] = gettext_lazy("Slots are of 15, 30 or 60 minutes.")
    if not 1 <= days <= MOST_DAYS:
        wrong["days"] = gettext_lazy("A forecast is for 1 to 56 days.")
    if like_id == queue_id:
        wrong["like"] = gettext_lazy("Choose another queue than this one.")
    if not 0 < scale <= 100:
        wrong["scale"] = gettext_lazy("Give the size as a number above 0, such as 0.3.")
    if wrong:
        raise Invalid(fields=wrong, code="forecast-invalid")
    row = Forecast(
        id=ids.new_id(), queue_id=queue_id, channel=channel, language=language, interval=interval, days=days,
        like_id=like_id, scale=scale, asked_at=clock.now(), asked_by_id=by,
    )  # fmt: skip
    row.save(force_insert=True)
    key = f"{FORECAST_JOB}:{queue_id}:{channel}:{language}"
    jobs.enqueue(FORECAST_JOB, {"forecast": str(row.pk)}, key=key, max_attempts=3)
    return row


def forecast_job(payload: Mapping[str, Any]) -> None:
    """Make the forecast that was asked for."""
    make_forecast(UUID(payload["forecast"]))


def forecast_given_up(payload: Mapping[str, Any]) -> None:
    """Nobody waits for ever for a forecast whose workers died with it."""
    forecast_id = UUID(payload["forecast"])
    if get_forecast(forecast_id).state != Forecast.State.DONE:
        _fail(forecast_id=forecast_id, why=to_keep(GIVEN_UP))


def make_forecast(forecast_id: UUID) -> None:
    """Work a forecast out and store it, or the sentence that says why it cannot be made. A second run does no harm."""
    asked = get_forecast(forecast_id)
    if asked.state == Forecast.State.DONE:
        return
    _change(forecast_id=forecast_id, state=Forecast.State.RUNNING)
    try:
        outlook, accuracy = _outlook(asked)
    except (Refused, TooShort) as refused:
        _fail(forecast_id=forecast_id, why=_why(refused))
        return
    _store(forecast_id=forecast_id, outlook=outlook, accuracy=accuracy)


def _why(refused: Refused | TooShort) -> dict[str, Any]:
    if isinstance(refused, Refused):
        return refused_to_keep(refused)
    return to_keep(HISTORY[refused.told.code], refused.told.values)


def _outlook(asked: Forecast) -> tuple[Outlook, dict[str, Any]]:
    line = Line(asked.queue_id, asked.channel, asked.language)
    own = series(line, asked.interval, until=today())
    if asked.like is not None:
        return _analogy(asked, asked.like, own), {}
    if own is None:
        raise Refused(
            gettext_lazy("There is no history of this line. Import one, or name a queue that it resembles.")
        )
    calendar = calendar_of(asked.queue)
    return _own(own, calendar, asked.days), _judged(own, calendar)


def _own(own: Series, calendar: Calendar, days: int) -> Outlook:
    gap = (today() - own.end).days
    if gap > MOST_GAP:
        words = gettext_lazy("The history ends on %(day)s. Import what came since, then forecast.")
        raise Refused(words, day=(own.end - timedelta(days=1)).isoformat())
    return _from_today(forecast(own, calendar, horizon=days + gap), gap)


def _from_today(made: Outlook, gap: int) -> Outlook:
    if not gap:
        return made
    return replace(
        made, first=made.first + timedelta(days=gap), median=made.median[gap:], expected=made.expected[gap:],
        low=made.low[gap:], high=made.high[gap:], notes=made.notes[gap:],
    )  # fmt: skip


def _analogy(asked: Forecast, like: Queue, own: Series | None) -> Outlook:
    """The forecast of the queue that it resembles, in the size that people gave and the first days corrected."""
    model = series(Line(like.pk), asked.interval, until=today())
    if model is None:
        raise Refused(gettext_lazy("The queue that it resembles has no history either."))
    scale, seen = asked.scale, 0
    if own is not None:
        first = max(own.first, model.first)
        days = (min(own.end, model.end) - first).days
        shared = sorted(set(own.starts) & set(model.starts))
        if days > 0 and shared:
            scale, seen = learned_scale(
                _part(own, first, days, shared), _part(model, first, days, shared), asked.scale
            )
    return by_analogy(_own(model, calendar_of(like), asked.days), scale, seen)


def _part(
    of: Series, first: Any, days: int, starts: list[int]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    row = (first - of.first).days
    part: np.ndarray[tuple[int, int], np.dtype[np.float64]] = of.counts[row : row + days][
        :, [of.starts.index(start) for start in starts]
    ]
    return part


def _judged(own: Series, calendar: Calendar) -> dict[str, Any]:
    """How good this way was in past weeks, each forecast from what was known before it; {} with too little history."""
    for weeks in (JUDGED_WEEKS, 3, 1):
        try:
            found = backtest(own, calendar, weeks)
        except (ValueError, TooShort):
            continue
        if not found.actual:
            return {}
        return {
            "weeks": weeks, "ours": round(found.wape("civicline"), 4),
            "naive": round(found.wape("seasonal naive"), 4), "floor": round(found.floor_wape, 4),
            "held": round(found.coverage, 4),
        }  # fmt: skip
    return {}


def _rounded(values: Any) -> Any:
    return np.round(values, DIGITS).tolist()


@writes
def _change(*, forecast_id: UUID, **fields: Any) -> None:
    Forecast.objects.filter(pk=forecast_id).update(**fields)


@writes
def _fail(*, forecast_id: UUID, why: dict[str, Any]) -> None:
    Forecast.objects.filter(pk=forecast_id).update(state=Forecast.State.FAILED, **why)
    row = Forecast.objects.select_related("queue").get(pk=forecast_id)
    emit(events.FORECAST_FAILED, subject=("forecast", forecast_id), data={"queue": row.queue.code})


@writes
def _store(*, forecast_id: UUID, outlook: Outlook, accuracy: dict[str, Any]) -> None:
    numbers = {name: _rounded(getattr(outlook, name)) for name in ("median", "expected", "low", "high")}
    Forecast.objects.filter(pk=forecast_id).update(
        state=Forecast.State.DONE, problem="", problem_values={}, first=outlook.first,
        starts=list(outlook.starts), rows=numbers, notes=list(outlook.notes), accuracy=accuracy, made_at=clock.now(),
    )  # fmt: skip
    row = Forecast.objects.select_related("queue").get(pk=forecast_id)
    data = {"queue": row.queue.code, "first": outlook.first.isoformat(), "days": len(outlook.expected)}
    emit(events.FORECAST_MADE, subject=("forecast", forecast_id), data=data)


@writes
def ask_update(*, forecast_id: UUID) -> None:
    """Ask that the rest of today be forecast anew from what came so far."""
    jobs.enqueue(
        UPDATE_JOB, {"forecast": str(forecast_id)}, key=f"{UPDATE_JOB}:{forecast_id}", max_attempts=3
    )


def update_job(payload: Mapping[str, Any]) -> None:
    """The job behind `ask_update`."""
    update_today(UUID(payload["forecast"]))


def update_today(forecast_id: UUID) -> bool:
    """Forecast the rest of today anew; how much the counts so far weigh was learned on earlier weeks.

    False, and nothing is changed, when the history does not reach yesterday or the forecast is not done.
    """
    made = get_forecast(forecast_id)
    line = Line(made.queue_id, made.channel, made.language)
    own = series(line, made.interval, until=today())
    if made.state != Forecast.State.DONE or own is None or own.end != today():
        return False
    so_far = np.array(today_so_far(line, made.interval, own.starts))
    outlook = rest_of_day(Rolling(own, calendar_of(made.queue), 7), so_far)
    numbers: dict[str, Any] = {
        name: _fitted(getattr(outlook, name)[0].tolist(), outlook.starts, made.starts)
        for name in ("median", "expected", "low", "high")
    }
    _keep_today(
        forecast_id=forecast_id,
        numbers={**numbers, "day": today().isoformat(), "at": clock.now().isoformat()},
    )
    return True


def _fitted(values: list[float], starts: tuple[int, ...], wanted: list[int]) -> list[float]:
    by_start = dict(zip(starts, values, strict=True))
    return [round(by_start.get(start, 0.0), DIGITS) for start in wanted]


@writes
def _keep_today(*, forecast_id: UUID, numbers: dict[str, Any]) -> None:
    row = Forecast.objects.get(pk=forecast_id)
    Forecast.objects.filter(pk=forecast_id).update(rows={**row.rows, "today": numbers})
    emit(events.FORECAST_MADE, subject=("forecast", forecast_id), data={"first": numbers["day"], "days": 1})
    plan_changed()
