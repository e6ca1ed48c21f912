"""Tables as they come: what is read, and in which words it is refused."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from civicline.engine.forecast import Columns, History, HistoryError, read_history


def _read(text: str, interval: int | None = None, **columns: object) -> History:
    return read_history(text.splitlines(keepends=True), interval=interval, columns=Columns(**columns))  # type: ignore[arg-type]


def test_counts_by_five_minutes_become_quarters_of_an_hour() -> None:
    rows = "".join(
        f"2024-01-0{day} 08:{minute:02}:00,{minute}\n" for day in (1, 2) for minute in range(0, 60, 5)
    )
    history = _read("interval_start,count\n" + rows)
    series = history.series["all"]
    assert (series.interval, series.starts, series.first) == (15, (480, 495, 510, 525), date(2024, 1, 1))
    assert series.counts[0].tolist() == [15, 60, 105, 150]
    assert history.notes == ()


def test_a_slot_without_a_row_is_unknown_and_a_partial_one_too() -> None:
    rows = [f"2024-01-0{day} 08:{minute:02},4" for day in range(1, 6) for minute in range(0, 60, 15)]
    history = _read("start,calls\n" + "\n".join(row for row in rows if row[:16] != "2024-01-03 08:45"), 60)
    assert np.isnan(history.series["all"].counts[:, 0]).tolist() == [False, False, True, False, False]
    assert "no counts on 1 of 5 days" in history.notes[0]
    by_slot = _read("start,calls\n" + "\n".join(row for row in rows if row[:16] != "2024-01-03 08:45"))
    assert "days that have others: 1." in by_slot.notes[0]


def test_a_day_of_which_only_a_part_was_counted_is_no_day() -> None:
    rows = [f"2024-01-0{day} {hour:02}:00,1" for day in range(1, 5) for hour in range(24)]
    history = _read("start,calls\n" + "\n".join(rows[6:]), 1440)
    assert np.isnan(history.series["all"].counts[:, 0]).tolist() == [True, False, False, False]


def test_a_log_is_counted_and_its_quiet_slots_are_zero() -> None:
    text = (
        "call_id,arrival,type\n1,2024-01-01 08:10:05,PS\n2,2024-01-01 09:40:59,NE\n3,2024-01-02 08:00:00,PS\n"
    )
    text += "4,2024-01-04 08:01:00,PS\n5,2024-01-04 09:59:59,PS\n"
    series = _read(text, 60, by=("type",)).series
    assert sorted(series) == ["NE", "PS"]
    assert series["PS"].starts == (480, 540)
    assert series["PS"].counts[1].tolist() == [1, 0]
    assert np.isnan(series["PS"].counts[2]).all()  # nobody called at all: closed
    assert np.isnan(series["PS"].counts[[0, 3], [0, 1]]).all()  # the log may begin and end within a slot
    assert _read(text).series["all"].interval == 30
    assert _read(text, 1440).series["all"].counts[:, 0].tolist()[:2] == [2, 1]


def test_a_row_of_one_queue_says_that_the_others_had_none() -> None:
    text = "date;queue;count\n2024-01-01;bins;5\n2024-01-01;tax;2\n\n2024-01-02;bins;6\n2024-01-03;tax;\n"
    series = _read("\ufeff" + text).series
    assert series["tax"].counts[1, 0] == 0
    assert np.isnan(series["tax"].counts[2, 0])
    assert series["bins"].counts[2, 0] == 0


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("", {}, "empty"),
        ("\n", {}, "empty"),
        ("date,count\n", {}, "no rows"),
        ("colour,count\nred,1\n", {}, "No column of the time was found among: colour, count"),
        ("date,count\n2024-01-01,1\n", {"time": "when"}, "no column 'when'. There are: date, count"),
        ("date,count\n2024-01-01,1\n", {"count": "sum"}, "no column 'sum'"),
        ("date,count\n2024-01-01,1\n", {"by": ("queue",)}, "no column 'queue'"),
        ("date,count\n2024-01-01\n", {}, "Row 2 has 1 of the 2 columns of the heading"),
        ("date,count\n2024-01-01,1\n2024-01-02,-4\n", {}, "Row 3: a count cannot be -4"),
        ("date,count\n2024-01-01,many\n", {}, "Row 2: 'many' is not a count"),
        ("date,count\n2024-01-01,inf\n", {}, "a count cannot be inf"),
        ("date,count\n2024-01-01,9e9\n", {}, "more than can be"),
        ("date,count\n31/12/2024,1\n", {}, "Row 2: '31/12/2024' is not a time like 2026-03-02 08:30"),
        ("date,count\n2024-02-30,1\n", {}, "is not a time"),
        ("date,count\n1066-10-14,1\n", {}, "the year 1066"),
        ("date,count\n1970-01-01,1\n2099-01-01,1\n", {}, "Are the dates right"),
        ("start,count\n2024-01-01 08:00:30,1\n", {}, "whole minutes"),
        ("date,count\n2024-01-01,1\n2024-01-01,1\n", {}, "Row 3 repeats 2024-01-01 00:00"),
        ("start,count\n2024-01-01T08:00+02:00,1\n", {}, "is not local time"),
        ("date,count\n2024-01-01,1\n", {"zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_row(text: str, columns: dict[str, object], words: str) -> None:
    with pytest.raises(HistoryError, match=words.replace("(", r"\(")):
        _read(text, **columns)


def test_every_row_that_cannot_be_used_is_named_and_many_are_counted() -> None:
    rows = ["2024-01-01,1", "2024-01-02,-4", "soon,2", "2024-01-04,3"]
    with pytest.raises(HistoryError) as wrong:
        _read("date,count\n" + "\n".join(rows))
    assert [told.values["row"] for told in wrong.value.every] == [3, 4]
    assert str(wrong.value).startswith("Row 3: a count cannot be -4. Row 4: 'soon' is not a time")
    with pytest.raises(HistoryError) as wrong:
        _read("date,count\n" + "\n".join(f"2024-01-{day:02},many" for day in range(1, 14)))
    assert len(wrong.value.every) == 11
    assert wrong.value.every[-1] == "More rows that cannot be used: 3."


def test_other_forms_of_dates_are_read_when_told() -> None:
    history = _read("day,n\n31/12/2024,1\n01/01/2025,2\n", date_format="%d/%m/%Y")
    assert history.series["all"].first == date(2024, 12, 31)


def test_slots_that_cannot_be_are_refused() -> None:
    text = "start,count\n2024-01-01 08:00,1\n2024-01-01 08:30,1\n"
    with pytest.raises(HistoryError, match="does not divide"):
        _read(text, 7)
    with pytest.raises(HistoryError, match="counts every 30 minutes"):
        _read(text, 15)


def test_too_many_series_are_refused() -> None:
    with pytest.raises(HistoryError, match="more than 2000 series"):
        _read("date,queue,count\n" + "".join(f"2024-01-01,{n},1\n" for n in range(2001)))
    wide = "start,queue,count\n" + "".join(
        f"20{n % 30 + 10}-01-01 0{n % 10}:{5 * (n % 12):02},{n},1\n" for n in range(900)
    )
    with pytest.raises(HistoryError, match="too many series and days"):
        _read(wide, 5)


def _night(day: date, zone: str, text: str) -> np.ndarray:
    counts = _read(text, 60, zone=zone).series["all"].counts
    row: np.ndarray = counts[(day - date(2024, 10, 26)).days]
    return row


def test_the_hour_that_comes_twice_counts_as_one() -> None:
    local = [datetime.fromisoformat("2024-10-26") + timedelta(hours=number) for number in range(72)]
    rows = [f"{at:%Y-%m-%d %H:%M},4" for at in local]
    rows.insert(27, "2024-10-27 01:00,6")
    text = "start,count\n" + "\n".join(rows)
    with pytest.raises(HistoryError, match="clock was put back"):
        _read(text)
    history = _read(text, zone="Europe/London")
    assert history.series["all"].counts[1, :3].tolist() == [4, 5, 4]
    assert "came twice when the clock was put back" in history.notes[-1]
    with pytest.raises(HistoryError, match="repeats"):
        _read(text + "\n2024-10-27 01:00,6", zone="Europe/London")


def test_the_hour_that_the_clock_leaves_out_is_not_missing() -> None:
    local = [datetime.fromisoformat("2024-03-30") + timedelta(minutes=30 * number) for number in range(144)]
    rows = [f"{at:%Y-%m-%d %H:%M},4" for at in local if not (at.day == 31 and at.hour == 1)]
    text = "start,count\n" + "\n".join(rows)
    assert _read(text, zone="Europe/London").notes == ()
    assert "days that have others: 2." in _read(text).notes[0]
    short = "\n".join(row for row in text.splitlines() if "31 05:00" not in row)
    assert "days that have others: 1." in _read(short, zone="Europe/London").notes[0]


def test_times_of_the_world_become_local_and_the_log_of_the_long_night_is_halved() -> None:
    start = datetime.fromisoformat("2024-10-26T00:00+01:00")
    rows = [f"{(start + timedelta(minutes=20 * number)).isoformat()}" for number in range(3 * 75)]
    counts = _read("timestamp\n" + "\n".join(rows), 60, zone="Europe/London").series["all"].counts
    assert counts[1, :4].tolist() == [3, 3, 3, 3]
