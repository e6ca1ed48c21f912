"""Django's entry for this room."""

from django.apps import AppConfig


class CallFlowsConfig(AppConfig):
    """Telephone menus and their prompts."""

    name = "civicline.channels.voice.flows"
    label = "callflows"
    default_auto_field = "django.db.models.BigAutoField"
