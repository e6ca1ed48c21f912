"""A handler whose effect can be counted: it takes one number for each event that it handles."""

from civicline.kernel import counters
from civicline.kernel.handlers import PublishedEvent, Registry
from civicline.kernel.models import Counter


def count_event(event: PublishedEvent) -> None:
    counters.take("effects")
    counters.take(f"effect:{event.subject_id}")


def registry() -> Registry:
    made = Registry()
    made.on("contact.*", "count", count_event)
    return made


def effects() -> int:
    """How many times the handler had its effect."""
    return Counter.objects.filter(name="effects").values_list("value", flat=True).first() or 0


def repeated() -> list[str]:
    """Subjects for which it had its effect more than once."""
    return list(
        Counter.objects.filter(name__startswith="effect:", value__gt=1).values_list("name", flat=True)
    )
