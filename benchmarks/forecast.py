"""How well contacts are forecast, on real series, beside what others do.

- interval: the last 8 weeks of a bank (15 and 30 minutes) and of a county's 911 (15 and 60 minutes), each week
  forecast from the weeks before it. daily: the last 52 weeks of a city's 311 and of a city's 911.
- peers: seasonal naive, mean of 4 and median of 8 same weekdays; MSTL+ETS and AutoETS of statsforecast, fitted anew
  every week (interval; of the last 8 weeks; AutoETS on the day's sum, spread by the weekday's profile) or every
  fourth (daily; of the last three and two years; between fits their states go on). statsforecast is no dependency:
  where it is not installed, the first run puts it into an environment of its own, var/peers; without it these two
  are left out.
- range: share of the counts within the 80 % range. floor: the WAPE that counting noise alone would leave.
- intraday: by how much the absolute errors of the rest of the day change when it is forecast anew at that hour,
  against the forecasts of the week's eve and of the day's. How is learned on earlier weeks only, from each day as told
  on its eve. bound: the change if the sum of the rest of each day were known beforehand and only its shape were not.

The method was chosen on weeks before these: `--before` judges those instead, the last weeks left out.
Run: `python -m benchmarks.forecast [--before] [--json] [--cases FOLDER] [--no-peers]`
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on such small matrices, threads cost more than they help

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

import numpy as np  # noqa: E402 -- it reads the number of threads

from civicline.engine.forecast import (  # noqa: E402 -- the path comes first
    Accuracy,
    Calendar,
    Outlook,
    Rolling,
    Series,
    learn_update,
    outlook_at,
    read_history,
    simple_forecast,
)  # fmt: skip
from civicline.engine.forecast.accuracy import OURS, SIMPLE  # noqa: E402
from civicline.engine.forecast.ranges import medians  # noqa: E402

PEERS = "statsforecast==2.1.1"
MSTL, ETS = "MSTL+ETS", "AutoETS"
TARGET_GAIN, TARGET_INTRADAY, HOURS = 0.06, 0.20, (10, 12, 14)


@dataclass(frozen=True)
class Subject:
    """One series: its file, minutes of a slot, weeks to judge, and whose holidays it knows."""

    name: str
    file: str
    minutes: int
    weeks: int
    country: str
    part: str = ""


SUBJECTS = (
    Subject("bank 15 min", "fpp3_bank_calls_5min.csv", 15, 8, "US"),
    Subject("bank 30 min", "fpp3_bank_calls_5min.csv", 30, 8, "US"),
    Subject("911 60 min", "montgomery_911_15min.csv", 60, 8, "US", "PA"),
    Subject("911 15 min", "montgomery_911_15min.csv", 15, 8, "US", "PA"),
    Subject("NYPD daily", "nypd_911_daily.csv", 1440, 52, "US", "NY"),
    Subject("Vancouver daily", "vancouver_311_daily.csv", 1440, 52, "CA", "BC"),
)


def load(subject: Subject, cases: Path) -> tuple[Series, Calendar]:
    """The series, and the public holidays of its place."""
    import holidays

    with (cases / "volumes" / subject.file).open(encoding="utf-8") as lines:
        series = read_history(lines, interval=subject.minutes).series["all"]
    years = range(series.first.year, series.end.year + 1)
    days: dict[date, str] = dict(
        holidays.country_holidays(subject.country, subdiv=subject.part or None, years=years).items()
    )
    return series, Calendar(days)


def filled(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """For the peers, who know no gaps: open weekdays only, gaps filled from the week before; and their weekdays."""
    counts = series.counts.copy()
    for row in range(7, len(counts)):
        counts[row] = np.where(np.isfinite(counts[row]), counts[row], counts[row - 7])
    week = (series.first.weekday() + np.arange(len(counts))) % 7
    usual = [k for k in range(7) if np.isfinite(series.counts[week == k]).any()]
    keep = np.isin(week, usual) & np.isfinite(counts).all(axis=1)
    return counts[keep], week[keep]


def jobs_of(subject: Subject, series: Series) -> list[dict[str, Any]]:
    """What the peers shall forecast: one job a method, with all its weeks."""
    histories = []
    for week in range(subject.weeks):
        counts, days = filled(series.until(series.days - 7 * (subject.weeks - week)))
        histories.append((counts, len(set(days.tolist()))))
    open_days, slots = histories[0][1], len(series.starts)
    if subject.minutes < 1440:
        flat = [counts[-8 * open_days :].ravel().tolist() for counts, _ in histories]
        sums = [counts.sum(axis=1).tolist() for counts, _ in histories]
        seasons = [slots, slots * open_days]
        return [
            {"method": MSTL, "histories": flat, "seasons": seasons, "ahead": slots * open_days, "every": 1},
            {"method": ETS, "histories": sums, "seasons": [open_days], "ahead": open_days, "every": 1},
        ]
    long = [counts[-1092:, 0].tolist() for counts, _ in histories]
    short = [counts[-728:, 0].tolist() for counts, _ in histories]
    return [
        {"method": MSTL, "histories": long, "seasons": [7, 364], "ahead": 7, "every": 4},
        {"method": ETS, "histories": short, "seasons": [7], "ahead": 7, "every": 4},
    ]


def do_job(job: dict[str, Any]) -> list[list[float]]:
    """Forecast one peer's weeks (in the process that has statsforecast)."""
    from statsforecast import models

    told: list[list[float]] = []
    model: Any = None
    for number, history in enumerate(job["histories"]):
        values = np.array(history)
        if number % job["every"] == 0:
            ets = models.AutoETS(season_length=job["seasons"][0])
            model = ets if job["method"] == ETS else models.MSTL(job["seasons"], models.AutoETS(model="ZZN"))
            model = model.fit(values)
            answer = model.predict(h=job["ahead"])
        else:
            answer = model.forward(y=values, h=job["ahead"])
        told.append([float(value) for value in answer["mean"]])
    return told


