"""What every test stands on: the chosen database, the real parts, Civicline as a process, and a real browser.

    pytest                        SQLite, a file, as on a small town's machine
    pytest --db postgresql        PostgreSQL 15 and Redis 7, started for this run only

Django is set up here, before any test module is read, because the database has to be known by then.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import hypothesis
import pytest
from django.db import connections
from django.utils import translation

from tests import laid_out, servers
from tests.own_folders import own_folder

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgresql")
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
_started: list[servers.PostgreSQL | servers.Redis] = []
_folders: list[Path] = []


def _chosen_database() -> str:
    """Return what `--db` says. pytest has not read its options yet when this file is loaded."""
    arguments = sys.argv[1:]
    for position, argument in enumerate(arguments):
        if argument.startswith("--db="):
            return argument.removeprefix("--db=")
        if argument == "--db" and position + 1 < len(arguments):
            return arguments[position + 1]
    return os.environ.get("CIVICLINE_TEST_DB", "sqlite")


def _fast_place(room: int) -> str | None:
    """Return where files are fast, with so many bytes of room; None for the usual place, on the disk."""
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > room
    return str(memory) if roomy else None


def _fast_folder() -> Path:
    """Return a fresh folder, in memory where there is room: test databases need no durability."""
    folder = own_folder("test", _fast_place(400_000_000))
    _folders.append(folder)
    return folder


def _prepare() -> str:
    """Set the configuration of this test process and start what it needs; worker processes inherit the servers."""
    database = _chosen_database()
    if database not in DATABASES:
        raise pytest.UsageError(f"--db is one of {', '.join(DATABASES)}, not {database!r}")
    os.environ["CIVICLINE_TEST_DB"] = database
    for name in [name for name in os.environ if name.startswith("CIVICLINE_")]:
        if not name.startswith(("CIVICLINE_TEST_", "CIVICLINE_CASES", "CIVICLINE_BENCH_")):
            del os.environ[name]
    # Servers are started hundreds of times: what Python has compiled is kept, wherever this runs.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    folder = _fast_folder()
    os.environ.setdefault(laid_out.SHARED, str(folder))
    os.environ["CIVICLINE_VAR"] = str(folder)
    os.environ["CIVICLINE_CONFIG"] = str(folder / "civicline.toml")
    (folder / "civicline.toml").write_text("", encoding="utf-8")
    os.environ["CIVICLINE_ALLOWED_HOSTS"] = "testserver"
    os.environ["DJANGO_SETTINGS_MODULE"] = "civicline.config.settings"
    if database == "postgresql":
        if "CIVICLINE_TEST_POSTGRESQL_PORT" not in os.environ:
            # As durable as any; those that prove what outlives a crash start one of their own, on the disk.
            postgresql = servers.PostgreSQL.start(inside=_fast_place(8_000_000_000))
            redis = servers.Redis.start()
            _started.extend([postgresql, redis])
            os.environ["CIVICLINE_TEST_POSTGRESQL_PORT"] = str(postgresql.port)
            os.environ["CIVICLINE_TEST_REDIS_URL"] = redis.url
        port = os.environ["CIVICLINE_TEST_POSTGRESQL_PORT"]
        os.environ["CIVICLINE_DATABASE_URL"] = f"postgresql://civicline@127.0.0.1:{port}/postgres"
        # Each worker process has a Redis database of its own: tests clear it, and must not clear a neighbour's.
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        url = urlsplit(os.environ["CIVICLINE_TEST_REDIS_URL"])
        os.environ["CIVICLINE_REDIS_URL"] = url._replace(path=f"/{worker}").geturl()
    return database


def _set_up_django(database: str) -> None:
    from django.conf import settings

    test_name = {"sqlite": f"{os.environ['CIVICLINE_VAR']}/test.sqlite3", "postgresql": "test_civicline"}[
        database
    ]
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = test_name
    # Argon2 is slow on purpose; tests of it name it themselves.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    django.setup()
    from tests import emptied

    emptied.use()


# Times depend on what else runs on the machine; speed is measured where it is asked for, not on single examples.
hypothesis.settings.register_profile("civicline", deadline=None)
hypothesis.settings.load_profile("civicline")

CHOSEN = _prepare()
_set_up_django(CHOSEN)
# A worker process that inherited this would read its settings before the lines above give it its own.
del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--db sqlite` (default) or `--db postgresql`."""
    parser.addoption("--db", choices=DATABASES, default="sqlite", help="the database under the tests")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers this process started and remove its folders."""
    while _started:
        _started.pop().stop()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


# --- CI never skips: a part that cannot be had there is a failure, not a silence.


def _may_skip(report: Any) -> bool:
    return "../shared/cases" in str(report.longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Turn a skip into a failure when CI=true."""
    report = yield
    if IN_CI and report.skipped and not _may_skip(report):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI, where nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[Any]:
    """The same for a whole module that skips itself."""
    report = yield
    if IN_CI and report.skipped and not _may_skip(report):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI, where nothing may be: {report.longrepr}"
    return report


