"""What `POST requests` brings, read from its parameters into typed values, with every fault named."""

import hashlib
import json
import math
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from civicline.channels.open311.answers import Answers, read_answers
from civicline.channels.open311.catalogue import OfferedService
from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import Fields

MAX_DESCRIPTION = 4000
MAX_MEDIA_URLS = 10


@dataclass(frozen=True)
class Place:
    """Where it is: at least one of a point (WGS 84 degrees), an address in words, an id of the address register."""

    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    address_id: str = ""

    @property
    def known(self) -> bool:
        """Whether there is any place at all."""
        return self.latitude is not None or bool(self.address or self.address_id)


@dataclass(frozen=True)
class Reporter:
    """Who reports, as far as they told. Never published."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    account_id: str = ""
    device_id: str = ""

    @property
    def name(self) -> str:
        """First and last name in one."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class Photo:
    """One uploaded file, still as the sender made it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Submission:
    """A service request that can be taken in."""

    service: OfferedService
    place: Place
    reporter: Reporter
    description: str = ""
    media_urls: tuple[str, ...] = ()
    answers: Answers = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    language: str = ""
    idempotency_key: str = ""

    def fingerprint(self) -> str:
        """Return a SHA-256 over all that the resident said: the same report twice has the same one."""
        said = {
            "service": self.service.code,
            "place": [self.place.latitude, self.place.longitude, self.place.address, self.place.address_id],
            "reporter": [
                self.reporter.name,
                self.reporter.email,
                self.reporter.phone,
                self.reporter.account_id,
            ],
            "device": self.reporter.device_id,
            "description": self.description,
            "media": self.media_urls,
            "answers": self.answers,
            "photos": [hashlib.sha256(photo.content).hexdigest() for photo in self.photos],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def read_submission(
    fields: Fields,
    service: OfferedService,
    *,
    zone: ZoneInfo,
    photos: tuple[Photo, ...] = (),
    language: str = "",
    idempotency_key: str = "",
) -> Submission:
    """Return the submission; raises `RefusalError` (400) that names everything to mend at once."""
    submission = Submission(
        service=service,
        place=_place(fields),
        reporter=read_reporter(fields),
        description=fields.one("description", max_length=MAX_DESCRIPTION),
        media_urls=read_media_urls(fields),
        answers=read_answers(fields, service.questions, zone),
        photos=photos,
        language=language,
        idempotency_key=idempotency_key,
    )
    if fields.faults:
        raise RefusalError(fields.faults)
    return submission


def read_reporter(fields: Fields) -> Reporter:
    """Return who reports; faults are noted in `fields`."""
    email = fields.one("email", max_length=254)
    if email:
        try:
            validate_email(email)
        except ValidationError:
            fields.wrong(_("email is not an email address, such as name@example.org."))
    return Reporter(
        first_name=fields.one("first_name", max_length=100),
        last_name=fields.one("last_name", max_length=100),
        email=email,
        phone=fields.one("phone", max_length=32),
        account_id=fields.one("account_id", max_length=128),
        device_id=fields.one("device_id", max_length=128) or fields.one("deviceid", max_length=128),
    )


def read_media_urls(fields: Fields) -> tuple[str, ...]:
    """Return the addresses of photos. The specification knows one; apps with several photos repeat the parameter."""
    urls = tuple(dict.fromkeys(fields.all("media_url") + fields.all("media_url[]")))
    if len(urls) > MAX_MEDIA_URLS:
        fields.wrong(_("At most %(limit)s media_url can be given.") % {"limit": MAX_MEDIA_URLS})
    for url in urls:
        if len(url) > 2000 or not _is_web_address(url):
            fields.wrong(_("media_url is not a web address that begins with http:// or https://."))
    return urls


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)
        )
    except ValueError:
        return False


def _place(fields: Fields) -> Place:
    latitude, longitude = _degrees(fields, "lat", 90), _degrees(fields, "long", 180)
    if bool(fields.all("lat")) != bool(fields.all("long")):
        fields.wrong(_("lat and long belong together: send both, or neither."))
    place = Place(
        latitude=latitude,
        longitude=longitude,
        address=fields.one("address_string", max_length=300),
        address_id=fields.one("address_id", max_length=64),
    )
    if not place.known and not fields.all("lat") and not fields.all("long"):
        fields.wrong(_("Say where it is: send lat and long, or address_string, or address_id."))
    return place


def _degrees(fields: Fields, name: str, limit: int) -> float | None:
    text = fields.one(name, max_length=40)
    if not text:
        return None
    try:
        degrees = float(text) if "_" not in text else math.nan
    except ValueError:
        degrees = math.nan
    if not -limit <= degrees <= limit:  # not a number compares false with everything
        fields.wrong(
            _("%(name)s is a number of degrees between -%(limit)s and %(limit)s.")
            % {"name": name, "limit": limit}
        )
        return None
    return degrees
