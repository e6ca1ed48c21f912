"""`civicline serve` as people meet it: a first start, a second one, an end, and clear words when it cannot."""

import json
import signal
import socket
import sqlite3
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Civicline, PostgreSQL, Redis, free_port

MakeServer = Callable[..., Civicline]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var folder whose first start has happened."""
    server = Civicline(tmp_path_factory.mktemp("town") / "var").start()
    server.stop()
    return server.var


def _get(url: str) -> tuple[int, dict[str, str], str]:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own server
        return (
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.read().decode(),
        )


def test_the_first_start_tells_addresses_and_sign_ins(town: Path) -> None:
    printed = next(town.glob("all-*.log")).read_text()
    for address in ("/desk/", "/supervisor/", "/board/", "/admin/", "/api/v1/openapi.json"):
        assert address in printed
    assert "Sign-ins of the demo town" in printed


def _kept(var: Path) -> list[tuple[str, str]]:
    """Every contact with its state, and the mark that somebody left between two starts."""
    with closing(sqlite3.connect(var / "civicline.sqlite3")) as database:
        return sorted(
            database.execute(
                "SELECT reference, channel FROM intake_contact "
                "UNION ALL SELECT name, CAST(value AS TEXT) FROM kernel_counter WHERE name = 'left'"
            )
        )


def test_a_second_start_is_quick_keeps_the_data_and_ctrl_c_ends_it_within_two_seconds(
    town: Path, make_server: MakeServer
) -> None:
    with closing(sqlite3.connect(town / "civicline.sqlite3")) as database, database:
        database.execute("INSERT INTO kernel_counter (name, value) VALUES ('left', 41)")
    kept, key = _kept(town), (town / "secret").read_text()
    assert ("left", "41") in kept
    assert len(kept) > 20, "the first start seeded a town"
    for _try in range(3):  # other tests run on this machine meanwhile
        began = time.monotonic()
        server = make_server(var=town)
        ready = time.monotonic() - began
        if ready < 3.0:
            break
        assert server.stop() == 0
    assert ready < 3.0
    with_pages = _get(f"{server.url}/accounts/login/")
    assert with_pages[0] == 200
    assert (_kept(town), (town / "secret").read_text()) == (kept, key), "nothing lost, nothing seeded twice"
    assert server.process is not None
    began = time.monotonic()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(10) == 0
    assert time.monotonic() - began < 2.0
    assert "Traceback" not in server.log.read_text()


def test_an_open_connection_does_not_hold_up_the_end(town: Path, make_server: MakeServer) -> None:
    server = make_server(var=town)
    with socket.create_connection(("127.0.0.1", server.port)) as waiting:
        waiting.sendall(
            b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf"
        )
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 2.5


def test_it_rests_in_less_than_200_mb(town: Path, make_server: MakeServer) -> None:
    server = make_server(var=town)
    assert server.process is not None
    for page in ("/en/", "/accounts/login/", "/api/v1/openapi.json"):
        assert _get(f"{server.url}{page}")[0] == 200
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell the memory of a process under /proc")
    resident = next(
        int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS")
    )
    assert resident < 200_000


def test_pages_say_what_browsers_may_do(town: Path, make_server: MakeServer) -> None:
    server = make_server(var=town)
    _, headers, _ = _get(f"{server.url}/accounts/login/")
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert len(headers["x-request-id"]) == 32
    assert "server" not in headers


def test_health_and_figures_are_there_for_those_who_watch(town: Path, make_server: MakeServer) -> None:
    server = make_server(var=town, environment={"CIVICLINE_METRICS_TOKEN": "watch-me"})
    assert json.loads(_get(f"{server.url}/health/live")[2]) == {"status": "ok"}
    assert json.loads(_get(f"{server.url}/health/ready")[2])["checks"]["dispatcher"] == "ok"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        _get(f"{server.url}/metrics")
    asked = urllib.request.Request(f"{server.url}/metrics", headers={"Authorization": "Bearer watch-me"})  # noqa: S310 -- our own
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 -- our own server
        assert "civicline_outbox_lag_seconds" in answer.read().decode()


def _refusal(server: Civicline, *arguments: str) -> str:
    done = server.run(*arguments, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


def test_a_busy_port_is_one_sentence(town: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = _refusal(Civicline(town), "serve", "--port", str(port))
    assert said == (
        f"Port {port} is busy: end the program that uses it, or choose another: serve --port {port + 1}"
    )


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    server = Civicline(tmp_path, environment={"CIVICLINE_VAR": str(tmp_path / "file" / "var")})
    assert "cannot be used (Not a directory)" in _refusal(server, "serve", "--port", str(free_port()))


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    server = Civicline(tmp_path, environment={"CIVICLINE_DATABASE_URL": url})
    assert _refusal(server, "serve", "--port", str(free_port())).startswith("The database cannot be reached")


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    server = Civicline(tmp_path, environment={"CIVICLINE_POTR": "1"})
    assert (
        _refusal(server, "check")
        == "CIVICLINE_POTR is not a setting; write CIVICLINE_PORT if you meant that."
    )


def test_one_part_alone_needs_what_joins_the_parts(tmp_path: Path) -> None:
    assert "need Redis" in _refusal(Civicline(tmp_path), "serve", "--role", "web")


def test_a_strange_role_is_wrong_use(tmp_path: Path) -> None:
    done = Civicline(tmp_path).run("serve", "--role", "boss", check=False)
    assert done.returncode == 2
    assert "'boss' is no role; choose from all, web" in done.stderr


def test_a_database_of_a_newer_version_is_refused(town: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(town, tmp_path / "var")
    with closing(sqlite3.connect(tmp_path / "var" / "civicline.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('intake', '9999_later', '2030-01-01')"
        )
    assert "written by a newer Civicline" in _refusal(
        Civicline(tmp_path / "var"), "serve", "--port", str(free_port())
    )


def test_the_parts_run_as_processes_of_their_own(
    postgresql: PostgreSQL, redis_server: Redis, tmp_path: Path
) -> None:
    environment = {
        "CIVICLINE_DATABASE_URL": postgresql.make_database("parts"),
        "CIVICLINE_REDIS_URL": redis_server.url,
        "CIVICLINE_SECRET_KEY": "k" * 50,
    }
    servers = [
        Civicline(tmp_path / role, role=role, environment=environment) for role in ("web", "dispatch", "work")
    ]
    try:
        assert "run `civicline migrate` first" in _refusal(servers[0], "serve", "--role", "web")
        assert "the database is ready" in servers[0].run("migrate").stdout
        assert "up to date" in servers[0].run("migrate").stdout
        for server in servers:
            server.start()
        assert json.loads(_get(f"{servers[1].url}/health/ready")[2])["checks"]["dispatcher"] == "ok"
        assert json.loads(_get(f"{servers[2].url}/health/ready")[2])["checks"]["deliveries"] == "ok"
        assert _get(f"{servers[0].url}/accounts/login/")[0] == 200
        assert [server.stop() for server in servers] == [0, 0, 0]
    finally:
        for server in servers:
            server.stop()
