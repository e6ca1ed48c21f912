"""What a test of the desk's telephone orders from the town: who is signed in, and where calls ring."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID


def agent_of(*, email: str) -> str:
    """The id of the agent with this address."""
    from civicline.people.models import User

    return str(User.objects.get(email=email).pk)


def signed_in(*, agent: str) -> dict[str, str]:
    """The cookie of a session of this agent."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from civicline.people.models import User

    user = User.objects.get(pk=UUID(agent))
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key)}


def rings_in(*, agent: str, kind: str) -> None:
    """Calls of this agent ring in the browser, or on the desk phone (sip)."""
    from civicline.channels.voice import services as voice

    voice.choose_phone(agent_id=UUID(agent), kind=kind)


def speaks(*, agent: str, language: str) -> None:
    """The desk of this agent is in this language."""
    from civicline.people import services as people

    people.set_preferences(user_id=UUID(agent), language=language)


def notes(*, contact: str) -> list[str]:
    """What people write to each other about a contact."""
    from civicline.intake import selectors as intake

    return [one.body for one in intake.list_messages(UUID(contact), notes=True) if one.direction == "note"]


def priority(*, contact: str) -> int:
    """The priority of a contact."""
    from civicline.intake.models import Contact

    return Contact.objects.get(pk=UUID(contact)).priority


def supervises(*, agent: str) -> None:
    """This agent is a supervisor too."""
    from civicline.people import services as people
    from civicline.people.roles import Role

    people.grant_role(user_id=UUID(agent), role=Role.SUPERVISOR)


def give(*, contact: str, agent: str, by: str) -> None:
    """A supervisor gives a contact to an agent, out of whoever's hands it is in."""
    from civicline.routing import services as routing

    routing.assign(contact_id=UUID(contact), agent_id=UUID(agent), by=UUID(by), reason="Needed elsewhere")


def about_to_dial(*, party: str) -> None:
    """It is written down that this party is rung, and nothing more."""
    from civicline.channels.voice.company import services as company

    company.dialled(party_id=UUID(party))


def unbar(*, number: str) -> None:
    """This number may be called again."""
    from civicline.channels.voice import services as voice
    from civicline.channels.voice.models import NoCall

    voice.free_number(number_id=NoCall.objects.get(number=number).pk)


ORDERS = {
    one.__name__: one
    for one in (
        signed_in,
        agent_of,
        rings_in,
        speaks,
        notes,
        priority,
        supervises,
        give,
        about_to_dial,
        unbar,
    )
}
