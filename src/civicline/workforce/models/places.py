"""Where work is done: offices with so many seats, or home."""

from django.db import models


class Site(models.Model):
    """An office, and how many seats it has for this work."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    seats = models.PositiveSmallIntegerField(default=10)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.code


class Place(models.TextChoices):
    """Where a shift is worked."""

    OFFICE = "office"
    HOME = "home"
