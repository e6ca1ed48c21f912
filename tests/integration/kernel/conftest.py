"""What the kernel's tests share."""

import os

# The gate stands before SQLite's one writer; PostgreSQL has none.
collect_ignore = ["test_gate.py"] if os.environ["CIVICLINE_TEST_DB"] == "postgresql" else []
