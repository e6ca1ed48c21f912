"""Passwords that change by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from civicline.channels.voice.asterisk import turns

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.sampled_from([turns.AGENT_S, turns.GUEST_S, 60])


@given(MOMENTS, LENGTHS)
def test_what_is_given_out_is_taken_until_it_lasts_no_more(moment: datetime, length: int) -> None:
    moment = moment.replace(microsecond=0)
    turn, lasts = turns.given(moment, length), turns.lasts(moment, length)
    assert length // 2 < lasts <= length + length // 2
    assert turn in turns.taken(moment, length)
    assert turn in turns.taken(moment + timedelta(seconds=lasts - 1), length)
    assert turn not in turns.taken(moment + timedelta(seconds=lasts), length)


@given(MOMENTS, LENGTHS)
def test_the_exchange_knows_a_password_half_a_turn_before_it_is_given_out(
    moment: datetime, length: int
) -> None:
    later = moment + timedelta(seconds=length // 2)
    assert turns.given(later, length) in turns.taken(moment, length)
