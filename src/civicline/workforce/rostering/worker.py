"""One searching process: an instance comes in at its standard input, rosters go out as they are found.

Messages are pickles behind their length, between a process and its own parent only. In: the order, then better rosters
of the other process. Out: ("roster", cost, roster, counts), ("bound", value), ("done", proved, counts).
"""

from __future__ import annotations

import os
import pickle
import random
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import numpy as np

from civicline.workforce.rostering.blocks import laid_out
from civicline.workforce.rostering.columns import Generator
from civicline.workforce.rostering.instance import OFF, Instance, Roster, penalty
from civicline.workforce.rostering.neighbourhoods import Search
from civicline.workforce.rostering.piece import cut
from civicline.workforce.rostering.pieces import Pieces
from civicline.workforce.rostering.pricing import Found, Pricer

STEPS_A_SECOND: Final = 1.5e8
ROUNDS: Final = 150
"""Pricings that the whole horizon needs before it pays: column generation and one dive."""
AFFORDABLE: Final = (0.35, 0.1)
"""By process: the share of its time that those may take. The second goes by pieces sooner."""
START: Final = 0.1
"""The share of the time for answers at first."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to solve, until when, and by which chance. `deadline`: of the monotonic clock, one for all processes."""

    instance: Instance
    deadline: float
    seed: int
    number: int


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    body = pickle.dumps(message)
    stream.write(struct.pack("<I", len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next message; None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(struct.unpack("<I", head)[0])
    return pickle.loads(body)  # noqa: S301 -- from our own parent or child


@dataclass(slots=True)
class Worker:
    """The search of one process."""

    order: Order
    out: BinaryIO
    deadline: float
    chance: random.Random
    mail: list[Roster] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    proved: bool = False

    def run(self) -> None:
        """Whole horizon where that is affordable, else week by week and piece by piece."""
        instance = self.order.instance
        nobody = np.full((len(instance.staff), instance.days), OFF, dtype=np.int16)
        pricer = Pricer.of(cut(instance, nobody, range(len(instance.staff)), 0, instance.days))
        self.counts["effort"] = int(pricer.effort)
        share = AFFORDABLE[min(self.order.number, 1)]
        if pricer.effort * ROUNDS / STEPS_A_SECOND <= share * (self.deadline - time.monotonic()):
            self._whole(nobody)
        else:
            self._piecewise()
        send(self.out, ("done", self.proved, self.counts))

    def report(self, roster: Roster, cost: int) -> None:
        """Tell a roster that is better than what this process had."""
        send(self.out, ("roster", cost, roster, self.counts))

    def _whole(self, nobody: Roster) -> None:
        instance, seconds = self.order.instance, self.deadline - time.monotonic()
        began = time.monotonic()
        generator = Generator(
            cut(instance, nobody, range(len(instance.staff)), 0, instance.days), self.deadline, self.chance
        )

        def improved(chosen: list[int], _: float) -> None:
            roster = generator.write(nobody, chosen)
            self._count(generator, search)
            self.report(roster, penalty(instance, roster).total)

        search = Search(generator, self.chance, improved)
        start = self._start(began + START * seconds)
        if start is None:
            search.take(generator.finish([], np.ones(len(instance.staff), dtype=bool)))
        else:
            search.take(_known(generator, start))
        relaxed = generator.generate(until=began + 0.3 * seconds)
        send(self.out, ("bound", generator.bound + instance.wish_constant))
        search.take(generator.dive(relaxed, until=began + 0.6 * seconds))
        generator.master.release()
        while not (generator.late or search.proved):
            self._news(search)
            search.step()
        self.proved = search.proved
        self._count(generator, search)

    def _count(self, generator: Generator, search: Search) -> None:
        self.counts |= {
            "rounds": generator.rounds,
            "columns": len(generator.master.columns),
            "neighbourhoods": search.tried,
        }

    def _news(self, search: Search) -> None:
        """Go on from the other process's roster where it is better."""
        if self.mail:
            news, self.mail[:] = self.mail[-1], []
            chosen = _known(search.generator, news)
            cost = search.generator.cost(chosen)
            if cost < search.cost - 1e-6:
                search.best, search.cost = chosen, cost

    def _start(self, until: float) -> Roster | None:
        """Rows of blocks, bettered by answers as long as they gain."""
        pieces = Pieces(self.order.instance, until, self.chance, self.report)
        roster = laid_out(self.order.instance, self.chance, deadline=until)
        if roster is not None:
            pieces.take(roster)
            pieces.settle()
        return pieces.roster

    def _piecewise(self) -> None:
        pieces = Pieces(self.order.instance, self.deadline, self.chance, self.report)
        self.counts |= pieces.counts
        pieces.counts = self.counts
        roster = laid_out(self.order.instance, self.chance, deadline=self.deadline)
        if roster is not None:
            pieces.take(roster)
        else:
            self._passes(pieces)
        while time.monotonic() < self.deadline:
            if self.mail:
                news, self.mail[:] = self.mail[-1], []
                pieces.merge(news)
            if pieces.roster is None and not pieces.first_pass(28, self.deadline):
                break
            pieces.step()
        pieces.tell()

    def _passes(self, pieces: Pieces) -> None:
        """Stretch by stretch, where somebody has no row of blocks."""
        seconds = self.deadline - time.monotonic()
        for days, share in ((14, 0.4),) if self.order.number else ((7, 0.15), (28, 0.4)):
            pieces.first_pass(days, time.monotonic() + share * seconds)


def _known(generator: Generator, roster: Roster) -> list[int]:
    """The roster's rows as columns of the master."""
    generator.master.add(Found(place, 0.0, row.copy()) for place, row in enumerate(roster))
    return [generator.master.number(place, row) for place, row in enumerate(roster)]


def main() -> None:
    """Serve one order."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    order: Order = receive(source)
    worker = Worker(order, out, order.deadline, random.Random(order.seed))  # noqa: S311 -- no secret

    def listen() -> None:
        while (message := receive(source)) is not None:
            worker.mail.append(message)

    threading.Thread(target=listen, daemon=True).start()
    worker.run()
    out.flush()
    os._exit(0)  # the listening thread sits in a read, which no interpreter can shut down around
