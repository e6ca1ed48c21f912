"""A member of staff signs in through the town's provider in a real browser, whose policies are in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.integration.config.identity_provider import CLIENT, SECRET, providing


def test_one_button_leads_to_the_provider_and_back_to_work(
    browser: Any, make_server: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    with providing() as provider:
        app = {
            "id": "town",
            "name": "Saltmere account",
            "server_url": provider.url,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        server = make_server(environment={"CIVICLINE_OIDC": json.dumps([app])})
        provider.redirect_uris = [f"{server.url}/accounts/oidc/town/login/callback/"]
        provider.person = {"sub": "1", "email": "amina@saltmere.example", "email_verified": True}
        context = browser.new_context(base_url=server.url, locale="en-GB")
        page = context.new_page()
        page.goto("/admin/retention/")
        assert axe(page) == []
        page.get_by_role("button", name="Sign in with Saltmere account").press("Enter")
        page.wait_for_url("**/admin/retention/")
        page.get_by_role("heading", name="Retention").wait_for()
        assert provider.refusals == []

        provider.person = {"sub": "2", "email": "eve@saltmere.example", "email_verified": True}
        stranger = browser.new_context(base_url=server.url, locale="en-GB").new_page()
        stranger.goto("/accounts/login/")
        stranger.get_by_role("button", name="Sign in with Saltmere account").press("Enter")
        stranger.get_by_role("heading", name="There is no account for you here yet").wait_for()
        assert axe(stranger) == []
        stranger.context.close()
        context.close()
