"""The discovery document: where the endpoints are, in which formats, and whom to ask for a key."""

from collections.abc import Sequence

from civicline.channels.open311.documents import Row, Single
from civicline.channels.open311.formats import Format
from civicline.channels.open311.jurisdiction import Jurisdiction

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-01T00:00:00+00:00"
"""When what this server offers last changed; move it with every change of this interface."""


def discovery_document(body: Jurisdiction, *, production: str, test: str) -> Single:
    """Return the document; `production` and `test` are the endpoints' addresses without a closing slash."""
    endpoints: Sequence[Row] = [_endpoint(production, "production"), _endpoint(test, "test")]
    return Single(
        "discovery",
        {
            "changeset": CHANGESET,
            "contact": body.contact,
            "key_service": body.key_contact,
            "endpoints": endpoints,
        },
    )


def _endpoint(url: str, kind: str) -> Row:
    return {
        "specification": SPECIFICATION,
        "url": url,
        "changeset": CHANGESET,
        "type": kind,
        "formats": [fmt.media_type for fmt in Format],
    }
