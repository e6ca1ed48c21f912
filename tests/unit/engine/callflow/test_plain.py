"""Flows as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from civicline.engine.callflow import BadFlow, flow_as_plain, flow_from_plain, node_from_plain, nodes
from tests.unit.engine.callflow.menus import TOWN


def test_a_flow_survives_the_way_through_json() -> None:
    assert flow_from_plain(json.loads(json.dumps(flow_as_plain(TOWN)))) == TOWN
    assert flow_from_plain({}).nodes == {}


def test_what_is_left_out_is_empty_or_its_default() -> None:
    assert node_from_plain({"kind": "ask_digit"}) == nodes.AskDigit("", (), "", "")
    assert node_from_plain({"kind": "say", "barge_in": 0}) == nodes.Say("", "", barge_in=False)
    assert node_from_plain({"kind": "notice", "services": ["a"]}) == nodes.Notice("", services=("a",))


@pytest.mark.parametrize(
    "plain",
    [
        {"nodes": []},
        {"nodes": {str(n): {"kind": "hang_up"} for n in range(201)}},
        {"languages": "en"},
        {"languages": [1]},
        {"start": 3},
        {"give_up": "x" * 201},
        {"nodes": {"a": "say"}},
        {"nodes": {"a": {"kind": "shout"}}},
        {"nodes": {"a": {"kind": "say", "prompt": None}}},
        {"nodes": {"a": {"kind": "ask_digit", "choices": "1"}}},
        {"nodes": {"a": {"kind": "ask_digit", "choices": ["1"]}}},
        {"nodes": {"a": {"kind": "language", "choices": [{"digit": 1}]}}},
        {"nodes": {"a": {"kind": "ask_digit", "repeats": "2"}}},
        {"nodes": {"a": {"kind": "ask_digit", "repeats": True}}},
        {"nodes": {"a": {"kind": "notice", "services": "x"}}},
    ],
)
def test_what_is_no_flow_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(BadFlow):
        flow_from_plain(plain)
