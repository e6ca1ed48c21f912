"""The published sizes, from 20 staff over four weeks to 150 over a year, with instances made by chance.

The published instances 7, 9 and 11 to 24 (Curtois and Qu 2014) need not be at hand. These have their days, staff and
kinds of shifts, and contracts, wishes and requirements in the manner of the smaller ones; their best costs are unknown,
so what is judged is that every minute ends in time with a roster the independent checker accepts, how much memory it
took, and how far the cost fell from the first roster told to the last.

Run: `python -m benchmarks.rostering_sizes [--sizes 13,20,24] [--seconds 60] [--seed 1] [--write FOLDER] [--json]`
`--write` only writes the instances, for `civicline roster` or `benchmarks.rostering --folder`.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from civicline.workforce.rostering import Solution, checker, keys, parse, solve

SIZES = {
    7: (28, 20, 3), 9: (28, 36, 4),
    11: (28, 50, 6), 12: (28, 60, 10), 13: (28, 120, 18), 14: (42, 32, 4), 15: (42, 45, 6), 16: (56, 20, 3),
    17: (56, 32, 4), 18: (84, 22, 3), 19: (84, 40, 5), 20: (182, 50, 6), 21: (182, 100, 8), 22: (364, 50, 10),
    23: (364, 100, 16), 24: (364, 150, 32),
}  # fmt: skip
"""By number: days, staff, kinds of shifts."""
MEMORY_MB = 2_000
LONG, LEAVE = 100, 2
"""Days from which everybody takes so many weeks of leave in a row."""
CONTRACTS = (
    (0.70, 2160, 1890, 5, 2, 2, 0.5),
    (0.12, 2160, 1920, 6, 2, 3, 0.5),
    (0.12, 1290, 1170, 5, 1, 2, 0.75),
    (0.06, 855, 735, 5, 1, 1, 0.75),
)
"""Share of the staff; most and fewest minutes a week; run, least run, least rest; share of weekends."""


def made(days: int, staff: int, kinds: int, *, seed: int) -> str:
    """An instance as text."""
    chance = random.Random(seed)
    weeks = days // 7
    shifts = _shifts(kinds, chance)
    keys_ = list(shifts)
    rows = ["SECTION_HORIZON", str(days), "SECTION_SHIFTS"]
    rows += [f"{key},{minutes},{'|'.join(barred)}" for key, (minutes, barred) in shifts.items()]
    rows.append("SECTION_STAFF")
    people = [f"P{number}" for number in range(staff)]
    worked = 0.0
    may: dict[str, list[str]] = {}
    for name in people:
        _, most, least, run, fewest, rest, ends = chance.choices(CONTRACTS, [one[0] for one in CONTRACTS])[0]
        limits = _limits(shifts, weeks, most, chance)
        may[name] = [key for key, limit in limits.items() if limit]
        paid = weeks - LEAVE if days > LONG else weeks
        worked += (most + least) / 2 * paid / 480
        cells = "|".join(f"{key}={limit}" for key, limit in limits.items())
        rows.append(
            f"{name},{cells},{most * paid},{least * paid},{run},{fewest},{rest},{max(1, int(ends * weeks))}"
        )
    rows.append("SECTION_DAYS_OFF")
    rows += [f"{name},{','.join(map(str, _days_off(days, chance)))}" for name in people]
    for section in ("ON", "OFF"):
        rows.append(f"SECTION_SHIFT_{section}_REQUESTS")
        for name in people:
            rows += _requests(name, may[name] if section == "ON" else keys_, days, chance)
    rows.append("SECTION_COVER")
    share = worked * 0.93 / days / kinds
    for day in range(days):
        for key in keys_:
            wanted = share * (0.75 if day % 7 > 4 else 1.1) * (0.5 if key.startswith("N") else 1.15)
            rows.append(f"{day},{key},{max(0, round(chance.gauss(wanted, 0.5 + wanted / 6)))},100,1")
    return "\n".join(rows) + "\n"


def _shifts(kinds: int, chance: random.Random) -> dict[str, tuple[int, list[str]]]:
    """Families early, day, late, night; each bars those before it on the next day."""
    families = "EDLN"[: min(4, kinds)] if kinds > 3 else "EDN"[:kinds]
    found: dict[str, tuple[int, list[str]]] = {}
    for place, family in enumerate(families):
        earlier = list(found)
        many = kinds // len(families) + (place < kinds % len(families))
        for number in range(many):
            minutes = 600 if family == "N" else chance.choice((480, 480, 480, 540, 360)) if number else 480
            found[f"{family}{number + 1}"] = (minutes, earlier)
    return found


def _limits(
    shifts: dict[str, tuple[int, list[str]]], weeks: int, most: int, chance: random.Random
) -> dict[str, int]:
    limits = {}
    for key in shifts:
        if key.startswith("N"):
            limits[key] = chance.choice((0, 0, round(1.25 * weeks * most / 2160)))
        elif key.startswith("D"):
            limits[key] = weeks * 7
        else:
            limits[key] = chance.choice((0, weeks * 7, weeks * 7, round(2.25 * weeks)))
    if not any(limit >= weeks * 5 and shifts[key][0] == 480 for key, limit in limits.items()):
        limits[next(iter(shifts))] = weeks * 7
    return limits


def _days_off(days: int, chance: random.Random) -> list[int]:
    found = {chance.randrange(days) for _ in range(max(1, days // 18))}
    if days > LONG:
        first = chance.randrange(days - 7 * LEAVE)
        found |= set(range(first, first + 7 * LEAVE))
    return sorted(found)


def _requests(name: str, shifts: list[str], days: int, chance: random.Random) -> list[str]:
    """Stretches of two to five days with one wish."""
    rows, day = [], chance.randrange(9)
    while day < days:
        key, weight = chance.choice(shifts), chance.randint(1, 3)
        last = min(days, day + chance.randint(2, 5))
        rows += [f"{name},{at},{key},{weight}" for at in range(day, last)]
        day = last + chance.randint(4, 22)
    return rows


def measured(number: int, seconds: float, seed: int) -> dict[str, Any]:
    """One size, solved and judged; the memory is that of all processes so far, the greatest at a time."""
    text = made(*SIZES[number], seed=seed)
    told: list[tuple[float, int]] = []
    began = time.monotonic()
    instance = parse(text)
    left = seconds - (time.monotonic() - began)
    found = solve(instance, seconds=left, seed=seed, progress=lambda at, cost, _: told.append((at, cost)))
    wall = time.monotonic() - began
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    row: dict[str, Any] = {
        "size": number,
        "wall": wall,
        "process_mb": most // 1024,
        "cost": None,
        "broken": [],
    }
    if not isinstance(found, Solution):
        return row | {"broken": list(found.reasons)}
    verdict = checker.judge(text, keys(instance, found.roster))
    row |= {"cost": found.cost, "under": found.penalty.under, "bound": found.bound, "work": dict(found.work)}
    row["first"] = told[0] if told else (found.seconds, found.cost)
    row["told"] = told
    row["broken"] = [*verdict.broken, *([] if verdict.cost == found.cost else ["the cost is another"])]
    return row


def sizes(text: str) -> list[int]:
    """Numbers with commas between them, or all. Raises `ArgumentTypeError` for one that is not known."""
    if text == "all":
        return list(SIZES)
    unknown = [one for one in text.split(",") if one.strip() not in map(str, SIZES)]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no size {', '.join(unknown)}; there are {', '.join(map(str, SIZES))}"
        )
    return [int(one) for one in text.split(",")]


def main() -> int:
    """Print the table; 1 when a minute ended without a roster, too late, or with too much memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--sizes", default=[13], type=sizes, help="numbers of the published instances, as in 13,24, or all"
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    numbers: list[int] = asked.sizes
    if asked.write:
        asked.write.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            text = made(*SIZES[number], seed=asked.seed)
            (asked.write / f"Instance{number}.txt").write_text(text, encoding="utf-8")
        return 0
    rows, good = [], True
    if not asked.json:
        print("size  days staff shifts   first at    cost   last cost  too few   wall s  MB a process")
    for number in numbers:
        row = measured(number, asked.seconds, asked.seed)
        rows.append(row)
        whole = row["cost"] is not None and not row["broken"]
        good = good and whole and row["wall"] <= asked.seconds + 2 and row["process_mb"] < MEMORY_MB / 2
        if not asked.json:
            days, staff, kinds = SIZES[number]
            at, cost = row.get("first", (0.0, "-"))
            print(
                f"{number:4} {days:5} {staff:5} {kinds:6} {at:9.1f} s {cost:>8} {row['cost'] or '-':>10}"
                f" {row.get('under', '-'):>8} {row['wall']:8.1f} {row['process_mb']:8}",
                flush=True,
            )
            for words in row["broken"][:5]:
                print(f"      {words}")
    if asked.json:
        print(json.dumps(rows, indent=2))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