def ask_peers(jobs: list[dict[str, Any]]) -> list[list[list[float]]] | None:
    """Have the peers forecast in a process of their own; None where they cannot be had."""
    python = Path(sys.executable)
    if importlib.util.find_spec("statsforecast") is None:
        python = ROOT / "var" / "peers" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=False)
            done = subprocess.run(
                [str(python), "-m", "pip", "install", "-q", PEERS], check=False, capture_output=True
            )
            if done.returncode:
                shutil.rmtree(python.parent.parent, ignore_errors=True)
                return None
    done = subprocess.run(
        [str(python), str(Path(__file__).resolve()), "--peer"],
        input=json.dumps(jobs), stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "NIXTLA_ID_AS_COL": "1"},
    )  # fmt: skip
    if done.returncode:
        print("The peers could not run.", file=sys.stderr)
        return None
    answer: list[list[list[float]]] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def spread(before: Series, told: list[float], method: str) -> np.ndarray:
    """A peer's numbers as the week's grid; a forecast of day sums is spread by the weekday's mean profile."""
    counts, days = filled(before)
    weekday = (before.end.weekday() + np.arange(7)) % 7
    wanted = np.isin(weekday, days)
    week = np.full((7, len(before.starts)), np.nan)
    if method == MSTL or len(before.starts) == 1:
        week[wanted] = np.array(told).reshape(-1, len(before.starts))
        return np.maximum(week, 0)
    for row, total in zip(np.flatnonzero(wanted), told, strict=True):
        same = counts[days == weekday[row]][-8:].sum(axis=0)
        week[row] = max(total, 0) * same / same.sum()
    return week


@dataclass
class Intraday:
    """Absolute errors of the rest of the days, from one hour on: by what was known."""

    week_eve: float = 0.0
    day_eve: float = 0.0
    updated: float = 0.0
    sum_known: float = 0.0

    def add(self, rest: np.ndarray, outlook: Outlook, day_eve: np.ndarray, updated: np.ndarray) -> None:
        """Add a week: what came from the hour on, the week's plan, and the later forecasts of it."""
        now = len(outlook.starts) - rest.shape[1]
        planned = np.where(np.isfinite(rest), outlook.expected[:, now:], 0).sum(axis=1, keepdims=True)
        scale = np.nansum(rest, axis=1, keepdims=True) / np.maximum(planned, 1e-12)
        self.week_eve += _error(outlook.median[:, now:], rest)
        self.day_eve += _error(day_eve, rest)
        self.updated += _error(updated, rest)
        self.sum_known += _error(medians(outlook.expected[:, now:] * scale, outlook.dispersion), rest)

    def plain(self) -> dict[str, float]:
        """The changes, as shares."""
        return {
            "change": self.updated / self.week_eve - 1, "day_eve": self.updated / self.day_eve - 1,
            "bound": self.sum_known / self.week_eve - 1,
        }  # fmt: skip


