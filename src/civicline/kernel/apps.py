from django.apps import AppConfig
from django.conf import settings


class KernelConfig(AppConfig):
    name = "civicline.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The line before the embedded database waits as long as the database itself."""
        from civicline.kernel.db import gate

        gate.patience = float(settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", gate.patience))
