"""Where files lie."""

from pathlib import Path

from django.conf import settings


def uploads_folder() -> Path:
    """The folder of everything residents and staff sent, below the installation's own folder."""
    return Path(settings.CIVICLINE.var) / "uploads"
