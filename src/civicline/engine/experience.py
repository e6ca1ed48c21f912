"""EWT from experience: what the waits of those who joined the same line in the same plight turned out to be.

A queue with priorities, several kinds of contacts and people who give up breaks the rules of thumb: the wait of the
last one answered, or the length of the line times the service time, say less than a constant (Ibrahim and Whitt,
"Wait-time predictors for customer service systems with time-varying demand and capacity", Operations Research 59(5),
2011). Each is still news. So a line learns how to weigh them: regression for the median and for the 10 % and 90 %
quantiles (Koenker and Bassett, Econometrica 46(1), 1978) of the square root of the wait, by weighted least squares
(Schlossmacher, JASA 68, 1973) with a ridge. All times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Kind = TypeVar("Kind", str, int)

WINDOW_S: Final = 900.0
SHORT_S: Final = 300.0
LAST_FEW: Final = 10
FEWEST: Final = 200
FEWEST_OF_KIND: Final = 30
RIDGE: Final = 10.0
ROUNDS: Final = 40
CLOSE: Final = 0.5  # errors of square roots below this weigh alike
QUANTILES: Final = (0.1, 0.5, 0.9)
FOLDS: Final = 5
HALF_LIFE_DAYS: Final = 28.0


class Turn(NamedTuple):
    """One contact in the line: when it joined, was answered (None: not), and was over (None: not yet).

    `group`: its kind (channel, type of call). `priority`: higher goes first.
    """

    joined: float
    answered: float | None
    over: float | None
    group: str
    priority: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be known of a line by somebody of this `group` and `priority` who joins it.

    Counts: `urgent`, `level` and `waiting` are those who wait with a higher priority, with the same, and in all.
    Waits: `oldest` of those who wait, `last` of the one answered last, `usual` the mean of the last ten answered
    after a wait. Endings: `_level` of the same priority, `_group` of the same kind. `answered` (`at_once`: without a
    wait), `left` (gave up), `joined` and `joined_urgent`: in the last 15 minutes; `answered_lately`: in the last five.
    """

    group: str
    priority: int
    urgent: int
    level: int
    waiting: int
    waiting_group: int
    oldest: float
    oldest_level: float
    oldest_group: float
    last: float
    last_level: float
    last_group: float
    usual: float
    serving: int
    serving_group: int
    answered: int
    answered_lately: int
    answered_level: int
    answered_group: int
    at_once: int
    left: int
    joined: int
    joined_urgent: int


def look(now: float, turns: Sequence[Turn], group: str, priority: int) -> Sight:
    """The line as somebody sees it who joins at `now`. `turns`: those of the last hour or so, in any order."""
    here = [turn for turn in turns if turn.joined <= now]
    waiting = [
        t for t in here if (t.answered is None or t.answered > now) and (t.over is None or t.over > now)
    ]
    serving = [
        t for t in here if t.answered is not None and t.answered <= now and (t.over is None or t.over > now)
    ]
    answers = sorted((t.answered, t) for t in here if t.answered is not None and t.answered <= now)
    waited = [turn for at, turn in answers if at > turn.joined]
    usual = [_wait(turn) for turn in waited[-LAST_FEW:]]
    recent = [turn for turn in here if turn.joined > now - WINDOW_S]
    answered = [turn for at, turn in answers if at > now - WINDOW_S]
    gone = [t.over for t in here if t.answered is None and t.over is not None]
    return Sight(
        group, priority,
        urgent=sum(t.priority > priority for t in waiting),
        level=sum(t.priority == priority for t in waiting),
        waiting=len(waiting),
        waiting_group=sum(t.group == group for t in waiting),
        oldest=max((now - t.joined for t in waiting), default=0.0),
        oldest_level=max((now - t.joined for t in waiting if t.priority == priority), default=0.0),
        oldest_group=max((now - t.joined for t in waiting if t.group == group), default=0.0),
        last=next((_wait(t) for t in reversed(waited)), 0.0),
        last_level=next((_wait(t) for t in reversed(waited) if t.priority == priority), 0.0),
        last_group=next((_wait(t) for t in reversed(waited) if t.group == group), 0.0),
        usual=sum(usual) / len(usual) if usual else 0.0,
        serving=len(serving),
        serving_group=sum(t.group == group for t in serving),
        answered=len(answered),
        answered_lately=sum(at > now - SHORT_S for at, _ in answers),
        answered_level=sum(t.priority == priority for t in answered),
        answered_group=sum(t.group == group for t in answered),
        at_once=sum(t.answered == t.joined for t in answered),
        left=sum(now - WINDOW_S < over <= now for over in gone),
        joined=len(recent),
        joined_urgent=sum(t.priority > priority for t in recent),
    )  # fmt: skip


def _wait(turn: Turn) -> float:
    return (turn.answered or turn.joined) - turn.joined


