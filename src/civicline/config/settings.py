"""Django's settings, computed from Civicline's own configuration (see `config.conf`)."""

import os
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
ROOT = Path(os.environ.get("CIVICLINE_VAR", "var"))

SECRET_KEY = os.environ.get("CIVICLINE_SECRET_KEY", "replaced-by-conf")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "civicline.kernel",
    "civicline.people",
    "civicline.intake",
    "civicline.cases",
    "civicline.knowledge",
    "civicline.routing",
    "civicline.insight",
    "civicline.api",
]
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(ROOT / "civicline.sqlite3")}}
