"""How well waits are foretold, on the calls of a bank in August 1999, beside gradient boosting.

Learned on the calls answered after a wait from 1 to 14 August, judged on those of 15 to 21 August: each is foretold
from what could be seen when it joined the line. Peers: scikit-learn's HistGradientBoostingRegressor for the mean and
for the median, on the same sights as plain numbers, and the rules of thumb. scikit-learn is no dependency: the first
run puts it into an environment of its own, var/peers-waits.

- ranges: share of the waits within the 80 % range; calibrated: with both ends stretched by what came true before, as
  the live line does (`engine.waits.Calibration`).

Run: `python -m benchmarks.waits [--json] [--cases FOLDER] [--no-peers] [--train 1-14] [--test 15-21]`
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from bisect import bisect_left
from dataclasses import astuple
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from civicline.engine.experience import Sight, Turn, learn, look  # noqa: E402 -- the path comes first
from civicline.engine.waits import Calibration, WaitRange  # noqa: E402

PEERS = "scikit-learn>=1.7"
CALLS = "volumes/anonymous_bank_1999_08_calls.csv"
REMEMBERED_S = 3600.0
METHODS = {"boosting, mean": "squared_error", "boosting, median": "absolute_error"}


class Waiter(NamedTuple):
    """One call that waited and was answered: its day of the month, when it joined, what it saw, how long it took."""

    day: int
    joined: float
    sight: Sight
    wait: float


def read_turns(path: Path) -> list[Turn]:
    """The calls that reached the line, in the order in which they joined it."""
    turns = []
    with path.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            start = row["queue_start"] or row["service_start"]
            if not start or row["outcome"] == "PHANTOM":
                continue
            joined = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
            ended = joined + float(row["queue_sec"])
            answered = ended if row["outcome"] == "AGENT" else None
            over = ended + (float(row["service_sec"]) if answered is not None else 0.0)
            turns.append(Turn(joined, answered, over, row["type"], int(row["priority"])))
    return sorted(turns, key=lambda turn: turn.joined)


def waiters(turns: list[Turn]) -> list[Waiter]:
    """What each of them saw of those who joined in the hour before."""
    starts = [turn.joined for turn in turns]
    found = []
    for number, turn in enumerate(turns):
        if turn.answered is None or turn.answered <= turn.joined:
            continue
        before = turns[bisect_left(starts, turn.joined - REMEMBERED_S) : number]
        sight = look(turn.joined, before, turn.group, turn.priority)
        day = datetime.fromtimestamp(turn.joined, UTC).day
        found.append(Waiter(day, turn.joined, sight, turn.answered - turn.joined))
    return found


def errors(told: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Root mean squared and mean absolute error, in seconds."""
    return {
        "rmse_s": float(np.sqrt(np.mean((told - true) ** 2))),
        "mae_s": float(np.mean(np.abs(told - true))),
    }


def ours(train: list[Waiter], test: list[Waiter]) -> dict[str, Any]:
    """Learn and foretell."""
    began = time.process_time()
    last = max(waiter.day for waiter in train)
    experience = learn(
        [one.sight for one in train], [one.wait for one in train], [last - one.day for one in train]
    )
    if experience is None:
        raise SystemExit("There are fewer than 200 answered waits to learn from.")
    seconds = time.process_time() - began
    told = [experience.foretell(one.sight) for one in test]
    held = sum(one.low <= waiter.wait <= one.high for one, waiter in zip(told, test, strict=True))
    learned = Calibration()
    for one, waiter in zip(told, test, strict=True):
        learned = learned.observe(
            WaitRange(one.low * exp(learned.low_log), one.high * exp(learned.high_log)), waiter.wait
        )
    return {
        **errors(np.array([one.middle for one in told]), np.array([one.wait for one in test])),
        "range_holds": held / len(test), "range_holds_calibrated": learned.coverage,
        "range_width_s": float(np.mean([one.high - one.low for one in told])), "learned_in_s": seconds,
    }  # fmt: skip


