"""Nothing secret gets into a log line."""

import json
import logging
import re
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from civicline.channels.webform import reports
from civicline.kernel import ids, log


@pytest.mark.parametrize(
    "text",
    [
        "mail to ann.smith+help@example.org failed",
        "Authorization: Bearer abc.SECRET.def",
        "GET /contact?token=SECRET&x=1",
        "connect postgresql://civic:SECRET@db.example/civicline",
        'payload {"password": "SECRET"}',
        "api_key=SECRET",
    ],
)
def test_secrets_and_addresses_in_a_sentence_are_hidden(text: str) -> None:
    clean = log.redact(text)
    assert "SECRET" not in clean
    assert "ann.smith" not in clean
    assert log.HIDDEN in clean


def opening_addresses() -> list[str]:
    """Links that open what is somebody's own."""
    draft = reports.secret_of(UUID(int=7))
    return [
        f"/en/resume/{ids.new_secret()}/",
        f"/en/resume/{ids.new_secret()}/?lang=tr",
        f"/my/calendar/{ids.new_secret()}.ics",
        f"/fr/open/SM-4K7-291/{draft}/",
        f"/fr/open/SM-4K7-291/{reports.grouped(draft)}/",
    ]


@pytest.mark.parametrize(
    "address", opening_addresses(), ids=("resume", "in Turkish", "feed", "report", "grouped")
)
def test_a_secret_within_an_address_is_hidden(address: str) -> None:
    clean = log.redact(f"Not Found: <WSGIRequest: GET '{address}'>")
    assert log.HIDDEN in clean
    assert not [part for part in re.split(r"[/.?]", address) if len(part) > 20 and part in clean]


def test_other_addresses_are_told_whole() -> None:
    for address in (
        f"/desk/c/{ids.new_id()}/",
        "/static/build/icons-2884377e1a.svg",
        "/src/civicline/channels/voice/services/a_module_with_a_long_name.py",
        "/open311/v2/requests/SM-4K7-291.json?jurisdiction_id=saltmere.example",
    ):
        assert log.redact(address) == address


def test_secret_fields_are_hidden_at_any_depth_and_the_rest_stays() -> None:
    entry = {
        "event": "contact.received",
        "contact_id": "c1",
        "seconds": 1.5,
        "new_password": "x",
        "data": {"resume_token": "x", "lines": [{"email": "a@b.example"}, "call a@b.example"], "count": 3},
        "body": "I lost my job",
    }
    assert log.redact(entry) == {
        "event": "contact.received",
        "contact_id": "c1",
        "seconds": 1.5,
        "new_password": log.HIDDEN,
        "data": {
            "resume_token": log.HIDDEN,
            "lines": [{"email": log.HIDDEN}, f"call {log.HIDDEN}"],
            "count": 3,
        },
        "body": log.HIDDEN,
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_logged_can_be_redacted_and_written(value: object) -> None:
    json.dumps(log.redact({"value": value}))


def test_bound_fields_are_on_the_line_and_gone_after(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), log.bound(contact_id="c-42"):
        assert structlog.contextvars.get_contextvars() == {"contact_id": "c-42"}
        log.get_logger("civicline.test").info("offer.made", agent="7")
    assert structlog.contextvars.get_contextvars() == {}
    assert "c-42" in str(caplog.records[-1].msg)


def test_the_processor_redacts_tracebacks_but_lets_structlog_keep_its_own_marks() -> None:
    record = logging.makeLogRecord({})
    entry = log.redacting(None, "info", {"event": "x", "exception": "Boom: token=SECRET", "_record": record})
    assert entry["_record"] is record
    assert "SECRET" not in entry["exception"]