def _error(told: np.ndarray, actual: np.ndarray) -> float:
    return float(np.nansum(np.abs(told - actual)))


@dataclass
class Judged:
    """What was found of one series. `held`: days x slots, whether the range held, NaN where nothing is known."""

    accuracy: Accuracy
    intraday: dict[int, Intraday]
    held: np.ndarray
    seconds: float


def judge(
    subject: Subject, series: Series, calendar: Calendar, peers: dict[str, list[list[float]]]
) -> Judged:
    """Judge every week of a series, beside the peers' numbers for it."""
    rolling, accuracy, held = Rolling(series, calendar, 7), Accuracy(), []
    intraday = {hour: Intraday() for hour in HOURS if subject.minutes < 1440}
    origins = [series.days - 7 * (subject.weeks - week) for week in range(subject.weeks)]
    began = time.process_time()
    outlooks = [outlook_at(rolling, origin) for origin in origins]
    seconds = (time.process_time() - began) / max(len(rolling.made), 1)
    for week, (origin, outlook) in enumerate(zip(origins, outlooks, strict=True)):
        before, actual = series.until(origin), series.counts[origin : origin + 7]
        told = {name: simple_forecast(before, number, 7) for name, number in SIMPLE.items()}
        told |= {name: spread(before, weeks[week], name) for name, weeks in peers.items()}
        accuracy.judge(actual, {OURS: outlook.median, **told}, outlook)
        inside = (actual >= outlook.low) & (actual <= outlook.high)
        held.append(np.where(np.isfinite(actual), inside, np.nan))
        eves = on_the_eve(rolling, origin, outlook) if intraday else outlook.expected
        for hour, found in intraday.items():
            now = sum(start < hour * 60 for start in series.starts)
            better = update_at(rolling, origin, outlook, actual, now)
            found.add(actual[:, now:], outlook, eves[:, now:], better)
    return Judged(accuracy, intraday, np.vstack(held), seconds)


def on_the_eve(rolling: Rolling, origin: int, outlook: Outlook) -> np.ndarray:
    """Each day of a week, as forecast on its own eve."""
    days = np.array([rolling.at(origin + day).blend(outlook.plain_share)[0] for day in range(7)])
    return medians(days, outlook.dispersion)


def update_at(rolling: Rolling, origin: int, outlook: Outlook, actual: np.ndarray, now: int) -> np.ndarray:
    """The rest of each day of a week, forecast anew at slot `now`: learned on the weeks before, told by what came."""
    share, slots, past = outlook.plain_share, len(outlook.starts), rolling.before(origin, eves=True)
    told, came = past.blend(share).reshape(-1, slots), past.actual.reshape(-1, slots)
    plan = rolling.before(origin).blend(share)
    update = learn_update(told, came, now, outlook.interval, plan.reshape(-1, slots))
    if update.weights is None:
        return outlook.median[:, now:]
    anew = update.rest(np.vstack([told, rolling.on_eves(origin).blend(share)]), np.vstack([came, actual]))
    return medians(anew[-7:], outlook.dispersion)


