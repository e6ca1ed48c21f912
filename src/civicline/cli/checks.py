"""`civicline check`: each finding is one sentence with its remedy."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import typer
from django.conf import settings
from django.db import connection

from civicline.config import schema
from civicline.config.jinja import BUILD
from civicline.config.options import Configuration
from civicline.kernel import audit_trail

LITTLE_SPACE = 500_000_000  # bytes


def check_all(*, deploy: bool) -> bool:
    """Print what was found; return whether all is well."""
    conf = settings.CIVICLINE
    findings = [*_folders(conf), *_front_end(), *_database(conf), *_redis(conf), *_telephone(conf)]
    findings += _recording_keys(conf, deploy=deploy)
    said, broken = audit_log_in_words() if _is_readable() else ("", False)
    if broken:
        findings.append(said)
    if deploy:
        findings += [*_service(conf), *_people()]
    if said and not broken:
        typer.echo(said)
    for finding in findings:
        typer.echo(f"- {finding}")
    if findings:
        typer.echo(f"{len(findings)} to put right.")
    else:
        typer.echo(
            "All is well." if deploy else "All is well. Before you open the doors: civicline check --deploy"
        )
    return not findings


def _folders(conf: Configuration) -> Iterator[str]:
    if not os.access(conf.var, os.W_OK | os.X_OK):
        yield f"The folder {conf.var} cannot be written; give this account the right to, or set CIVICLINE_VAR."
        return
    free = shutil.disk_usage(conf.var).free
    if free < LITTLE_SPACE:
        yield f"The disk of {conf.var} has only {free // 1_000_000} MB left; make room, or writing will stop."
    secret = conf.folder("secret")
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield f"Others can read {secret}; run: chmod 600 {secret}"


def _front_end() -> Iterator[str]:
    if not (BUILD / "manifest.json").exists():
        yield "The front end is not built; run `npm ci && npm run build` (needs Node 20 or newer)."


def _database(conf: Configuration) -> Iterator[str]:
    trouble = schema.problem_with_connection()
    if trouble:
        yield trouble
        return
    now = schema.layout()
    if now.missing:
        yield f"The database lacks {len(now.missing)} changes of this version; run `civicline migrate`."
    if now.unknown:
        yield "The database was written by a newer Civicline; install that version."
    if conf.is_sqlite:
        yield from _sqlite(conf)
    elif not now.missing:
        yield from _postgresql()


def _sqlite(conf: Configuration) -> Iterator[str]:
    with closing(
        sqlite3.connect(f"file:{conf.sqlite_file.absolute()}?mode=ro", uri=True, timeout=20)
    ) as database:
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            yield f"The database file is damaged ({verdict}); restore the last good backup."
        broken = database.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            yield f"The database has a row of {broken[0]} that points nowhere; restore the last good backup."


def _postgresql() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('fsync'), "
            "current_setting('synchronous_commit')"
        )
        version, fsync, synchronous = cursor.fetchone()
    if version < 150_000:
        yield f"PostgreSQL 15 or newer is needed, and this is {version // 10_000}; upgrade the server."
    if fsync != "on" or synchronous == "off":
        yield "PostgreSQL may lose acknowledged data after a power cut; turn fsync and synchronous_commit on."


def _is_readable() -> bool:
    """Whether there is a database of this version to read from."""
    return schema.problem_with_connection() is None and schema.layout().is_current


def audit_log_in_words() -> tuple[str, bool]:
    """What the seals of the audit log say, in one sentence, and whether the chain is broken. Reads all of it."""
    found = audit_trail.check()
    if found.broken:
        return (
            f"The audit log is broken at the entries {found.broken}: somebody changed, added or took out entries "
            "there; compare with a backup, and the digests with those in the service's own log (audit.sealed).",
            True,
        )
    if not found.seals:
        return "The audit log has no seal yet; the first comes an hour and a quarter after it began.", False
    gone = f", and {_seals(found.disposed)} of entries that retention removed" if found.disposed else ""
    kept = _seals(found.seals - found.disposed)
    return f"The audit log is whole: {found.entries} entries under {kept}{gone}.", False


def _seals(count: int) -> str:
    return f"{count} seal" if count == 1 else f"{count} seals"


def _recording_keys(conf: Configuration, *, deploy: bool) -> Iterator[str]:
    """Whether what was recorded can be opened, by us alone."""
    from civicline.channels.voice.recordings import keys, selectors

    yield from keys.problems(conf, selectors.keys_in_use() if _is_readable() else frozenset(), deploy=deploy)


def _redis(conf: Configuration) -> Iterator[str]:
    if not conf.redis_url:
        return
    import redis

    try:
        with redis.Redis.from_url(conf.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        yield f"Redis cannot be reached ({error}); check CIVICLINE_REDIS_URL and that it runs."


def _telephone(conf: Configuration) -> Iterator[str]:
    """What the settings lack for browsers to be telephones; `civicline voice doctor` asks the exchange as well."""
    if conf.voice_mode == "off":
        return
    from civicline.channels.voice import browser_checks

    for one in browser_checks.judge_settings(conf):
        if not one.good:
            yield f"{one.found} {one.remedy}"


def _service(conf: Configuration) -> Iterator[str]:
    """Findings that matter once residents come."""
    if not conf.public_url:
        yield "CIVICLINE_PUBLIC_URL is not set; without it, links in messages point nowhere."
    elif not conf.secure:
        yield "CIVICLINE_PUBLIC_URL is not https; put a proxy with TLS before Civicline (deploy/ has one)."
    if conf.town_name == "Saltmere":
        yield "CIVICLINE_TOWN_NAME is still the demo town's; give the name of your public body."
    if not conf.email_host:
        yield "CIVICLINE_EMAIL_HOST is not set; residents and staff would get no mail."
    if conf.email_sender.endswith(".example"):
        yield "CIVICLINE_EMAIL_SENDER is an example; set the address your mail comes from."
    if conf.sign_in_second_factor != "required":
        yield "CIVICLINE_SIGN_IN_SECOND_FACTOR is not `required`; staff see personal data, so ask for a second factor."
    if not conf.is_sqlite and not conf.redis_url:
        yield "CIVICLINE_REDIS_URL is not set; with PostgreSQL and several processes, pages would lag behind."
    if not conf.is_sqlite and not conf.secret_key:
        yield "CIVICLINE_SECRET_KEY is not set; on several machines each would make its own and sign-ins would break."
    if not (conf.town_email or conf.town_phone):
        yield "Neither CIVICLINE_TOWN_EMAIL nor CIVICLINE_TOWN_PHONE is set; error pages could not say where to turn."


def _people() -> Iterator[str]:
    """The demo town's passwords are known to everybody."""
    from civicline.demo import town

    if _is_readable() and town.is_seeded():
        yield "The demo town is in this database, and everybody knows its passwords; begin with an empty database."
