"""Who this endpoint speaks for, as the installation's settings say it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from civicline.channels.open311.errors import refuse
from civicline.channels.open311.fields import Fields


@dataclass(frozen=True)
class Jurisdiction:
    """One public body as Open311 sees it."""

    name: str
    ids: tuple[str, ...]
    zone: ZoneInfo
    contact: str
    key_contact: str
    public_url: str  # "" when the address of the request is the best we know


def this_body() -> Jurisdiction:
    """Return the body that runs this installation."""
    configured = settings.CIVICLINE
    contact = ", ".join(filter(None, (configured.town_name, configured.town_email, configured.town_phone)))
    return Jurisdiction(
        name=configured.town_name,
        ids=configured.open311_jurisdictions,
        zone=ZoneInfo(configured.town_time_zone),
        contact=contact,
        key_contact=configured.open311_key_contact or configured.town_email or contact,
        public_url=configured.public_url,
    )


def check_jurisdiction(fields: Fields, body: Jurisdiction) -> None:
    """Raise a 404 when `jurisdiction_id` names another body; left out it means this one."""
    asked = fields.one("jurisdiction_id", max_length=200)
    if asked and asked.lower() not in {known.lower() for known in body.ids}:
        raise refuse(
            404, _("The jurisdiction_id “%(asked)s” was not found on this server.") % {"asked": asked[:80]}
        )
