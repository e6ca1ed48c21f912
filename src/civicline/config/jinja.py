"""The Jinja2 environment of our pages: autoescape, translations, built front-end files, icons and the words filters."""

from __future__ import annotations

import json
import re
import secrets
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.urls import NoReverseMatch, Resolver404, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import (
    get_language,
    get_language_bidi,
    get_language_info,
    gettext,
    ngettext,
    npgettext,
    pgettext,
)
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from civicline.config import words
from civicline.config.fixed_texts import PageEnvironment
from civicline.kernel.telephone import in_groups
from civicline.kernel.texts import comma, in_a_row
from civicline.web.addresses import address

WEB = Path(__file__).resolve().parents[1] / "web"
BUILD = WEB / "static" / "build"

# Icons that point somewhere turn round with the direction of writing; clocks, ticks and telephones do not.
POINTING = frozenset(
    {
        "arrow",
        "back",
        "next",
        "chat",
        "book",
        "send",
        "transfer",
        "whisper",
        "callback",
        "undo",
        "signout",
        "list",
    }
)


LOOK_SECONDS = 1.0


class FrontEndNotBuilt(RuntimeError):
    """The built styles and scripts are missing: `npm ci && npm run build` makes them."""


class Manifest:
    """Logical names ("portal.css") and the hashed files that the front-end build wrote for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._look_at = 0.0
        self._read_at = 0
        self._files: dict[str, str] = {}

    def file(self, name: str) -> str:
        """The hashed file name of `name`. Raises `FrontEndNotBuilt` with the remedy when there is none."""
        if time.monotonic() >= self._look_at:
            self.look()
        try:
            return self._files[name]
        except KeyError as unknown:
            known = ", ".join(sorted(self._files))
            raise FrontEndNotBuilt(
                f"The built front end has no {name!r}. It has: {known}. Run `npm run build` again if it is new."
            ) from unknown

    def look(self) -> None:
        """Read the manifest if it changed. `file` does so once in `LOOK_SECONDS`: a page names a dozen files."""
        path = self.folder / "manifest.json"
        try:
            changed = path.stat().st_mtime_ns
            if changed != self._read_at:
                self._files = json.loads(path.read_text(encoding="utf-8"))
                self._read_at = changed
        except FileNotFoundError as missing:
            raise FrontEndNotBuilt(
                f"The front end is not built: {path} is missing. Run `npm ci && npm run build` in the project's folder."
            ) from missing
        self._look_at = time.monotonic() + LOOK_SECONDS

    def path(self, name: str) -> Path:
        """Where the built file of `name` stands on disk."""
        return self.folder / self.file(name)


manifest = Manifest(BUILD)


def static(name: str) -> str:
    """The address of a built file: `static('portal.css')`."""
    base = settings.STATIC_URL or "/static/"
    return f"{base.rstrip('/')}/build/{manifest.file(name)}"


def url_or(name: str, otherwise: str) -> str:
    """The address of a named view that an installation may have left out, or `otherwise`."""
    try:
        return address(name)
    except NoReverseMatch:
        return otherwise


@cache
def _symbols(path: Path) -> dict[str, tuple[str, str]]:
    """Each symbol of the sprite: its view box and what it draws."""
    found = re.findall(
        r'<symbol id="([\w-]+)" viewBox="([\d. ]+)">(.*?)</symbol>', path.read_text(encoding="utf-8"), re.S
    )
    return {name: (box, drawing) for name, box, drawing in found}


def _drawing(sprite: Path, name: str) -> tuple[str, str]:
    symbols = _symbols(sprite)
    try:
        return symbols[name]
    except KeyError as unknown:
        raise KeyError(f"There is no icon {name!r}; the sprite has {', '.join(sorted(symbols))}") from unknown


def icon(name: str, label: str = "", css: str = "") -> Markup:
    """An inline icon of the sprite: with `label` a picture of that name, without it hidden from screen readers."""
    classes = " ".join(filter(None, ["i", "i-mirror" if name in POINTING else "", css]))
    return _svg(manifest.file("icons.svg"), f"i-{name}", classes, label)


def glyph(state: str, label: str = "") -> Markup:
    """The shape of a presence: available, contact, wrap, break, training, away, silent, offline."""
    return _svg(manifest.file("icons.svg"), f"p-{state}", f"g g-{state}", label)


@lru_cache(maxsize=2_048)
def _svg(sprite: str, symbol: str, classes: str, label: str) -> Markup:
    box, drawing = _drawing(manifest.folder / sprite, symbol)
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" viewBox="{}" {} focusable="false">{}</svg>').format(
        classes,
        box,
        role,
        Markup(drawing),  # noqa: S704 - our own sprite, read from the build
    )


_REF, _ISOLATED, _END = Markup('<bdi class="ref">'), Markup("<bdi>"), Markup("</bdi>")


def ref(value: object) -> Markup:
    """A reference, isolated from the direction of the text around it."""
    return _REF + escape(value) + _END


def titled(value: object) -> Markup:
    """The title of a case, "what: where": the place, often in other letters, isolated from the words before it."""
    what, colon, where = str(value).partition(": ")
    if not (colon and where):
        return escape(str(value))
    return escape(what) + ": " + _ISOLATED + escape(where) + _END


def form_token(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the token of this page's forms, made once for all of them and only when one is drawn."""
    token = SimpleLazyObject(lambda: _masked_token(request))
    field = SimpleLazyObject(lambda: _TOKEN + escape(str(token)) + _TOKEN_END)
    return {"csrf_token": token, "csrf_input": field}


