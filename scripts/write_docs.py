"""Write the generated pages of the documentation, and check that every link inside it leads somewhere."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import settings_page

ROOT = settings_page.PAGE.parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")


def broken_links() -> list[str]:
    """Return each link to a file that does not exist."""
    found = []
    for page in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            for target in LINK.findall(line):
                if (
                    "://" not in target
                    and not target.startswith("mailto:")
                    and not (page.parent / target).exists()
                ):
                    found.append(f"{page.relative_to(ROOT)}:{number} {target}")
    return found


def main() -> int:
    """Write, check, and say what is broken."""
    settings_page.PAGE.parent.mkdir(parents=True, exist_ok=True)
    settings_page.PAGE.write_text(settings_page.page(), encoding="utf-8")
    broken = broken_links()
    for one in broken:
        print(f"Broken link: {one}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
