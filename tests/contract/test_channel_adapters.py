"""What every channel promises the house: the same suite for each adapter, and a new one joins by its samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest

from civicline.config import wiring
from civicline.engine import lifecycle
from civicline.intake import services as intake
from civicline.intake.models import Attachment, Contact, Message, ServiceAttribute
from civicline.intake.ports import BadInbound, ChannelAdapter, Inbound, Outbound, Sent
from civicline.routing.channels import is_live
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)

Raw = Mapping[str, Any]
SAMPLES: dict[str, Callable[..., Raw]] = {
    "chat": lambda text="Hello", **more: {"text": text, "service_code": "council-tax", "key": "k-1", **more},
    "webform": lambda text="Hello", **more: {
        "text": text,
        "service_code": "council-tax",
        "key": "k-1",
        **more,
    },
    "open311": lambda text="Hello", **more: {
        "api_key": "demo",
        "service_code": "council-tax",
        "description": text,
        "lat": "50.7",
        "long": "-1.1",
        **more,
    },
    "voice": lambda text="Hello", **more: {
        "text": text,
        "service_code": "council-tax",
        "channel": "1785000000.12",
        "number": "+442079460123",
        **more,
    },
    "sms": lambda text="Hello", **more: {
        "text": text,
        "service_code": "council-tax",
        "key": "t-1",
        "number": "+447700900123",
        "called": "+442079460123",
        **more,
    },
    "voicemail": lambda text="Hello", **more: {
        "text": text,
        "service_code": "council-tax",
        "recording": "1785000000-+442079460123-1785000000.12",
        **more,
    },
}
"""One good contact of each channel, as its own way in hands it over."""


@pytest.fixture(params=sorted(wiring.adapters()))
def adapter(request: pytest.FixtureRequest, town: Town) -> ChannelAdapter:
    return town.adapters[request.param]


def sample(adapter: ChannelAdapter, text: str = "Hello") -> Raw:
    return SAMPLES[adapter.code](text)


def parsed(adapter: ChannelAdapter, text: str = "Hello") -> Inbound:
    return adapter.parse(sample(adapter, text))


def outbound(**fields: Any) -> Outbound:
    given = {
        "delivery_id": 7,
        "message_id": uuid4(),
        "contact_id": uuid4(),
        "number": 2,
        "address": "",
        "language": "en",
    }
    return Outbound(**{**given, "text": "We are on it.", **fields})  # type: ignore[arg-type]


def test_it_has_samples_here_so_that_nobody_adds_a_channel_unseen(adapter: ChannelAdapter) -> None:
    assert adapter.code in SAMPLES


def test_its_code_fits_the_database_and_its_liveness_the_engine(adapter: ChannelAdapter) -> None:
    assert len(adapter.code) <= Contact._meta.get_field("channel").max_length
    assert adapter.live == is_live(adapter.code)


def test_it_says_what_it_does_and_what_it_leaves_out_and_why(adapter: ChannelAdapter) -> None:
    assert adapter.quality.done
    assert all(sentence.rstrip().endswith(".") for sentence in adapter.quality.done)
    assert all(what.strip() and why.strip() for what, why in adapter.quality.exempt)


def test_what_it_parses_is_received_whole(adapter: ChannelAdapter) -> None:
    received = intake.receive(inbound=parsed(adapter, "Two lines\nof ٱلنَّص"))
    assert received.contact.channel == adapter.code
    assert received.contact.service is not None
    assert received.contact.service.code == "council-tax"
    assert Message.objects.get(contact=received.contact, number=1).body.endswith("Two lines\nof ٱلنَّص")


def test_parsing_alone_leaves_no_trace(adapter: ChannelAdapter) -> None:
    parsed(adapter)
    assert Contact.objects.count() == Message.objects.count() == Attachment.objects.count() == 0


def test_the_same_raw_gives_the_same_contact(adapter: ChannelAdapter) -> None:
    assert parsed(adapter) == parsed(adapter)


def test_a_text_without_end_is_refused_with_a_code(adapter: ChannelAdapter) -> None:
    with pytest.raises(BadInbound) as refusal:
        parsed(adapter, "x" * 1_000_001)
    assert refusal.value.code
    assert str(refusal.value)


def test_nothing_at_all_is_refused_with_a_code(adapter: ChannelAdapter) -> None:
    with pytest.raises(BadInbound) as refusal:
        adapter.parse({})
    assert refusal.value.code


@pytest.mark.parametrize(
    "text", ["\x00hidden", "\u202egnp.exe", "<img src=x onerror=alert(1)>", "'; DROP TABLE"]
)
def test_hostile_texts_are_words_like_any_others(adapter: ChannelAdapter, text: str) -> None:
    try:
        inbound = parsed(adapter, text)
    except BadInbound as refusal:
        assert str(refusal)
        return
    message = Message.objects.get(contact=intake.receive(inbound=inbound).contact, number=1)
    assert "\x00" not in message.body


def test_sending_again_after_a_crash_says_the_same(adapter: ChannelAdapter) -> None:
    one = outbound()
    first, second = adapter.send(one), adapter.send(one)
    assert first == second
    assert first.state in set(Sent)
    assert first.state is not Sent.FAILED or first.error


def test_a_reply_ends_in_a_state_of_the_table(adapter: ChannelAdapter, town: Town) -> None:
    contact = intake.receive(inbound=parsed(adapter)).contact
    reply = intake.add_message(contact_id=contact.id, direction="out", body="Done.")
    town.deliveries.run_due()
    delivery = Message.objects.get(pk=reply.id).delivery
    assert delivery.state in lifecycle.DELIVERY.states
    assert delivery.state in {"sent", "failed"}
    assert delivery.lease_owner == ""


def test_questions_of_a_service_do_not_stop_a_channel(adapter: ChannelAdapter, town: Town) -> None:
    service = intake.receive(inbound=parsed(adapter)).contact.service
    assert service is not None
    ServiceAttribute.objects.create(service=service, code="wish", datatype="text", label={"en": "A wish"})
    assert parsed(adapter).service_code == "council-tax"
