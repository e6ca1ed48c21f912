"""The day differs from the plan: who is asked, who answers, what changes, and the way back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from civicline.kernel.errors import Conflict, Forbidden, Invalid, Refused
from civicline.kernel.models import AuditEntry
from civicline.people import services as people
from civicline.workforce.models import DayInvite, DayOffer, DayOfferTaken, Shift
from civicline.workforce.selectors.day_balance import Proposal, balance
from civicline.workforce.selectors.requests import offers_to, own_shifts
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.selectors.whom_to_ask import SHORT, SPARE, hours_had
from civicline.workforce.services.contracts import save_contract
from civicline.workforce.services.day_offers import (
    close_offer,
    decline_offer,
    make_offer,
    take_offer,
    undo_taken,
)
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.rosters import change_shift, publish_week
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
Crew = dict[str, UUID]
MONDAY = TODAY - timedelta(days=TODAY.weekday())


def at(hour: float) -> datetime:
    return slot_start(TODAY, int(hour * 60))


def proposed(kind: str) -> list[Proposal]:
    return [one for one in balance().proposals if one.kind == kind]


def names(one: Proposal) -> list[str]:
    return [who.name for who in one.asked]


@pytest.fixture
def morning(crew: Crew, town: Town) -> Crew:
    """Nine o'clock on the planned day: Asha to Dana work until 14:00, nobody after; all of them are here."""
    for name in ("Asha", "Bela", "Cora", "Dana"):
        shift(crew[name], TODAY, 540, 840, breaks=[])
    publish_week(week=MONDAY)
    town.clock.set(at(9))
    return crew