def table(waiting: list[Waiter]) -> list[list[float]]:
    """The sights as plain numbers, with the hour of the day, for the peers."""
    groups = sorted({one.sight.group for one in waiting})
    return [
        [groups.index(one.sight.group), *astuple(one.sight)[1:], one.joined % 86400 / 3600] for one in waiting
    ]


def ask_peers(train: list[Waiter], test: list[Waiter]) -> dict[str, dict[str, float]]:
    """Have the peers foretell in a process of their own; nothing where they cannot be had."""
    python = ROOT / "var" / "peers-waits" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", PEERS], check=False, capture_output=True
        )
        if done.returncode:
            return {}
    both = table(train + test)
    asked = {
        "train": both[: len(train)],
        "waits": [one.wait for one in train],
        "test": both[len(train) :],
    }
    done = subprocess.run(
        [str(python), str(Path(__file__).resolve()), "--peer"], input=json.dumps(asked), stdout=subprocess.PIPE,
        text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "2"},
    )  # fmt: skip
    if done.returncode:
        return {}
    true = np.array([one.wait for one in test])
    return {
        name: errors(np.array(told), true) for name, told in json.loads(done.stdout.splitlines()[-1]).items()
    }


def be_peer() -> None:
    """Foretell by gradient boosting (in the process that has scikit-learn)."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    asked = json.load(sys.stdin)
    told = {}
    for name, loss in METHODS.items():
        model = HistGradientBoostingRegressor(loss=loss, max_iter=200, learning_rate=0.05, random_state=0)
        told[name] = model.fit(asked["train"], asked["waits"]).predict(asked["test"]).tolist()
    print(json.dumps(told))


def measure(
    turns: list[Turn], train: tuple[int, int], test: tuple[int, int], with_peers: bool
) -> dict[str, Any]:
    """All figures."""
    found = waiters(turns)
    first, second = ([one for one in found if low <= one.day <= high] for low, high in (train, test))
    if not second:
        raise SystemExit(f"No call was answered after a wait from {test[0]} to {test[1]} August.")
    true = np.array([one.wait for one in second])
    results: dict[str, Any] = {
        "learned_from": len(first), "judged": len(second), "civicline": ours(first, second),
        "a constant": errors(np.full(len(second), np.mean([one.wait for one in first])), true),
        "last one answered": errors(np.array([one.sight.last for one in second]), true),
        "oldest who waits": errors(np.array([one.sight.oldest for one in second]), true),
    }  # fmt: skip
    if with_peers:
        results |= ask_peers(first, second)
    return results


def tell(results: dict[str, Any]) -> None:
    """In words."""
    print(f"Learned from {results['learned_from']} waits, judged on {results['judged']}.")
    for name, found in results.items():
        if isinstance(found, dict):
            print(f"  {name:20} RMSE {found['rmse_s']:6.1f} s  MAE {found['mae_s']:5.1f} s")
    mine = results["civicline"]
    print(
        f"  80 % ranges hold {100 * mine['range_holds']:.1f} %, "
        f"calibrated {100 * mine['range_holds_calibrated']:.1f} %; "
        f"{mine['range_width_s']:.0f} s wide; learned in {mine['learned_in_s']:.1f} s"
    )
    rivals = [results[name] for name in METHODS if name in results]
    if rivals:
        for what in ("rmse_s", "mae_s"):
            best = min(rival[what] for rival in rivals)
            print(f"  {'met   ' if mine[what] <= best else 'MISSED'} {what} at most {best:.1f}")


def days(text: str) -> tuple[int, int]:
    """`1-14` as two days of August."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--train", type=days, default=(1, 14))
    parser.add_argument("--test", type=days, default=(15, 21))
    parser.add_argument(
        "--cases", type=Path, default=Path(os.environ.get("CIVICLINE_CASES", ROOT / "../shared/cases"))
    )
    asked = parser.parse_args()
    if asked.peer:
        be_peer()
        return 0
    if not (asked.cases / CALLS).exists():
        print(f"There are no cases in {asked.cases}: nothing to measure.")
        return 0
    results = measure(read_turns(asked.cases / CALLS), asked.train, asked.test, not asked.no_peers)
    if asked.json:
        print(json.dumps(results, indent=2))
    else:
        tell(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
