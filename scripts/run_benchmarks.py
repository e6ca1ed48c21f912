"""Run every benchmark, one after the other, after a description of the machine: `make bench`."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import hardware

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run them; return 1 when any failed."""
    print(hardware(), flush=True)
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
