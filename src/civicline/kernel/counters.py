"""Named numbers that only grow."""

from collections.abc import Callable

from civicline.kernel import db
from civicline.kernel.models import Counter
from civicline.kernel.rows import first_row

_TAKE = (
    "INSERT INTO kernel_counter (name, value) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET value = kernel_counter.value + excluded.value RETURNING value"
)


def take(name: str, count: int = 1) -> int:
    """The next number of the row `name`, starting with 1; of `count` numbers, the last.

    One statement, inside a write: the row stays locked until the write commits, so an undone write gives its
    numbers back and there are no gaps. Raises RuntimeError outside of a write.
    """
    if not db.in_write():
        raise RuntimeError("A number is taken inside a write only: put @writes on the caller.")
    return int(first_row(_TAKE, [name, count])[0])


def drawn_once(name: str, make: Callable[[], int]) -> int:
    """Return the number kept under `name`; the first caller ever draws it with `make`. Inside a write only."""
    row, _created = Counter.objects.get_or_create(name=name, defaults={"value": make()})
    return row.value


def peek(name: str) -> int | None:
    """The number kept under `name`, or None when there is none yet. A read."""
    return Counter.objects.filter(name=name).values_list("value", flat=True).first()
