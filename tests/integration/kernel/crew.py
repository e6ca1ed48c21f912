"""Threads that tidy up, and processes that can be killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Run all at once, each on a thread of its own with its own connection; returns what went wrong."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return errors


def address_of_database() -> str:
    """The address of the test database, for a process of its own."""
    it = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{it['NAME']}"
    return f"postgresql://{it['USER']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"


def start_child(task: str, *arguments: str) -> subprocess.Popen[str]:
    """Run `child.py` on the same database as a process of its own."""
    environment = {**os.environ, "CIVICLINE_DATABASE_URL": address_of_database(), "PYTHONUNBUFFERED": "1"}
    environment["DJANGO_SETTINGS_MODULE"] = "civicline.config.settings"
    environment["PYTHONPATH"] = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("child.py")), task, *arguments],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_line(child: subprocess.Popen[str]) -> str:
    """The next line that the child says; fails when it has ended."""
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line, f"the child ended with {child.wait(10)}"
    return line.strip()


def kill(child: subprocess.Popen[str]) -> list[str]:
    """kill -9; returns what it had said and nobody had read yet."""
    child.kill()
    assert child.stdout is not None
    rest = child.stdout.read().split("\n")
    child.wait(10)
    child.stdout.close()
    # The last piece has no end of line: it was cut off.
    return rest[:-1]
