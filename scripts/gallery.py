"""Draw every shell, and every part in every state, as plain HTML files: `python scripts/gallery.py [folder]`.

The pages stand for the real ones in tests of markup and contrast and in screenshots, and serve as the parts' catalogue.
`--shots` also photographs each with Chromium at 1440 and 390 px, dark and right-to-left.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT))

from scripts.gallery_pages import PAGES, render  # noqa: E402 - after the path is known

BUILD = ROOT / "src/civicline/web/static/build"


def write(folder: Path) -> list[Path]:
    """Write all pages and the built files they need into `folder`; return the pages."""
    static = folder / "static" / "build"
    shutil.rmtree(static, ignore_errors=True)
    shutil.copytree(BUILD, static)
    written = []
    for page in PAGES:
        for variant in page.variants:
            path = folder / f"{page.name}{'-' + variant if variant else ''}.html"
            path.write_text(render(page, variant), encoding="utf-8")
            written.append(path)
    return written


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command prints its own lines."""


def shoot(folder: Path, pages: list[Path], widths: list[int], only: str) -> None:
    """Photograph each page at each width with Chromium, through a server on a free loopback port."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("Chromium is not installed: on Debian, apt-get install chromium.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shots = folder / "shots"
    shots.mkdir(exist_ok=True)
    try:
        for page in pages:
            if only and only not in page.name:
                continue
            kind = next(each for each in PAGES if page.stem.startswith(each.name))
            for width in kind.widths or widths:
                target = shots / f"{page.stem}-{width}.png"
                subprocess.run(
                    [
                        browser,
                        "--headless",
                        "--no-sandbox",
                        "--hide-scrollbars",
                        "--force-color-profile=srgb",
                        f"--window-size={width},{kind.height if width > 500 else kind.height_phone}",
                        f"--screenshot={target}",
                        f"http://127.0.0.1:{server.server_port}/{page.name}",
                    ],
                    check=True,
                    capture_output=True,
                )
                print(target)
    finally:
        server.shutdown()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "var" / "gallery")
    parser.add_argument("--shots", action="store_true", help="photograph the pages with Chromium")
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    parser.add_argument("--widths", default="1440,390", help="widths of the pictures, in px")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    pages = write(options.folder)
    print(f"{len(pages)} pages in {options.folder}")
    if options.shots:
        shoot(options.folder, pages, [int(width) for width in options.widths.split(",")], options.only)


if __name__ == "__main__":
    main()
