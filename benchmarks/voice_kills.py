"""`kill -9` of the process that drives the exchange, with a call in each of its states at once, and what became of it.

For each state: how often the process died, how many calls nobody was cut off in, what was left over in the exchange,
and of how many the event log tells all of it. SQLite, with the real Asterisk, over loopback.

Run: `python -m benchmarks.voice_kills [--json] [--kills N] [--seed N]`
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from tests.call_kills import killing_ground
from tests.exchange import missing


def main() -> int:
    """Kill, count, print; 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    if why := missing():
        print(why, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, killing_ground(Path(folder)) as ground:
        for number in range(wanted.kills):
            ground.round(wanted.seed + number)
        tallies = ground.tallies
    if wanted.json:
        print(json.dumps({name: asdict(tally) for name, tally in tallies.items()}, indent=2))
    else:
        print(f"{'state':<12}{'kills':>7}{'kept':>7}{'orphans':>9}{'whole':>7}")
        for name, one in tallies.items():
            print(f"{name:<12}{one.kills:>7}{one.kept:>7}{one.orphans:>9}{one.whole:>7}")
            print("".join(f"    {trouble[:300]}\n" for trouble in one.troubles), end="")
    return int(any(tally.troubles for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
