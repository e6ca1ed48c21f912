"""What residents say afterwards, kept once."""

from datetime import timedelta

import pytest

from civicline.insight import selectors, services
from civicline.kernel.errors import Conflict, Invalid
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_is_kept_once(town: Town) -> None:
    contact = town.chat("council-tax")
    assert not selectors.has_feedback(contact_id=contact.pk)
    row = services.give_feedback(
        contact_id=contact.pk, satisfaction=5, ease=7, text=" Good\x00 ", language="en"
    )
    assert (row.text, row.at) == ("Good", town.clock.now())
    with pytest.raises(Conflict):
        services.give_feedback(contact_id=contact.pk, satisfaction=1)
    assert selectors.has_feedback(contact_id=contact.pk)
    now = town.clock.now()
    assert selectors.list_feedback(now, now + timedelta(seconds=1)) == [row]
    assert selectors.list_feedback(now - timedelta(days=1), now) == []


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "satisfaction"),
        ({"satisfaction": 0}, "satisfaction"),
        ({"satisfaction": 6}, "satisfaction"),
        ({"ease": 8}, "ease"),
        ({"text": "x" * 1_201}, "text"),
    ],
)
def test_what_is_off_the_scale_is_refused_in_words(town: Town, answer: dict[str, object], field: str) -> None:
    contact = town.chat("council-tax")
    with pytest.raises(Invalid) as refused:
        services.give_feedback(contact_id=contact.pk, **answer)  # type: ignore[arg-type]  # one of several kinds
    assert set(refused.value.fields) == {field}
    assert not selectors.has_feedback(contact_id=contact.pk)


def test_it_is_about_one_thing(town: Town) -> None:
    with pytest.raises(ValueError, match="one contact or one case"):
        services.give_feedback(satisfaction=1)
    assert not selectors.has_feedback()
