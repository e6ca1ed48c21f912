"""Contacts, offers, deliveries and presences move only as their tables say."""

from itertools import pairwise

import pytest

from civicline.engine.lifecycle import (
    CONTACT,
    DELIVERY,
    OFFER,
    PRESENCE,
    TABLES,
    MoveRefused,
    can,
    check,
    choices,
)


@pytest.mark.parametrize(
    "path",
    [
        "received queued offered connected wrap_up closed",
        "received queued offered queued offered abandoned",
        "received queued abandoned",
        "received closed",
        "received queued offered connected queued",
        "received queued offered connected parked connected wrap_up connected",
    ],
)
def test_the_ways_of_a_contact(path: str) -> None:
    states = path.split()
    for origin, target in pairwise(states):
        assert check(CONTACT, origin, target).event.startswith("contact.")


@pytest.mark.parametrize("pair", ["closed queued", "abandoned queued", "queued wrap_up", "received offered"])
def test_what_a_contact_never_does(pair: str) -> None:
    origin, target = pair.split()
    assert not can(CONTACT, origin, target)
    with pytest.raises(MoveRefused) as caught:
        check(CONTACT, origin, target)
    assert caught.value.code == "not_allowed"
    assert caught.value.params == {"table": "contact", "from": origin, "to": target}


def test_an_offer_is_settled_once() -> None:
    assert OFFER.finals == {"accepted", "declined", "timed_out", "withdrawn"}
    assert OFFER.targets("open") == ("accepted", "declined", "timed_out", "withdrawn")
    assert not can(OFFER, "timed_out", "accepted")


def test_a_delivery_is_tried_again_until_it_is_sent_or_given_up() -> None:
    for pair in ("queued in_flight", "in_flight retry", "retry in_flight", "in_flight sent", "sent read"):
        assert can(DELIVERY, *pair.split())
    assert DELIVERY.finals == {"read", "failed"}
    assert not can(DELIVERY, "read", "delivered"), "a late receipt changes nothing"


def test_nobody_chooses_a_derived_presence() -> None:
    assert check(PRESENCE, "available", "with_resident").event == "presence.contact_taken"
    for target in ("with_resident", "not_responding"):
        with pytest.raises(MoveRefused) as caught:
            check(PRESENCE, "available", target, by_person=True)
        assert caught.value.code == "derived"
    assert check(PRESENCE, "not_responding", "available", by_person=True).reasons == ()


def test_a_break_wants_one_of_its_reasons() -> None:
    assert check(PRESENCE, "available", "break", reason="lunch").target == "break"
    for reason in ("", "siesta"):
        with pytest.raises(MoveRefused) as caught:
            check(PRESENCE, "available", "break", reason=reason)
        assert caught.value.code == "reason_needed"
    assert check(PRESENCE, "break", "available", reason="back").target == "available"


def test_the_menu_of_presences_has_no_derived_ones() -> None:
    assert [move.target for move in choices("not_responding")] == [
        "available",
        "break",
        "training",
        "away",
        "signed_out",
    ]


@pytest.mark.parametrize(("origin", "target"), [("on_the_moon", "queued"), ("queued", "on_the_moon")])
def test_an_unknown_state_is_named(origin: str, target: str) -> None:
    with pytest.raises(MoveRefused) as caught:
        check(CONTACT, origin, target)
    assert caught.value.code == "unknown_state"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_whole(name: str) -> None:
    table = TABLES[name]
    assert table.initial in table.states
    pairs = [(move.origin, move.target) for move in table.moves]
    assert len(pairs) == len(set(pairs)), "one row for each pair"
    assert {state for pair in pairs for state in pair} <= set(table.states)
    reached = {table.initial}
    for _ in table.states:
        reached |= {target for origin, target in pairs if origin in reached}
    assert reached == set(table.states), "every state can be reached"
    assert table.derived <= set(table.states)
