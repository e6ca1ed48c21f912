"""Django's entry for this room."""

from django.apps import AppConfig


class VideoConfig(AppConfig):
    """Calls with a picture."""

    name = "civicline.channels.voice.video"
    label = "video"
    default_auto_field = "django.db.models.BigAutoField"