def test_whoever_adjoins_is_asked_first_and_who_may_not_is_told_why(morning: Crew) -> None:
    save_contract(agent_id=morning["Asha"], day_max=5 * 60)
    ask_leave(agent_id=morning["Finn"], kind="sick", first=TODAY)
    (one, *_later) = [found for found in proposed(SHORT) if found.start >= at(14)]
    assert one.start == at(14)
    assert len(one.asked) == min(-(-one.places * 3 // 2), 4)
    assert names(one)[:3] == ["Bela", "Cora", "Dana"]
    assert {name: [found.code for found in why] for name, why in one.others} == {
        "Asha": ["day_max"], "Finn": ["away"],
    }  # fmt: skip
    assert "Edna" not in names(one)[:3]  # has the day free


def test_who_is_asked_for_one_hour_is_no_answer_for_the_others(morning: Crew) -> None:
    asked = make_offer(kind=SHORT, start=at(16), end=at(17), places=1, ask=[morning["Bela"]])
    told = proposed(SHORT)
    covered = [(one.start, one.end) for one in told if one.offered == asked]
    assert covered == [(at(16), at(17))]
    free = [one for one in told if one.offered is None and one.start >= at(14)]
    assert at(16) in {one.end for one in free} and at(17) in {one.start for one in free}
    assert all(one.asked for one in free)


def test_a_break_brings_nobody_back(crew: Crew, town: Town) -> None:
    shift(crew["Asha"], TODAY, 540, 840, breaks=[[60, 30, False]])
    shift(crew["Bela"], TODAY, 540, 840, breaks=[[60, 30, False]])
    publish_week(week=MONDAY)
    town.clock.set(at(9))
    people.set_presence(agent_id=crew["Asha"], state="signed_out", reason="end_of_shift")
    town.clock.set(at(9.9))
    people.set_presence(
        agent_id=crew["Bela"], state="signed_out", reason="end_of_shift"
    )  # early for the break
    town.clock.set(at(10.25))
    found = balance()
    assert [(one.name, one.since) for one in found.absent] == [("Asha", at(9))]
    town.clock.set(at(10.6))
    assert [(one.name, one.since) for one in balance().absent] == [("Asha", at(9))]


def test_who_should_be_here_and_is_not_is_not_counted_with(morning: Crew, town: Town) -> None:
    before = balance()
    assert before.absent == []
    people.set_presence(agent_id=morning["Asha"], state="signed_out", reason="end_of_shift")
    town.clock.set(at(9.5))
    after = balance()
    assert [(one.name, one.since) for one in after.absent] == [("Asha", at(9))]
    assert after.cover.planned[20] == before.cover.planned[20] - 1
    assert after.cover.planned[18] == before.cover.planned[18]  # what was planned before stays in the picture
    asked = {name for one in after.proposals for name in names(one)}
    assert "Asha" not in asked


def test_a_yes_changes_the_roster_at_once_and_is_taken_back_as_it_was(morning: Crew) -> None:
    bela, cora = morning["Bela"], morning["Cora"]
    (one, *_rest) = [found for found in proposed(SHORT) if found.start >= at(14)]
    offer = make_offer(
        kind=one.kind, start=one.start, end=one.end, places=1, ask=[who.agent_id for who in one.asked]
    )
    assert [found.pk for found in offers_to(bela, at(9))[0]] == [offer.pk]
    assert next(found for found in proposed(SHORT) if found.start == one.start).offered == offer
    town_hall = UUID(int=1)
    with pytest.raises(Forbidden, match="You were not asked"):
        take_offer(offer_id=offer.pk, agent_id=town_hall)
    taken = take_offer(offer_id=offer.pk, agent_id=bela)
    assert [(row.start, row.end) for row in own_shifts(bela, TODAY, TODAY)] == [
        (at(9), at(14)), (one.start, one.end),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="All places are taken"):
        take_offer(offer_id=offer.pk, agent_id=cora)
    assert hours_had(SHORT, TODAY) == {bela: (one.end - one.start).total_seconds() / 3600}
    undo_taken(taken_id=taken.pk)
    assert [(row.start, row.end) for row in own_shifts(bela, TODAY, TODAY)] == [(at(9), at(14))]
    assert hours_had(SHORT, TODAY) == {}
    assert offers_to(bela, at(9))[0] == []  # taken back is not asked again
    take_offer(offer_id=offer.pk, agent_id=cora)
    told = AuditEntry.objects.filter(object_kind="day_offer").order_by("id").values_list("action", flat=True)
    assert list(told) == ["day_offer.made", "day_offer.taken", "day_offer.undone", "day_offer.taken"]


def test_time_off_goes_to_whoever_had_least_and_the_shift_comes_back_whole(crew: Crew, town: Town) -> None:
    for name in crew:
        shift(crew[name], TODAY, 480, 1200)  # all six until 20:00: after six nobody is needed
        save_contract(agent_id=crew[name], day_max=12 * 60)
    publish_week(week=MONDAY)
    town.clock.set(at(9.25))
    earlier = make_offer(kind=SPARE, start=at(19), end=at(20), places=1, ask=[crew["Asha"]])
    take_offer(offer_id=earlier.pk, agent_id=crew["Asha"])
    close_offer(offer_id=earlier.pk)
    last = [found for found in proposed(SPARE) if found.end == at(20)]
    (one,) = last or [found for found in proposed(SPARE) if found.end == at(19)]
    assert names(one)[0] == "Bela"  # Asha had an hour already
    before = Shift.objects.get(agent_id=crew["Bela"])
    offer = make_offer(kind=SPARE, start=one.start, end=one.end, places=1, ask=[crew["Bela"]])
    taken = take_offer(offer_id=offer.pk, agent_id=crew["Bela"])
    assert Shift.objects.get(pk=before.pk).end == one.start
    undo_taken(taken_id=taken.pk)
    again = Shift.objects.get(pk=before.pk)
    assert (again.start, again.end, again.breaks) == (before.start, before.end, before.breaks)


def test_time_off_is_refused_once_people_would_be_too_few(morning: Crew) -> None:
    offer = make_offer(kind=SPARE, start=at(10), end=at(14), places=1, ask=[morning["Asha"]])
    with pytest.raises(Refused, match="people would be too few without you"):
        take_offer(offer_id=offer.pk, agent_id=morning["Asha"])
    assert Shift.objects.filter(agent_id=morning["Asha"], end=at(14)).exists()


def test_a_whole_shift_given_free_is_put_back_too(morning: Crew) -> None:
    shift(morning["Edna"], TODAY, 1140, 1200, breaks=[])
    offer = make_offer(kind=SPARE, start=at(19), end=at(20), places=1, ask=[morning["Edna"]])
    taken = take_offer(offer_id=offer.pk, agent_id=morning["Edna"])
    assert not Shift.objects.filter(agent_id=morning["Edna"]).exists()
    undo_taken(taken_id=taken.pk)
    assert Shift.objects.get(agent_id=morning["Edna"]).start == at(19)


def test_a_no_is_kept_and_nobody_asks_again_for_these_hours(morning: Crew) -> None:
    (one, *_rest) = [found for found in proposed(SHORT) if found.start >= at(14)]
    offer = make_offer(kind=SHORT, start=one.start, end=one.end, places=1, ask=[morning["Bela"]])
    decline_offer(offer_id=offer.pk, agent_id=morning["Bela"])
    assert DayInvite.objects.get().declined_at is not None
    with pytest.raises(Conflict, match="answered this already"):
        decline_offer(offer_id=offer.pk, agent_id=morning["Bela"])
    close_offer(offer_id=offer.pk)
    again = next(found for found in proposed(SHORT) if found.start == one.start)
    assert "Bela" not in names(again)


def test_what_was_changed_since_or_has_begun_is_not_taken_back(morning: Crew, town: Town) -> None:
    offer = make_offer(kind=SHORT, start=at(14), end=at(16), places=2, ask=[morning["Bela"], morning["Cora"]])
    first = take_offer(offer_id=offer.pk, agent_id=morning["Bela"])
    second = take_offer(offer_id=offer.pk, agent_id=morning["Cora"])
    assert first.shift is not None
    change_shift(shift_id=first.shift.pk, end=at(17))
    with pytest.raises(Conflict, match="changed since"):
        undo_taken(taken_id=first.pk)
    town.clock.set(at(14.5))
    with pytest.raises(Conflict, match="have begun"):
        undo_taken(taken_id=second.pk)
    assert DayOfferTaken.objects.count() == 2


def test_nobody_is_asked_without_a_contract_or_with_nobody_named(morning: Crew) -> None:
    for ask in ([], [UUID(int=7)]):
        with pytest.raises(Invalid) as refused:
            make_offer(kind=SHORT, start=at(14), end=at(16), ask=ask)
        assert "ask" in refused.value.fields
    assert not DayOffer.objects.exists()


def test_nobody_who_just_came_for_more_hours_is_sent_home_again(morning: Crew) -> None:
    offer = make_offer(kind=SHORT, start=at(19), end=at(20), places=1, ask=[morning["Bela"]])
    assert proposed(SPARE) == []
    take_offer(offer_id=offer.pk, agent_id=morning["Bela"])
    close_offer(offer_id=offer.pk)
    assert proposed(SPARE) == []  # she alone is to spare at seven, and nobody else is there
