"""Every code of the engines has words, and the words hold what the code gives."""

from __future__ import annotations

import re
from datetime import date

import pytest

from civicline.cli.rostering import RULES
from civicline.engine.forecast import TEXTS, HistoryError, Told, read_history
from civicline.workforce.refusals import (
    HISTORY,
    INSTANCE,
    INSTANCE_COSTS,
    INSTANCE_RULES,
    PARTS,
    PLAN,
    Worded,
    history_words,
    instance_words,
    plan_words,
)
from civicline.workforce.rostering import Reason, WeekError, problems
from civicline.workforce.rostering.conflicts import LOOSER
from civicline.workforce.rostering.week.reasons import ORDER
from civicline.workforce.wording import finding_words


def places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def asked(words: Worded) -> set[str]:
    """What the words ask for; those with a plural tell it only when they are filled in."""

    class Values(dict[str, int]):
        def __missing__(self, name: str) -> int:
            self[name] = 2
            return 2

    values = Values()
    assert "%(" not in words % values
    return set(values)


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_each_sentence_about_a_history_has_words_with_no_place_more(code: str) -> None:
    assert places(str(HISTORY[code])) <= places(TEXTS[code])
    values = dict.fromkeys(places(TEXTS[code]), "7")
    assert "%(" not in history_words(Told(code, **values))
    assert "--" not in history_words(Told(code, **values))  # no options of a command on a page


def test_no_words_are_left_over_and_every_rule_of_a_person_has_some() -> None:
    assert set(HISTORY) == set(TEXTS)
    assert set(ORDER) == set(PARTS)


@pytest.mark.parametrize("code", sorted(problems.TEXTS))
def test_each_sentence_about_an_instance_has_words_with_the_same_places(code: str) -> None:
    assert places(str(INSTANCE[code])) == places(problems.TEXTS[code])


def test_reasons_of_an_instance_are_worded_with_their_rules() -> None:
    assert set(INSTANCE) == set(problems.TEXTS)
    assert {code: asked(words) for code, words in INSTANCE_RULES.items()} == {
        code: places(words) for code, words in problems.RULES.items()
    }
    assert set(LOOSER) == set(INSTANCE_RULES)
    assert {code: str(words) for code, words in INSTANCE_COSTS.items()} == RULES
    rules = [("min_minutes", {"hours": "56"}), ("days_off", {"days": "0, 1"}), ("max_shifts", {})]
    told = problems.Told("together", name="Ada", rule=rules[0], others=rules[1:], days=14)
    assert told == (
        "Ada: at least 56 hours of work cannot go together with the days off on 0, 1 and the most shifts of each kind "
        "in 14 days."
    )
    assert instance_words(told) == told
    assert instance_words(problems.Told("alone", name="Ada", rule=rules[0], days=14)).startswith(
        "Ada: at least 56"
    )
    assert instance_words(problems.Told("before", row=1, text="x")) == "Row 1: “x” stands before any section."


def test_a_refused_table_is_plain_english_with_its_code() -> None:
    with pytest.raises(HistoryError, match="Row 2: 'soon' is not a time like 2026-03-02 08:30") as wrong:
        read_history(["time,count\n", "soon,3\n"])
    assert (wrong.value.told.code, wrong.value.told.values["row"]) == ("no_moment", 2)
    assert history_words(wrong.value.told) == "Row 2: “soon” is not a time like 2026-03-02 08:30."


def test_reasons_of_a_roster_are_worded_with_days_of_the_week_in_question() -> None:
    parts = [["min_minutes", {"minutes": 1800}], ["days_off", {"days": [0, 1, 2]}]]
    values = {"name": "Asha", "parts": parts}
    assert plan_words("person", values, date(2026, 3, 9)) == (
        "Asha: at least 30 hours of work a week cannot go together with the days off on Mon 9 Mar, Tue 10 Mar "
        "and Wed 11 Mar."
    )
    assert "Monday, Tuesday and Wednesday" in plan_words("person", values)
    assert plan_words("person", {**values, "parts": parts[:1]}).endswith(
        "cannot be kept with the shifts offered."
    )


@pytest.mark.parametrize(
    ("rule", "facts", "one"),
    [
        ("max_days", {}, "at most 1 working day a week"),
        ("max_consecutive", {"before": 2}, "at most 1 working day on end (after 2 before the plan)"),
        ("weekends", {}, "at most 1 weekend day of work"),
    ],
)
def test_one_day_is_told_in_the_singular(rule: str, facts: dict[str, int], one: str) -> None:
    part = [rule, {"count": 1, **facts}], ["max_days", {"count": 5}]
    told = plan_words("person", {"name": "Asha", "parts": part})
    assert told == f"Asha: {one} cannot go together with at most 5 working days a week."


def test_findings_of_rules_of_the_roster_and_of_old_weeks_are_told_side_by_side() -> None:
    stored = [
        ["rest", {"day": "2026-03-10", "hours": "7", "least": "11"}],
        ["no_contracts", {}],
        "As it was once.",
    ]
    assert finding_words(stored)[1:] == ["There are no contracts yet.", "As it was once."]


def test_values_that_contradict_themselves_carry_their_codes() -> None:
    wrong = WeekError(
        Reason("no_pattern", "Asha: there is no pattern night.", {"name": "Asha", "pattern": "night"})
    )
    (reason,) = wrong.reasons
    assert str(wrong) == reason.text
    assert "not in use" in plan_words(reason.code, reason.values)
    assert places(str(PLAN["no_pattern"])) == {"name", "pattern"}
