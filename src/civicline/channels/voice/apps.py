"""Django's entry for this room."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """The telephone: calls, and the telephones of the people at the desks."""

    name = "civicline.channels.voice"
    label = "voice"
    default_auto_field = "django.db.models.BigAutoField"
