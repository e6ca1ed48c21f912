"""Taking in what an app adds to a request: a contact like any other, linked to the case, so that somebody reads it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from civicline.cases import selectors as cases
from civicline.cases.services import link_contact
from civicline.channels.open311.errors import refuse
from civicline.channels.open311.offers import CHANNEL
from civicline.channels.open311.repeats import settled, update_key
from civicline.channels.open311.updates import Update
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.intake.services import receive
from civicline.kernel.db import writes


def add_update(*, update: Update, key_holder_id: str, language: str) -> str:
    """Store the update and return its id; the app's same `update_id` twice is taken once.

    Raises a 404 when there is no such public request: a key lets an app write, not look into other matters.
    """
    return settled(lambda: _add(update=update, key_holder_id=key_holder_id, language=language))


@writes
def _add(*, update: Update, key_holder_id: str, language: str) -> str:
    case = next(iter(cases.list_public_cases(references=[update.service_request_id], limit=1)), None)
    if case is None:
        raise refuse(
            404,
            _("The service_request_id “%(reference)s” was not found.")
            % {"reference": update.service_request_id},
        )
    received = receive(
        inbound=Inbound(
            channel=CHANNEL,
            service_code=case.service.code if case.service else None,
            subject=_("Addition to %(reference)s") % {"reference": case.reference},
            text="\n".join(filter(None, (update.description, *update.media_urls))),
            resident=ResidentFacts(
                name=update.reporter.name,
                email=update.reporter.email,
                phone=update.reporter.phone,
                language=language,
                external_id=update.reporter.account_id,
            ),
            languages=(language,) if language else (),
            data={"case": case.reference, "told_at": update.at.isoformat() if update.at else ""},
            key=update_key(update, key_holder_id),
        )
    )
    if not received.repeated:
        link_contact(case_id=case.id, contact_id=received.contact.id)
    return received.contact.reference
