"""The steps that make a clone ready: system parts, the virtual environment, the front end, translations, bytecode.

Only the standard library: this runs before anything is installed. Each step keeps a stamp, the hash of what went
into it, and is skipped while that has not changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
BUILD = ROOT / "src/civicline/web/static/build"
LOCALE = ROOT / "src/civicline/locale"
NODE = 20

# What the tests need from the system: a program that shows it is there, and Debian's package.
PARTS = [
    (
        (
            "/usr/lib/postgresql/15/bin/postgres",
            "/usr/lib/postgresql/16/bin/postgres",
            "/usr/lib/postgresql/17/bin/postgres",
        ),
        "postgresql",
    ),
    (("/usr/bin/pg_dump",), "postgresql-client"),
    (("/usr/bin/redis-server",), "redis-server"),
    (("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"), "chromium"),
    (("/usr/bin/ruby",), "ruby"),
    (("/usr/bin/sipp",), "sip-tester"),
    (("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"), "iproute2"),
    (("/usr/bin/espeak-ng",), "espeak-ng"),
    (("/usr/bin/sox",), "sox"),
    (
        (
            "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
            "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
        ),
        "libfaketime",
    ),
    (
        (
            "/usr/lib/x86_64-linux-gnu/sox/libsox_fmt_mp3.so",
            "/usr/lib/aarch64-linux-gnu/sox/libsox_fmt_mp3.so",
        ),
        "libsox-fmt-mp3",
    ),
]


class CannotPrepare(Exception):
    """What is missing and what to do about it, in one sentence."""


def main(arguments: list[str]) -> int:
    """Prepare for `run` or for `test`; print one sentence and return 1 when that cannot be done."""
    purpose = arguments[0] if arguments else "run"
    try:
        if not os.access(ROOT, os.W_OK):
            raise CannotPrepare(
                f"The folder {ROOT} cannot be written; give this account the right to, or clone elsewhere."
            )
        if purpose == "test":
            system_parts()
        if any(_front_end_needs(with_tools=purpose != "run")):
            _npm()  # what is missing is said before minutes of installing, not after
        environment(with_tools=purpose != "run")
        front_end(with_tools=purpose != "run")
        translations()
        bytecode()
        if purpose == "test":
            exchange()
    except CannotPrepare as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _hash(files: Iterable[Path], *more: str) -> str:
    total = hashlib.sha256("\0".join(more).encode())
    for file in sorted(files):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _is_fresh(step: str, stamp: str) -> bool:
    file = STAMPS / step
    return file.exists() and file.read_text() == stamp


def _done(step: str, stamp: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / step).write_text(stamp)


def _run(doing: str, command: list[str], remedy: str, **environment: str) -> None:
    print(f"{doing} ...", flush=True)
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise CannotPrepare(f"{doing} did not work (see above). {remedy}")


def system_parts() -> None:
    """Install what the tests need and is missing: as root on Debian. Elsewhere say what to install."""
    missing = [
        package for programs, package in PARTS if not any(Path(program).exists() for program in programs)
    ]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        if os.environ.get("CI"):
            raise CannotPrepare(f"The tests need {', '.join(missing)}; install them first.")
        print(f"Not installed here, so the tests that need them will skip: {', '.join(missing)}.")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run("Reading the list of system packages", ["apt-get", "update", "-qq"], "Is there a network?", **quiet)
    _run(f"Installing {', '.join(missing)}", command, "Install them by hand.", **quiet)


def environment(*, with_tools: bool) -> None:
    """Make .venv and put in exactly what the lock files name, checked by hash."""
    locks = ["requirements-dev.lock"] if with_tools else ["requirements.lock"]
    version = sysconfig.get_python_version()
    stamp = _hash([ROOT / lock for lock in locks], version)
    # The tools' lock holds everything of the other one.
    covered = _is_fresh("requirements-dev.lock", _hash([ROOT / "requirements-dev.lock"], version))
    if _is_fresh(locks[0], stamp) or covered:
        return
    python = VENV / "bin" / "python"
    if VENV.exists() and not _same_python(python, version):
        shutil.rmtree(VENV)
    if not python.exists():
        _make_environment()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    _run("Installing the Python packages", [*pip, "-r", str(ROOT / locks[0])], "Is there a network?")
    _link_ourselves(python)
    _done(locks[0], stamp)


def _same_python(python: Path, version: str) -> bool:
    question = "import sysconfig; print(sysconfig.get_python_version())"
    try:
        answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == version


def _make_environment() -> None:
    try:
        import ensurepip  # noqa: F401 -- Debian keeps it in a package of its own
    except ImportError:
        package = "python3-venv"
        if not (shutil.which("apt-get") and os.geteuid() == 0):
            raise CannotPrepare(
                f"This Python cannot make virtual environments; install {package} (sudo apt install {package})."
            ) from None
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        _run(
            "Reading the list of system packages",
            ["apt-get", "update", "-qq"],
            "Is there a network?",
            **quiet,
        )
        _run(
            f"Installing {package}",
            ["apt-get", "install", "-y", package],
            f"Install {package} by hand.",
            **quiet,
        )
    _run(
        "Making the virtual environment .venv", [sys.executable, "-m", "venv", str(VENV)], "Is the disk full?"
    )


def _link_ourselves(python: Path) -> None:
    """Make `import civicline` and the command `.venv/bin/civicline` work, straight from this clone."""
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=True)
    (Path(answer.stdout.strip()) / "civicline.pth").write_text(f"{ROOT / 'src'}\n")
    command = VENV / "bin" / "civicline"
    command.write_text(f"#!{python}\nimport sys\n\nfrom civicline.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


def _front_end_hashes() -> tuple[str, str]:
    """What the npm packages, and what the built front end, were made from."""
    lock = [ROOT / "package-lock.json", ROOT / "package.json"]
    sources = [file for file in (ROOT / "frontend").rglob("*") if file.is_file()]
    return _hash(lock), _hash([*lock, *sources])


def _front_end_needs(*, with_tools: bool) -> tuple[bool, bool]:
    """Whether the npm packages are to be installed, and whether the front end is to be built."""
    packages, build = _front_end_hashes()
    needs_build = not (_is_fresh("front-end", build) and (BUILD / "manifest.json").exists())
    needs_packages = not (_is_fresh("npm", packages) and (ROOT / "node_modules").exists())
    return needs_packages and (needs_build or with_tools), needs_build


def front_end(*, with_tools: bool) -> None:
    """Install the npm packages and build styles and scripts into src/civicline/web/static/build."""
    needs_packages, needs_build = _front_end_needs(with_tools=with_tools)
    if not (needs_packages or needs_build):
        return
    packages, build = _front_end_hashes()
    npm = _npm()
    if needs_packages:
        _run(
            "Installing the front-end packages",
            [npm, "ci", "--silent", "--no-audit", "--no-fund"],
            "Is there a network?",
        )
        _done("npm", packages)
    if needs_build:
        _run(
            "Building the front end",
            [npm, "run", "--silent", "build"],
            "The message above says which file is wrong.",
        )
        _done("front-end", build)


def _npm() -> str:
    """Return npm, or say which Node is needed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    where = "nodejs.org/en/download has it for every system (Debian 12's own package is older)"
    if not (node and npm):
        raise CannotPrepare(f"Node {NODE} or newer builds the front end and is not installed; {where}.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.removeprefix("v").split(".")[0] or 0) < NODE:
        raise CannotPrepare(f"Node {NODE} or newer builds the front end, and this is {version}; {where}.")
    return npm


def exchange() -> None:
    """Find an Asterisk, or unpack one into the cache folder: the tests of the telephone need a real one."""
    python, module = VENV / "bin" / "python", "civicline.channels.voice.asterisk.installation"
    look = f"import sys; from {module} import present; sys.exit(present() is None)"
    if subprocess.run([str(python), "-c", look], check=False, stdin=subprocess.DEVNULL).returncode == 0:
        return
    fetch = [str(python), "-m", "civicline.channels.voice.asterisk.unpacking"]
    try:
        _run("Unpacking Asterisk 22 from Debian's packages", fetch, "See the sentence above.")
    except CannotPrepare:
        if os.environ.get("CI"):
            raise
        print("The tests of the telephone will skip.")


def translations() -> None:
    """Compile the translations (.po to .mo)."""
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    stamp = _hash(sources)
    if not sources or (
        _is_fresh("translations", stamp) and all(po.with_suffix(".mo").exists() for po in sources)
    ):
        return
    command = [
        str(VENV / "bin" / "python"),
        str(ROOT / "scripts" / "compile_messages.py"),
        *map(str, sources),
    ]
    _run("Compiling the translations", command, "The message above says which entry is wrong.")
    _done("translations", stamp)


def bytecode() -> None:
    """Compile our modules (.py to .pyc): where the account that runs Civicline may not write beside them, as in
    /opt, each start would do it again, which is a third of its time."""
    sources = sorted((ROOT / "src").rglob("*.py"))
    known = [(file.relative_to(ROOT), file.stat()) for file in sources]
    stamp = _hash([], *(f"{name} {stat.st_mtime_ns} {stat.st_size}" for name, stat in known))
    if _is_fresh("bytecode", stamp):
        return
    command = [str(VENV / "bin" / "python"), "-m", "compileall", "-q", str(ROOT / "src")]
    _run("Compiling the modules", command, "Is the disk full?")
    _done("bytecode", stamp)
