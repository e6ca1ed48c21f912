"""Opening hours: what the door sign says, and what the clocks do to it twice a year."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.hours import (
    ALWAYS_OPEN_WEEK,
    HORIZON_DAYS,
    Calendar,
    CalendarError,
    DayException,
    add_open_seconds,
    day_hours,
    is_open,
    local,
    next_closing,
    next_opening,
    open_seconds,
    status,
)

LONDON, NEW_YORK = "Europe/London", "America/New_York"
OFFICE_WEEK = tuple((day, 9 * 60, 17 * 60) for day in range(5))
NIGHT_WEEK = tuple((day, 22 * 60, 6 * 60) for day in range(7))
CHRISTMAS = date(2026, 12, 25)


def wall(tz: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def town_hall() -> Calendar:
    return Calendar(
        LONDON,
        OFFICE_WEEK,
        holidays={CHRISTMAS: "Christmas Day"},
        exceptions={
            date(2026, 12, 24): DayException(((9 * 60, 12 * 60),), "Christmas Eve"),
            date(2026, 6, 10): DayException((), "Staff training"),
        },
    )


def test_open_from_the_opening_up_to_but_not_at_the_closing(town_hall: Calendar) -> None:
    assert not is_open(town_hall, wall(LONDON, "2026-06-09T08:59:59.999999"))
    assert is_open(town_hall, wall(LONDON, "2026-06-09T09:00"))
    assert is_open(town_hall, wall(LONDON, "2026-06-09T16:59:59.999999"))
    assert not is_open(town_hall, wall(LONDON, "2026-06-09T17:00"))


def test_the_status_says_until_when_and_why(town_hall: Calendar) -> None:
    now = status(town_hall, wall(LONDON, "2026-06-09T10:00"))
    assert (now.open, now.closes_at, now.opens_at, now.reason) == (
        True,
        utc("2026-06-09T16:00"),
        None,
        "open",
    )
    evening = status(town_hall, wall(LONDON, "2026-06-09T20:00"))
    assert (evening.open, evening.opens_at, evening.reason) == (
        False,
        utc("2026-06-11T08:00"),
        "outside_hours",
    )
    training = status(town_hall, wall(LONDON, "2026-06-10T10:00"))
    assert (training.reason, training.detail) == ("exception", "Staff training")
    christmas = status(town_hall, wall(LONDON, "2026-12-25T10:00"))
    assert (christmas.reason, christmas.detail) == ("holiday", "Christmas Day")
    assert christmas.opens_at == utc("2026-12-28T09:00")
    eve = status(town_hall, wall(LONDON, "2026-12-24T10:00"))
    assert (eve.closes_at, eve.reason, eve.detail) == (utc("2026-12-24T12:00"), "open", "Christmas Eve")


def test_an_exception_wins_over_a_holiday_of_the_same_day() -> None:
    cal = Calendar(
        LONDON, OFFICE_WEEK, {CHRISTMAS}, {CHRISTMAS: DayException(((600, 720),), "Open for meals")}
    )
    assert is_open(cal, wall(LONDON, "2026-12-25T11:00"))
    assert day_hours(cal, CHRISTMAS).detail == "Open for meals"
    unnamed = Calendar(LONDON, OFFICE_WEEK, frozenset({CHRISTMAS}))
    assert day_hours(unnamed, CHRISTMAS).detail == ""
    assert day_hours(unnamed, date(2026, 12, 24)).spans == ((540, 1020),)


def test_split_shifts_close_over_lunch() -> None:
    cal = Calendar(LONDON, ((0, 480, 720), (0, 780, 1020)))
    monday = wall(LONDON, "2026-06-08T12:30")
    assert not is_open(cal, monday)
    assert next_opening(cal, monday) == utc("2026-06-08T12:00")
    assert next_closing(cal, monday) == utc("2026-06-08T16:00")
    assert open_seconds(cal, wall(LONDON, "2026-06-08T00:00"), wall(LONDON, "2026-06-09T00:00")) == 8 * 3600


def test_a_night_shift_runs_into_a_holiday_morning_and_does_not_begin_on_its_evening() -> None:
    cal = Calendar(LONDON, NIGHT_WEEK, {CHRISTMAS})
    assert is_open(cal, wall(LONDON, "2026-12-25T05:59"))
    assert not is_open(cal, wall(LONDON, "2026-12-25T23:00"))
    assert status(cal, wall(LONDON, "2026-12-25T07:00")).opens_at == utc("2026-12-26T22:00")


def test_an_end_past_1440_is_the_same_as_an_end_before_the_start() -> None:
    assert Calendar(LONDON, ((4, 1320, 1800),)) == Calendar(LONDON, ((4, 1320, 360),))
    assert hash(Calendar(LONDON, ((4, 1320, 1800),))) == hash(Calendar(LONDON, ((4, 1320, 360),)))


def test_round_the_clock_never_closes() -> None:
    cal = Calendar(LONDON, ALWAYS_OPEN_WEEK)
    now = utc("2026-03-29T00:30")
    assert status(cal, now).reason == "always_open"
    assert next_closing(cal, now) is None
    assert next_opening(cal, now) is None
    assert add_open_seconds(cal, now, 90 * 86_400) == now + timedelta(days=90)


def test_a_calendar_that_never_opens_says_so_and_does_not_search_for_ever() -> None:
    cal = Calendar(LONDON)
    now = utc("2026-06-09T10:00")
    assert not is_open(cal, now)
    assert status(cal, now).reason == "never_opens"
    assert next_opening(cal, now) is None
    assert next_closing(cal, now) is None
    assert add_open_seconds(cal, now, 1) is None
    assert open_seconds(cal, now, now + timedelta(days=3 * HORIZON_DAYS)) == 0.0


def test_one_day_of_opening_years_away_is_counted_though_it_is_out_of_sight() -> None:
    cal = Calendar(LONDON, exceptions={date(2032, 7, 1): DayException(((0, 60),), "Jubilee")})
    now = utc("2026-01-01T00:00")
    assert next_opening(cal, now) is None
    assert open_seconds(cal, now, utc("2033-01-01T00:00")) == 3600
    assert next_opening(cal, utc("2032-01-01T00:00")) == utc("2032-06-30T23:00")


def test_the_end_of_the_calendar_of_mankind_is_no_error() -> None:
    cal = Calendar("UTC", OFFICE_WEEK)
    assert add_open_seconds(cal, utc("9999-12-01T00:00"), 10**9) is None
    assert is_open(cal, utc("9999-06-01T10:00"))
    assert not is_open(cal, utc("0001-01-01T00:00"))


def test_adding_open_seconds_lands_on_the_earliest_instant(town_hall: Calendar) -> None:
    afternoon = wall(LONDON, "2026-06-09T16:00")
    assert add_open_seconds(town_hall, afternoon, 3600) == utc("2026-06-09T16:00"), (
        "closing, not next morning"
    )
    assert add_open_seconds(town_hall, afternoon, 3601) == utc("2026-06-11T08:00:01"), "over the training day"
    evening = wall(LONDON, "2026-06-09T20:00")
    assert add_open_seconds(town_hall, evening, 0) == evening
    with pytest.raises(ValueError, match="zero or more"):
        add_open_seconds(town_hall, evening, -1)


def test_a_naive_time_is_refused(town_hall: Calendar) -> None:
    with pytest.raises(ValueError, match="aware"):
        is_open(town_hall, datetime(2026, 6, 9, 10))  # noqa: DTZ001 - the fault under test


def test_an_unknown_zone_is_named() -> None:
    for name in ("Europe/Saltmere", "../etc/passwd", ""):
        with pytest.raises(CalendarError) as caught:
            is_open(Calendar(name, OFFICE_WEEK), utc("2026-06-09T10:00"))
        assert caught.value.code == "unknown_tz"
        assert caught.value.field == "tz"


def test_backwards_time_holds_no_open_seconds(town_hall: Calendar) -> None:
    assert open_seconds(town_hall, utc("2026-06-10T00:00"), utc("2026-06-09T00:00")) == 0.0


def test_local_shows_the_wall_clock_of_the_calendar(town_hall: Calendar) -> None:
    assert local(town_hall, utc("2026-06-09T08:00")).strftime("%H:%M") == "09:00"


# Each row: zone, hours of every day, the local day looked at, seconds open in it, and the reason.
CLOCK_CHANGES = [
    (LONDON, (0, 1440), "2026-03-29", 23 * 3600, "the short day"),
    (LONDON, (0, 1440), "2026-10-25", 25 * 3600, "the long day"),
    (LONDON, (60, 120), "2026-03-29", 0, "the whole span was skipped"),
    (LONDON, (90, 180), "2026-03-29", 3600, "a start in the gap moves to the change"),
    (LONDON, (0, 90), "2026-03-29", 3600, "an end in the gap moves to the change"),
    (LONDON, (60, 120), "2026-10-25", 2 * 3600, "both of the repeated hours"),
    (LONDON, (90, 150), "2026-10-25", 2 * 3600, "opens at the first 01:30"),
    (LONDON, (0, 90), "2026-10-25", 5 * 1800, "closes at the last 01:30"),
    (NEW_YORK, (60, 240), "2026-03-08", 2 * 3600, "02:00 to 03:00 did not happen"),
    (NEW_YORK, (60, 240), "2026-11-01", 4 * 3600, "01:00 to 02:00 happened twice"),
    ("Australia/Lord_Howe", (0, 1440), "2026-10-04", 47 * 1800, "half an hour only"),
    ("Australia/Lord_Howe", (0, 1440), "2026-04-05", 49 * 1800, "half an hour only"),
    ("Australia/Lord_Howe", (135, 180), "2026-10-04", 1800, "02:15 was skipped, 02:30 is the change"),
    ("Africa/Casablanca", (0, 1440), "2026-02-15", 25 * 3600, "Ramadan begins: the clocks go back"),
    ("Africa/Casablanca", (0, 1440), "2026-03-22", 23 * 3600, "and forward at its end"),
    ("Asia/Riyadh", (0, 1440), "2026-03-29", 24 * 3600, "no change at all"),
    ("Asia/Beirut", (0, 60), "2026-03-29", 0, "midnight itself was skipped"),
    ("Asia/Beirut", (1380, 1440), "2026-10-24", 2 * 3600, "23:00 to 24:00 happened twice"),
    ("Pacific/Apia", (0, 1440), "2011-12-30", 0, "a whole day that did not exist"),
]


@pytest.mark.parametrize(("tz", "span", "day", "seconds", "why"), CLOCK_CHANGES)
def test_clock_changes(tz: str, span: tuple[int, int], day: str, seconds: int, why: str) -> None:
    cal = Calendar(tz, exceptions={date.fromisoformat(day): DayException((span,), why)})
    around = timedelta(days=3)
    noon = wall(tz, f"{day}T12:00")
    assert open_seconds(cal, noon - around, noon + around) == seconds, why


@pytest.mark.parametrize(
    ("tz", "evening", "seconds"),
    [
        (LONDON, "2026-03-28T21:00", 7 * 3600),
        (LONDON, "2026-10-24T21:00", 9 * 3600),
        (NEW_YORK, "2026-03-07T21:00", 7 * 3600),
        (NEW_YORK, "2026-10-31T21:00", 9 * 3600),
        ("Australia/Lord_Howe", "2026-10-03T21:00", 15 * 1800),
        ("Africa/Casablanca", "2026-02-14T21:00", 9 * 3600),
        ("Asia/Riyadh", "2026-03-28T21:00", 8 * 3600),
    ],
)
def test_the_night_shift_over_the_change_is_counted_in_real_time(tz: str, evening: str, seconds: int) -> None:
    cal = Calendar(tz, NIGHT_WEEK)
    opening = next_opening(cal, wall(tz, evening))
    assert opening is not None
    closing = next_closing(cal, opening)
    assert closing is not None
    assert (closing - opening).total_seconds() == seconds
    assert (local(cal, opening).hour, local(cal, closing).hour) == (22, 6)
    assert add_open_seconds(cal, opening, seconds) == closing


def test_the_friday_weekend_of_riyadh() -> None:
    cal = Calendar("Asia/Riyadh", tuple((day, 480, 960) for day in (6, 0, 1, 2, 3)))
    thursday_evening = wall("Asia/Riyadh", "2026-06-11T18:00")
    assert next_opening(cal, thursday_evening) == utc("2026-06-14T05:00"), "Sunday morning"


def test_shifts_that_overlap_are_counted_once() -> None:
    cal = Calendar(LONDON, ((0, 540, 1020), (0, 600, 660), (0, 960, 1080), (0, 1200, 1860), (1, 300, 360)))
    monday = wall(LONDON, "2026-06-08T00:00")
    assert open_seconds(cal, monday, monday + timedelta(days=2)) == (9 + 11) * 3600


def test_months_of_open_time_take_less_than_a_millisecond() -> None:
    cal = Calendar(LONDON, OFFICE_WEEK)
    now = utc("2026-01-05T09:00")
    add_open_seconds(cal, now, 1)
    best = 1.0
    for _ in range(5):
        began = perf_counter()
        assert add_open_seconds(cal, now, 90 * 8 * 3600) is not None
        best = min(best, perf_counter() - began)
    assert best < 0.001


def test_the_memo_is_bounded() -> None:
    cal = Calendar("UTC", OFFICE_WEEK)
    for year in range(1900, 2700):
        is_open(cal, datetime(year, 6, 1, tzinfo=UTC))
    assert len(cal.blocks) <= 512
    assert is_open(cal, utc("2026-06-09T10:00"))


ZONES = st.sampled_from([LONDON, NEW_YORK, "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Riyadh"])
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, 1439)
WEEKS = st.lists(st.tuples(st.integers(0, 6), MINUTES, MINUTES), min_size=1, max_size=10).map(tuple)
HOLIDAYS = st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=40)
CALENDARS = st.builds(Calendar, tz=ZONES, weekly=WEEKS, holidays=HOLIDAYS)


@given(CALENDARS, INSTANTS, st.integers(0, 500 * 3600))
def test_adding_and_counting_are_inverse(cal: Calendar, at: datetime, seconds: int) -> None:
    due = add_open_seconds(cal, at, seconds)
    if due is not None:
        assert open_seconds(cal, at, due) == seconds
        assert seconds == 0 or open_seconds(cal, at, due - timedelta(seconds=1)) == seconds - 1


@given(CALENDARS, INSTANTS, INSTANTS, INSTANTS)
def test_open_time_adds_up(cal: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert open_seconds(cal, a, b) + open_seconds(cal, b, c) == pytest.approx(
        open_seconds(cal, a, c), abs=1e-5
    )
    assert open_seconds(cal, a, b) <= (b - a).total_seconds()


@given(CALENDARS, INSTANTS)
def test_status_agrees_with_the_minutes_around_it(cal: Calendar, at: datetime) -> None:
    now = status(cal, at)
    assert now.open == is_open(cal, at)
    if now.closes_at is not None:
        assert open_seconds(cal, at, now.closes_at) == (now.closes_at - at).total_seconds()
        assert not is_open(cal, now.closes_at)
    if now.opens_at is not None:
        assert open_seconds(cal, at, now.opens_at) == 0
        assert is_open(cal, now.opens_at)
        assert next_opening(cal, at) == now.opens_at


@given(ZONES, WEEKS, INSTANTS)
def test_whoever_reads_the_hours_on_the_door_finds_it_open(
    tz: str, week: tuple[tuple[int, int, int], ...], at: datetime
) -> None:
    cal = Calendar(tz, week)
    clock = local(cal, at)
    minute = clock.hour * 60 + clock.minute
    today = any(start <= minute < end for start, end in cal.by_weekday[clock.weekday()])
    if today:
        assert is_open(cal, at)


@given(CALENDARS, INSTANTS)
def test_away_from_a_clock_change_the_sign_on_the_door_is_the_whole_truth(
    cal: Calendar, at: datetime
) -> None:
    clock = local(cal, at)
    hours = timedelta(hours=3)
    if local(cal, at - hours).utcoffset() == local(cal, at + hours).utcoffset():
        minute = clock.hour * 60 + clock.minute
        today, yesterday = day_hours(cal, clock.date()), day_hours(cal, clock.date() - timedelta(days=1))
        on_the_door = any(start <= minute < end for start, end in today.spans)
        from_last_night = any(start <= minute + 1440 < end for start, end in yesterday.spans)
        assert is_open(cal, at) == (on_the_door or from_last_night)
