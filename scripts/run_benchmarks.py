"""Run every benchmark, one after the other, after a description of the machine: `make bench`."""

import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def machine() -> str:
    """Return what the figures were measured on, in one line."""
    cpu, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
        cpu = models[0] if models else cpu
        kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
        memory = f", {kilobytes / 1_048_576:.0f} GiB"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cpu}, {cores} cores{memory}, {platform.system()} {platform.release()}, {python}"


def main() -> int:
    """Run them; return 1 when any failed."""
    print(machine(), flush=True)
    failed = []
    for path in sorted((ROOT / "benchmarks").glob("[a-z]*.py")):
        if "__main__" not in path.read_text(encoding="utf-8"):
            continue
        name = f"benchmarks.{path.stem}"
        print(f"\n=== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", name], cwd=ROOT, check=False).returncode:
            failed.append(name)
    for name in failed:
        print(f"FAILED {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
