"""Saltmere's telephone menu, set up through the same services as an administrator's own."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from civicline.channels.voice.flows import selectors, services


def plan() -> dict[str, Any]:
    """The menu and what it says, as written in data/saltmere_calls.toml."""
    file = resources.files("civicline.demo") / "data" / "saltmere_calls.toml"
    return tomllib.loads(file.read_text("utf-8"))


def make_menu() -> None:
    """Write the prompts, draw the menu and publish it; nothing is done when it is there."""
    town = plan()
    flow = dict(town["flow"])
    code, name, note = flow.pop("code"), flow.pop("name"), flow.pop("note")
    found = selectors.find_flow(code)
    if found is not None and found.published is not None:
        return
    for key, texts in town["prompts"].items():
        services.save_prompt(key=key, texts=texts)
    services.save_flow(code=code, name=name, main=True)
    services.replace_draft(code=code, plain=flow)
    services.publish(code=code, note=note)
