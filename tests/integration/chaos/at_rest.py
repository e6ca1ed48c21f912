"""The demo town with robots when it has worked off the day that it was seeded with: made once in a run, and copied.

A storm is to find it idle, and to seed it and wait for it takes as long as many a storm.
"""

from __future__ import annotations

from pathlib import Path

from tests import laid_out
from tests.integration.chaos import ledger, storm
from tests.servers import Civicline

DATABASE = "civicline.sqlite3"


def lay_out(server: Civicline) -> Civicline:
    """Give a server that was never started this town, on SQLite."""
    laid_out.copied(server.var, "town-at-rest", _make)
    return server


def _make(var: Path) -> None:
    town = Civicline(var, environment=storm.SETTINGS)
    town.run("demo", "--robots", str(len(storm.ROBOTS)))
    try:
        town.start()
        with ledger.sqlite_ledger(var / DATABASE) as ask:
            storm.quiet_before(ask)
    finally:
        town.stop()
