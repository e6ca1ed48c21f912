"""Staff sign in by email; guessing is locked out; nobody makes an account for themselves."""

import re
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.test import Client
from django.utils.timezone import now

from civicline.kernel import selectors as kernel

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def ada() -> None:
    """One member of staff."""
    get_user_model().objects.create_user("ada@town.example", PASSWORD, name="Ada Byron")


def _try(client: Client, password: str, email: str = "ada@town.example", address: str = "192.0.2.7") -> int:
    form = {"login": email, "password": password}
    return client.post("/accounts/login/", form, REMOTE_ADDR=address).status_code


def test_the_page_has_email_password_and_passkey(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'id="passkey_login"' in page
    assert "/accounts/signup/" not in page


def test_the_right_password_opens_and_the_session_is_guarded(client: Client) -> None:
    assert _try(client, PASSWORD, "ADA@town.example") == 302
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_guessing_is_locked_out_even_with_the_right_password_at_last(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert _try(client, "a wrong guess") == 200
    refused = client.post(
        "/accounts/login/",
        {"login": "ada@town.example", "password": "a wrong guess"},
        REMOTE_ADDR="192.0.2.7",
    )
    assert refused.status_code == 429
    assert "too many wrong passwords" in refused.content.decode()
    assert refused.headers["Retry-After"] == "900"
    assert _try(client, PASSWORD) == 429


def test_a_lock_out_from_one_address_does_not_keep_the_person_out_elsewhere(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _try(client, "a wrong guess")
    assert _try(Client(), PASSWORD, address="198.51.100.4") == 302


def test_unknown_addresses_get_the_same_answer_as_wrong_passwords(client: Client) -> None:
    answers = []
    for address in ("ada@town.example", "eve@town.example"):
        page = client.post("/accounts/login/", {"login": address, "password": "wrong"}).content.decode()
        page = re.sub(r"\b\w{64}\b", "token", page)
        answers.append(page.replace(address, "somebody"))
    assert "There is a problem" in answers[0]
    assert answers[0] == answers[1]


def test_nobody_signs_up(client: Client) -> None:
    before = get_user_model().objects.count()
    form = {"email": "eve@town.example", "password1": PASSWORD, "password2": PASSWORD}
    assert "csrfmiddlewaretoken" not in client.post("/accounts/signup/", form).content.decode()
    assert get_user_model().objects.count() == before


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/password/change/",
    ],
)
def test_allauths_own_pages_wear_our_shell(client: Client, address: str) -> None:
    _try(client, PASSWORD)
    page = client.get(address, follow=True).content.decode()
    assert 'class="gate-card"' in page
    assert "<style" not in page


@pytest.mark.parametrize("language", settings.CIVICLINE.languages)
def test_the_page_speaks_every_language(client: Client, language: str) -> None:
    page = client.get("/accounts/login/", headers={"Accept-Language": language}).content.decode()
    assert f'<html lang="{language}"' in page


def test_where_a_second_factor_is_required_it_comes_first(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, sign_in_second_factor="required"))
    _try(client, PASSWORD)
    assert client.get("/health/live").headers["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    user = get_user_model().objects.get(email="ada@town.example")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("address", "says"),
    [("ada@town.example", "Choose it here"), ("eve@town.example", "No account has this address")],
)
def test_whoever_forgot_their_password_gets_a_short_email_and_nobody_is_invited_to_sign_up(
    client: Client, mailoutbox: list[EmailMessage], address: str, says: str
) -> None:
    page = client.post("/accounts/password/reset/", {"email": address}, follow=True).content.decode()
    assert "If we know the address" in page
    (mail,) = mailoutbox
    assert says in mail.body
    assert "sign up" not in mail.body.lower()
    link = re.search(r"http\S+(/accounts/password/reset/key/\S+)", str(mail.body))
    if link:
        chosen = client.get(link[1], follow=True)
        words = {"password1": "a new horse battery", "password2": "a new horse battery"}
        client.post(chosen.request["PATH_INFO"], words)
        assert _try(client, "a new horse battery") == 302
        assert "no longer works" in Client().get(link[1], follow=True).content.decode()


def test_the_second_factor_is_set_up_in_our_own_words(client: Client) -> None:
    _try(client, PASSWORD)
    assert (
        "With a second factor a stolen password opens nothing"
        in client.get("/accounts/2fa/").content.decode()
    )
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Show that it is you" in asked.content.decode()
    page = client.post(asked.redirect_chain[-1][0], {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r'id="authenticator_secret".*?value="(\w+)"', page, re.S)
    assert secret
    code = totp.format_hotp_value(totp.hotp_value(secret[1], totp.yield_hotp_counters_from_time().__next__()))
    told = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True).content.decode()
    assert "codes are left" in told or "codes is left" in told
    for address in ("webauthn/", "webauthn/add/", "recovery-codes/generate/", "totp/deactivate/"):
        assert 'class="gate-card"' in client.get(f"/accounts/2fa/{address}").content.decode()
    client.post("/accounts/logout/")
    _try(client, PASSWORD)
    assert "Your second factor" in client.get("/accounts/2fa/authenticate/").content.decode()


def _kept(action: str) -> list[str]:
    return [row.object_id for row in kernel.search_audit(action=action)]


def test_signing_in_and_out_stands_in_the_audit_and_what_was_typed_does_not(client: Client) -> None:
    ada = get_user_model().objects.get(email="ada@town.example")
    _try(client, "my other password")
    _try(client, PASSWORD, "eve@town.example")
    _try(client, PASSWORD)
    client.post("/accounts/logout/")
    assert _kept("sign_in.failed") == ["unknown", str(ada.pk)]
    assert _kept("sign_in.done") == _kept("sign_in.ended") == [str(ada.pk)]
    done = kernel.search_audit(action="sign_in.done").get()
    assert (done.actor_id, done.data) == (str(ada.pk), {"by": ["password"]})
    assert "other password" not in str(list(kernel.search_audit().values()))


def test_a_lock_out_stands_in_the_audit_and_ends_by_itself(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _try(client, "a wrong guess")
    assert len(_kept("sign_in.locked_out")) == 1
    AccessAttempt.objects.update(attempt_time=now() - settings.AXES_COOLOFF_TIME)
    assert _try(client, PASSWORD) == 302