# --- Around each test


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits and sessions of one test mean nothing to the next."""
    yield
    if request.node.get_closest_marker("django_db") is not None:
        from django.core.cache import cache

        cache.clear()


@pytest.fixture(autouse=True)
def _nothing_read_yet() -> None:
    """What is kept for a second (catalogue, lines) belongs to the database of the test that read it."""
    from civicline.intake.catalogue import forget_catalogue
    from civicline.routing.lines import forget_lines

    forget_catalogue()
    forget_lines()


@pytest.fixture(autouse=True)
def _english() -> None:
    """A page of one test leaves its language active on this thread; the next begins in the language of the source."""
    translation.activate("en")


@pytest.fixture
def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL and Redis."""
    return CHOSEN == "postgresql"


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of real-world cases: CIVICLINE_CASES, or ../shared/cases beside the clone."""
    folder = Path(os.environ.get("CIVICLINE_CASES", ROOT.parent / "shared" / "cases"))
    if not folder.is_dir():
        pytest.skip("../shared/cases is not here; CIVICLINE_CASES may name it")
    return folder


# --- Real parts


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.PostgreSQL]:
    """A PostgreSQL server of this session's own, whatever database the run is on."""
    try:
        server = servers.PostgreSQL.start()
    except servers.PartMissing as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Redis]:
    """A Redis server of this session's own."""
    try:
        server = servers.Redis.start()
    except servers.PartMissing as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def asterisk() -> None:
    """There is an Asterisk here; what needs one is not run without it."""
    from tests.exchange import missing

    if why := missing():
        pytest.skip(why)


MakeServer = Callable[..., servers.Civicline]


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Make `civicline serve` processes: `make_server(role="web", environment={...})`; started, ended at the end."""
    made: list[servers.Civicline] = []

    def make(*, start: bool = True, var: Path | None = None, **options: Any) -> servers.Civicline:
        server = servers.Civicline(var or tmp_path / "var", **options)
        made.append(server)
        return server.start() if start else server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def chosen_database(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings with which a server of one's own runs over the database these tests are about."""
    return _served(f"own_{abs(hash(request.node.nodeid))}")


def _served(name: str) -> dict[str, str]:
    if CHOSEN != "postgresql":
        return {}
    server = f"postgresql://civicline@127.0.0.1:{os.environ['CIVICLINE_TEST_POSTGRESQL_PORT']}"
    return {
        "CIVICLINE_DATABASE_URL": laid_out.postgresql_at(server, f"served_{os.getpid()}_{name}"),
        "CIVICLINE_REDIS_URL": os.environ["CIVICLINE_TEST_REDIS_URL"].replace("/0", "/1"),
    }


@pytest.fixture(scope="session")
def civicline_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Civicline]:
    """One seeded demo town, served by a process of its own on a free port, for the whole session."""
    folder = tmp_path_factory.mktemp("civicline")
    server = servers.Civicline(folder / "var", environment=_served("town"))
    if "CIVICLINE_DATABASE_URL" not in server.environment:
        laid_out.town_in(server.var, server.environment)
    server.start()
    yield server
    server.stop()


# --- A real browser

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each window would make two pages that nobody sees (a list under the address bar, one to spare), and each costs
    # more than a test's own. Chromium reads the last such list only: the second half is what Playwright turns off.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium with a fresh profile, driven by Playwright (synchronous interface)."""
    from playwright.sync_api import expect, sync_playwright

    # A page may wait five seconds before it speaks of a lost network; a busy machine needs some more.
    expect.set_options(timeout=15_000)
    program = next((path for path in CHROMIUM if Path(path).exists()), None)
    if program is None:
        pytest.skip("Chromium is not installed here; on Debian: apt-get install chromium")
    # Playwright keeps an event loop in this thread, and Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    ours = {alias: connections[alias] for alias in connections}
    with sync_playwright() as playwright:
        # Beside that loop Django would also give this thread other connections than those that its tests hold.
        for alias, connection in ours.items():
            connections[alias] = connection
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser: Any, civicline_server: servers.Civicline) -> Iterator[Callable[..., Any]]:
    """Open pages, each in a context (cookies) of its own: `new_page(locale="ar", viewport={...})`."""
    contexts: list[Any] = []

    def open_page(**options: Any) -> Any:
        options = {"base_url": civicline_server.url, "locale": "en-GB", "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page of the demo town."""
    return new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """Check a page with axe-core: `assert axe(page) == []`; WCAG 2.2 A and AA and best practices."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        pytest.skip("axe-core is not installed here; run npm ci")
    source = script.read_text(encoding="utf-8")

    def violations(page: Any) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        return [
            f"{one['id']} ({one['impact']}): {one['help']} at {' '.join(map(str, node['target']))}"
            for one in found
            for node in one["nodes"]
        ]

    return violations


@pytest.fixture
def town(db: None) -> Iterator[Any]:
    """A small town whose clock stands still until a test moves it."""
    from civicline.kernel import clock
    from tests.town import MONDAY_MORNING, Town

    with clock.use(clock.ManualClock(MONDAY_MORNING)) as moment:
        yield Town(moment)
