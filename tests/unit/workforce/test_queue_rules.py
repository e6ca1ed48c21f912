"""The rule of a queue changed: one more queue's people help, and all else stays as it was."""

from __future__ import annotations

from civicline.engine.routing import Ring
from civicline.engine.simulation import Queue, Rates, Trace, Traced, exponential
from civicline.workforce.queue_rules import (
    LENT,
    QueueRule,
    RuleChange,
    from_plain,
    with_help,
    with_lent,
    with_rule,
)


def reach(after: float, *pools: str, drop: int = 0) -> Ring:
    """A ring that reaches these pools."""
    return Ring(after, drop, overflow_queues=pools)


def test_help_comes_at_its_second_beside_the_rings_there_are() -> None:
    now = (reach(60, drop=1), reach(150, "benefits", drop=2))
    assert with_help(now, 90, {"waste"}) == (now[0], reach(90, "waste"), now[1])
    assert with_help(now, 60, {"waste"}) == (reach(60, "waste", drop=1), now[1])
    assert with_help((), 0, {"waste"}) == (reach(0, "waste"),)


def test_where_another_queue_helps_at_that_second_this_one_comes_a_second_later() -> None:
    now = (reach(60, "benefits"), reach(61, "homes"))
    assert with_help(now, 60, {"waste"}) == (*now, reach(62, "waste"))


def test_who_helps_already_helps_at_the_new_time_alone_and_levels_stay_where_they_were() -> None:
    assert with_help((reach(150, "waste", drop=2),), 30, {"waste"}) == (
        reach(30, "waste"),
        reach(150, drop=2),
    )
    assert with_help((reach(150, "waste"),), 300, {"waste"}) == (reach(300, "waste"),)
    once = with_help((reach(60, "benefits"),), 60, {"waste"})
    assert with_help(once, 60, {"waste"}) == once


def test_the_people_of_a_partner_body_stay_the_last_resort() -> None:
    lent = LENT + "council-tax"
    now = with_lent((reach(60, drop=1), reach(150)), lent)
    assert now[1] == reach(150, lent)
    assert with_help(now, 90, {"waste"}, lent) == (reach(60, drop=1), reach(90, "waste"), reach(150, lent))
    assert with_help(now, 300, {"waste"}, lent)[1:] == (reach(150), reach(300, "waste", lent))
    assert with_help((), 30, {"waste"}, lent) == (reach(30, "waste", lent),)
    assert with_lent((), lent) == ()


def test_a_rule_is_kept_as_plain_values_and_read_again() -> None:
    rule = QueueRule((reach(60, drop=1), reach(150, "benefits")), {"bill": 0, "debt": 2})
    assert rule.plain() == {
        "rings": [[60, 1, ""], [150, 0, "benefits"]],
        "priorities": {"bill": 0, "debt": 2},
    }
    assert from_plain(rule.plain()) == rule
    other = rule.changed(RuleChange("council-tax", "waste", 90, -1))
    assert other.plain_rings() == [[60, 1, ""], [90, 0, "waste"], [150, 0, "benefits"]]
    assert other.priorities == {"bill": -1, "debt": 1}
    assert rule.changed(RuleChange("council-tax", ahead=1)).rings == rule.rings


def test_contacts_of_a_day_that_was_go_ahead_one_by_one() -> None:
    traced = Trace((Traced(0.0, priority=1), Traced(1.0)))
    change = RuleChange("council-tax", ahead=2)
    found = with_rule(Queue("council-tax/1", traced, exponential(60), rings=(reach(9),)), change, ())
    assert isinstance(found.arrivals, Trace)
    assert [one.priority for one in found.arrivals.contacts] == [3, None]
    assert (found.priority, found.rings) == (2, (reach(9),))
    planned = Queue("council-tax", Rates((1.0,)), exponential(60), priority=1)
    assert with_rule(planned, change, ()).priority == 3
