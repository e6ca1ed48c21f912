"""Django's settings, computed from Civicline's own configuration (see `config.conf` and `config.options`)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from civicline.config import conf as _conf
from civicline.config.databases import database
from civicline.config.logs import logging_settings

CIVICLINE = _conf.load()  # business code reads installation settings here: settings.CIVICLINE.town_name
BASE = Path(__file__).resolve().parents[1]

SECRET_KEY = _conf.secret_key(CIVICLINE)
DEBUG = False
ROOT_URLCONF = "civicline.config.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

_PUBLIC = urlsplit(CIVICLINE.public_url)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *CIVICLINE.allowed_hosts]
if _PUBLIC.hostname:
    ALLOWED_HOSTS.append(_PUBLIC.hostname)
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"] if _PUBLIC.netloc else []

MODULES = [
    "kernel",
    "people",
    "intake",
    "cases",
    "knowledge",
    "routing",
    "insight",
    "workforce",
    "finding",
    "api",
    "channels.voice",
    "channels.voice.flows",
    "channels.voice.company",
    "channels.voice.video",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(f"civicline.{module}" for module in MODULES),
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "axes",
]

MIDDLEWARE = [
    "civicline.config.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "civicline.config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "civicline.web.sessions.IdleLimit",
    "civicline.web.refusals.Refusals",
    "civicline.config.middleware.ActingPerson",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "civicline.config.middleware.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

# --- Data

DATABASES = {"default": database(CIVICLINE)}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "civicline.config.caches.SharedCache",
        "LOCATION": CIVICLINE.redis_url,
        "KEY_PREFIX": "civicline",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
    if CIVICLINE.redis_url
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
}
MEDIA_ROOT = str(CIVICLINE.folder("uploads").absolute())
MEDIA_URL = ""  # uploads are served by views that check who asks, never by address
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # form fields and JSON bodies, without files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Pages

TEMPLATE_FOLDERS = [
    str(folder)
    for folder in (
        BASE / "web" / "templates",
        *sorted(BASE.glob("*/*/templates")),
        *sorted(BASE.glob("*/templates")),
    )
    if folder.is_dir() and folder.parent.name != "config"
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": list(dict.fromkeys(TEMPLATE_FOLDERS)),
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "civicline.config.jinja.environment",
            "auto_reload": False,
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "civicline.config.gate.providers",
                "civicline.config.jinja.form_token",
            ],
        },
    },
    {  # for the pages of django-allauth that have no template of ours
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(BASE / "config" / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "civicline.config.gate.shell",
            ],
            "libraries": {"gate": "civicline.config.gate"},
        },
    },
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [str(BASE / "web" / "static")]

# --- Languages and time

LANGUAGES = [
    (code, name)
    for code, name in [
        ("en", _("English")),
        ("es", _("Spanish")),
        ("fr", _("French")),
        ("ar", _("Arabic")),
        ("tr", _("Turkish")),
    ]
    if code in CIVICLINE.languages
]
LANGUAGE_CODE = CIVICLINE.languages[0]
FORMAT_MODULE_PATH = "civicline.config.formats"
LOCALE_PATHS = [str(BASE / "locale")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = CIVICLINE.town_time_zone  # of pages; what is stored is UTC

# --- Signing in

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses locked-out attempts before a password is looked at
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "civicline_session"
SESSION_COOKIE_AGE = CIVICLINE.sign_in_session_hours * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CIVICLINE.secure
CSRF_COOKIE_NAME = "civicline_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = CIVICLINE.secure
CSRF_FAILURE_VIEW = "civicline.web.portal.errors.form_from_elsewhere"

ACCOUNT_ADAPTER = "civicline.config.accounts.StaffAccounts"
SOCIALACCOUNT_ADAPTER = "civicline.config.accounts.StaffIdentities"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "civicline.config.accounts.display_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, who knows the address
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if CIVICLINE.secure else "http"
# django-axes locks accounts out (in the database, so it holds across processes); allauth slows the other doors.
ACCOUNT_RATE_LIMITS: dict[str, Any] = {
    "login": "60/m/ip",
    "login_failed": False,
    "reset_password": "20/h/ip,5/h/key",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = f"{CIVICLINE.town_name} (Civicline)"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not CIVICLINE.secure
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # an identity whose address an administrator entered is that person
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": provider.id,
                "name": provider.name,
                "client_id": provider.client_id,
                "secret": provider.client_secret,
                "settings": {"server_url": provider.server_url},
            }
            for provider in CIVICLINE.oidc
        ],
    }
}

AXES_FAILURE_LIMIT = CIVICLINE.sign_in_attempts
AXES_COOLOFF_TIME = timedelta(minutes=CIVICLINE.sign_in_lockout_minutes)
AXES_LOCKOUT_PARAMETERS = [
    ["username", "ip_address"]
]  # the pair: nobody can lock a colleague out from elsewhere
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "civicline.config.accounts.attempted_name"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # kernel.audit keeps our record of sign-ins
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["password", "login"]
AXES_LOCKOUT_CALLABLE = "civicline.config.accounts.locked_out"
AXES_VERBOSE = False

# --- What browsers are told

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # the proxy's work: this server sees plain HTTP from it
SECURE_HSTS_SECONDS = 31_536_000 if CIVICLINE.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # the domain is the town's, other services live there too
X_FRAME_OPTIONS = "DENY"
_TILES = urlsplit(CIVICLINE.map_tiles)
_IDENTITIES = [
    f"{urlsplit(one.server_url).scheme}://{urlsplit(one.server_url).netloc}" for one in CIVICLINE.oidc
]
# A view that needs another policy (the chat inside another site's page) builds it from this and sets the header.
CONTENT_SECURITY_POLICY: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "font-src": ["'self'"],
    "img-src": [
        "'self'",
        "data:",
        "blob:",
        *([f"{_TILES.scheme}://{_TILES.netloc}"] if _TILES.netloc else []),
    ],
    "media-src": ["'self'"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'", *_IDENTITIES],
    "frame-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
}

# --- Mail and logs

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if CIVICLINE.email_host
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(CIVICLINE.folder("mail").absolute())
EMAIL_HOST = CIVICLINE.email_host
EMAIL_PORT = CIVICLINE.email_port
EMAIL_HOST_USER = CIVICLINE.email_user
EMAIL_HOST_PASSWORD = CIVICLINE.email_password
EMAIL_USE_TLS = CIVICLINE.email_security == "starttls"
EMAIL_USE_SSL = CIVICLINE.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = CIVICLINE.email_sender
SERVER_EMAIL = CIVICLINE.email_sender
LOGGING = logging_settings(CIVICLINE)
