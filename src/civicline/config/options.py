"""The table of settings: one typed value each, with its name, default and what it is for.

The setting `database.url` is `url` in the table `[database]` of the configuration file, and
`CIVICLINE_DATABASE_URL` in the environment. docs/operate/settings.md is made from this table.
"""

from dataclasses import dataclass, fields
from pathlib import Path

from civicline.config import kinds
from civicline.config.declaring import ENV, Option, declared, option
from civicline.config.kinds import OidcProvider
from civicline.config.voice_options import VoiceOptions

__all__ = ["ENV", "LANGUAGES", "Configuration", "Option", "option", "options"]

LANGUAGES = ("en", "es", "fr", "ar", "tr")


@dataclass(frozen=True)
class Configuration(VoiceOptions):
    """Every setting of one installation. Sizes are in MB (10^6 bytes), times in the unit of the name."""

    var: Path = option(
        "var",
        Path("var"),
        kinds.folder,
        "Folder for the SQLite database, uploads and the secret key. Back it up.",
    )
    secret_key: str = option(
        "secret_key",
        "",
        kinds.secret,
        "Signs sessions and links. When not given, one is made and kept in `secret` in the var folder. "
        "All processes of one installation need the same.",
        secret=True,
    )
    demo: str = option(
        "demo",
        "auto",
        kinds.choice("auto", "yes", "no"),
        "Whether an empty database gets the demo town, whose passwords everybody knows; auto means only while "
        "nobody else can reach this server (no public address, and listening on this machine only).",
    )
    host: str = option(
        "host",
        "127.0.0.1",
        kinds.text,
        "Address to listen on. 0.0.0.0 listens to the whole network; put a proxy with TLS before it.",
    )
    port: int = option("port", 8000, kinds.whole(0, 65535), "Port to listen on; 0 takes any free one.")
    public_url: str = option(
        "public_url",
        "",
        kinds.url("https", "http"),
        "The address people use, such as https://contact.example.org. Makes links in messages, and with "
        "https also secure cookies and HSTS.",
    )
    allowed_hosts: tuple[str, ...] = option(
        "allowed_hosts",
        (),
        kinds.words,
        "More host names this server answers to, besides that of the public address and this machine's own.",
    )
    trusted_proxies: tuple[str, ...] = option(
        "trusted_proxies",
        ("127.0.0.1",),
        kinds.networks,
        "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    languages: tuple[str, ...] = option(
        "languages",
        LANGUAGES,
        kinds.some_of(*LANGUAGES),
        "Languages of the pages; the first is the one used when nothing better is known.",
    )

    town_name: str = option(
        "town.name",
        "Saltmere",
        kinds.text,
        "Name of the public body, shown above everything residents see.",
    )
    town_reference_prefix: str = option(
        "town.reference_prefix",
        "SM",
        kinds.prefix,
        "Letters that begin every reference, as in SM-4K7-291.",
    )
    town_time_zone: str = option(
        "town.time_zone",
        "Europe/London",
        kinds.zone,
        "Time zone of the clock on the wall. Stored times are always UTC.",
    )
    town_country: str = option(
        "town.country",
        "GB",
        kinds.text,
        "Country (ISO 3166, two letters) whose telephone numbers may be written without a prefix.",
    )
    town_email: str = option(
        "town.email",
        "",
        kinds.text,
        "Where residents can write when this site is down; shown on error pages.",
    )
    town_phone: str = option(
        "town.phone",
        "",
        kinds.text,
        "Number shown on error pages and when everything is closed.",
    )

    database_url: str = option(
        "database.url",
        "",
        kinds.url("postgresql", "postgres", "sqlite"),
        "postgresql://user:password@host:5432/name, or sqlite:///path. When not given: SQLite in the var "
        "folder.",
        secret=True,
    )
    database_patience_seconds: int = option(
        "database.patience_seconds",
        20,
        kinds.whole(1, 300),
        "How long a write waits for the embedded database while another program holds it, before people are told that "
        "nothing was saved.",
    )
    redis_url: str = option(
        "redis.url",
        "",
        kinds.url("redis", "rediss", "unix"),
        "redis://host:6379/0. Needed as soon as there is more than one process; carries hints and "
        "counters, never data of its own.",
        secret=True,
    )

    web_threads: int = option(
        "web.threads",
        8,
        kinds.whole(1, 128),
        "Threads that make pages in each process.",
    )
    web_max_body_mb: int = option(
        "web.max_body_mb",
        30,
        kinds.whole(1, 1000),
        "Largest request that is read at all, in MB.",
    )
    web_connections: int = option(
        "web.connections",
        5000,
        kinds.whole(10, 100_000),
        "Live connections one process accepts; the next one is asked to come back later.",
    )

    sign_in_session_hours: int = option(
        "sign_in.session_hours",
        12,
        kinds.whole(1, 24 * 30),
        "Hours until staff have to sign in again.",
    )
    sign_in_idle_minutes: int = option(
        "sign_in.idle_minutes",
        120,
        kinds.whole(5, 24 * 60),
        "Minutes without a click or a key until staff have to sign in again.",
    )
    sign_in_attempts: int = option(
        "sign_in.attempts",
        6,
        kinds.whole(3, 100),
        "Wrong passwords for one account from one address until it is locked out.",
    )
    sign_in_lockout_minutes: int = option(
        "sign_in.lockout_minutes",
        15,
        kinds.whole(1, 24 * 60),
        "Minutes a lock-out lasts.",
    )
    sign_in_second_factor: str = option(
        "sign_in.second_factor",
        "offered",
        kinds.choice("offered", "required"),
        "Whether staff may or must use a passkey or a one-time code.",
    )
    oidc: tuple[OidcProvider, ...] = option(
        "oidc",
        (),
        kinds.providers,
        "Identity providers for staff, each a table [[oidc]] with id, name, server_url, client_id and "
        "client_secret.",
        secret=True,
    )

    work_lease_seconds: int = option(
        "work.lease_seconds",
        30,
        kinds.whole(3, 3600),
        "How long a job or a message on its way out belongs to a worker that does not say any more that it lives; "
        "then another one takes it over. Longer than the clocks of the machines differ.",
    )
    work_one_core: bool = option(
        "work.one_core",
        True,
        kinds.flag,
        "Whether the threads of a busy process of the role `all` keep to one core, for as long as others leave it to "
        "them: a contact then costs a fifth less. Only on Linux.",
    )

    uploads_max_mb: int = option(
        "uploads.max_mb",
        10,
        kinds.whole(1, 500),
        "Largest file a resident may attach, in MB.",
    )
    uploads_max_files: int = option("uploads.max_files", 5, kinds.whole(0, 50), "Files per message.")
    uploads_min_free_mb: int = option(
        "uploads.min_free_mb",
        200,
        kinds.whole(0, 1_000_000),
        "Uploads are refused, politely, when the disk has less room than this, in MB.",
    )

    email_host: str = option(
        "email.host",
        "",
        kinds.text,
        "SMTP server for outgoing mail. When not given, mail is written to files in the var folder.",
    )
    email_port: int = option("email.port", 587, kinds.whole(1, 65535), "Port of the SMTP server.")
    email_security: str = option(
        "email.security",
        "starttls",
        kinds.choice("starttls", "tls", "none"),
        "How the connection to the SMTP server is protected.",
    )
    email_user: str = option("email.user", "", kinds.text, "Account at the SMTP server.")
    email_password: str = option("email.password", "", kinds.text, "Its password.", secret=True)
    email_sender: str = option(
        "email.sender",
        "contact@saltmere.example",
        kinds.text,
        "From address of outgoing mail.",
    )

    retention_contacts_days: int = option(
        "retention.contacts_days",
        730,
        kinds.whole(30, 36500),
        "Days until what residents wrote in a closed contact is erased. Numbers for reports stay.",
    )
    retention_cases_days: int = option(
        "retention.cases_days",
        2190,
        kinds.whole(30, 36500),
        "Days until the personal data of a closed case is erased.",
    )
    retention_audit_days: int = option(
        "retention.audit_days",
        1095,
        kinds.whole(90, 36500),
        "Days that entries of the audit are kept.",
    )

    open311_jurisdictions: tuple[str, ...] = option(
        "open311.jurisdictions",
        ("saltmere.example",),
        kinds.words,
        "Values of jurisdiction_id that mean this body, usually its domain. Any other is answered with 404.",
    )
    open311_open_keys: tuple[str, ...] = option(
        "open311.open_keys",
        (),
        kinds.words,
        "Open311 keys that anybody may use, for a trial or a published app. Other keys are tokens with the scope "
        "open311:write.",
    )
    open311_key_contact: str = option(
        "open311.key_contact",
        "",
        kinds.text,
        "Where developers ask for an Open311 key; shown in the discovery document.",
    )
    open311_reads_per_minute: int = option(
        "open311.reads_per_minute",
        600,
        kinds.whole(1, 1_000_000),
        "Open311 questions that one address may ask in a minute.",
    )
    open311_reports_per_minute: int = option(
        "open311.reports_per_minute",
        120,
        kinds.whole(1, 1_000_000),
        "Open311 reports that one address may send in a minute.",
    )
    embed_origins: tuple[str, ...] = option(
        "embed.origins",
        (),
        kinds.origins,
        "Sites that may show the chat widget, such as https://www.example.org.",
    )
    webhooks_private: bool = option(
        "webhooks.private",
        False,
        kinds.flag,
        "Whether webhooks may go to private addresses and over plain http. For tests and development: it lets who "
        "registers a webhook reach into your network.",
    )
    map_tiles: str = option(
        "map.tiles",
        "",
        kinds.text,
        "Address pattern of map tiles with {z}, {x} and {y}. When not given, residents describe the place"
        " in words.",
    )
    map_attribution: str = option(
        "map.attribution",
        "",
        kinds.text,
        "Credit shown on the map, as its provider asks.",
    )

    log_format: str = option(
        "log.format",
        "auto",
        kinds.choice("auto", "text", "json"),
        "Logs as JSON lines or for reading; auto means text on a terminal.",
    )
    log_level: str = option(
        "log.level",
        "info",
        kinds.choice("debug", "info", "warning", "error"),
        "Least important messages that are logged.",
    )
    metrics_token: str = option(
        "metrics.token",
        "",
        kinds.text,
        "Bearer token that /metrics asks for. When not given, only this machine and the trusted proxies' "
        "own address may read it.",
        secret=True,
    )

    def folder(self, name: str) -> Path:
        """Return the folder `name` inside the var folder (made on first use by who writes there)."""
        return self.var / name

    @property
    def database(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.var / 'civicline.sqlite3'}"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database.startswith("sqlite:")

    @property
    def sqlite_file(self) -> Path:
        """The file of the embedded database: sqlite:///relative/path or sqlite:////absolute/path."""
        return Path(self.database.removeprefix("sqlite:///"))

    @property
    def wants_demo(self) -> bool:
        """Whether an empty database gets the demo town."""
        private = not self.public_url and self.host in {"127.0.0.1", "localhost", "::1"}
        return self.demo == "yes" or (self.demo == "auto" and private)

    @property
    def secure(self) -> bool:
        """Whether people reach this installation over TLS."""
        return self.public_url.startswith("https:")


def options() -> list[Option]:
    """Return the table of settings in its order: the telephone's stand last."""
    voice = {item.name for item in fields(VoiceOptions)}
    table = [declared(item) for item in fields(Configuration)]
    return sorted(table, key=lambda one: one.attribute in voice)
