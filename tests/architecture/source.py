"""The source tree as these tests read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "civicline"


@cache
def modules() -> list[tuple[str, Path]]:
    """Return (name relative to civicline, path) of all modules, without migrations."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if "migrations" not in relative.parts:
            found.append((".".join(relative.with_suffix("").parts), path))
    return found


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Give each imported module with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def templates() -> list[Path]:
    """Return all templates."""
    return sorted(
        path for path in PACKAGE.rglob("templates/**/*") if path.suffix in {".html", ".txt", ".svg", ".xml"}
    )


def place(path: Path, line: int) -> str:
    """Return file:line as editors open it."""
    return f"{path.relative_to(ROOT)}:{line}"
