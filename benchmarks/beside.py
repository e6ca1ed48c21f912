"""One database measured in a process of its own: Django knows one per process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_beside(module: str, database: str, options: Sequence[str]) -> None:
    """Run `module --here --db=DATABASE OPTIONS` on an empty database, in a folder of `CIVICLINE_BENCH_DIR`'s disk."""
    place = os.environ.get("CIVICLINE_BENCH_DIR")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="civicline-bench-", dir=place))
        environment = {
            **os.environ,
            "CIVICLINE_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "civicline.config.settings",
            "PYTHONUNBUFFERED": "1",
        }
        environment.pop("CIVICLINE_DATABASE_URL", None)
        if database == "postgresql":
            from tests.servers import PostgreSQL

            server = PostgreSQL.start()
            stack.callback(server.stop)
            environment["CIVICLINE_DATABASE_URL"] = server.make_database("civicline")
        command = [sys.executable, "-m", module, "--here", f"--db={database}", *options]
        subprocess.run(command, env=environment, check=True, cwd=ROOT)
