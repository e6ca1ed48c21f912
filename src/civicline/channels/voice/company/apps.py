"""Django's entry for this room."""

from django.apps import AppConfig


class CompanyConfig(AppConfig):
    """Who else is in a call."""

    name = "civicline.channels.voice.company"
    label = "company"
    default_auto_field = "django.db.models.BigAutoField"
