"""Rosters too large to be planned at once: week by week first, then piece by piece again.

Where rows of blocks (`blocks`) are no start, a first pass plans stretches of a few weeks for everybody, each employee
kept to her pace: hours, weekends and limited shifts in proportion to the days gone. Then some weeks of some employees
are cut out again and again: each gives her best answer to all others, or the piece is solved as a whole, whichever
earned more lately.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from civicline.workforce.rostering.answers import answered, mixed
from civicline.workforce.rostering.columns import Generator
from civicline.workforce.rostering.instance import OFF, Instance, Roster, on_duty, penalty
from civicline.workforce.rostering.neighbourhoods import Search
from civicline.workforce.rostering.piece import Ints, Piece, cut, weekends_worked
from civicline.workforce.rostering.pricing import Found, Pricer

PIECE_EFFORT = 4e5
"""State steps of one pricing that a piece takes at first: about 4 ms."""
PIECE_SECONDS = 1.0
"""What a piece should take; one that lasts four times as long is given up."""
ANSWER_EFFORT = 4e6
SHARE = 0.2
MEMORY = 2.0
"""Seconds after which what a way gained is forgotten."""
LITTLE = 0.005
"""Of the cost, a second: less is not worth the time."""
TELL = 0.5
"""Seconds between two reports."""


def paced(
    instance: Instance,
    roster: Roster,
    first: int,
    last: int,
    *,
    who: Sequence[int] | None = None,
    strict: bool = True,
) -> Piece:
    """The days from `first` to `last` (for everybody), nothing decided after it, each kept to her pace.

    Without `strict`, shifts of which there are only so many may be used up early.
    """
    gone = last / instance.days
    lengths = np.array([shift.minutes for shift in instance.shifts] + [0])
    least, most, weekends = [], [], []
    who = who if who is not None else range(len(instance.staff))
    for number in who:
        person, row = instance.staff[number], roster[number]
        worked = int(lengths[row[:first]].sum())
        lowest, highest = person.min_minutes * gone, person.max_minutes * gone
        if last < instance.days:
            room = max(0.0, int(lengths.max()) - (highest - lowest)) / 2
            lowest, highest = lowest - room, highest + room
        least.append(max(0, int(np.ceil(lowest)) - worked))
        most.append(max(0, min(int(highest), person.max_minutes) - worked))
        allowed = min(person.max_weekends, int(np.ceil(person.max_weekends * gone)))
        weekends.append(max(0, allowed - weekends_worked(row[:first])))
    pace: tuple[Ints, Ints, Ints] = (np.array(least), np.array(most), np.array(weekends))
    piece = cut(instance, roster, who, first, last, pace)
    limits = np.array([instance.staff[number].max_shifts for number in who])
    past = roster[list(who), :first]
    used = np.stack([(past == s).sum(axis=1) for s in range(len(instance.shifts))], axis=1)
    counts = np.maximum(0, np.ceil(limits * (gone if strict else 1.0)).astype(np.int64) - used)
    wishes = piece.wishes.copy()
    wishes[np.broadcast_to((counts <= 0)[:, None, :], wishes.shape)] = np.inf
    return replace(piece, counts=counts, wishes=wishes)


def possible(piece: Piece) -> tuple[Piece, list[int]]:
    """The piece with a lower pace for those who cannot keep theirs (holidays, say): as much as they can work.

    And the places of those for whom there is no schedule even so: their earlier days lead into a dead end.
    """
    found = {item.place for item in Pricer.of(piece).price(piece.wishes)}
    late = [place for place in range(len(piece.who)) if place not in found]
    if not late:
        return piece, []
    least = piece.least.copy()
    least[late] = 0
    easy = replace(piece, least=least)
    lengths = np.array([float(shift.minutes) for shift in piece.instance.shifts])
    only = np.zeros(len(piece.who), dtype=bool)
    only[late] = True
    prices = np.where(np.isfinite(piece.wishes), -lengths, np.inf)
    for item in Pricer.of(easy).price(prices, only=only):
        least[item.place] = min(piece.least[item.place], int(-item.value))
        late.remove(item.place)
    return replace(easy, least=least), late


@dataclass(slots=True)
class _Way:
    """A way to better a roster: what it gains a second, the last tries weighing most, and its time so far."""

    rate: float
    spent: float = 0.0

    def earned(self, gain: float, seconds: float) -> None:
        """One try."""
        weight = min(1.0, seconds / MEMORY)
        self.rate += weight * (gain / max(seconds, 1e-3) - self.rate)
        self.spent += seconds


@dataclass(slots=True)
class Pieces:
    """A roster in hand, bettered piece by piece until the deadline."""

    instance: Instance
    deadline: float
    chance: random.Random
    improved: Callable[[Roster, int], None]
    roster: Roster | None = None
    cost: int = 0
    effort: float = PIECE_EFFORT
    answers: _Way = field(default_factory=lambda: _Way(1e9))
    solutions: _Way = field(default_factory=lambda: _Way(20.0))
    told_cost: float = np.inf
    told_at: float = -np.inf
    counts: dict[str, int] = field(default_factory=lambda: {"answers": 0, "pieces": 0})

    def take(self, roster: Roster) -> bool:
        """Keep a roster if it is better."""
        cost = penalty(self.instance, roster).total
        if self.roster is not None and cost >= self.cost:
            return False
        self.roster, self.cost = roster, cost
        if time.monotonic() - self.told_at > TELL:
            self.tell()
        return True

    def merge(self, other: Roster) -> None:
        """Take from another roster each employee's row that betters this one: every row keeps the rules by itself."""
        if self.roster is None:
            self.take(other)
            return
        mine = self.roster
        if penalty(self.instance, other).total < self.cost:
            mine, other = other, mine
        self.take(mixed(self.instance, mine, other))

    def first_pass(self, days: int, until: float) -> bool:
        """Plan stretches of so many days one after the other; False when it got stuck (hours that cannot be met)."""
        instance = self.instance
        roster = np.full((len(instance.staff), instance.days), OFF, dtype=np.int16)
        edges = [*range(0, instance.days, days), instance.days]
        if len(edges) > 2 and edges[-1] - edges[-2] < 7:
            edges.pop(-2)
        for first, last in pairwise(edges):
            now = time.monotonic()
            ends = now + (until - now) * (last - first) / (instance.days - first)
            chosen = None
            for strict in (True, False):
                piece, dead = possible(paced(instance, roster, first, last, strict=strict))
                if dead and all(self._led_out(roster, number, first, last) for number in dead):
                    piece, dead = possible(paced(instance, roster, first, last, strict=strict))
                generator = Generator(piece, max(ends, now + 0.3), self.chance)
                generator.together = max(1, len(instance.staff) // 12)
                relaxed = generator.generate(until=now + 0.5 * (ends - now))
                chosen = generator.dive(relaxed, rounds=1, share=0.2, until=ends)
                if chosen is not None:
                    break
            if chosen is None:
                return False
            roster = generator.write(roster, chosen)
        if all(self._rescued(roster, number) for number in range(len(instance.staff))):
            self.take(roster)
            return True
        return False

    def _led_out(self, roster: Roster, number: int, first: int, last: int) -> bool:
        """Plan an employee's days before `first` anew, as many weeks as it takes for a way on until `last`."""
        weeks = 1
        while True:
            start = max(0, first - 7 * weeks)
            roster[number, start:] = OFF
            piece, dead = possible(paced(self.instance, roster, start, last, who=[number], strict=False))
            step = np.where(piece.required > 0, -piece.under, piece.over)
            found = [] if dead else Pricer.of(piece).price(piece.wishes + step)
            if found:
                roster[number, start:first] = found[0].schedule[: first - start]
                return True
            if start == 0:
                return False
            weeks *= 2

    def _rescued(self, roster: Roster, number: int) -> bool:
        """Whether the employee has her hours; if not, her last weeks are planned anew, as many as it takes."""
        instance, weeks = self.instance, 1
        lengths = np.array([shift.minutes for shift in instance.shifts] + [0])
        person = instance.staff[number]
        minutes = int(lengths[roster[number]].sum())
        if person.min_minutes <= minutes <= person.max_minutes:
            return True
        while True:
            weeks *= 2
            first = max(0, (-(-instance.days // 7) - weeks) * 7)
            piece = cut(instance, roster, [number], first, instance.days)
            step = np.where(piece.required > 0, -piece.under, piece.over)
            found = Pricer.of(piece).price(piece.wishes + step)
            if found and Generator(piece, 0.0, self.chance).master.column(0, found[0].schedule).valid:
                roster[number, first:] = found[0].schedule
                return True
            if first == 0:
                return False

    def step(self) -> None:
        """Whatever of the two ways down earned more lately, for its time: answers, or a piece solved."""
        if self.roster is None:
            return
        began, cost = time.monotonic(), self.cost
        way = self._way()
        if way is self.answers:
            self._answer(self.roster)
        else:
            self._solve(self.roster)
        way.earned(cost - self.cost, time.monotonic() - began)
        if self.cost < self.told_cost and time.monotonic() - self.told_at > TELL:
            self.tell()

    def settle(self) -> None:
        """Answers alone, until they gain little or the time is up; then the roster is told."""
        while self.roster is not None and time.monotonic() < self.deadline:
            began, cost = time.monotonic(), self.cost
            self._answer(self.roster)
            self.answers.earned(cost - self.cost, time.monotonic() - began)
            if self.answers.spent > MEMORY and self.answers.rate < LITTLE * self.cost:
                break
        self.tell()

    def tell(self) -> None:
        """Report the roster in hand, if it is better than the one reported last."""
        if self.roster is not None and self.cost < self.told_cost:
            self.told_cost, self.told_at = self.cost, time.monotonic()
            self.improved(self.roster, self.cost)

    def _way(self) -> _Way:
        """The better earner; the other gets a fifth of the time, so that its turn can come."""
        better, other = sorted((self.answers, self.solutions), key=lambda way: -way.rate)
        return other if other.spent < SHARE * (self.answers.spent + self.solutions.spent) else better

    def _answer(self, roster: Roster) -> None:
        """Some weeks of some employees, each for herself."""
        who, first, last = self._where(roster, ANSWER_EFFORT)
        changed, gain = answered(self.instance, roster, who, first, last, self.chance)
        self.counts["answers"] += len(who)
        self.roster, self.cost = changed, self.cost - gain

    def _solve(self, roster: Roster) -> None:
        """Cut a piece, solve it, and keep what is better."""
        began = time.monotonic()
        who, first, last = self._where(roster, self.effort)
        piece = cut(self.instance, roster, who, first, last)
        generator = Generator(piece, min(self.deadline, began + 4 * PIECE_SECONDS), self.chance)
        generator.master.add(
            Found(place, 0.0, roster[number, first:last]) for place, number in enumerate(who)
        )
        now = list(range(len(who)))
        search = Search(
            generator, self.chance, lambda chosen, cost: None, best=now, cost=generator.cost(now), size=1.0
        )
        relaxed = generator.generate(below=search.cost)
        if relaxed.cost < search.cost - 1 + 1e-3 and generator.bound < search.cost - 1 + 1e-3:
            found = generator.dive(relaxed, below=search.cost)
            generator.master.release()
            better = search.take(found) or search.branch(relaxed, [], np.ones(len(who), dtype=bool))
            if better:
                self.take(generator.write(roster, search.best))
        self.counts["pieces"] += 1
        self.effort *= 1.1 if time.monotonic() - began < PIECE_SECONDS else 0.75

    def _where(self, roster: Roster, effort: float) -> tuple[list[int], int, int]:
        """A stretch of weeks where the roster costs most (by chance), and as many employees as the effort allows."""
        instance = self.instance
        weeks = -(-instance.days // 7)
        length = min(weeks, self.chance.choice((2, 3, 4, 4, 6)))
        costs = daily_costs(instance, roster)
        by_week = np.add.reduceat(costs, np.arange(0, instance.days, 7))
        by_week += max(1.0, float(by_week.mean()))
        middle = self.chance.choices(range(weeks), weights=by_week.tolist())[0]
        start = max(0, min(weeks - length, middle - self.chance.randrange(length)))
        first, last = start * 7, min(instance.days, (start + length) * 7)
        each = self._effort_of_one(roster, first, last)
        many = max(3, min(len(instance.staff), int(effort / each)))
        return self._who(roster, costs, first, last, many), first, last

    def _effort_of_one(self, roster: Roster, first: int, last: int) -> float:
        one = [self.chance.randrange(len(self.instance.staff))]
        return max(1.0, Pricer.of(cut(self.instance, roster, one, first, last)).effort)

    def _who(self, roster: Roster, costs: np.ndarray, first: int, last: int, many: int) -> list[int]:
        """Those with unmet wishes there, those who could help on the costliest days, and some by chance."""
        weights = np.ones(len(self.instance.staff))
        day = self.chance.choices(range(first, last), weights=(costs[first:last] + 1e-3).tolist())[0]
        near = slice(max(first, day - 2), min(last, day + 3))
        wishes = self.instance.wish_costs[:, first:last]
        rows = roster[:, first:last]
        missed = np.clip(-wishes, 0, None).sum(axis=(1, 2))
        working = (rows != OFF).nonzero()
        met = np.zeros(len(weights))
        np.add.at(met, working[0], wishes[working[0], working[1], rows[working]])
        weights += np.clip(missed + met, 0, None)
        weights += 3 * (roster[:, near] == OFF).any(axis=1)
        order = sorted(range(len(weights)), key=lambda at: -weights[at] * self.chance.random() ** 2)
        return order[:many]


def daily_costs(instance: Instance, roster: Roster) -> np.ndarray:
    """What cover costs on each day."""
    gap = instance.required - on_duty(instance, roster)
    costs: np.ndarray = (np.maximum(gap, 0) * instance.under + np.maximum(-gap, 0) * instance.over).sum(
        axis=1
    )
    return costs
