"""Each night the lines learn from the waits of their own past, and use it where it proved better."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import asdict
from datetime import timedelta
from statistics import fmean, median
from typing import Final, NamedTuple

from civicline.engine.experience import FEWEST, Experience, Sight, Turn, learn, look
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.log import get_logger
from civicline.routing.lines import calibration_of
from civicline.routing.models import Queue, WaitCalibration, WaitExperience
from civicline.routing.past import REMEMBERED, turns_between

log = get_logger(__name__)

LEARNED_FROM: Final = timedelta(days=90)
MOST: Final = 5000  # waits, the newest: a few seconds of work
TRIED_ON: Final = 5  # the last fifth of them
HOLDS: Final = (0.7, 0.92)
DAY_S: Final = 86_400.0


class _Lesson(NamedTuple):
    sight: Sight
    wait: float
    joined: float


class _Verdict(NamedTuple):
    """How what was learned did on waits it had not seen."""

    judged: int
    coverage: float
    error_s: float
    plain_error_s: float

    @property
    def good(self) -> bool:
        return HOLDS[0] <= self.coverage <= HOLDS[1] and self.error_s < self.plain_error_s


def learn_waits() -> int:
    """Let every active queue learn; returns how many use what they learned. Reads long, writes one row a queue."""
    using = 0
    for queue in Queue.objects.filter(active=True).order_by("pk"):
        lessons = _lessons(queue.pk)
        if len(lessons) * (TRIED_ON - 1) // TRIED_ON < FEWEST:
            continue
        verdict, learned = _try_out(lessons), _learn(lessons)
        if learned is not None:
            used = learned if verdict.good else None
            _keep(queue_id=queue.pk, learned=used, verdict=verdict)
            using += used is not None
    log.info("waits_learned", queues=using)
    return using


def _lessons(queue_id: int) -> list[_Lesson]:
    """Those who waited and were answered, with what they saw, oldest first."""
    now = clock.now()
    turns = turns_between(queue_id, now - LEARNED_FROM, now)
    starts = [turn.joined for turn in turns]
    waited = [number for number, turn in enumerate(turns) if turn.answered is not None and _wait(turn) > 0]
    found = []
    for number in waited[-MOST:]:
        turn = turns[number]
        first = bisect_left(starts, turn.joined - REMEMBERED.total_seconds())
        sight = look(turn.joined, turns[first:number], turn.group, turn.priority)
        found.append(_Lesson(sight, _wait(turn), turn.joined))
    return found


def _wait(turn: Turn) -> float:
    return (turn.answered or turn.joined) - turn.joined


def _learn(lessons: list[_Lesson]) -> Experience | None:
    last = lessons[-1].joined
    ages = [(last - lesson.joined) / DAY_S for lesson in lessons]
    return learn([one.sight for one in lessons], [one.wait for one in lessons], ages)


def _try_out(lessons: list[_Lesson]) -> _Verdict:
    """Learn from all but the last fifth, and see how it would have done there."""
    cut = len(lessons) * (TRIED_ON - 1) // TRIED_ON
    before, after = lessons[:cut], lessons[cut:]
    learned = _learn(before)
    if learned is None:
        return _Verdict(0, 0.0, 0.0, 0.0)
    told = [learned.foretell(one.sight) for one in after]
    usual = median(one.wait for one in before)
    return _Verdict(
        len(after),
        fmean(said.low <= one.wait <= said.high for said, one in zip(told, after, strict=True)),
        fmean(abs(said.middle - one.wait) for said, one in zip(told, after, strict=True)),
        fmean(abs(usual - one.wait) for one in after),
    )


@writes
def _keep(*, queue_id: int, learned: Experience | None, verdict: _Verdict) -> None:
    """Keep what was learned, with its verdict. Ranges made in a new way begin with ends unmoved."""
    queue = Queue.objects.select_related("calibration").get(pk=queue_id)
    had = WaitExperience.objects.filter(queue_id=queue_id).exclude(state={}).exists()
    WaitExperience.objects.update_or_create(
        queue_id=queue_id,
        defaults={
            "state": learned.as_data() if learned else {},
            "learned_at": clock.now(),
            **verdict._asdict(),
        },
    )
    if had != (learned is not None):
        WaitCalibration.objects.filter(queue_id=queue_id).update(
            state=asdict(calibration_of(queue).afresh()), updated_at=clock.now()
        )
