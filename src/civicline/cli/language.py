"""The language of whoever sits at the terminal, from the environment as other programs take it (POSIX locales)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

NAMES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set counts."""
ENGLISH: Final = "en"


def asked_language(environment: Mapping[str, str] | None = None) -> str:
    """The code of a language such as `fr`, from `fr_FR.UTF-8`; English for C, POSIX and nothing."""
    known = os.environ if environment is None else environment
    name = next((known[one] for one in NAMES if known.get(one)), "")
    code = name.partition(".")[0].partition("@")[0].partition("_")[0].lower()
    return code if code.isalpha() and code not in ("c", "posix") else ENGLISH


def in_own_language(say: Callable[[], list[str]], plain: list[str]) -> list[str]:
    """What `say` words in the language of the terminal, where Civicline speaks it; else the plain English sentences.

    Texts need the configuration: where that cannot be read, plain English is better than another complaint.
    """
    language = asked_language()
    if language == ENGLISH:
        return plain
    from civicline.cli.commands import set_up
    from civicline.cli.problems import Problem

    try:
        set_up()
    except Problem:
        return plain
    from django.conf import settings
    from django.utils import translation

    if language not in dict(settings.LANGUAGES):
        return plain
    with translation.override(language):
        return say()
