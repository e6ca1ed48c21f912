"""A backup of a running town is one consistent moment, and comes back whole."""

import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Civicline, PostgreSQL, wait_until

MakeServer = Callable[..., Civicline]


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var folder with an empty database."""
    server = Civicline(tmp_path_factory.mktemp("laid-out") / "var")
    server.run("migrate")
    return server.var


@pytest.fixture
def town(make_server: MakeServer, laid_out: Path, tmp_path: Path) -> Civicline:
    """A running town."""
    shutil.copytree(laid_out, tmp_path / "var")
    return make_server(environment={"CIVICLINE_DEMO": "no"})


class Writers:
    """Two connections that write pairs, each pair in one transaction, as fast as they can."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.stop = threading.Event()
        self.committed = 0
        self.threads = [threading.Thread(target=self._write, args=(number,)) for number in (1, 2)]

    def __enter__(self) -> "Writers":
        with closing(sqlite3.connect(self.file, timeout=20)) as database:
            database.execute("CREATE TABLE pairs (writer INTEGER, number INTEGER)")
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def _write(self, writer: int) -> None:
        number = 0
        with closing(sqlite3.connect(self.file, timeout=20, isolation_level=None)) as database:
            while not self.stop.is_set():
                number += 1
                database.execute("BEGIN IMMEDIATE")
                database.executemany("INSERT INTO pairs VALUES (?, ?)", [(writer, number), (writer, number)])
                database.execute("COMMIT")
                self.committed += 1


def _upload(town: Civicline, text: str) -> Path:
    path = town.var / "uploads" / "2026" / "bin.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_backup_under_load_is_consistent_and_comes_back(town: Civicline, tmp_path: Path) -> None:
    upload = _upload(town, "an overflowing bin")
    key = (town.var / "secret").read_text()
    recording = town.var / "recordings" / "7f" / "a.rec"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"CIVREC01")
    (town.var / "recordings.key").write_text("key of recordings")
    archive = tmp_path / "town.tar"
    with Writers(town.var / "civicline.sqlite3") as writers:
        wait_until(lambda: writers.committed > 50, what="there is a load")
        before = writers.committed
        town.run("backup", str(archive))
        saved_while_writing = writers.committed
    assert saved_while_writing > before, "writers stood still during the backup"
    assert archive.stat().st_mode & 0o077 == 0
    town.stop()

    other = Civicline(tmp_path / "elsewhere", environment=town.environment)
    assert "Restored the state of" in other.run("restore", str(archive)).stdout
    with closing(sqlite3.connect(other.var / "civicline.sqlite3")) as database:
        torn = "SELECT count(*) FROM (SELECT 1 FROM pairs GROUP BY writer, number HAVING count(*) <> 2)"
        assert database.execute(torn).fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM pairs").fetchone()[0] >= 2 * before
    assert (
        other.var / "uploads" / upload.relative_to(town.var / "uploads")
    ).read_text() == "an overflowing bin"
    assert (other.var / "secret").read_text() == key
    assert (other.var / "recordings" / "7f" / "a.rec").read_bytes() == b"CIVREC01"
    assert (other.var / "recordings.key").read_text() == "key of recordings"
    assert (other.var / "recordings.key").stat().st_mode & 0o077 == 0
    other.start()
    assert other.stop() == 0


def test_restoring_refuses_to_harm(town: Civicline, tmp_path: Path) -> None:
    archive = tmp_path / "town.tar.gz"
    town.run("backup", str(archive))
    said = town.run("restore", str(archive), check=False)
    assert (said.returncode, said.stderr.strip()) == (
        1,
        "Civicline is running on this data; stop all its processes first.",
    )
    town.stop()
    assert "restore with --force" in town.run("restore", str(archive), check=False).stderr
    assert "Restored" in town.run("restore", str(archive), "--force").stdout
    town.start()


def test_a_damaged_archive_changes_nothing(town: Civicline, tmp_path: Path) -> None:
    _upload(town, "A" * 5000)
    archive = tmp_path / "town.tar"
    town.run("backup", str(archive))
    town.stop()
    whole = archive.read_bytes()
    archive.write_bytes(whole.replace(b"A" * 4000, b"B" * 4000, 1))
    said = town.run("restore", str(archive), "--force", check=False)
    assert "is damaged: uploads/2026/bin.txt is not what was saved" in said.stderr
    archive.write_bytes(whole[: len(whole) // 3])
    assert "use another backup" in town.run("restore", str(archive), "--force", check=False).stderr
    archive.write_text("A letter, and no archive.", encoding="utf-8")
    other = town.run("restore", str(archive), "--force", check=False).stderr
    assert "no whole Civicline archive" in other
    assert len(other.strip().splitlines()) == 1
    assert "There is no archive" in town.run("restore", str(tmp_path / "none.tar"), check=False).stderr
    town.start()


def test_an_archive_cannot_write_outside_of_its_folder(town: Civicline, tmp_path: Path) -> None:
    town.stop()
    (tmp_path / "x").write_text("x", encoding="utf-8")
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / "x", arcname="../../escaped")
    assert "no whole Civicline archive" in town.run("restore", str(archive), "--force", check=False).stderr
    assert not list(tmp_path.rglob("escaped"))


def test_a_postgresql_town_is_saved_and_comes_back(postgresql: PostgreSQL, tmp_path: Path) -> None:
    import psycopg

    first = Civicline(
        tmp_path / "first", environment={"CIVICLINE_DATABASE_URL": postgresql.make_database("first")}
    )
    first.run("migrate")
    with psycopg.connect(first.environment["CIVICLINE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO kernel_counter (name, value) VALUES ('proof', 41)")
    first.run("backup", str(tmp_path / "town.tar"))
    second = Civicline(
        tmp_path / "second", environment={"CIVICLINE_DATABASE_URL": postgresql.make_database("second")}
    )
    second.run("restore", str(tmp_path / "town.tar"))
    with psycopg.connect(second.environment["CIVICLINE_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT value FROM kernel_counter WHERE name = 'proof'").fetchone() == (41,)
    assert "restore with --force" in second.run("restore", str(tmp_path / "town.tar"), check=False).stderr
    assert "up to date" in second.run("migrate").stdout
    wrong_kind = Civicline(tmp_path / "third").run("restore", str(tmp_path / "town.tar"), check=False)
    assert "names sqlite; choose the same kind" in wrong_kind.stderr