def parts(series: Series, held: np.ndarray) -> dict[str, dict[str, float]]:
    """The share of counts within the range by part of the day and by weekday."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    found: dict[str, dict[str, float]] = {"part of day": {}, "weekday": {}}
    first = (series.days - len(held) + series.first.weekday()) % 7
    for day in range(7):
        rows = held[(day - first) % 7 :: 7]
        if np.isfinite(rows).any():
            found["weekday"][names[day]] = float(np.nanmean(rows))
    blocks = np.array(series.starts) // 240
    for block in np.unique(blocks):
        found["part of day"][f"{4 * block:02d}-{4 * block + 4:02d}"] = float(
            np.nanmean(held[:, blocks == block])
        )
    return found


def verdicts(subject: Subject, judged: Judged) -> dict[str, bool]:
    """Which targets are met."""
    accuracy, intraday = judged.accuracy, judged.intraday
    best = min(accuracy.wape(name) for name in accuracy.errors if name != OURS)
    share = TARGET_GAIN if subject.minutes < 1440 else 0.0
    found = {
        f"WAPE {'6 % below' if share else 'not above'} the best peer": accuracy.wape(OURS)
        <= best * (1 - share),
        "range holds 78-82 %": 0.78 <= accuracy.coverage <= 0.82,
    }
    if intraday:
        changes = {hour: one.plain()["change"] for hour, one in intraday.items()}
        if subject.name.startswith("bank"):
            found["afternoon 20 % better"] = changes[12] <= -TARGET_INTRADAY
        else:
            found["update never worse"] = max(changes.values()) <= 0
    return found


def measure(cases: Path, with_peers: bool, before: bool, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """All subjects: what is printed, as plain numbers. `before`: leave the last weeks out and judge those before."""
    loaded = []
    for subject in SUBJECTS:
        series, calendar = load(subject, cases)
        loaded.append((subject, series.until(series.days - before * 7 * subject.weeks), calendar))
    jobs = [(subject.name, job) for subject, series, _ in loaded for job in jobs_of(subject, series)]
    answers = ask_peers([job for _, job in jobs]) if with_peers else None
    if answers is None:
        say("Without MSTL+ETS and AutoETS: statsforecast is not installed and cannot be had.")
    results = []
    for subject, series, calendar in loaded:
        peers = {
            job["method"]: answer
            for (name, job), answer in zip(jobs, answers or [], strict=False)
            if name == subject.name
        }
        judged = judge(subject, series, calendar, peers)
        accuracy = judged.accuracy
        best = min((accuracy.wape(name), name) for name in accuracy.errors if name != OURS)
        result = {
            "series": subject.name, "weeks": subject.weeks, "until": str(series.end),
            "wape": {name: accuracy.wape(name) for name in accuracy.errors}, "best_peer": best[1],
            "relative": accuracy.wape(OURS) / best[0] - 1, "floor": accuracy.floor_wape,
            "coverage": accuracy.coverage, "seconds_a_forecast": judged.seconds,
            "coverage_by": parts(series, judged.held),
            "intraday": {hour: one.plain() for hour, one in judged.intraday.items()},
            "targets": verdicts(subject, judged),
        }  # fmt: skip
        results.append(result)
        tell(result, say)
    return results


def tell(result: dict[str, Any], say: Callable[[str], None]) -> None:
    """One series, in words."""
    errors = "  ".join(f"{name} {100 * value:.2f}" for name, value in result["wape"].items())
    say(f"\n{result['series']}, {result['weeks']} weeks to {result['until']}")
    say(f"  WAPE %: {errors}  floor {100 * result['floor']:.2f}")
    say(f"  against {result['best_peer']}: {100 * result['relative']:+.1f} %")
    say(f"  range holds {100 * result['coverage']:.1f} %")
    for rows in result["coverage_by"].values():
        if len(rows) > 1:
            say("    " + "  ".join(f"{name} {100 * share:.0f}" for name, share in rows.items()))
    say(f"  {1000 * result['seconds_a_forecast']:.0f} ms a forecast")
    for name, words in (("change", "intraday"), ("day_eve", "  against the day's eve"), ("bound", "  bound")):
        if result["intraday"]:
            by_hour = "  ".join(
                f"at {h}:00 {100 * one[name]:+.1f} %" for h, one in result["intraday"].items()
            )
            say(f"  {words}: {by_hour}")
    for target, met in result["targets"].items():
        say(f"  {'met   ' if met else 'MISSED'} {target}")


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--before", action="store_true", help="judge the weeks before the last ones")
    parser.add_argument(
        "--cases", type=Path, default=Path(os.environ.get("CIVICLINE_CASES", ROOT / "../shared/cases"))
    )
    asked = parser.parse_args()
    if asked.peer:
        told = []
        for job in json.load(sys.stdin):
            began = time.process_time()
            told.append(do_job(job))
            print(
                f"{job['method']}, {len(job['histories'])} weeks: {time.process_time() - began:.0f} s",
                file=sys.stderr,
            )
        print(json.dumps(told))
        return 0
    if not (asked.cases / "volumes").is_dir():
        print(f"There are no cases in {asked.cases}: nothing to measure.")
        return 0
    results = measure(
        asked.cases, not asked.no_peers, asked.before, (lambda _line: None) if asked.json else print
    )
    if asked.json:
        print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
