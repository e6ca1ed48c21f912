"""Each storm brings its own servers and is run once: one beside SQLite, the scaled-out one beside PostgreSQL."""

import os

_SCALED = os.environ["CIVICLINE_TEST_DB"] == "postgresql"
collect_ignore = ["test_embedded.py"] if _SCALED else ["test_scaled_out.py"]
