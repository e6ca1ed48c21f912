"""What a caller chose in a menu, key by key, in words for whoever takes the call; never a reference or a PIN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from civicline.channels.voice.flows import selectors
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.wording import kind_label
from civicline.engine.callflow import nodes
from civicline.intake import selectors as intake
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing

LONGEST = 60
"""Characters told of a prompt, where a step has no other name."""
MOST = 12
"""Keys told of one call, the last ones."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A key, and what it stood for there; `words` is empty for a key that led nowhere."""

    key: str
    words: str


def tells_key(node: nodes.Node | None) -> bool:
    """Whether what was pressed at this step may be kept: a choice may, a reference or a PIN may not."""
    return isinstance(node, nodes.AskDigit | nodes.Language)


def trail(flow: Mapping[str, Any] | None, language: str) -> list[Chosen]:
    """The choices of a call out of what its row keeps (`Call.flow`), in this language."""
    path = flow.get("path") if flow else None
    version = flow.get("version") if flow else None
    menu = selectors.menu_of_version(int(version)) if path and version is not None else None
    if menu is None or not isinstance(path, list):
        return []
    return [_chosen(menu, str(node), str(key), language) for node, key in path[-MOST:]]


def _chosen(menu: Menu, key_of_node: str, key: str, language: str) -> Chosen:
    node = menu.flow.nodes.get(key_of_node)
    if isinstance(node, nodes.Language):
        tags: Iterable[str] = (one.language for one in node.choices if one.digit == key)
        return Chosen(key, next(iter(tags), ""))
    if not isinstance(node, nodes.AskDigit):
        return Chosen(key, "")
    choice = next((one for one in node.choices if one.digit == key), None)
    return Chosen(key, _words(menu, choice, language) if choice is not None else "")


def _words(menu: Menu, choice: nodes.Choice, language: str) -> str:
    target = menu.flow.nodes.get(choice.next)
    code = choice.service or str(getattr(target, "service", ""))
    service = intake.get_service(code) if code else None
    if service is not None:
        return localized(dict(service.name), language) or code
    queue = routing.get_queue(str(getattr(target, "queue", "")))
    if queue is not None:
        return localized(dict(queue.name), language) or queue.code
    prompt = str(getattr(target, "prompt", ""))
    text = menu.sentence(prompt, language).text if prompt else ""
    if text:
        return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return kind_label(nodes.kind_of(target)) if target is not None else ""
