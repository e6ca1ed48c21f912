"""Cases are linked, merged and split; nobody's words are shown to somebody else by it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from civicline.cases import selectors
from civicline.cases.models import CaseContact, CaseEntry
from civicline.cases.services import (
    add_from_resident,
    add_public_update,
    follow,
    link,
    link_contact,
    merge,
    split,
    take_step,
    unfollow,
    unlink,
)
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.models import Event
from civicline.people import services as people


def references(case: Any) -> list[str]:
    return [one.reference for one in selectors.contacts_of(case.pk)]


def test_two_cases_belong_together_whichever_side_says_so(town: Any) -> None:
    one, two = town.case(), town.case()
    link(case_id=one.pk, other_id=two.pk, by=town.agent.pk)
    link(case_id=two.pk, other_id=one.pk, by=town.agent.pk)
    assert [line.case for line in selectors.links_of(one.pk)] == [two]
    assert [line.case for line in selectors.links_of(two.pk)] == [one]
    assert Event.objects.filter(name="case.linked").count() == 2
    unlink(case_id=two.pk, other_id=one.pk, by=town.agent.pk)
    unlink(case_id=two.pk, other_id=one.pk, by=town.agent.pk)
    assert selectors.links_of(one.pk) == []
    assert [line.kind for line in selectors.case_timeline(one.pk)] == ["opened", "link", "unlink"]
    for wrong in ({"other_id": one.pk}, {"other_id": two.pk, "kind": "enemies"}):
        with pytest.raises(Invalid):
            link(case_id=one.pk, **wrong)


def test_a_merged_case_hands_over_and_still_answers(town: Any) -> None:
    neighbour = people.save_resident(name="Bo Lind", email="bo@example.org")
    target = town.open(contact=town.contact())
    contact = town.contact(resident=neighbour)
    other = town.open(resident=neighbour, contact=contact, title="Damp next door")
    follow(case_id=other.case.pk, user_id=town.colleague.pk)
    merged = merge(case_id=other.case.pk, into_id=target.case.pk, by=town.agent.pk, reason="the same wall")
    assert merged == target.case
    assert contact.reference in references(target.case)
    assert references(other.case) == [contact.reference], "where it came from stays known"
    assert town.colleague in selectors.followers_of(target.case.pk)
    own = selectors.get_case_by_reference_and_secret(other.case.reference, other.secret)
    assert own is not None
    assert (own.resident, own.state, own.merged_into) == (neighbour, "duplicate", target.case)
    assert selectors.final_case(own) == target.case
    assert selectors.get_case(target.case.pk).resident == town.resident
    with pytest.raises(Refused) as refused:
        take_step(case_id=own.pk, transition="reopen", by=town.agent.pk, reason="x")
    assert refused.value.code == "merged"
    for case in (own, target.case):
        assert "merge" in [line.kind for line in selectors.case_timeline(case.pk)]


def test_each_resident_of_merged_cases_sees_the_progress_and_only_their_own_words(
    town: Any, stride: Any
) -> None:
    neighbour = people.save_resident(name="Bo Lind", email="bo@example.org")
    target, other = town.open(), town.open(resident=neighbour, title="Damp next door")
    add_from_resident(reference=target.case.reference, secret=target.secret, text="My child is ill.")
    add_public_update(case_id=other.case.pk, text="Thank you, Bo.", by=town.agent.pk)
    merge(case_id=other.case.pk, into_id=target.case.pk, by=town.agent.pk)
    stride(target.case, "investigate")
    add_from_resident(reference=other.case.reference, secret=other.secret, text="Any news?")
    add_public_update(case_id=target.case.pk, text="The builder comes.", by=town.agent.pk)

    def shown(opened: Any) -> tuple[list[str], str, str]:
        case = selectors.get_case_by_reference_and_secret(opened.case.reference, opened.secret)
        assert case is not None
        progress = selectors.public_progress(case)
        current = next(step.code for step in progress.steps if step.state == "current")
        return [update.text for update in progress.updates], progress.title, current

    texts, title, current = shown(other)
    assert (title, current) == ("Damp next door", "looking_into_it")
    assert texts == ["Thank you, Bo.", "We wrote to you.", "Any news?", "The builder comes."]
    texts, _title, _current = shown(target)
    assert texts == ["My child is ill.", "We wrote to you.", "The builder comes."]
    assert [entry.text for entry in CaseEntry.objects.filter(case=target.case, kind="resident")] == [
        "My child is ill.",
        "Any news?",
    ], "staff see all of it where they work"


def test_merging_follows_along_and_never_in_a_circle(town: Any) -> None:
    first, second, third = town.case(), town.case(), town.case()
    merge(case_id=first.pk, into_id=second.pk, by=town.agent.pk)
    with pytest.raises(Invalid):
        merge(case_id=second.pk, into_id=first.pk, by=town.agent.pk)
    with pytest.raises(Invalid):
        merge(case_id=second.pk, into_id=second.pk, by=town.agent.pk)
    with pytest.raises(Conflict):
        merge(case_id=first.pk, into_id=third.pk, by=town.agent.pk)
    merge(case_id=second.pk, into_id=third.pk, by=town.agent.pk)
    assert selectors.get_case(first.pk).merged_into == third
    fourth = town.case()
    assert merge(case_id=fourth.pk, into_id=first.pk, by=town.agent.pk) == third


def test_an_answered_case_is_closed_when_it_is_merged(town: Any, stride: Any) -> None:
    answered = stride(town.case(), "investigate", "answer")
    merge(case_id=answered.pk, into_id=town.case().pk, by=town.agent.pk)
    assert selectors.get_case(answered.pk).state == "closed"


def test_a_case_about_two_matters_is_split(town: Any) -> None:
    keep, move = town.contact(), town.contact()
    case = town.case(contact=keep)
    link_contact(case_id=case.pk, contact_id=move.pk, by=town.agent.pk)
    opened = split(
        case_id=case.pk, contact_ids=[move.pk], title="Noise at night", type="incident", by=town.agent.pk
    )
    assert references(case) == [keep.reference]
    assert references(opened.case) == [move.reference]
    new = selectors.get_case(opened.case.pk)
    assert (new.type, new.resident, new.service) == ("incident", town.resident, town.service)
    assert not new.public
    assert selectors.get_case_by_reference_and_secret(new.reference, opened.secret) == new
    assert [(line.case, line.kind) for line in selectors.links_of(case.pk)] == [(new, "split")]
    assert [line.kind for line in selectors.case_timeline(case.pk)][-1] == "split"
    for wrong in ([], [uuid4()], [move.pk]):
        with pytest.raises(Invalid):
            split(case_id=case.pk, contact_ids=wrong, title="x", by=town.agent.pk)


def test_a_contact_is_linked_once_and_names_the_resident_of_a_nameless_case(town: Any) -> None:
    case, contact = town.case(resident=None), town.contact()
    assert link_contact(case_id=case.pk, contact_id=contact.pk, by=town.agent.pk)
    assert not link_contact(case_id=case.pk, contact_id=contact.pk, by=town.agent.pk)
    assert CaseContact.objects.filter(case=case).count() == 1
    assert selectors.get_case(case.pk).resident == town.resident
    with pytest.raises(NotFound):
        link_contact(case_id=case.pk, contact_id=uuid4())


def test_following_is_quiet_and_can_be_ended(town: Any) -> None:
    case = town.case()
    follow(case_id=case.pk, user_id=town.agent.pk)
    follow(case_id=case.pk, user_id=town.agent.pk)
    assert selectors.followed_cases(town.agent.pk) == [case]
    unfollow(case_id=case.pk, user_id=town.agent.pk)
    unfollow(case_id=case.pk, user_id=town.agent.pk)
    assert selectors.followed_cases(town.agent.pk) == []
    assert [line.kind for line in selectors.case_timeline(case.pk)] == ["opened"]


def test_the_secret_of_a_contact_opens_the_case_of_the_same_resident_only(town: Any) -> None:
    neighbour = people.save_resident(name="Bo Lind", email="bo@example.org")
    mine, theirs = town.contact(secret="mine"), town.contact(resident=neighbour, secret="theirs")
    case = town.case(contact=mine)
    link_contact(case_id=case.pk, contact_id=theirs.pk, by=town.agent.pk)
    assert selectors.get_case_by_reference_and_secret(case.reference, "mine") == case
    assert selectors.get_case_by_reference_and_secret(case.reference, "theirs") is None


def test_a_nameless_case_opens_to_the_contact_it_came_from_only(town: Any, time: Any) -> None:
    first = town.contact(resident=None, secret="first")
    case = town.case(resident=None, contact=first)
    time.advance(60)
    link_contact(case_id=case.pk, contact_id=town.contact(resident=None, secret="second").pk)
    assert selectors.get_case_by_reference_and_secret(case.reference, "first") == case
    assert selectors.get_case_by_reference_and_secret(case.reference, "second") is None


def test_right_and_wrong_references_ask_the_database_the_same(
    town: Any, django_assert_num_queries: Any
) -> None:
    opened = town.open()
    for reference, secret in (
        (opened.case.reference, opened.secret),
        (opened.case.reference, "wrong"),
        ("SM-000-000", opened.secret),
        ("nonsense", ""),
    ):
        with django_assert_num_queries(2):
            selectors.get_case_by_reference_and_secret(reference, secret)
