"""The house stands as docs/design.md draws it."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT, imports, modules, place, tree


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_engine_imports_the_standard_library_and_numpy_only() -> None:
    allowed = sys.stdlib_module_names | {"numpy"}
    impure = {
        "logging",
        "socket",
        "asyncio",
        "sqlite3",
        "os",
        "threading",
        "subprocess",
        "time",
        "urllib",
        "random",
    }
    wrong = [
        f"{place(path, line)} {name}"
        for module, path in modules()
        if module.startswith("engine.")
        for name, line in imports(path)
        if not name.startswith("civicline.engine")
        and (name.split(".")[0] not in allowed or name.split(".")[0] in impure)
    ]
    assert wrong == []


def test_nothing_happens_behind_the_back_of_a_reader() -> None:
    """No Django model signals: handlers are registered in config/wiring.py."""
    wrong = [
        f"{place(path, line)} {name}"
        for _, path in modules()
        for name, line in imports(path)
        if name.startswith(("django.dispatch", "django.db.models.signals", "django.core.signals"))
    ]
    assert wrong == []


CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
}


def test_time_comes_from_the_kernels_clock() -> None:
    """So that tests, the demo and the simulator can set it. Archives and logs tell the machine's own time."""
    machine_time = {"kernel.clock", "cli.archive"}
    wrong = []
    for module, path in modules():
        if module in machine_time:
            continue
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.func.attr) in CLOCKS:
                wrong.append(f"{place(path, node.lineno)} {name}.{node.func.attr}()")
    assert wrong == []


def test_services_take_their_arguments_by_name() -> None:
    """`accept_offer(offer_id=..., agent_id=...)`: two ids in the wrong order must not pass."""
    wrong = []
    for module, path in modules():
        parts = module.split(".")
        if "services" not in parts or parts[0] in {"engine", "kernel"}:
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                positional = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
                if positional and _writes(node):
                    wrong.append(f"{place(path, node.lineno)} {node.name}({', '.join(positional)})")
    assert wrong == []


def _writes(function: ast.FunctionDef) -> bool:
    names = {
        getattr(one, "id", getattr(getattr(one, "func", None), "id", "")) for one in function.decorator_list
    }
    return "writes" in names


def test_models_are_written_in_services_only() -> None:
    """Views, adapters and commands ask services; nothing above them saves a row."""
    writing = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    wrong = []
    for module, path in modules():
        if module.split(".")[0] not in {"web", "channels", "api"} or "services" in module.split("."):
            continue
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in writing
                and not isinstance(node.ctx, ast.Store)
            ):
                on = node.value
                manager = isinstance(on, ast.Attribute) and on.attr == "objects"
                if manager or node.attr in writing - {"save"}:
                    wrong.append(f"{place(path, node.lineno)} .{node.attr}")
    assert wrong == []


def test_modules_and_functions_stay_readable() -> None:
    """The guide is 400 lines a module and 40 a function; a quarter more is the end of it."""
    wrong = []
    for _, path in modules():
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > 500:
            wrong.append(f"{place(path, 1)} has {lines} lines")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 60:
                    wrong.append(f"{place(path, node.lineno)} {node.name} has {length} lines")
    assert wrong == []


def test_names_say_what_a_module_is_about() -> None:
    empty = {"utils", "util", "helpers", "helper", "misc", "common", "managers", "tools", "stuff"}
    assert [module for module, _ in modules() if module.split(".")[-1] in empty] == []


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        place(path, 1)
        for _, path in modules()
        if path.name not in {"__init__.py", "apps.py"} and not ast.get_docstring(tree(path))
    ]
    assert wrong == []


def test_nothing_is_half_done() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "XX" + "X:")
    wrong = [
        f"{place(path, number)} {mark}"
        for path in sorted(
            [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "frontend/src").rglob("*.ts")]
        )
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for mark in marks
        if mark in line
    ]
    assert wrong == []
