"""What the index holds: one row for each contact, case and resident. Their words lie beside it, see `index`."""

from django.db import models


class Document(models.Model):
    """A thing that can be found. Its key tells kind and time (see `index`), so that the newest is found first
    without a sort."""

    class Kind(models.TextChoices):
        CONTACT = "contact"
        CASE = "case"
        RESIDENT = "resident"

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    thing_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "thing_id"], name="finding_document_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id}"


class Reached(models.Model):
    """How far in the event log the index has come: one row, absent until it was first built."""

    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"up to {self.seq}"
