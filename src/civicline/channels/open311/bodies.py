"""Reading what was posted, urlencoded or multipart, bounded in every direction before it is looked at."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from civicline.channels.open311.errors import RefusalError, refuse
from civicline.channels.open311.fields import MAX_FIELDS, Fields, check_count, check_pairs, decode_pairs
from civicline.channels.open311.submission import Photo

# The first bytes of the pictures and documents that intake can keep; what is inside is checked there.
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF", b"%PDF-")
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Form:
    """What was posted: the parameters of address and body together, and the files."""

    fields: Fields
    photos: tuple[Photo, ...] = ()


def read_query(request: HttpRequest) -> Fields:
    """Return the parameters of the address; raises a 400."""
    return Fields(_query_pairs(request))


def read_form(request: HttpRequest) -> Form:
    """Return the form; raises 400 (unreadable), 413 (too large) or 415 (neither form encoding)."""
    media_type = (request.content_type or "").lower()
    try:
        if media_type == MULTIPART:
            return _multipart(request)
        raw = request.body
    except (RequestDataTooBig, TooManyFilesSent) as error:
        raise _too_large(error) from error
    except TooManyFieldsSent as error:
        raise refuse(
            400, _("The request has too many parameters; at most %(limit)s are read.") % {"limit": MAX_FIELDS}
        ) from error
    except (MultiPartParserError, UnreadablePostError) as error:
        raise refuse(400, _("The body broke off or is not a valid form. Send it again.")) from error
    if media_type not in (URLENCODED, "") or (raw and not media_type):
        raise refuse(415, _("Send the report as a form: %(type)s.") % {"type": f"{URLENCODED}, {MULTIPART}"})
    charset = (request.content_params or {}).get("charset", "utf-8")
    pairs = [*_query_pairs(request), *decode_pairs(raw, charset)]
    return Form(Fields(pairs))


def _query_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return decode_pairs(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))


def _too_large(error: Exception) -> RefusalError:
    if isinstance(error, TooManyFilesSent):
        return refuse(
            413, _("Too many files: at most %(most)s.") % {"most": settings.CIVICLINE.uploads_max_files}
        )
    return refuse(413, _("The report is too large. Shorten the texts; send pictures as files."))


def _multipart(request: HttpRequest) -> Form:
    posted, files = request.POST, request.FILES
    pairs = [(name, value) for name, values in posted.lists() for value in values if isinstance(value, str)]
    check_count(len(pairs))
    check_pairs(pairs)
    uploads = [upload for _name, several in files.lists() for upload in several]
    if len(uploads) > settings.CIVICLINE.uploads_max_files:
        raise refuse(
            413, _("Too many files: at most %(most)s.") % {"most": settings.CIVICLINE.uploads_max_files}
        )
    photos = []
    for upload in uploads:
        if (upload.size or 0) > settings.CIVICLINE.uploads_max_mb * 1_000_000:
            raise refuse(
                413,
                _("The file is too large: at most %(most)s MB.")
                % {"most": settings.CIVICLINE.uploads_max_mb},
            )
        photos.append(_photo(upload.name or "photo", upload.read()))
    return Form(Fields([*_query_pairs(request), *pairs]), tuple(photos))


def _photo(name: str, content: bytes) -> Photo:
    if not content.startswith(_SIGNATURES):
        raise refuse(400, _("A file is not a picture that can be taken. Send JPEG, PNG, WebP, GIF or PDF."))
    return Photo(PurePosixPath(name).name[:150], content)