class Foretold(NamedTuple):
    """Seconds: four waits in five lie from `low` to `high`, half of them below `middle`."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Experience:
    """What a line learned: `rows` waits, the kinds it can tell apart, and a weight for each feature and quantile."""

    rows: int
    groups: tuple[str, ...]
    priorities: tuple[int, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    def foretell(self, sight: Sight) -> Foretold:
        """The wait of somebody who sees this."""
        row = (np.array(_features(sight, self.groups, self.priorities)) - self.centre) / self.scale
        low, middle, high = sorted(
            max(0.0, float(row @ weight[:-1]) + weight[-1]) ** 2 for weight in np.array(self.weights)
        )
        return Foretold(low, middle, high)

    def as_data(self) -> dict[str, Any]:
        """Plain lists and numbers, for `of_data`."""
        return {
            "rows": self.rows, "groups": list(self.groups), "priorities": list(self.priorities),
            "centre": list(self.centre), "scale": list(self.scale), "weights": [list(row) for row in self.weights],
        }  # fmt: skip

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Experience:
        """What `as_data` gave."""
        return cls(
            data["rows"], tuple(data["groups"]), tuple(data["priorities"]), tuple(data["centre"]),
            tuple(data["scale"]), tuple(tuple(row) for row in data["weights"]),
        )  # fmt: skip


def learn(
    sights: Sequence[Sight], waits: Sequence[float], ages_days: Sequence[float] = ()
) -> Experience | None:
    """Learn from those who waited and were answered: what each saw, how long it took, how many days ago (none: today).

    None with fewer than 200. Days long past weigh less: half after four weeks.
    """
    if len(sights) < FEWEST:
        return None
    groups = _frequent([sight.group for sight in sights])
    priorities = _frequent([sight.priority for sight in sights])
    rows = np.array([_features(sight, groups, priorities) for sight in sights])
    centre, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale < 1e-9] = 1.0
    rows = np.c_[(rows - centre) / scale, np.ones(len(rows))]
    age = np.array(ages_days) if len(ages_days) else np.zeros(len(rows))
    fresh = 0.5 ** (age / HALF_LIFE_DAYS)
    roots = np.sqrt(np.maximum(np.array(waits, dtype=float), 0.0))
    found = [_quantile(rows, roots, fresh, share) for share in QUANTILES]
    for weights, share in ((found[0], QUANTILES[0]), (found[-1], QUANTILES[-1])):
        weights[-1] += _shift(rows, roots, fresh, share)
    kept = tuple(tuple(weights.tolist()) for weights in found)
    return Experience(len(sights), groups, priorities, tuple(centre.tolist()), tuple(scale.tolist()), kept)


def _shift(rows: FloatArray, roots: FloatArray, fresh: FloatArray, share: float) -> float:
    """How far an end must move so that it also holds for waits it was not learned from.

    Each fifth of the past, in turn, is foretold from the rest (Barber et al., "Predictive inference with the
    jackknife+", Annals of Statistics 49(1), 2021).
    """
    fold = np.arange(len(rows)) * FOLDS // len(rows)
    off = np.zeros(len(rows))
    for number in range(FOLDS):
        there, here = fold != number, fold == number
        off[here] = roots[here] - rows[here] @ _quantile(rows[there], roots[there], fresh[there], share)
    return float(np.quantile(off, share))


def _frequent(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    return tuple(sorted(kind for kind in set(kinds) if kinds.count(kind) >= FEWEST_OF_KIND))


def _quantile(rows: FloatArray, wanted: FloatArray, fresh: FloatArray, share: float) -> FloatArray:
    """Weights whose predictions a `share` of the wanted values lie below."""
    ridge = RIDGE * np.eye(rows.shape[1])
    ridge[-1, -1] = 0.0
    trust, found = fresh, np.asarray(np.zeros(rows.shape[1]))
    for _ in range(ROUNDS):
        weighed = rows * trust[:, None]
        found = np.asarray(np.linalg.solve(weighed.T @ rows + ridge, weighed.T @ wanted))
        off = wanted - rows @ found
        trust = fresh * np.where(off > 0, share, 1 - share) / np.maximum(np.abs(off), CLOSE)
        trust *= len(rows) / trust.sum()
    return found


def _features(sight: Sight, groups: tuple[str, ...], priorities: tuple[int, ...]) -> list[float]:
    """What is weighed: predictors in seconds and their roots, who asks, how full the line is, some of them crossed."""
    rate, rate_lately = (sight.answered + 1) / WINDOW_S, (sight.answered_lately + 1) / SHORT_S
    rate_level, rate_group = ((n + 1) / WINDOW_S for n in (sight.answered_level, sight.answered_group))
    before = sight.urgent + sight.level + 1
    drained, share = before / rate, before / (sight.serving + 1)
    seconds = [
        drained, before / rate_lately, (sight.waiting + 1) / rate, sight.oldest, sight.oldest_level,
        sight.oldest_group, sight.last, sight.last_level, sight.last_group, sight.usual,
        (sight.urgent + 1) / rate, sight.level / rate, sight.waiting_group / rate,
        (sight.level + 1) / rate_level, (sight.waiting_group + 1) / rate_group,
    ]  # fmt: skip
    together = [
        sight.oldest * (sight.waiting + 1) / rate, sight.last_level * sight.oldest_level,
        sight.last_group * sight.oldest_group,
    ]  # fmt: skip
    load, load_urgent, lost = (
        count / WINDOW_S / rate for count in (sight.joined, sight.joined_urgent, sight.left)
    )
    of_group = [float(sight.group == group) for group in groups]
    of_priority = [float(sight.priority == priority) for priority in priorities]
    return [
        *seconds, *(second**0.5 for second in (*seconds, *together)), *of_group, *of_priority,
        load, load_urgent, lost, float(sight.left), sight.at_once / (sight.answered + 1), share, share**0.5,
        float(sight.waiting), float(sight.serving), float(sight.serving_group), float(not sight.waiting),
        float(before == 1), log(before), log(sight.waiting + 1), load_urgent * drained,
        *(one * drained for one in of_priority), *(one * sight.last_level for one in of_priority),
        *(one * drained for one in of_group),
    ]  # fmt: skip
