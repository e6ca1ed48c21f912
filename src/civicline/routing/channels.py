"""Which channels keep a resident waiting: asked of the engine's capacity table, the one place that says so."""

from civicline.engine.routing import CapacityTable

TABLE = CapacityTable()
WRITTEN = TABLE.names.index("written")


def is_live(channel: str) -> bool:
    """Whether a resident is there, waiting, while the contact is in the queue."""
    return TABLE.class_of(channel) != WRITTEN


def class_of(channel: str) -> str:
    """The class of a channel by name: voice, chat or written."""
    return TABLE.names[TABLE.class_of(channel)]
