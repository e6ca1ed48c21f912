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
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on such small matrices, threads cost more than they help

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.forecast_judging import Judged, judge, parts, verdicts  # noqa: E402 -- the path comes first
from benchmarks.forecast_peers import answer_jobs, ask_peers, jobs_of  # noqa: E402
from benchmarks.forecast_subjects import SUBJECTS, Subject, load  # noqa: E402
from civicline.engine.forecast import Series  # noqa: E402
from civicline.engine.forecast.accuracy import OURS  # noqa: E402


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
        told = zip(jobs, answers or [], strict=False)
        peers = {job["method"]: answer for (name, job), answer in told if name == subject.name}
        results.append(found(subject, series, judge(subject, series, calendar, peers)))
        tell(results[-1], say)
    return results


def found(subject: Subject, series: Series, judged: Judged) -> dict[str, Any]:
    """One series, as plain numbers."""
    accuracy = judged.accuracy
    best = min((accuracy.wape(name), name) for name in accuracy.errors if name != OURS)
    return {
        "series": subject.name, "weeks": subject.weeks, "until": str(series.end),
        "wape": {name: accuracy.wape(name) for name in accuracy.errors}, "best_peer": best[1],
        "relative": accuracy.wape(OURS) / best[0] - 1, "floor": accuracy.floor_wape,
        "coverage": accuracy.coverage, "seconds_a_forecast": judged.seconds,
        "coverage_by": parts(series, judged.held),
        "intraday": {hour: one.plain() for hour, one in judged.intraday.items()},
        "targets": verdicts(subject, judged),
    }  # fmt: skip


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
        answer_jobs()
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
