"""What others forecast: MSTL+ETS and AutoETS of statsforecast, in a process of their own that has it.

`benchmarks.forecast --peer` is that process: jobs in, forecasts out, as JSON.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.forecast_subjects import Subject
    from civicline.engine.forecast import Series

ROOT = Path(__file__).resolve().parent.parent
PEERS = "statsforecast==2.1.1"
MSTL, ETS = "MSTL+ETS", "AutoETS"


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
    models: Any = importlib.import_module("statsforecast.models")  # which the types' checker need not have
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
        if not python.exists() and not _installed(python):
            return None
    done = subprocess.run(
        [str(python), str(ROOT / "benchmarks" / "forecast.py"), "--peer"],
        input=json.dumps(jobs), stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "NIXTLA_ID_AS_COL": "1"},
    )  # fmt: skip
    if done.returncode:
        print("The peers could not run.", file=sys.stderr)
        return None
    answer: list[list[list[float]]] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _installed(python: Path) -> bool:
    """Put the peers into an environment of their own; false, and nothing is left of it, where that fails."""
    folder = python.parent.parent
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
    command = [str(python), "-m", "pip", "install", "-q", PEERS]
    if subprocess.run(command, check=False, capture_output=True).returncode == 0:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


def spread(before: Series, told: list[float], method: str) -> np.ndarray:
    """A peer's numbers as the week's grid; a forecast of day sums is spread by the weekday's mean profile."""
    counts, days = filled(before)
    weekday = (before.end.weekday() + np.arange(7)) % 7
    wanted = np.isin(weekday, days)
    week = np.full((7, len(before.starts)), np.nan)
    if method == MSTL or len(before.starts) == 1:
        week[wanted] = np.array(told).reshape(-1, len(before.starts))
        return np.asarray(np.maximum(week, 0), dtype=float)
    for row, total in zip(np.flatnonzero(wanted), told, strict=True):
        same = counts[days == weekday[row]][-8:].sum(axis=0)
        week[row] = max(total, 0) * same / same.sum()
    return week


def answer_jobs() -> None:
    """Do the jobs that come in, in the peers' process."""
    told = []
    for job in json.load(sys.stdin):
        began = time.process_time()
        told.append(do_job(job))
        words = f"{job['method']}, {len(job['histories'])} weeks: {time.process_time() - began:.0f} s"
        print(words, file=sys.stderr)
    print(json.dumps(told))
