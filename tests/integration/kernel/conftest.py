"""What the kernel's tests share."""

import os

# The gate stands before SQLite's one writer; PostgreSQL has none, and its own short way.
on_postgresql = os.environ["CIVICLINE_TEST_DB"] == "postgresql"
collect_ignore = ["test_gate.py"] if on_postgresql else ["test_postgres.py"]
