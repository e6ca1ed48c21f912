"""Residents get their data and are erased; auditors see who looked; everybody keeps their own settings."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import html

from civicline.api import selectors as api
from civicline.config import wiring
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.people import services as people_services
from tests.integration.web.admin.conftest import SignIn
from tests.town import Town


def resident() -> Any:
    return people_services.save_resident(
        name="Samira Haddad", email="samira@example.org", phone="+442079460018"
    )


def test_a_resident_gets_all_that_we_hold_in_one_archive(admin: Client) -> None:
    wiring.personal_data()
    samira = resident()
    answer = admin.post(reverse("admin:resident_export", args=[samira.pk]))
    assert answer.headers["Content-Type"] == "application/zip"
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    held = json.loads(files.read("data.json"))
    assert held["resident"]["email"] == "samira@example.org"
    assert {"contacts", "cases"} <= set(held)
    assert "Samira Haddad" in files.read("data.html").decode()
    assert kernel.audit_of_resident(samira.pk).filter(action="resident.exported").count() == 1


def test_the_buttons_of_somebody_without_a_name_say_whose_they_are(admin: Client) -> None:
    people_services.save_resident(email="nameless@example.org")
    page = admin.get(reverse("admin:residents"), {"q": "nameless"}).content.decode()
    assert page.count('<span class="vh"> nameless@example.org</span>') == 3, "export, hold, erase"


def test_erasing_needs_a_reason_and_is_for_good(admin: Client) -> None:
    samira = resident()
    address = reverse("admin:resident_erase", args=[samira.pk])
    assert "Say why this resident is erased." in admin.post(address, {"sure": "on"}).content.decode()
    assert (
        "Confirm that you have checked" in admin.post(address, {"reason": "Asked by letter"}).content.decode()
    )
    assert admin.post(address, {"reason": "Asked by letter", "sure": "on"}).status_code == 302
    row = people.find_resident(samira.pk)
    assert row is not None
    assert (row.name, row.email, row.phone) == ("", "", "")
    erased = kernel.audit_of_resident(samira.pk).get(action="resident.erased")
    assert erased.reason == "Asked by letter"
    assert admin.get(address).status_code == 404


def test_a_supervisor_exports_and_does_not_erase(sign_in: SignIn) -> None:
    samira, supervisor = resident(), sign_in("supervisor")
    page = supervisor.get(reverse("admin:residents"), {"q": "Samira"}).content.decode()
    assert "Samira Haddad" in page
    assert "/erase/" not in page
    assert supervisor.post(reverse("admin:resident_export", args=[samira.pk])).status_code == 200
    assert supervisor.get(reverse("admin:resident_erase", args=[samira.pk])).status_code == 403


def test_an_auditor_finds_who_looked_and_is_noted_too(admin: Client, sign_in: SignIn) -> None:
    samira = resident()
    admin.get(reverse("admin:residents"), {"q": "Samira"})
    auditor = sign_in("auditor")
    page = auditor.get(reverse("admin:audit"), {"resident": str(samira.pk)}).content.decode()
    assert "Iris" in page
    assert "resident.read" in page
    about = [one.text_content() for one in html.fromstring(page).xpath("//td[@class='about']")]
    kinds = [one.removesuffix("All about this resident").strip() for one in about]
    assert kinds == ["Audit log", f"Resident {samira.pk}", f"Resident {samira.pk}"]
    assert kernel.search_audit(action="audit.read").count() == 1
    answer = auditor.get(reverse("admin:audit_csv"), {"what": "resident.read"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # it streams
    assert lines[0].endswith("resident,reason,data")
    assert len(lines) == 2
    assert kernel.search_audit(action="audit.exported").count() == 1


def test_the_log_is_narrowed_by_person_and_day_and_says_what_is_wrong(admin: Client, sign_in: SignIn) -> None:
    admin.get(reverse("admin:residents"), {"q": "Nobody"})
    auditor = sign_in("auditor")
    assert (
        "Nothing was found" in auditor.get(reverse("admin:audit"), {"since": "2026-03-03"}).content.decode()
    )
    wrong = auditor.get(reverse("admin:audit"), {"resident": "12"})
    assert wrong.status_code == 422
    assert "not a resident" in wrong.content.decode()


def test_a_cell_of_the_csv_is_never_a_formula(town: Town, sign_in: SignIn) -> None:
    agent = sign_in("agent")
    user: Any = agent.user  # type: ignore[attr-defined]  # put there by the fixture
    people_services.change_staff(user_id=user.pk, name="=HYPERLINK(1)")
    agent.post(reverse("end_own_sessions"))
    answer = sign_in("auditor").get(reverse("admin:audit_csv"), {"what": "staff."})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    assert "'=HYPERLINK(1)" in text


def test_settings_are_kept_and_speak_the_chosen_language(sign_in: SignIn) -> None:
    agent = sign_in("agent")
    sent = {"language": "ar", "theme": "dark", "offer_seconds": "40"}
    assert agent.post(reverse("preferences"), sent).status_code == 302
    page = agent.get(reverse("preferences")).content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert 'data-theme="dark"' in page
    user: Any = agent.user  # type: ignore[attr-defined]  # put there by the fixture
    kept = people.get_user(user.pk)
    assert kept.preferences == {"sound": False, "single_keys": False}
    assert people.get_agent(user.pk).offer_seconds == 40


def test_signing_out_everywhere_else_keeps_this_place(sign_in: SignIn) -> None:
    here = sign_in("agent")
    there = Client()
    there.force_login(here.user, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[attr-defined]
    assert there.get(reverse("own_sessions")).content.decode().count("last used") == 2
    assert here.post(reverse("end_own_sessions")).status_code == 302
    assert there.get(reverse("own_sessions")).status_code == 302
    assert here.get(reverse("own_sessions")).status_code == 200


def test_one_other_place_is_signed_out_and_nobody_elses(sign_in: SignIn) -> None:
    here, other = sign_in("agent"), sign_in("supervisor")
    there = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"})
    there.force_login(here.user, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[attr-defined]
    there.get(reverse("preferences"))
    page = html.fromstring(here.get(reverse("own_sessions")).content.decode())
    ((action,)) = page.xpath("//li[contains(., 'Firefox, Windows')]//form/@action")
    assert there.session.session_key not in html.tostring(page, encoding="unicode")
    other.post(action)
    assert there.get(reverse("own_sessions")).status_code == 200
    assert "signed out there" in here.post(action, follow=True).content.decode()
    assert there.get(reverse("own_sessions")).status_code == 302
    assert "signed in nowhere else" in here.get(reverse("own_sessions")).content.decode()


def test_who_does_nothing_for_long_is_signed_out_and_led_back(town: Town, sign_in: SignIn) -> None:
    agent = sign_in("agent")
    assert agent.get("/staff/settings/").status_code == 200
    town.clock.advance(settings.CIVICLINE.sign_in_idle_minutes * 60 - 60)
    assert agent.get("/staff/settings/", headers={"HX-Request": "true"}).status_code == 200
    town.clock.advance(120)  # what a page fetched by itself did not count
    answer = agent.get("/staff/settings/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/login/?next=/staff/settings/"


def test_a_clock_that_is_set_back_does_not_lengthen_what_may_be_idle(town: Town, sign_in: SignIn) -> None:
    agent = sign_in("agent")
    agent.get("/staff/settings/")
    town.clock.set(town.clock.now() - timedelta(hours=6))
    assert agent.get("/staff/settings/", headers={"HX-Request": "true"}).status_code == 200
    town.clock.advance(settings.CIVICLINE.sign_in_idle_minutes * 60 + 1)
    assert agent.get("/staff/settings/").status_code == 302


def test_each_role_is_led_to_where_it_works(sign_in: SignIn) -> None:
    places = {
        "agent": "/desk/",
        "administrator": "/admin/",
        "auditor": "/admin/audit/",
        "editor": "/admin/texts/",
    }
    for role, place in places.items():
        assert sign_in(role).get(reverse("staff_home")).headers["Location"] == place
    assert sign_in(name="Without").get(reverse("staff_home")).headers["Location"] == "/staff/settings/"


def test_a_key_for_another_program_is_shown_once_and_can_be_revoked(admin: Client) -> None:
    address = reverse("api_keys")
    wrong = admin.post(address, {"name": "Library", "rate_per_minute": "60"})
    assert "Choose what the token is for." in wrong.content.decode()
    sent = {"name": "Library", "scopes": ["cases:read"], "rate_per_minute": "60"}
    page = admin.post(address, sent, follow=True).content.decode()
    secret = page.split('id="secret"')[1].split('value="')[1].split('"')[0]
    assert secret.startswith("cvl_")
    assert secret not in admin.get(address).content.decode()
    token = api.find_token(secret)
    assert token is not None
    assert admin.post(reverse("revoke_api_key", args=[token.pk])).status_code == 302
    assert api.find_token(secret) is None
