"""Translations: collect the texts, see what is missing, fill it in.

    python scripts/messages.py update [tr]       collect all texts into the catalogues of every language, or of one
    python scripts/messages.py missing tr        what is not translated yet, as JSON on the screen
    python scripts/messages.py fill tr FILE      take translations from JSON: [{"id": ..., "text": ...}] or, for
                                                 plurals, {"id": ..., "texts": [...]}

Babel reads Python and Jinja2 alike; no gettext has to be installed. English is the language of the source.
"""

import contextlib
import fcntl
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "civicline"
LOCALE = SOURCE / "locale"
LANGUAGES = ("es", "fr", "ar", "tr")
METHODS = [
    ("**/migrations/**.py", "ignore"),
    (
        "config/templates/allauth/**.html",
        "ignore",
    ),  # Django's own template language; allauth brings its texts
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
OPTIONS = {
    pattern: {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
        "trimmed": "true",
        "silent": "false",
    }
    for pattern in ("**/templates/**.html", "**/templates/**.txt")
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def collected() -> Catalog:
    """Every text of the source, in the order of its files; no line numbers, so that only texts make a difference."""
    catalogue = Catalog(project="Civicline", charset="utf-8", fuzzy=False)
    found = extract_from_dir(SOURCE, METHODS, OPTIONS, KEYWORDS, ("Translators:",), strip_comment_tags=True)
    for name, _line, message, comments, context in sorted(found, key=lambda row: (row[0], row[1])):
        catalogue.add(message, None, [(name, None)], auto_comments=comments, context=context)
    return catalogue


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


@contextlib.contextmanager
def alone(language: str) -> Iterator[None]:
    """Let one program at a time change the catalogue of a language: translators may share the work."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read(language: str) -> Catalog:
    """The catalogue of a language as it is stored; an empty one when there is none."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Civicline", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalogue: Catalog) -> None:
    """Store a catalogue, without the times and tools that would differ from machine to machine."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, omit_header=True, ignore_obsolete=True, sort_by_file=False)
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head.encode() + out.getvalue())


def update(languages: tuple[str, ...] = LANGUAGES) -> None:
    """Bring catalogues up to the source: new texts empty, gone ones dropped, none guessed."""
    texts = collected()
    for language in languages:
        with alone(language):
            catalogue = read(language)
            catalogue.update(texts, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            write(language, catalogue)


def is_done(message: Message) -> bool:
    """Whether every form of a message is translated."""
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(forms) and all(forms)


def missing(catalogue: Catalog) -> Iterator[Message]:
    """The messages that are not translated yet."""
    return (message for message in catalogue if message.id and not is_done(message))


def show_missing(language: str) -> None:
    """Print what is missing, with the file it stands in, as JSON."""
    catalogue = read(language)
    rows = []
    for message in missing(catalogue):
        row: dict[str, object] = {"in": message.locations[0][0] if message.locations else ""}
        if isinstance(message.id, list | tuple):
            row |= {"id": message.id[0], "plural": message.id[1], "forms": catalogue.num_plurals}
        else:
            row["id"] = message.id
        if message.context:
            row["context"] = message.context
        rows.append(row)
    print(json.dumps(rows, ensure_ascii=False, indent=0))


def fill(language: str, source: Path) -> int:
    """Take translations from a JSON file; returns how many fitted a text of the catalogue."""
    rows = json.loads(source.read_text("utf-8"))
    with alone(language):
        return _take(language, rows)


def _take(language: str, rows: list[dict[str, Any]]) -> int:
    catalogue, taken = read(language), 0
    for row in rows:
        message = catalogue.get(row["id"], row.get("context"))
        if message is None:
            print(f"There is no text: {row['id'][:70]!r}", file=sys.stderr)
            continue
        message.string = tuple(row["texts"]) if "texts" in row else row["text"]
        taken += 1
    write(language, catalogue)
    return taken


def main(arguments: list[str]) -> int:
    """See the module."""
    match arguments:
        case ["update"]:
            update()
        case ["update", language]:
            update((language,))
        case ["missing", language]:
            show_missing(language)
        case ["fill", language, name]:
            print(
                f"{fill(language, Path(name))} taken, {sum(1 for _ in missing(read(language)))} still missing"
            )
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
