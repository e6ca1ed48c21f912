"""Compile translations (.po) to what Django reads (.mo), with Babel: no gettext has to be installed."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def main(sources: list[str]) -> int:
    """Compile each file beside itself."""
    for name in sources:
        source = Path(name)
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parents[1].name)
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
