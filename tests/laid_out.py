"""What is made once in a test run, and copied from then on: migrations and the demo town take seconds, a copy not.

Whoever asks first makes it; all processes of a run share it. Outside of a test run there is none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tests.servers import Civicline

SHARED = "CIVICLINE_TEST_SHARED"
"""The folder that all processes of a run share."""
NAME = "laid_out"


def sqlite_in(var: Path) -> None:
    """Put a file that is laid out where a server with this folder looks for it, unless it has one."""
    file = var / "civicline.sqlite3"
    if not os.environ.get(SHARED) or file.exists():
        return
    with _one_at_a_time() as shared:
        made = shared / NAME / file.name
        ready = shared / f"{NAME}.sqlite3"
        if not ready.exists():
            Civicline(made.parent).run("migrate")
            made.rename(ready)
    var.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ready, file)


def town_in(var: Path, environment: Mapping[str, str]) -> None:
    """Put the demo town where a server with this folder looks for it, in the time zone of its settings, unless there
    is something; a server would make it by itself, but each anew.
    """
    zone = environment.get("CIVICLINE_TOWN_TIME_ZONE", "")

    def make(made: Path) -> None:
        Civicline(made, environment={"CIVICLINE_TOWN_TIME_ZONE": zone} if zone else {}).run("demo")

    copied(var, f"town-{zone.replace('/', '-')}", make)


def copied(var: Path, name: str, make: Callable[[Path], None]) -> None:
    """Put the folder of this name there, made by `make` if nobody has yet, unless there is something."""
    if not os.environ.get(SHARED) or var.exists():
        return
    with _one_at_a_time() as shared:
        ready = shared / name
        if not ready.exists():
            made = shared / "in-the-making"
            shutil.rmtree(made, ignore_errors=True)
            make(made)
            made.rename(ready)
    shutil.copytree(ready, var)


def postgresql_at(server: str, name: str) -> str:
    """Make a database that is laid out at the address of a server; return its own address."""
    import psycopg
    from psycopg import sql

    def make(wanted: str, like: str) -> str:
        with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(wanted), sql.Identifier(like))
            )
        return f"{server}/{wanted}"

    with _one_at_a_time() as shared:
        ready = shared / f"{NAME}.postgresql"
        if not ready.exists():
            settings = {"CIVICLINE_DATABASE_URL": make(NAME, "template1")}
            Civicline(shared / NAME, environment=settings).run("migrate")
            ready.touch()
    return make(name, NAME)


@contextmanager
def _one_at_a_time() -> Iterator[Path]:
    shared = Path(os.environ[SHARED])
    with (shared / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield shared
