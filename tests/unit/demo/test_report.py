"""What a replay counts: each figure on a handful of visits that can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicline.demo.replay.desk import DeskLog
from civicline.demo.replay.report import (
    LEARNED,
    Report,
    Unsettled,
    as_dict,
    as_text,
    make_report,
    overlap,
    percentile,
)
from civicline.demo.replay.resident import Visit

TALKED = Visit("general", contact="talked", taken=10.0, answered=10.5, ended=14.0)
LEFT = Visit("general", contact="left", taken=10.0, left=12.0)
NEVER = Visit("general", refused="the office is closed")


def counted(visits: list[Visit], desks: list[DeskLog], **options: object) -> Report:
    given = {
        "source": "demo",
        "day": "a day",
        "planned": len(visits),
        "speed": 60.0,
        "wall_seconds": 10.0,
        "ended": {visit.contact for visit in visits},
        "free_at_arrival": set(),
        "unsettled": [],
    }
    return make_report(visits, desks, **(given | options))  # type: ignore[arg-type]  # options by name


def test_everybody_has_one_outcome() -> None:
    report = counted([TALKED, LEFT, NEVER], [DeskLog(accepted={"talked": 10.4})])
    assert (report.offered, report.answered, report.abandoned, report.refused) == (2, 1, 1, 1)
    assert (report.accounted, report.missing, report.twice, report.unfinished) == (2, 0, 0, 0)


def test_a_contact_that_is_not_over_is_missing_and_named() -> None:
    left = Unsettled(
        "left", "talking", "abandoned", ["robot-001@x.example"], ["the chat page was answered 503"]
    )
    report = counted([TALKED, LEFT], [], ended={"talked"}, unsettled=[left])
    assert (report.accounted, report.missing) == (1, 1)
    line = next(line for line in as_text(report).splitlines() if "left: " in line)
    assert "talking, abandoned, accepted by robot-001@x.example (the chat page was answered 503)" in line
    assert as_dict(report)["unsettled"] == [
        {
            "contact": "left",
            "phase": "talking",
            "outcome": "abandoned",
            "accepted_by": ["robot-001@x.example"],
            "troubles": ["the chat page was answered 503"],
        }
    ]


def test_two_agents_with_one_contact_are_seen() -> None:
    assert (
        counted([TALKED], [DeskLog(accepted={"talked": 1.0}), DeskLog(accepted={"talked": 2.0})]).twice == 1
    )


def test_occupancy_is_time_with_anything_in_hand_and_never_more_than_the_time_at_the_desk() -> None:
    desk = DeskLog(ready=[(0.0, 10.0)], busy=[(2.0, 4.0), (9.0, 12.0)], held_seconds=10.0)
    report = counted([TALKED], [desk])
    assert report.occupancy == pytest.approx(0.3)
    assert report.concurrency == pytest.approx(2.0)


def test_spans_that_touch_do_not_overlap() -> None:
    assert overlap([(0, 2), (5, 6)], [(2, 5), (5.5, 9)]) == pytest.approx(0.5)


def test_arrival_to_offer_is_told_of_those_for_whom_a_desk_was_left() -> None:
    other = replace(TALKED, contact="other", troubles=[])
    desk = DeskLog(offered={"talked": 10.2, "other": 19.0})
    report = counted([TALKED, other], [desk], free_at_arrival={"talked"})
    assert report.latency_count == 1
    assert report.latency_p50_ms == report.latency_p99_ms == pytest.approx(200.0)


def test_service_level_and_speed_of_answer_are_of_the_day() -> None:
    late = replace(TALKED, contact="late", taken=10.0, answered=14.0, troubles=[])
    report = counted([TALKED, late, LEFT], [])
    assert report.asa_day_s == pytest.approx(60 * (0.5 + 4.0) / 2)
    assert report.service_level == pytest.approx(1 / 3, abs=1e-4)


def test_waits_are_judged_once_the_line_knows_the_speed() -> None:
    known = [
        replace(TALKED, contact=f"c{n}", taken=0.0, answered=1.0, ended=5.0, troubles=[])
        for n in range(LEARNED)
    ]
    early = replace(TALKED, contact="early", taken=4.0, answered=4.5, ended=6.0, told=(600, 900), troubles=[])
    true = replace(TALKED, contact="true", taken=20.0, answered=30.0, ended=50.0, told=(0, 60), troubles=[])
    false = replace(TALKED, contact="false", taken=20.0, answered=95.0, ended=99.0, told=(0, 60), troubles=[])
    report = counted([*known, early, true, false], [])
    assert (report.told, report.told_judged) == (3, 2)
    assert report.told_coverage == pytest.approx(0.5)
    assert report.told_error_s == pytest.approx((20 + 45) / 2)


def test_a_report_that_was_stopped_says_so() -> None:
    assert "stopped: 9 were planned" in as_text(counted([TALKED], [], planned=9))
    assert "stopped" not in as_text(counted([TALKED, NEVER], [], planned=2))


def test_percentiles_are_nearest_ranks() -> None:
    assert percentile([], 0.5) == 0.0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.99) == 99
