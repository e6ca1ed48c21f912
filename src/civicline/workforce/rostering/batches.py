"""Employees with like rules, stepped through the days together: the dynamic programme behind the pricing."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.instance import OFF
from civicline.workforce.rostering.piece import Floats, Ints, Piece

Array = NDArray[np.float32]
Slices = tuple[slice, ...]
ALL: Final = slice(None)


class Found(NamedTuple):
    """The cheapest schedule of one employee (by place in the piece): its reduced value, and the shift of each day."""

    place: int
    value: float
    schedule: NDArray[np.int16]


class Kind(NamedTuple):
    """Shifts that are alike. `counter`: which counting dimension they step, -1 for none."""

    shifts: tuple[int, ...]
    units: int
    counter: int


class Batch:
    """Employees with the same rules; arrays are (off run or kind and run, employee, minutes, weekends, counters)."""

    def __init__(
        self, piece: Piece, places: list[int], rules: tuple[int, int, int], tight: tuple[int, ...], unit: int
    ) -> None:
        self.piece, self.places, self.unit = piece, np.array(places), unit
        self.min_off, self.min_run, self.max_run = rules
        self.tight = tight
        self.kinds = _kinds(piece, tight, unit)
        follow = piece.instance.may_follow
        self.follows = np.array([[follow[a.shifts[0], b.shifts[0]] for b in self.kinds] for a in self.kinds])
        self.sources = [tuple(np.flatnonzero(self.follows[:, b]).tolist()) for b in range(len(self.kinds))]
        self.kind_of = {shift: at for at, kind in enumerate(self.kinds) for shift in kind.shifts}
        most = piece.most[self.places] // unit
        self.shape = (
            int(most.max()) + 1,
            int(piece.weekends[self.places].max()) + 1,
            *(int(piece.counts[self.places, shift].max()) + 1 for shift in tight),
        )
        self.cells = int(np.prod(self.shape))
        self.bands = self._bands()
        self.known: dict[tuple[int, int, int, int], tuple[Slices, Slices] | None] = {}
        self.weekday = [(piece.first + day) % 7 for day in range(piece.days)]

    def price(self, prices: Floats, only: NDArray[np.bool_] | None) -> list[Found]:
        chosen = np.arange(len(self.places)) if only is None else np.flatnonzero(only[self.places])
        if not len(chosen):
            return []
        return _Pass(self, self.places[chosen], prices).run()

    def _bands(self) -> list[tuple[int, int]]:
        """(least, most) units worked after each number of days from which the contract can be kept still.

        Within n days nobody works more than max_run in each max_run + min_off, and what is over.
        """
        cycle, longest = self.max_run + self.min_off, max((kind.units for kind in self.kinds), default=0)
        least = -(-int(self.piece.least[self.places].min()) // self.unit)

        def most(days: int) -> int:
            return longest * (self.max_run * (days // cycle) + min(self.max_run, days % cycle))

        return [
            (
                min(max(0, least - most(self.piece.days - day)), self.shape[0] - 1),
                max(0, min(self.shape[0] - 1, most(day))),
            )
            for day in range(self.piece.days + 1)
        ]

    @property
    def effort(self) -> int:
        """States times days times employees."""
        states = self.min_off + len(self.kinds) * self.max_run
        cells = sum(int(np.prod(self.layer(day))) for day in range(1, self.piece.days + 1))
        return len(self.places) * states * cells

    def layer(self, day: int) -> tuple[int, ...]:
        """The shape of the resources after so many days."""
        low, high = self.bands[day]
        return (max(1, high - low + 1), *self.shape[1:])

    def between(self, day: int, units: int) -> tuple[slice, slice] | None:
        """On the axis of minutes: (where to, where from) when `units` are worked on the day."""
        low, high = self.bands[day]
        new_low, new_high = self.bands[day + 1]
        first, last = max(low, new_low - units), min(high, new_high - units)
        if first > last:
            return None
        return slice(first + units - new_low, last + units - new_low + 1), slice(first - low, last - low + 1)

    def slices(self, day: int, kind: Kind, weekend: int) -> tuple[Slices, Slices] | None:
        """(where to, where from) on the resource axes for one more shift of this kind; None if nothing fits."""
        key = (day, kind.units, kind.counter, weekend)
        if key not in self.known:
            self.known[key] = self._slices(day, kind, weekend)
        return self.known[key]

    def _slices(self, day: int, kind: Kind, weekend: int) -> tuple[Slices, Slices] | None:
        minutes = self.between(day, kind.units)
        if minutes is None:
            return None
        to, source = [minutes[0]], [minutes[1]]
        steps = [weekend, *(int(kind.counter == at) for at in range(len(self.tight)))]
        for size, step in zip(self.shape[1:], steps, strict=True):
            if step >= size:
                return None
            to.append(slice(step, None))
            source.append(slice(0, size - step))
        return tuple(to), tuple(source)


def _kinds(piece: Piece, tight: tuple[int, ...], unit: int) -> list[Kind]:
    usable: NDArray[np.bool_] = np.asarray(np.isfinite(piece.wishes).any(axis=(0, 1)))
    alike: dict[object, list[int]] = defaultdict(list)
    follow = piece.instance.may_follow
    for number, shift in enumerate(piece.instance.shifts):
        if usable[number]:
            own = number if number in tight else -1
            alike[shift.minutes, follow[number].tobytes(), follow[:, number].tobytes(), own].append(number)
    return [
        Kind(
            tuple(numbers),
            piece.instance.shifts[numbers[0]].minutes // unit,
            tight.index(numbers[0]) if numbers[0] in tight else -1,
        )
        for numbers in alike.values()
    ]


class _Pass:
    """One run through the days for some employees of a batch, and the way back."""

    def __init__(self, batch: Batch, places: Ints, prices: Floats) -> None:
        self.batch, self.places = batch, places
        self.count = len(places)
        own = prices[places]
        self.cost = np.empty((len(batch.kinds), self.count, batch.piece.days), dtype=np.float32)
        self.pick = np.empty((len(batch.kinds), self.count, batch.piece.days), dtype=np.int16)
        for at, kind in enumerate(batch.kinds):
            part = own[:, :, list(kind.shifts)]
            best = part.argmin(axis=2)
            self.cost[at] = np.take_along_axis(part, best[:, :, None], axis=2)[:, :, 0]
            self.pick[at] = np.array(kind.shifts, dtype=np.int16)[best]
        self.off: list[Array] = []
        self.work: list[Array] = []

    def run(self) -> list[Found]:
        """Forward, then back from each employee's cheapest end."""
        off, work = self._begin()
        self.off.append(off)
        self.work.append(work)
        for day in range(self.batch.piece.days):
            off, work = self._step(day, off, work)
            self.off.append(off)
            self.work.append(work)
        off, work = off + self._off_end(), work + self._work_end()
        flat = np.concatenate([off, work.reshape(-1, *work.shape[2:])])
        flat += self._within_limits()
        flat = flat.swapaxes(0, 1).reshape(self.count, -1)
        best = flat.argmin(axis=1)
        value = flat[np.arange(self.count), best]
        many = off.shape[0] + work.shape[0] * work.shape[1]
        states = np.array(np.unravel_index(best, (many, *self.batch.layer(self.batch.piece.days))))
        who = np.flatnonzero(np.isfinite(value))
        schedules = self._back(states[:, who], who)
        return [
            Found(int(self.places[at]), float(value[at]), schedule)
            for at, schedule in zip(who, schedules, strict=True)
        ]

    def _begin(self) -> tuple[Array, Array]:
        batch = self.batch
        off: Array = np.full((batch.min_off, self.count, *batch.layer(0)), np.inf, dtype=np.float32)
        shape = (len(batch.kinds), batch.max_run, self.count, *batch.layer(0))
        work: Array = np.full(shape, np.inf, dtype=np.float32)
        zero = (0,) * len(batch.shape)
        for at, place in enumerate(self.places):
            before = batch.piece.before[place]
            if before is None or before.shift == OFF:
                run = batch.min_off if before is None else min(before.run, batch.min_off)
                off[(run - 1, at, *zero)] = 0
            elif before.run <= batch.max_run:
                for kind in self._kinds_like(before.shift):
                    work[(kind, before.run - 1, at, *zero)] = 0
        return off, work

    def _kinds_like(self, shift: int) -> list[int]:
        """The kind of the shift; where nobody of the piece may work it, those that bar no more than it does."""
        if shift in self.batch.kind_of:
            return [self.batch.kind_of[shift]]
        follow = self.batch.piece.instance.may_follow
        own = np.array([follow[shift, kind.shifts[0]] for kind in self.batch.kinds])
        return [at for at in range(len(self.batch.kinds)) if not (self.batch.follows[at] & ~own).any()][:1]

    def _step(self, day: int, off: Array, work: Array) -> tuple[Array, Array]:
        batch = self.batch
        size = batch.layer(day + 1)
        new_off: Array = np.full((batch.min_off, self.count, *size), np.inf, dtype=np.float32)
        new_work: Array = np.full(
            (len(batch.kinds), batch.max_run, self.count, *size), np.inf, dtype=np.float32
        )
        # Nobody may work at all, or no run is long enough: then there is no way back to rest, and no error.
        longest = work.min(axis=0) if batch.kinds else np.full(work.shape[1:], np.inf, dtype=np.float32)
        enough = longest[batch.min_run - 1 :]
        rested = enough.min(axis=0) if len(enough) else np.full(longest.shape[1:], np.inf, dtype=np.float32)
        if batch.piece.first == 0 and 0 < day < batch.min_run:
            rested = np.minimum(rested, longest[day - 1])
        resting = batch.between(day, 0)
        if resting is not None:
            to_minutes, from_minutes = resting
            new_off[1:, :, to_minutes] = off[:-1, :, from_minutes]
            new_off[0, :, to_minutes] = rested[:, from_minutes]
            new_off[-1, :, to_minutes] = np.minimum(new_off[-1, :, to_minutes], off[-1, :, from_minutes])
        weekday = batch.weekday[day]
        fresh, going_on = int(weekday >= 5), int(weekday == 5)
        fewest: dict[tuple[int, ...], Array] = {}
        for at, kind in enumerate(batch.kinds):
            cost = self.cost[at, :, day].reshape(-1, *(1,) * len(batch.shape))
            where = batch.slices(day, kind, fresh)
            if where is not None:
                to, source = where
                new_work[at, 0][(ALL, *to)] = off[-1][(ALL, *source)] + cost
            where = batch.slices(day, kind, going_on)
            if where is not None and batch.max_run > 1 and batch.sources[at]:
                to, source = where
                sources = batch.sources[at]
                if sources not in fewest:
                    fewest[sources] = (
                        longest if len(sources) == len(batch.kinds) else work[list(sources)].min(axis=0)
                    )
                new_work[at, 1:][(ALL, ALL, *to)] = fewest[sources][:-1][(ALL, ALL, *source)] + cost
        return new_off, new_work

    def _off_end(self) -> Array:
        batch = self.batch
        end: Array = np.zeros((batch.min_off, self.count, *(1,) * len(batch.shape)), dtype=np.float32)
        for at, place in enumerate(self.places):
            after = batch.piece.after[place]
            if after is None:
                continue
            for run in range(1, batch.min_off + 1):
                if after.shift == OFF:
                    good = run + after.run >= batch.min_off or after.to_the_end
                else:
                    good = run >= batch.min_off and (after.run >= batch.min_run or after.to_the_end)
                if not good:
                    end[run - 1, at] = np.inf
        return end

    def _work_end(self) -> Array:
        batch = self.batch
        shape = (len(batch.kinds), batch.max_run, self.count, *(1,) * len(batch.shape))
        end: Array = np.zeros(shape, dtype=np.float32)
        follow = batch.piece.instance.may_follow
        for at, place in enumerate(self.places):
            after = batch.piece.after[place]
            if after is None:
                continue
            for run in range(1, batch.max_run + 1):
                if after.shift == OFF:
                    good = run >= batch.min_run and (after.run >= batch.min_off or after.to_the_end)
                else:
                    total = run + after.run
                    good = total <= batch.max_run and (total >= batch.min_run or after.to_the_end)
                if not good:
                    end[:, run - 1, at] = np.inf
            if after.shift != OFF:
                for kind, shifts in enumerate(batch.kinds):
                    if not follow[shifts.shifts[0], after.shift]:
                        end[kind, :, at] = np.inf
        return end

    def _within_limits(self) -> Array:
        """0 where minutes, weekends and counts keep the contract, infinite elsewhere; employees x resources."""
        batch, piece = self.batch, self.batch.piece
        units = (np.arange(batch.layer(piece.days)[0]) + batch.bands[piece.days][0]) * batch.unit
        good: NDArray[np.bool_] = units >= piece.least[self.places][:, None]
        good = good & (units <= piece.most[self.places][:, None])
        limits = [piece.weekends, *(piece.counts[:, shift] for shift in batch.tight)]
        for size, limit in zip(batch.shape[1:], limits, strict=True):
            fits: NDArray[np.bool_] = np.arange(size) <= limit[self.places][:, None]
            good = good[..., None] & fits.reshape(self.count, *(1,) * (good.ndim - 1), size)
        return np.where(good, np.float32(0), np.float32(np.inf))

    def _back(self, states: Ints, who: Ints) -> NDArray[np.int16]:
        """From the last day's states (first row: off runs, then kinds x runs; further rows: resources) to the first."""
        batch = self.batch
        schedules = np.full((len(who), batch.piece.days), OFF, dtype=np.int16)
        state, resources = states[0].copy(), states[1:].copy()
        resources[0] += batch.bands[batch.piece.days][0]
        steps = np.array(
            [
                [kind.units, 0, *(int(kind.counter == n) for n in range(len(batch.tight)))]
                for kind in batch.kinds
            ]
        ).T
        for day in range(batch.piece.days - 1, -1, -1):
            off, work = self.off[day], self.work[day]
            working = state >= batch.min_off
            kind, run = np.divmod(np.maximum(state - batch.min_off, 0), batch.max_run)
            at = np.flatnonzero(working)
            if len(at):
                schedules[at, day] = self.pick[kind[at], who[at], day]
                resources[:, at] -= steps[:, kind[at]]
                weekday = batch.weekday[day]
                resources[1, at] -= ((run[at] == 0) & (weekday >= 5)) | (weekday == 5)
            places = resources.copy()
            places[0] -= batch.bands[day][0]
            state = self._earlier(day, state, kind, run, working, off, work, who, places)
        return schedules

    def _earlier(
        self,
        day: int,
        state: Ints,
        kind: Ints,
        run: Ints,
        working: NDArray[np.bool_],
        off: Array,
        work: Array,
        who: Ints,
        resources: Ints,
    ) -> Ints:
        """The states of the day before from which these were reached at the least cost."""
        batch = self.batch
        earlier = state.copy()
        fresh = working & (run == 0)
        earlier[fresh] = batch.min_off - 1
        at = np.flatnonzero(working & (run > 0))
        if len(at):
            values = work[(slice(None), run[at] - 1, who[at], *resources[:, at])]
            values = np.where(batch.follows[:, kind[at]], values, np.inf)
            earlier[at] = batch.min_off + values.argmin(axis=0) * batch.max_run + run[at] - 1
        resting = ~working
        at = np.flatnonzero(resting & (state > 0))
        if len(at):
            earlier[at] = state[at] - 1
        at = np.flatnonzero(resting & (state == batch.min_off - 1))
        kept = off[(batch.min_off - 1, who[at], *resources[:, at])]
        other = off[(batch.min_off - 2, who[at], *resources[:, at])] if batch.min_off > 1 else None
        if other is not None:
            earlier[at] = np.where(kept <= other, batch.min_off - 1, batch.min_off - 2)
            at = np.flatnonzero(resting & (state == 0))
            kept = None
        if len(at) and batch.kinds:
            values = work[(slice(None), slice(None), who[at], *resources[:, at])].copy()
            allowed = np.arange(batch.max_run) >= batch.min_run - 1
            if batch.piece.first == 0 and 0 < day < batch.min_run:
                allowed[day - 1] = True
            values[:, ~allowed] = np.inf
            flat = values.reshape(-1, len(at))
            best = flat.argmin(axis=0)
            earlier[at] = batch.min_off + best
            if kept is not None:
                stay = kept <= flat[best, np.arange(len(at))]
                earlier[at[stay]] = 0
        return earlier
