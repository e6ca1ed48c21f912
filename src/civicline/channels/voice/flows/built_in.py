"""The sentences that come with Civicline, in every shipped language, and the places each of them has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

PLACE = re.compile(r"\{([a-z_]+)\}")


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Every built-in prompt: key to {language: text}."""
    file = resources.files("civicline.channels.voice.flows") / "data" / "prompts.toml"
    found: dict[str, dict[str, str]] = tomllib.loads(file.read_text("utf-8"))
    return found


def places(key: str) -> frozenset[str]:
    """What a text of this prompt may have places for; none for prompts that a body made itself."""
    return places_in(texts().get(key, {}).get("en", ""))


def places_in(text: str) -> frozenset[str]:
    """The places that a text has."""
    return frozenset(PLACE.findall(text))
