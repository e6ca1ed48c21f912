"""Run as a program in a town's own environment: puts into its database what a service that is lived in has.

A webhook with a delivery that waits, a legal hold that holds and one that ended, a note that names a colleague, and
an audit log that is sealed.
"""

import os
from datetime import UTC, datetime, timedelta


def live_in() -> None:
    """Write one of each."""
    from civicline.api import services as api
    from civicline.intake import selectors as intake_selectors
    from civicline.intake import services as intake
    from civicline.kernel import audit_trail, clock
    from civicline.people import selectors as people_selectors
    from civicline.people import services as people

    hook = api.register_webhook(name="Streets", url="https://streets.example/civicline", wanted=["case.*"])
    api.test_webhook(webhook_id=hook.pk)
    api.change_webhook(webhook_id=hook.pk, active=False)
    colleague = people_selectors.list_staff()[0]
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    contacts = list(intake_selectors.contacts_arrived(epoch, clock.now())[:2])
    intake.add_message(
        contact_id=contacts[0].pk,
        direction="note",
        body="@Nadia, please look at this",
        mentions=[colleague.pk],
        author_name="Oskar",
    )
    people.place_hold(kind="contact", object_id=contacts[0].pk, reason="a claim at court", reference="AZ 7")
    ended = people.place_hold(kind="contact", object_id=contacts[1].pk, reason="an audit")
    people.end_hold(hold_id=ended.pk, reason="the audit is over")
    with clock.use(clock.ManualClock(clock.now() + timedelta(hours=1))):
        audit_trail.seal()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicline.config.settings")
    import django

    django.setup()
    live_in()
