"""A call's own steps ask the database in statements that are there already: a new one costs ten times its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler

from civicline.channels.voice import selectors, services
from civicline.channels.voice.recordings import rules
from civicline.routing import services as routing
from tests.town import Town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_charge")]


def call(channel: str, agent: UUID) -> None:
    """Somebody calls, is rung through, answered, and hangs up."""
    raw = {
        "channel": channel,
        "number": "+441632960001",
        "called": "+442079460999",
        "service_code": "council-tax",
    }
    arrived, chosen = services.arrive_offered(raw=raw, tell=lambda _: None)
    assert chosen is not None
    services.phone_rang(call_id=arrived.call_id, agent_id=agent)
    services.phone_answered(call_id=arrived.call_id, agent_id=agent, offer_id=chosen.offer_id)
    assert rules.plan_of(arrived.call_id) is None
    facts = selectors.facts_of(arrived.contact_id)
    assert facts is not None
    assert facts.contact_state == "connected"
    services.caller_gone(call_id=arrived.call_id)
    routing.complete(contact_id=arrived.contact_id, agent_id=agent, disposition="solved")


def noting(made: list[str], execute: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and what it was about is noted."""

    def noted(compiler: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        made.append(str(compiler.query))
        return execute(compiler, *args, **kwargs)

    return noted


def test_a_call_makes_no_statement_that_the_one_before_has_made(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    services.save_phone(agent_id=agent, name="7001", kind="sip", address="sip:7001@127.0.0.3")
    town.settle()
    call("first", agent)
    town.settle()
    made: list[str] = []
    for compiler in (SQLCompiler, SQLInsertCompiler):
        monkeypatch.setattr(compiler, "execute_sql", noting(made, compiler.execute_sql))
    call("second", agent)
    assert made == []
