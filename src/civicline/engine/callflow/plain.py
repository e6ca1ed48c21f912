"""Flows as JSON knows them: how drafts and versions are stored.

{"start": "welcome", "languages": ["en", "ar"], "give_up": "operator",
 "nodes": {"welcome": {"kind": "say", "prompt": "welcome", "next": "menu"}, ...}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from civicline.engine.callflow import nodes
from civicline.engine.callflow.nodes import KINDS, Flow, Node

MOST_NODES = 200
LONGEST_TEXT = 200


class BadFlow(ValueError):
    """What was stored is no flow; the text says where."""


def flow_as_plain(flow: Flow) -> dict[str, Any]:
    """A flow as JSON."""
    return {
        "start": flow.start,
        "languages": list(flow.languages),
        "give_up": flow.give_up,
        "nodes": {key: node_as_plain(node) for key, node in flow.nodes.items()},
    }


def node_as_plain(node: Node) -> dict[str, Any]:
    """A node as JSON, with its kind."""
    return {
        "kind": nodes.kind_of(node),
        **{one.name: _value_as_plain(getattr(node, one.name)) for one in fields(node)},
    }


def _value_as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value_as_plain(one) for one in value]
    if isinstance(value, nodes.Choice | nodes.LanguageChoice):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return value


def flow_from_plain(plain: Mapping[str, Any]) -> Flow:
    """The flow that `flow_as_plain` wrote. Raises BadFlow for anything else."""
    kept = plain.get("nodes", {})
    languages = plain.get("languages", ["en"])
    if not isinstance(kept, Mapping) or len(kept) > MOST_NODES:
        raise BadFlow(f"nodes have to be an object of at most {MOST_NODES}")
    if not isinstance(languages, list) or not all(isinstance(one, str) for one in languages):
        raise BadFlow("languages have to be a list of tags")
    return Flow(
        start=_text(plain.get("start", ""), "start"),
        nodes={_text(key, "a node's key"): node_from_plain(node) for key, node in kept.items()},
        languages=tuple(languages),
        give_up=_text(plain.get("give_up", ""), "give_up"),
    )


def node_from_plain(plain: Any) -> Node:
    """The node that `node_as_plain` wrote; what is left out has its default or is empty. Raises BadFlow."""
    if not isinstance(plain, Mapping):
        raise BadFlow("a node has to be an object")
    kind = KINDS.get(str(plain.get("kind", "")))
    if kind is None:
        raise BadFlow(f"there is no kind of node called {plain.get('kind')!r}")
    return kind(**{one.name: _field(one, plain) for one in fields(kind)})


def _field(one: Field[Any], plain: Mapping[str, Any]) -> Any:
    if one.name not in plain:
        return one.default if one.default is not MISSING else (() if one.name == "choices" else "")
    value = plain[one.name]
    if one.name == "choices":
        return _choices(value, nodes.LanguageChoice if plain["kind"] == "language" else nodes.Choice)
    if one.name == "services":
        return tuple(_text(text, "a service") for text in _list(value, "services"))
    if isinstance(one.default, bool):
        return bool(value)
    if isinstance(one.default, int):
        return _number(value, one.name)
    return _text(value, one.name)


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_NODES:
        raise BadFlow(f"{what} has to be a list")
    return value


def _choices(value: Any, kind: type[nodes.Choice] | type[nodes.LanguageChoice]) -> tuple[Any, ...]:
    found = []
    for row in _list(value, "choices"):
        if not isinstance(row, Mapping):
            raise BadFlow("a choice has to be an object")
        found.append(kind(**{one.name: _text(row.get(one.name, ""), one.name) for one in fields(kind)}))
    return tuple(found)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadFlow(f"{what} has to be a text of at most {LONGEST_TEXT} characters")
    return value


def _number(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadFlow(f"{what} has to be a whole number")
    return value
