"""Forecast, staffing, simulator and rosters by import, as their pages in docs/subsystems show it: without a town."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = {
    "forecast": ("print(outlook.expected.shape, (outlook.low <= outlook.high).all())", "(28, 20) True"),
    "queueing-mathematics": (
        "print(positions_a([300.0, *loads], handle_seconds=300, patience_seconds=180)[0], erlang_a.__name__)",
        "289 erlang_a",
    ),
    "simulator": ("print(len(results.replications), results.total['mean_wait'].low > 0)", "20 True"),
    "rostering": ("print(found.cost < 100, len(plan.shifts) >= 10, plan.under)", "True True 0.0"),
}
"""By page: what is printed after its example, and what that has to be."""
HISTORY = "start,count\n" + "".join(
    f"2026-{1 + day // 28:02d}-{1 + day % 28:02d} {hour:02d}:{minute},{10 + (day + hour) % 5}\n"
    for day in range(56)
    for hour in range(8, 18)
    for minute in ("00", "30")
)
INSTANCE = """SECTION_HORIZON
7

SECTION_SHIFTS
D,480,

SECTION_STAFF
A,D=5,2400,1920,5,1,1,1
B,D=5,2400,1920,5,1,1,1

SECTION_COVER
""" + "".join(f"{day},D,1,100,1\n" for day in range(7))


def examples(page: str) -> list[str]:
    """The Python of a page."""
    text = (ROOT / "docs" / "subsystems" / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def ran(code: str, folder: Path) -> str:
    """What a Python of its own prints that knows nothing but where the library lies."""
    for name, text in (("history.csv", HISTORY), ("Instance1.txt", INSTANCE)):
        (folder / name).write_text(text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVICLINE", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**kept, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_example_of_each_page_runs_as_it_is_printed(page: str, tmp_path: Path) -> None:
    (example,) = examples(page)
    question, answer = PAGES[page]
    assert ran(f"{example}\n{question}", tmp_path).splitlines()[-1] == answer
