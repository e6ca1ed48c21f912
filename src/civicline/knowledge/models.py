"""Canned texts: replies that staff use again and again, per language, with variables."""

from django.db import models


class CannedText(models.Model):
    """A reply under a short name. Variables like {{resident.name}} are filled in when it is used."""

    code = models.SlugField(max_length=64, unique=True)
    title = models.JSONField(default=dict)  # {language: text}
    body = models.JSONField(default=dict)
    service = models.ForeignKey(
        "intake.Service", null=True, on_delete=models.SET_NULL, related_name="canned_texts"
    )
    owner = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    reviewed_on = models.DateField(null=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
