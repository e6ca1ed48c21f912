"""The archive of `civicline backup`: a tar with the database, the uploads, the key and a manifest with checksums.

manifest.json        version, when, which database, and the SHA-256 of every other member
database.sqlite3     or database.pgdump (custom format of pg_dump)
secret               the installation's key, when it is kept in the var folder
uploads/...          what residents and staff attached
recordings/...       calls and voice messages, encrypted
recordings.key       their key, when it is kept in the var folder
"""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from civicline import __version__
from civicline.cli.problems import Problem

FORMAT = 1
PIECE = 1_048_576


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            total.update(piece)
    return total.hexdigest()


def write(target: Path, members: dict[str, Path], *, database: str) -> None:
    """Write the archive beside its final name, make it durable, then rename: a half one never bears the name."""
    manifest = {
        "format": FORMAT,
        "civicline": __version__,
        "made_at": datetime.now(UTC).isoformat(
            timespec="seconds"
        ),  # of the machine's clock, not of the town's
        "database": database,
        "members": {name: digest(path) for name, path in members.items()},
    }
    draft = target.with_name(f".{target.name}.partial")
    descriptor = os.open(
        draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
    )  # it holds the key and personal data
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w|gz" if target.suffix in {".gz", ".tgz"} else "w|") as tar:
                _add_text(tar, "manifest.json", json.dumps(manifest, indent=1))
                for name, path in members.items():
                    tar.add(path, arcname=name, recursive=False)
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        tar.add(file.name, arcname=name)


@contextmanager
def opened(source: Path, beside: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Unpack into a folder next to `beside`, check every checksum, and give (manifest, folder). Raises `Problem`."""
    if not source.is_file():
        raise Problem(f"There is no archive {source}.")
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=beside) as name:
        folder = Path(name)
        try:
            with tarfile.open(source) as tar:
                tar.extractall(folder, filter="data")
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            why = (
                str(error).partition("\n")[0].rstrip(" :")
            )  # tarfile lists on further lines all that it tried
            raise Problem(f"{source} is no whole Civicline archive ({why}); use another backup.") from error
        if manifest.get("format") != FORMAT:
            raise Problem(
                f"{source} was written by a newer Civicline ({manifest.get('civicline')}); install that one."
            )
        for member, checksum in manifest["members"].items():
            path = folder / member
            if not path.is_file() or digest(path) != checksum:
                raise Problem(f"{source} is damaged: {member} is not what was saved; use another backup.")
        yield manifest, folder
