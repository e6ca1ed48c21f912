"""The headline: real days of a call log as they were staffed, beside the same paid hours planned by Civicline.

Reads the calls of the Anonymous Bank (../shared/cases, or CIVICLINE_CASES), or any log with its columns. Prints each
day, the totals with intervals, and what is claimed; then the strict comparison, with the hours on the line as they
were. docs/headline.md says what is assumed.

Run: `python -m benchmarks.headline [LOG] [--replications N] [--json]`
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from civicline.cli.headline.calls import read_days  # noqa: E402 -- the path comes first
from civicline.cli.headline.comparing import Terms, compare_days  # noqa: E402
from civicline.cli.headline.telling import lines, plain  # noqa: E402

LOG = "volumes/anonymous_bank_1999_08_calls.csv"


def main() -> int:
    """Print the figures beside their targets."""
    cases = Path(os.environ.get("CIVICLINE_CASES") or ROOT.parent / "shared" / "cases")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", nargs="?", type=Path, default=cases / LOG)
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if not options.log.exists():
        print(f"There are no calls at {options.log}. Name a log, or set CIVICLINE_CASES.")
        return 1
    days = read_days(options.log)
    found = {}
    for name, terms in (
        ("same paid hours", Terms(options.replications)),
        ("same hours on the line", Terms(max(2, options.replications // 3), strict=True)),
    ):
        began = time.perf_counter()
        compared = compare_days(days, terms, processes=os.cpu_count() or 1, progress=lambda done, of: None)
        found[name] = plain(compared)
        if not options.json:
            print("\n".join(lines(compared, terms)))
            print(f"({time.perf_counter() - began:.0f} s)\n")
    if options.json:
        print(json.dumps(found))
    else:
        print("Targets: lost and mean wait at least halved at the same paid hours, in all and on each day")
    return 0


if __name__ == "__main__":
    sys.exit(main())
