"""The connection to the database of the thread that asks."""

import threading

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS


class _Kept(threading.local):
    connection: BaseDatabaseWrapper | None = None


_kept = _Kept()


def here() -> BaseDatabaseWrapper:
    """This thread's own; Django looks it up anew each time, which a contact's arrival felt a dozen times over.

    The wrapper is the same for as long as the thread lives, whether it is connected or not.
    """
    kept = _kept.connection
    if kept is None:
        kept = _kept.connection = connections[DEFAULT_DB_ALIAS]
    return kept
