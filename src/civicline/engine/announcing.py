"""What somebody who waits on the telephone is told, and when: news when it is good or due, comfort in between. Pure.

    told = Told()
    while waiting:
        words = next_words(rule, told, Standing(position=3, low=2, high=6), waited_s)
        if words is not None:
            say(words)
            told = told.after(words, standing, waited_s)

Times are seconds since this person began to wait. Nobody is interrupted twice within `QUIET_S`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

QUIET_S: Final = 20.0
"""Music for at least so long between two announcements."""
FIRST_S: Final = 4.0
"""Nothing is said before: where somebody is free, they are there by then."""
Words = Literal["news", "good_news", "comfort", "offer"]


@dataclass(frozen=True, slots=True)
class Rule:
    """After how many seconds what is said; 0 is never.

    comfort_s  nothing was said for so long: please stay on the line.
    news_s     place and range were not told for so long: they are due, whatever they are.
    offer_s    somebody has waited for so long: a call back is offered, once.
    """

    comfort_s: float = 45.0
    news_s: float = 120.0
    offer_s: float = 90.0

    def __post_init__(self) -> None:
        """ValueError, with a sentence, for times below zero."""
        if min(self.comfort_s, self.news_s, self.offer_s) < 0:
            raise ValueError("A time between announcements is below zero. Give seconds from 0 upwards.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in the line: place (1 is first) and range in whole minutes; None: not known."""

    position: int | None = None
    low: int | None = None
    high: int | None = None

    @property
    def known(self) -> bool:
        """Whether there is anything to tell."""
        return self.position is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What was said so far. `spoke_at`: when anything was; `news_at`: when place and range were."""

    spoke_at: float = 0.0
    news_at: float | None = None
    standing: Standing = Standing()
    offered: bool = False

    def after(self, words: Words, standing: Standing, waited: float) -> Told:
        """Having said this."""
        if words == "offer":
            return replace(self, spoke_at=waited, offered=True)
        if words == "comfort":
            return replace(self, spoke_at=waited)
        return replace(self, spoke_at=waited, news_at=waited, standing=standing)


def is_better(before: Standing, now: Standing) -> bool:
    """Whether this is good news: further in front without a longer wait, or a shorter wait without losing a place."""
    nearer = _fell(before.position, now.position)
    shorter = _fell(before.high, now.high)
    return (nearer > 0 and shorter >= 0) or (shorter > 0 and nearer >= 0)


def _fell(before: int | None, now: int | None) -> int:
    return 0 if before is None or now is None else before - now


def next_words(
    rule: Rule, told: Told, standing: Standing, waited: float, *, can_call_back: bool = False
) -> Words | None:
    """What to say now, or None: go on with the music. `waited`: seconds in the line."""
    if waited < FIRST_S or (told.spoke_at > 0 and waited - told.spoke_at < QUIET_S):
        return None
    if can_call_back and not told.offered and rule.offer_s and waited >= rule.offer_s:
        return "offer"
    news = _news(rule, told, standing, waited) if rule.news_s and standing.known else None
    if news is None and rule.comfort_s and waited - told.spoke_at >= rule.comfort_s:
        return "comfort"
    return news


def _news(rule: Rule, told: Told, standing: Standing, waited: float) -> Words | None:
    """Whether place and range are worth telling: never told, better than told, or not told for long."""
    if told.news_at is None:
        return "news"
    if is_better(told.standing, standing):
        return "good_news"
    return "news" if waited - told.news_at >= rule.news_s else None
