"""Staff sign in through the town's own OpenID Connect provider: a real one, on this machine, by the code flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from civicline.kernel import selectors as kernel
from civicline.people import services as people
from civicline.people.roles import Role
from tests.integration.config.identity_provider import CLIENT, SECRET, Provider, providing

pytestmark = pytest.mark.django_db
CALLBACK = "http://testserver/accounts/oidc/town/login/callback/"
ADA = {"sub": "4711", "email": "ada@town.example", "email_verified": True, "name": "Ada Byron"}


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with providing() as ready:
        ready.redirect_uris = [CALLBACK]
        ready.person = dict(ADA)
        app = {
            "provider_id": "town",
            "name": "Town",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": ready.url},
        }
        kept = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**kept, "APPS": [app]}}
        yield ready


@pytest.fixture
def ada() -> Any:
    """An account that an administrator has made; Ada has no password here."""
    return people.create_staff(email="ada@town.example", name="Ada Byron", roles=[Role.ADMINISTRATOR])


def go(client: Client) -> Any:
    """What a browser does: press the button, follow to the provider, come back with its code."""
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    assert begun.status_code == 302, begun.content
    at_provider = httpx.get(begun.headers["Location"], follow_redirects=False)
    assert at_provider.status_code == 302, at_provider.text
    back = urlsplit(at_provider.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_whole_way_there_and_back(client: Client, provider: Provider, ada: Any) -> None:
    answer = go(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    assert (provider.refusals, provider.codes) == ([], {})
    assert len(provider.tokens) == 1
    entry = kernel.history("session", ada.pk).get(action="sign_in.done")
    assert (entry.actor_id, entry.data) == (str(ada.pk), {"by": ["socialaccount"]})


def test_the_second_time_the_same_person_is_known_by_their_number(
    client: Client, provider: Provider, ada: Any
) -> None:
    go(client)
    provider.person |= {"email": "ada.lovelace@town.example"}
    again = Client()
    go(again)
    assert signed_in(again)
    assert get_user_model().objects.count() == 1


def test_the_password_stays_beside_the_provider(client: Client, provider: Provider, ada: Any) -> None:
    ada.set_password("correct horse battery staple")
    ada.save()
    go(client)
    assert signed_in(client)
    later = Client()
    later.post("/accounts/login/", {"login": ada.email, "password": "correct horse battery staple"})
    assert signed_in(later)


def test_who_has_no_account_gets_none(client: Client, provider: Provider, ada: Any) -> None:
    provider.person = {"sub": "9", "email": "eve@town.example", "email_verified": True, "name": "Eve"}
    answer = go(client)
    assert not signed_in(client)
    assert "There is no account for you here yet" in answer.content.decode()
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("claim", [{"email_verified": False}, {"email_verified": None}])
def test_an_address_the_provider_does_not_vouch_for_opens_nothing(
    client: Client, provider: Provider, ada: Any, claim: dict[str, Any]
) -> None:
    provider.person |= claim
    go(client)
    assert not signed_in(client)


def test_who_was_shut_out_stays_out(client: Client, provider: Provider, ada: Any) -> None:
    people.create_staff(email="omar@town.example", name="Omar", roles=[Role.ADMINISTRATOR])
    people.set_active(user_id=ada.pk, active=False)
    answer = go(client)
    assert not signed_in(client)
    assert "This account may not sign in" in client.get(answer.headers["Location"]).content.decode()


def test_a_token_for_another_program_opens_nothing(client: Client, provider: Provider, ada: Any) -> None:
    provider.audience = "another-program"
    answer = go(client)
    assert not signed_in(client)
    assert "Signing in did not work" in answer.content.decode()


def test_an_answer_nobody_asked_for_opens_nothing(client: Client, provider: Provider, ada: Any) -> None:
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["Location"]).query).items()}
    back = urlsplit(provider.authorize(asked))
    victim = Client()
    answer = victim.get(f"{back.path}?{back.query}")
    assert not signed_in(victim)
    assert answer.status_code < 500
    assert provider.tokens == {}


def test_a_code_works_once(client: Client, provider: Provider, ada: Any) -> None:
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    back = urlsplit(httpx.get(begun.headers["Location"]).headers["Location"])
    client.get(f"{back.path}?{back.query}")
    thief = Client()
    thief.get(f"{back.path}?{back.query}")
    assert signed_in(client)
    assert not signed_in(thief)


def test_a_provider_that_is_down_is_told_in_words(client: Client, provider: Provider, settings: Any) -> None:
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(reverse("openid_connect_login", args=["town"]), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "does not answer" in page
    assert "/accounts/login/" in page
    assert not signed_in(client)


def test_a_provider_that_goes_away_in_between_is_told_in_words(
    client: Client, provider: Provider, ada: Any, settings: Any
) -> None:
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    back = urlsplit(httpx.get(begun.headers["Location"]).headers["Location"])
    provider.codes.clear()
    refused = client.get(f"{back.path}?{back.query}")
    assert "Signing in did not work" in refused.content.decode()
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    back = urlsplit(httpx.get(begun.headers["Location"]).headers["Location"])
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    assert not signed_in(client)


def test_somebody_who_says_no_at_the_provider_is_led_back(client: Client, provider: Provider) -> None:
    begun = client.post(reverse("openid_connect_login", args=["town"]))
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    address = reverse("openid_connect_callback", args=["town"])
    answer = client.get(address, {"error": "access_denied", "state": state}, follow=True)
    assert "You did not sign in" in answer.content.decode()
    assert "/accounts/login/" in answer.content.decode()


def test_a_provider_nobody_set_up_is_not_found(client: Client, provider: Provider) -> None:
    assert client.post(reverse("openid_connect_login", args=["elsewhere"])).status_code == 404
