"""Nothing secret gets into a log line."""

import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from civicline.kernel import log


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
