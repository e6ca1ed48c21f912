"""Reading bodies, documents and cursors: what is meant comes through, what is not is named."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.api import cursors
from civicline.api.bodies import decoded
from civicline.api.problems import Problem
from civicline.api.schema import Flaws, Rule, plain, read, schema_of
from civicline.api.webhooks import events, signing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A lamp."""

    name: Annotated[str, Rule("What it is called.", least=1, most=10)]
    watts: Annotated[int | None, Rule("Power.", least=1, most=1000)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A street with lamps."""

    lamps: Annotated[tuple[Lamp, ...], Rule("In order.", most=2)] = ()


def test_a_document_is_read_and_written_again() -> None:
    street = read(Street, {"lamps": [{"name": "A", "watts": 40.0}]})
    assert street == Street(lamps=(Lamp(name="A", watts=40),))
    assert plain(street) == {"lamps": [{"name": "A", "watts": 40}]}


def test_each_flaw_is_named_where_it_is() -> None:
    with pytest.raises(Flaws) as found:
        read(Street, {"lamps": [{"name": "", "watts": True}, {"watts": 2000, "colour": "red"}]})
    assert [flaw.pointer for flaw in found.value.flaws] == [
        "/lamps/0/name",
        "/lamps/0/watts",
        "/lamps/1/colour",
        "/lamps/1/name",
        "/lamps/1/watts",
    ]


def test_the_schema_says_what_reading_checks() -> None:
    named: dict[str, dict[str, object]] = {}
    assert schema_of(Street, named) == {"$ref": "#/components/schemas/Street"}
    assert named["Lamp"]["required"] == ["name"]
    assert named["Lamp"]["properties"] == {
        "name": {"type": "string", "description": "What it is called.", "minLength": 1, "maxLength": 10},
        "watts": {"type": ["integer", "null"], "description": "Power.", "minimum": 1, "maximum": 1000},
    }


@given(JSON)
def test_whatever_comes_is_read_or_refused(value: object) -> None:
    try:
        assert isinstance(read(Street, value), Street)
    except Flaws as found:
        assert found.flaws


@given(st.binary(max_size=40))
def test_whatever_bytes_come_are_read_or_refused(body: bytes) -> None:
    try:
        decoded(body)
    except Problem as problem:
        assert problem.kind.status in (400, 422)


def test_brackets_in_words_are_no_depth() -> None:
    assert decoded(b'{"text": "' + b"[" * 100 + b'\\"["}') == {"text": "[" * 100 + '"['}


def test_a_cursor_opens_its_own_list_only() -> None:
    sealed = cursors.seal("contacts:open", "2026 7")
    assert cursors.unseal("contacts:open", sealed) == "2026 7"
    for scope, cursor in (
        ("contacts:closed", sealed),
        ("contacts:open", sealed[:-2] + "xx"),
        ("contacts:open", "é"),
    ):
        with pytest.raises(Problem):
            cursors.unseal(scope, cursor)
    assert cursors.seal("contacts:open", "") == cursors.unseal("contacts:open", "") == ""


def test_a_signature_is_that_of_standard_webhooks() -> None:
    secret = signing.new_secret()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, b"msg_1.1700000000.{}", hashlib.sha256).digest()).decode()
    assert signing.sign(secret, message_id="msg_1", timestamp=1_700_000_000, body=b"{}") == f"v1,{wanted}"


def test_names_and_prefixes_choose_events() -> None:
    assert events.wanted("contact.closed", ["contact.*"])
    assert events.wanted("case.closed", ["*"])
    assert not events.wanted("contacts.closed", ["contact.*"])
    assert not events.known("resident.erased")
