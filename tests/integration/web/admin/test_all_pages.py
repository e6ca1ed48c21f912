"""Every page of administration opens for those who keep it."""

import pytest
from django.test import Client
from django.urls import reverse

from civicline.channels.voice.services import monitoring
from civicline.kernel import audit
from tests.integration.web.admin.conftest import SignIn
from tests.town import Town

PAGES = [
    "home", "services", "new_service", "queues", "new_queue", "calendars", "new_calendar", "skills", "new_skill",
    "staff", "invite", "promises", "new_promise", "residents", "connections",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_an_administrator_opens_each_page(admin: Client, name: str) -> None:
    page = admin.get(reverse(f"admin:{name}"))
    assert page.status_code == 200
    assert page.content.decode().count("<h1") == 1


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("service", {"code": "benefits"}),
        ("queue", {"code": "benefits"}),
        ("calendar", {"code": "always"}),
        ("skill", {"code": "benefits"}),
        ("new_question", {"code": "benefits"}),
    ],
)
def test_an_administrator_opens_each_thing(admin: Client, name: str, ids: dict[str, str]) -> None:
    assert admin.get(reverse(f"admin:{name}", kwargs=ids)).status_code == 200


def test_an_administrator_opens_an_agents_account(admin: Client, town: Town) -> None:
    agent = town.agent("Nadia", queues=["benefits"], skills={"benefits": 3})
    page = admin.get(reverse("admin:person", args=[agent]))
    assert page.status_code == 200
    assert "Nadia" in page.content.decode()


@pytest.mark.parametrize("name", ["texts", "new_text", "messages", "new_message"])
def test_an_editor_opens_the_pages_of_words(sign_in: SignIn, name: str) -> None:
    assert sign_in("editor").get(reverse(f"admin:{name}")).status_code == 200


def test_an_auditor_opens_the_audit_log(sign_in: SignIn) -> None:
    assert sign_in("auditor").get(reverse("admin:audit")).status_code == 200


def test_the_audit_log_says_in_words_who_was_in_a_call_of_others(sign_in: SignIn) -> None:
    for action in monitoring.AUDIT.values():
        audit.record(action, object=("contact", "1"), reason="Coaching")
    page = sign_in("auditor").get(reverse("admin:audit"), {"what": "call."}).content.decode()
    for words in ("Listened to a call", "Spoke to the agent in a call", "Joined in a call"):
        assert words in page


@pytest.mark.parametrize("role", ["agent", "supervisor", "planner", "editor", "administrator", "auditor"])
@pytest.mark.parametrize("name", ["preferences", "own_sessions"])
def test_everybody_has_settings_of_their_own(sign_in: SignIn, role: str, name: str) -> None:
    assert sign_in(role).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("code", ["nowhere", "x"])
@pytest.mark.parametrize("name", ["service", "queue", "calendar", "skill"])
def test_what_is_not_there_is_said_in_words(admin: Client, name: str, code: str) -> None:
    page = admin.get(reverse(f"admin:{name}", args=[code]))
    assert page.status_code == 404
    assert "There " in page.content.decode()