def _masked_token(request: HttpRequest) -> str:
    """Django's token of a page: its secret, masked anew for each page, so that compression tells nothing of it.

    As `django.middleware.csrf` does it, with one reading of chance for the whole mask in place of one for each sign,
    which took longer than drawing an offer's card.
    """
    secret = request.META.get("CSRF_COOKIE")
    if secret is None or len(secret) != CSRF_SECRET_LENGTH:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    signs = len(CSRF_ALLOWED_CHARS)
    chance, mask, cipher = secrets.randbelow(signs**CSRF_SECRET_LENGTH), "", ""
    for sign in secret:
        chance, turn = divmod(chance, signs)
        mask += CSRF_ALLOWED_CHARS[turn]
        cipher += CSRF_ALLOWED_CHARS[(CSRF_ALLOWED_CHARS.index(sign) + turn) % signs]
    return mask + cipher


_TOKEN, _TOKEN_END = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="'), Markup('">')


def classes(*names: str | bool | None) -> str:
    """Class names joined, empty ones left out."""
    return " ".join(str(name) for name in names if name)


@pass_context
def language_links(context: Context) -> list[dict[str, Any]]:
    """The installation's languages with this page's address in each: code, name, dir, href, current."""
    request = context.get("request")
    here = request.get_full_path() if request is not None else "/"
    links = []
    for code, _ in settings.LANGUAGES:
        info = get_language_info(code)
        try:
            href = translate_url(here, code)
        except Resolver404:
            href = f"/{code}/"
        links.append(
            {
                "code": code,
                "name": str(info["name_local"]).capitalize(),
                "dir": "rtl" if info["bidi"] else "ltr",
                "href": href,
                "current": code == (get_language() or settings.LANGUAGE_CODE),
            }
        )
    return links


@pass_context
def theme(context: Context) -> str:
    """The theme that the reader chose for their work, "light" or "dark"; "" follows the computer.

    Asks the database nothing: a page that tells of a fault is drawn when there is none. Who the reader is is known
    where a view has asked before.
    """
    reader = getattr(context.get("request"), "_cached_user", None)
    chosen = str(getattr(reader, "theme", ""))
    return chosen if chosen in {"light", "dark"} else ""


def language() -> str:
    """The code of the active language."""
    return get_language() or settings.LANGUAGE_CODE


def direction() -> str:
    """The direction of writing of the active language."""
    return "rtl" if get_language_bidi() else "ltr"


def template_folders() -> list[Path]:
    """Where our templates stand: the shells and parts, then the folder of each surface beside its views."""
    return [WEB / "templates", *sorted(WEB.glob("*/templates"))]


def environment(**options: Any) -> PageEnvironment:
    """The environment that Django's Jinja2 backend asks for; `options` come from TEMPLATES["OPTIONS"]."""
    options.setdefault("autoescape", True)
    options["undefined"] = (
        StrictUndefined  # a misspelt name fails in a test instead of leaving a hole in a page
    )
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options["cache_size"] = 0  # it keeps its templates itself, by language
    made = PageEnvironment(**options)
    made.add_extension("jinja2.ext.i18n")
    made.policies["ext.i18n.trimmed"] = True  # line breaks of a template are not part of its texts
    made.add_extension("jinja2.ext.do")
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.globals.update(
        static=static,
        url=address,
        comma=comma,
        url_or=url_or,
        icon=icon,
        glyph=glyph,
        classes=classes,
        language=language,
        direction=direction,
        language_links=language_links,
        theme=theme,
        wait_bounds=words.bounds,
    )
    made.filters.update(
        datetime_local=words.datetime_local,
        duration=words.duration,
        in_a_row=in_a_row,
        telephone=in_groups,
        wait_words=words.wait_words,
        ref=ref,
        titled=titled,
    )
    return made


__all__ = [
    "FrontEndNotBuilt",
    "Manifest",
    "environment",
    "escape",
    "icon",
    "static",
    "template_folders",
]
