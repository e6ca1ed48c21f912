"""Bad days of a whole installation: each test has servers of its own, and is run once, beside its own database."""

import os

_POSTGRESQL = ["test_database_restart.py", "test_without_redis.py"]
_SQLITE = ["test_locked_database.py", "test_full_disk.py", "test_clock_jumps.py", "test_servers.py"]
collect_ignore = _SQLITE if os.environ["CIVICLINE_TEST_DB"] == "postgresql" else _POSTGRESQL
