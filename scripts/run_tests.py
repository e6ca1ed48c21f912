"""Run every check, or those named: `run_tests.py lint types unit sqlite postgresql storms e2e frontend`.

The last line is `N passed, N failed`; a failure of any step gives exit code 1. A check without tests of its own (the
linters) counts as one test. Tests with databases, telephones, browsers and kills wait for what other programs do on a
busy machine: those that fail are run once more, by themselves, and have failed when they fail again. The summary says
so.
"""

import os
import resource
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
RESULTS = ROOT / "test-results"
MOST_AGAIN = (
    15  # one server that did not start fails all of its file; more than that is no bad moment of the machine
)


@dataclass
class Step:
    """One command; `tests` when it is pytest and counts its own tests."""

    name: str
    group: str
    command: list[str]
    tests: bool = False
    second_try: bool = False
    passed: int = 0
    recovered: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Run it, showing its output, and count."""
        print(f"\n=== {self.name}: {' '.join(self.command[:6]).replace(str(ROOT) + '/', '')}", flush=True)
        began, used = time.monotonic(), _processor_seconds()
        code, failed = self._attempt(self.command)
        if failed and self.second_try and len(failed) <= MOST_AGAIN:
            print(f"\n=== {self.name}: once more, {len(failed)} that failed", flush=True)
            self.recovered, before = len(failed), self.passed
            self.failed, self.failures, self.passed = 0, [], 0
            options = [part for part in self.command[1:] if not part.startswith("tests/")]
            code, failed = self._attempt([self.command[0], *options, *failed])
            self.recovered, self.passed = self.passed, self.passed + before
        self.seconds, self.processor = time.monotonic() - began, _processor_seconds() - used
        if not self.tests:
            self.passed = int(code == 0)
        if code and not self.failed:
            self.failed = 1
            self.failures.append(f"{self.name} (exit code {code})")

    def _attempt(self, command: list[str]) -> tuple[int, list[str]]:
        """Run it, and count; return the exit code and the tests that failed, as pytest takes them."""
        report = RESULTS / f"{self.name}.xml"
        report.unlink(missing_ok=True)
        command = [*command, f"--junitxml={report}"] if self.tests else command
        environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
        environment.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command itself does
        code = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, check=False
        ).returncode
        if self.tests and report.exists():
            self._count(report)
        return code, [_address(failure) for failure in dict.fromkeys(self.failures)]

    def _count(self, report: Path) -> None:
        for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 -- pytest wrote it just now
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error"}:
                self.failed += 1
                self.failures.append(f"{case.get('classname', '')}::{case.get('name', '')}")
            elif "skipped" in kinds:
                self.skipped += 1
            else:
                self.passed += 1


def _processor_seconds() -> float:
    """Return the processor time of all that was run and has ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _address(failure: str) -> str:
    """`tests.e2e.test_x::test_y[a.b]` as pytest takes it: `tests/e2e/test_x.py::test_y[a.b]`."""
    module, _, name = failure.partition("::")
    return f"{module.replace('.', '/')}.py::{name}"


def steps() -> list[Step]:
    """Return all checks, the quick ones first."""
    pytest = [str(BIN / "pytest"), "-q", "-p", "no:cacheprovider"]
    both_cores = ["-n", "2", "--dist", "loadfile"]
    storms = ["tests/integration/chaos", "tests/integration/system"]
    voice = "tests/integration/voice"
    calm = [f"--ignore={folder}" for folder in (*storms, voice)]
    # Calls wait for people most of the time: four exchanges at once fill both cores, the longest files first.
    telephones = [*pytest, voice, "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    every_branch = ["--cov=civicline.engine", "--cov-branch", "--cov-fail-under=100"]
    every_branch += ["--cov-report=term-missing:skip-covered"]
    engine = "tests/unit/engine"
    browsers = [*pytest, "tests/e2e", "--no-loadscope-reorder"]  # tests/e2e/conftest.py puts them in order
    return [
        Step("ruff", "lint", ["ruff", "check", "."]),
        Step("format", "lint", ["ruff", "format", "--check", "."]),
        Step("imports", "lint", ["lint-imports"]),
        Step("templates", "lint", ["djlint", "--lint", "--quiet", "src"]),
        Step("biome", "lint", ["npm", "run", "--silent", "check"]),
        Step("mypy", "types", ["mypy"]),
        Step("frontend", "frontend", ["npm", "test", "--silent"]),
        # The tests without chance reach every branch of the engine by themselves, so this never hangs on luck.
        Step(
            "engine",
            "unit",
            [*pytest, engine, "-m", "not hypothesis", *both_cores, *every_branch],
            tests=True,
        ),
        Step("properties", "unit", [*pytest, engine, "-m", "hypothesis", *both_cores], tests=True),
        Step(
            "unit",
            "unit",
            [
                *pytest,
                "tests/unit",
                f"--ignore={engine}",
                "tests/contract",
                "tests/architecture",
                *both_cores,
            ],
            tests=True,
        ),
        Step(
            "sqlite",
            "sqlite",
            [*pytest, "tests/integration", *calm, *both_cores],
            tests=True,
            second_try=True,
        ),
        Step(
            "postgresql",
            "postgresql",
            [*pytest, "tests/integration", *calm, "--db", "postgresql", *both_cores],
            tests=True,
            second_try=True,
        ),
        # The storms and bad days want the machine for themselves: a load is offered by the clock, and counted.
        Step("storm-sqlite", "storms", [*pytest, *storms], tests=True, second_try=True),
        Step(
            "storm-postgresql",
            "storms",
            [*pytest, *storms, "--db", "postgresql"],
            tests=True,
            second_try=True,
        ),
        Step("voice-sqlite", "voice", telephones, tests=True, second_try=True),
        Step("voice-postgresql", "voice", [*telephones, "--db", "postgresql"], tests=True, second_try=True),
        Step("e2e", "e2e", [*browsers, "-m", "not alone", *both_cores], tests=True, second_try=True),
        Step("e2e-alone", "e2e", [*browsers, "-m", "alone"], tests=True, second_try=True),
    ]


def main(groups: list[str]) -> int:
    """Run the groups named (all when none is), print the summary, return the exit code."""
    everything = steps()
    known = sorted({step.group for step in everything})
    strange = [group for group in groups if group not in known]
    if strange:
        print(f"There is no {strange[0]}; choose from {', '.join(known)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    chosen = [step for step in everything if not groups or step.group in groups]
    for step in chosen:
        step.run()
    print("\n=== Summary")
    for step in chosen:
        mark = "FAILED" if step.failed else "ok"
        print(
            f"{mark:7} {step.name:12} {step.passed:5} passed {step.failed:4} failed {step.skipped:4} skipped "
            f"{step.seconds:7.1f} s {step.processor / max(step.seconds, 0.1):5.2f} cores"
            + (f", {step.recovered} of them at the second try" if step.recovered else "")
        )
    for step in chosen:
        for failure in step.failures:
            print(f"FAILED {failure}")
    passed, failed = (sum(getattr(step, what) for step in chosen) for what in ("passed", "failed"))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
