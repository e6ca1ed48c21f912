"""Which of the two formats an answer has: by extension, else by `Accept`, else XML (which every v2 server speaks)."""

from enum import StrEnum

from django.utils.translation import gettext as _

from civicline.channels.open311.errors import refuse


class Format(StrEnum):
    """The formats of GeoReport v2."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """As discovery names it, and as its own Content-Type must read, to the letter."""
        return "text/xml" if self is Format.XML else "application/json"

    @property
    def content_type(self) -> str:
        """The Content-Type of every answer but discovery's."""
        return f"{self.media_type}; charset=utf-8"


_ACCEPTED = {
    "application/json": Format.JSON,
    "text/json": Format.JSON,
    "text/xml": Format.XML,
    "application/xml": Format.XML,
    "*/*": Format.XML,
    "text/*": Format.XML,
    "application/*": Format.JSON,
}


def wanted_format(extension: str, accept: str) -> Format:
    """Return the format asked for; raises a 400 for an extension that is neither `xml` nor `json`."""
    if not extension:
        return accepted_format(accept)
    try:
        return Format(extension.lower())
    except ValueError:
        raise refuse(
            400,
            _("The format “%(format)s” is not offered. Ask for .xml or .json.") % {"format": extension[:20]},
        ) from None


def accepted_format(accept: str) -> Format:
    """Return the best offer of an `Accept` header (RFC 9110, 12.5.1); XML when it names none of ours."""
    best, best_quality = Format.XML, 0.0
    for part in accept[:2000].split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        found = _ACCEPTED.get(media_type)
        quality = _quality(parameters)
        if found is not None and quality > best_quality:
            best, best_quality = found, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _eq, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
