"""`migrate`, `backup` and `restore`: the life of the data outside of the running service."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import typer

from civicline.cli import archive
from civicline.cli.problems import Problem
from civicline.config import conf as configuration
from civicline.config.options import Configuration

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FOLDERS = ("uploads", "recordings")
KEYS = ("secret", "recordings.key")
"""Keys that are kept in the var folder; those given by settings are kept with them."""


def migrate() -> None:
    """Lay out the database for this version."""
    from civicline.config import schema

    trouble = schema.problem_with_connection()
    if trouble:
        raise Problem(trouble)
    missing = len(schema.layout().missing)
    schema.bring_up_to_date()
    typer.echo(
        f"Applied {missing} changes; the database is ready." if missing else "The database is up to date."
    )


def reindex() -> None:
    """Build the index of the search anew; says how far it has come."""
    from civicline.config import schema
    from civicline.finding import services

    trouble = schema.problem_with_connection()
    if trouble:
        raise Problem(trouble)
    if schema.layout().missing:
        raise Problem("The database is of another version; run `civicline migrate` first.")
    done = services.rebuild(tell=lambda count: typer.echo(f"\r{count} read", nl=False, err=True))
    typer.echo("", err=True)
    typer.echo(f"The search is built anew from {done} contacts, cases and residents.")


# --- Backup


def backup(target: Path) -> None:
    """Save database, uploads, recordings and keys. The service may go on: what is saved is one consistent moment."""
    conf = configuration.load()
    if not target.absolute().parent.is_dir():
        raise Problem(f"The folder {target.absolute().parent} does not exist; make it first.")
    kind = SQLITE if conf.is_sqlite else POSTGRESQL
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.absolute().parent) as name:
        copy = Path(name) / ("database.sqlite3" if conf.is_sqlite else "database.pgdump")
        (_copy_sqlite if conf.is_sqlite else _dump_postgresql)(conf, copy)
        # After the database: every file that a row of the copy names was there by then.
        members = {copy.name: copy} | _files(conf)
        members |= {key: conf.folder(key) for key in KEYS if conf.folder(key).exists()}
        archive.write(target, members, database=kind)
    size = target.stat().st_size / 1_000_000
    typer.echo(
        f"Saved to {target} ({size:.1f} MB, {len(members)} files). Keep it safe: it holds personal data."
    )


def _copy_sqlite(conf: Configuration, copy: Path) -> None:
    """Copy by SQLite's own online backup, in one step: writers go on in the write-ahead log meanwhile."""
    if not conf.sqlite_file.exists():
        raise Problem(f"There is no database at {conf.sqlite_file} yet; nothing was saved.")
    address = f"file:{conf.sqlite_file.absolute()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=20)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")
        verdict = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise Problem(
            f"The database is damaged ({verdict}); keep your older backups, and run `civicline check`."
        )


def _dump_postgresql(conf: Configuration, copy: Path) -> None:
    _client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}", conf.database)


def _client(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs. Raises `Problem` with its last words."""
    if shutil.which(program) is None:
        raise Problem(f"{program} is not installed here; on Debian: apt-get install postgresql-client")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 -- no shell
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(f"{program} did not work: {last}")


def _files(conf: Configuration) -> dict[str, Path]:
    """Uploads, and recordings as they lie: encrypted."""
    found: dict[str, Path] = {}
    for name in FOLDERS:
        folder = conf.folder(name)
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        found |= {f"{name}/{path.relative_to(folder).as_posix()}": path for path in files}
    return found


# --- Restore


def restore(source: Path, *, force: bool) -> None:
    """Bring an archive back: all checks first, then the change, each file by one rename."""
    conf = configuration.load()
    _refuse_while_running(conf)
    with archive.opened(source, conf.var.absolute()) as (manifest, folder):
        kind = SQLITE if conf.is_sqlite else POSTGRESQL
        if manifest["database"] != kind:
            raise Problem(
                f"The archive holds a {manifest['database']} database, and CIVICLINE_DATABASE_URL names {kind}; "
                "choose the same kind."
            )
        if not force and _has_data(conf):
            raise Problem("There is data here already; restore with --force to replace it (save it first).")
        if conf.is_sqlite:
            _replace_sqlite(conf, folder / "database.sqlite3")
        else:
            _replace_postgresql(conf, folder / "database.pgdump")
        _replace_files(conf, folder)
    typer.echo(f"Restored the state of {manifest['made_at']}. Start with: civicline serve")


def _refuse_while_running(conf: Configuration) -> None:
    from civicline.config.serve import is_running

    running = is_running(conf.var) or (not conf.is_sqlite and _others_connected(conf))
    if running:
        raise Problem("Civicline is running on this data; stop all its processes first.")


def _others_connected(conf: Configuration) -> bool:
    import psycopg

    count = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'civicline'"
    )
    with psycopg.connect(
        conf.database, connect_timeout=5, application_name="civicline-restore"
    ) as connection:
        row = connection.execute(count).fetchone()
    return row is not None and row[0] > 0


def _has_data(conf: Configuration) -> bool:
    if conf.is_sqlite:
        if not conf.sqlite_file.exists():
            return False
        with closing(sqlite3.connect(conf.sqlite_file)) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    import psycopg

    with psycopg.connect(
        conf.database, connect_timeout=5, application_name="civicline-restore"
    ) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row is not None and row[0] > 0


def _replace_sqlite(conf: Configuration, saved: Path) -> None:
    target = conf.sqlite_file
    target.parent.mkdir(parents=True, exist_ok=True)
    # A write-ahead log of the former database must not be played into the restored one.
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    beside = target.with_name(f".{target.name}.restored")
    shutil.copyfile(saved, beside)
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)


def _replace_postgresql(conf: Configuration, saved: Path) -> None:
    import psycopg

    with psycopg.connect(conf.database, autocommit=True, application_name="civicline-restore") as connection:
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute("CREATE SCHEMA public")
    _client(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={conf.database}",
        str(saved),
    )


def _replace_files(conf: Configuration, folder: Path) -> None:
    for name in FOLDERS:
        here, restored, former = conf.folder(name), folder / name, conf.folder(f".{name}.former")
        if here.exists():
            here.replace(former)
        restored.mkdir(exist_ok=True)
        restored.replace(here)
        shutil.rmtree(former, ignore_errors=True)
    for name in KEYS:
        if (folder / name).exists():
            (folder / name).replace(conf.folder(name))
            conf.folder(name).chmod(0o600)
