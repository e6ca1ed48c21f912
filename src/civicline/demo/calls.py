"""Saltmere's telephone menu and telephones, set up through the same services as an administrator's own."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final

from civicline.channels.voice import selectors as telephones
from civicline.channels.voice import services as voice
from civicline.channels.voice.flows import selectors, services
from civicline.people import selectors as people

FIRST_EXTENSION: Final = 7001


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


def give_telephones(emails: Sequence[str]) -> int:
    """Extensions in this order, each in the browser of its owner; who has one keeps it. Returns how many are new."""
    staff = {user.email: user.pk for user in people.list_staff()}
    taken = {phone.name for phone in telephones.list_phones()}
    new = 0
    for number, email in enumerate(emails, start=FIRST_EXTENSION):
        agent_id = staff.get(email)
        if agent_id is None or str(number) in taken or telephones.phone_of(agent_id) is not None:
            continue
        voice.save_phone(agent_id=agent_id, name=str(number), kind="browser")
        new += 1
    return new
