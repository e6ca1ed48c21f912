"""Sends a text over a line of the exchange, by ARI, which tells whether it took it and not what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from civicline.intake.ports import Outcome, Sent

if TYPE_CHECKING:
    from civicline.channels.voice.ari.client import Address

PATIENCE_S: Final = 5.0


def send(address: Address, *, trunk: str, host: str, number: str, sender: str, text: str) -> Outcome:
    """Send one text to `number` at the line's own host, and nowhere else: senders' addresses can be made up."""
    import httpx

    query = {"to": f"pjsip:trunk-{trunk}/sip:{number}@{host}", "from": f"sip:{sender}@{host}"}
    try:
        answer = httpx.put(
            f"{address.url.rstrip('/')}/ari/endpoints/sendMessage", params=query,
            json={"variables": {}} | {"body": text},
            auth=(address.user, address.password), timeout=PATIENCE_S, trust_env=False,
        )  # fmt: skip
    except httpx.HTTPError as away:
        return Outcome(Sent.RETRY, error=f"the exchange does not answer ({type(away).__name__})")
    if answer.status_code in (200, 202, 204):
        return Outcome(Sent.SENT, reference=f"sip:{trunk}")
    if answer.status_code >= 500:
        return Outcome(Sent.RETRY, error=f"the exchange answered {answer.status_code}")
    return Outcome(Sent.FAILED, error=f"the exchange refused it ({answer.status_code})")
