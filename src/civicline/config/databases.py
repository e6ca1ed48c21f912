"""Django's database settings for the two databases Civicline runs on."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from civicline.config.options import Configuration

PREPARE_AFTER = 3
"""PostgreSQL prepares a hot statement when it came so often on one connection. Behind a pooler that hands each
transaction another connection, end the address with `?prepare_threshold=none`."""


def database(conf: Configuration) -> dict[str, Any]:
    """Return the entry of `DATABASES`. Connections live as long as their thread (long-lived page threads)."""
    return _sqlite(conf) if conf.is_sqlite else _postgresql(conf)


def _sqlite(conf: Configuration) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(conf.sqlite_file.absolute()),
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": False,  # with IMMEDIATE every GET would take the write lock
        "OPTIONS": {
            "timeout": conf.database_patience_seconds,
            # DEFERRED upgrades its lock in mid-transaction and fails at once when another writer came first.
            "transaction_mode": "IMMEDIATE",
            # FULL: a commit that was acknowledged survives a power cut.
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-8000;PRAGMA mmap_size=134217728;"
            ),
        },
    }


def _postgresql(conf: Configuration) -> dict[str, Any]:
    parts = urlsplit(conf.database)
    query: dict[str, Any] = {"prepare_threshold": PREPARE_AFTER, **dict(parse_qsl(parts.query))}
    query["prepare_threshold"] = _count(str(query["prepare_threshold"]))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "civicline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or query.pop("host", "")),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"connect_timeout": 5, "application_name": "civicline", **query},
    }


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else None
