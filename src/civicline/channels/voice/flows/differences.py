"""What changed between two drafts of a menu, field by field, for its history."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from civicline.engine.callflow import Flow
from civicline.engine.callflow.nodes import Choice, LanguageChoice, kind_of


def differences(old: Flow, new: Flow) -> dict[str, dict[str, Any]]:
    """{field: {"from": ..., "to": ...}}: the frame first, then "step.field" for each step."""
    found: dict[str, dict[str, Any]] = {}
    for field in ("start", "languages", "give_up"):
        _compare(found, field, getattr(old, field), getattr(new, field))
    for key in {**old.nodes, **new.nodes}:
        was, now = old.nodes.get(key), new.nodes.get(key)
        if was is None or now is None or type(was) is not type(now):
            _compare(found, key, kind_of(was) if was else None, kind_of(now) if now else None)
        elif was != now:
            for one in fields(was):
                _compare(found, f"{key}.{one.name}", getattr(was, one.name), getattr(now, one.name))
    return found


def _compare(found: dict[str, dict[str, Any]], name: str, was: Any, now: Any) -> None:
    if was != now:
        found[name] = {"from": _plain(was), "to": _plain(now)}


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):
        return f"{value.digit}: {value.next}" + (f" ({value.service})" if value.service else "")
    if isinstance(value, LanguageChoice):
        return f"{value.digit}: {value.language}"
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
