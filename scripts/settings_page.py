"""docs/operate/settings.md, made from the table of settings in `civicline.config.options`."""

from pathlib import Path

from civicline.config.options import Option, options

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operate" / "settings.md"
GENERAL = "general"
HEAD = """# Settings

<!-- Made by `make docs` from src/civicline/config/options.py; change it there. -->

Every setting can stand in the environment or in one TOML file. The environment wins. The file is `civicline.toml` in
the folder where Civicline starts, or what `CIVICLINE_CONFIG` names:

```toml
public_url = "https://contact.example.org"
languages = ["en", "es"]

[town]
name = "Saltmere"

[database]
url = "postgresql://civicline@/civicline"
```

A variable that ends in `_FILE` names a file with the value: `CIVICLINE_SECRET_KEY_FILE=/run/secrets/key`. Lists are
written with commas in the environment. A setting that is unknown or wrong is named at the start, with its remedy, and
`civicline check` tells all of it at once.

Two more names are heeded: `CIVICLINE_CONFIG`, the file above, and `CIVICLINE_CASES`, the folder with the recorded days
that `civicline replay --source bank` sends ([replay](../replay.md)).
"""


def page() -> str:
    """Return the whole page."""
    sections: dict[str, list[Option]] = {}
    for one in options():
        sections.setdefault(one.name.split(".")[0] if "." in one.name else GENERAL, []).append(one)
    return HEAD + "".join(_section(name, rows) for name, rows in sections.items())


def _section(name: str, rows: list[Option]) -> str:
    title = "General" if name == GENERAL else f"`[{name}]`"
    lines = [
        f"\n## {title}\n",
        "| in the file | in the environment | default | what it is for |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{one.name.split('.')[-1]}` | `{one.variable}` | {_default(one)} | {one.doc} |" for one in rows
    ]
    return "\n".join(lines) + "\n"


def _default(one: Option) -> str:
    value = one.default
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    return f"`{value}`" if str(value) else "-"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
