"""The channel's side of intake's one port: what an app posted, as an `Inbound`."""

from collections.abc import Iterable, Mapping
from typing import Any

from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import Fields, check_count, check_pairs
from civicline.channels.open311.jurisdiction import this_body
from civicline.channels.open311.offers import CHANNEL, get_offered
from civicline.channels.open311.quality import NOTES
from civicline.channels.open311.submission import Submission, read_submission
from civicline.intake.ports import BadInbound, Inbound, Outbound, Outcome, QualityNotes, ResidentFacts, Sent

NO_WAY_BACK = "Open311 cannot write to a resident: add a public update to the case, which apps read."


class Open311Adapter:
    """Parses reports. Sends nothing: the standard has no way back but the public state of the case."""

    code = CHANNEL
    live = False
    quality: QualityNotes = NOTES

    def parse(self, raw: Mapping[str, Any]) -> Inbound:
        """Return the contact that these parameters of `POST requests` describe, or raise `BadInbound`."""
        try:
            pairs = list(_pairs(raw))
            check_count(len(pairs))
            check_pairs(pairs)
            fields = Fields(pairs)
            service = get_offered(fields.one("service_code", max_length=64))
            return inbound(read_submission(fields, service, zone=this_body().zone))
        except RefusalError as error:
            raise BadInbound("open311", str(error), status=error.status) from error

    def send(self, outbound: Outbound) -> Outcome:
        """Say plainly that this cannot be sent, so that whoever wrote it takes another way."""
        return Outcome(Sent.FAILED, error=NO_WAY_BACK)


def inbound(submission: Submission, *, key: str | None = None, key_holder: str = "") -> Inbound:
    """Return the submission as intake takes it. Everything a case is opened from is kept in `data`."""
    reporter, place, service = submission.reporter, submission.place, submission.service
    report = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "address": place.address,
        "address_id": place.address_id,
        "media_urls": list(submission.media_urls),
        "answers": submission.answers,
        "described": bool(submission.description),
    }
    return Inbound(
        channel=CHANNEL,
        service_code=service.code,
        subject=title(submission),
        text=submission.description or title(submission),
        resident=ResidentFacts(
            name=reporter.name,
            email=reporter.email,
            phone=reporter.phone,
            language=submission.language,
            external_id=reporter.account_id,
        ),
        languages=(submission.language,) if submission.language else (),
        data={"report": report, "device_id": reporter.device_id, "key_holder": key_holder},
        key=key,
    )


def title(submission: Submission) -> str:
    """Return what staff see in a list of cases, in the language of the house: the service, and where."""
    where = submission.place.address or submission.place.address_id
    if not where and submission.place.latitude is not None:
        where = f"{submission.place.latitude:.5f}, {submission.place.longitude:.5f}"
    return f"{submission.service.house_name or submission.service.name}: {where}"


def _pairs(raw: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in raw.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            yield name, str(one)
