"""A passkey is added and opens the account, with the browser's own authenticator in its virtual form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.servers import Civicline

PASSWORD = "saltmere-demo"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_added_and_signs_in_without_a_password(
    new_page: Callable[..., Any], civicline_server: Civicline
) -> None:
    base = f"http://localhost:{civicline_server.port}"  # passkeys belong to a name, never to an address in numbers
    page = new_page(base_url=base)
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_in(page, "/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)  # whoever changes how they sign in is asked once more
    page.keyboard.press("Enter")
    page.wait_for_url("**/webauthn/add/")
    page.fill("[name=name]", "My telephone")
    page.check("[name=passwordless]")
    page.locator("#mfa_webauthn_add").press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/webauthn/add/"))

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.locator("#passkey_login").press("Enter")
    page.wait_for_url("**/desk/**")

    page.context.clear_cookies()  # and after a password it is the second factor
    sign_in(page, "/accounts/login/")
    page.locator("#mfa_webauthn_authenticate").press("Enter")
    page.wait_for_url("**/desk/**")


def sign_in(page: Any, address: str) -> None:
    """Say email and password."""
    page.goto(address)
    page.fill("[name=login]", "samir@saltmere.example")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
