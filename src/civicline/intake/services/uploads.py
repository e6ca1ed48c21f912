"""Files that residents and staff send: checked by content, pictures drawn anew, stored under names of our own."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from civicline.intake.models import Attachment, Contact
from civicline.intake.storage import uploads_folder
from civicline.kernel import clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound, StorageFull

MAX_PIXELS = 50_000_000
"""A picture larger than this is refused before it is decoded: it would take more memory than a small server has."""
MAX_SIDE = 4096
MAX_FILES = 20
_PICTURES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
_DANGEROUS_PDF = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction")


@dataclass(frozen=True, slots=True)
class _Clean:
    content: bytes
    content_type: str
    suffix: str
    width: int | None = None
    height: int | None = None


def store_upload(*, contact_id: UUID, name: str, content: bytes) -> Attachment:
    """Check `content`, store it, and return its row, not yet part of a message (`add_message(attachment_ids=)`).

    Pictures (JPEG, PNG, WebP, GIF) are decoded and drawn anew: metadata (EXIF, place) and anything hidden behind
    the picture are gone; PDF and plain text are kept as they are, PDF only without active content. Raises
    `Invalid` with words that help for what is empty, too large, of another type or damaged; `StorageFull`.
    """
    return _store(contact_id, name, _checked(content))


def _store(contact_id: UUID, name: str, clean: _Clean) -> Attachment:
    file_id = ids.new_id()
    path = Path(file_id.hex[-2:]) / f"{file_id.hex}{clean.suffix}"
    _write_durably(uploads_folder() / path, clean.content)
    return _insert(
        contact_id=contact_id,
        attachment=Attachment(
            id=file_id,
            contact_id=contact_id,
            path=str(path),
            name=safe_name(name, clean.suffix),
            content_type=clean.content_type,
            size=len(clean.content),
            sha256=hashlib.sha256(clean.content).hexdigest(),
            width=clean.width,
            height=clean.height,
            uploaded_at=clock.now(),
        ),
    )


@writes
def _insert(*, contact_id: UUID, attachment: Attachment) -> Attachment:
    if not Contact.objects.filter(pk=contact_id).exists():
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    if Attachment.objects.filter(contact_id=contact_id, message__isnull=True).count() >= MAX_FILES:
        raise Invalid(
            code="files-too-many",
            text=_("You have added %(most)s files already. Send these first."),
            most=MAX_FILES,
        )
    attachment.save(force_insert=True)
    return attachment


@writes
def link_uploads(*, contact_id: UUID, message_id: UUID, attachment_ids: list[UUID]) -> int:
    """Make files that were stored for the contact part of one of its messages; return how many."""
    return Attachment.objects.filter(
        pk__in=attachment_ids, contact_id=contact_id, message__isnull=True
    ).update(message_id=message_id)


def safe_name(name: str, suffix: str) -> str:
    """Return a file name to show and to download by: no path, no control or direction signs, the true ending."""
    base = re.split(r"[\\/]", name)[-1]
    base = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", base).strip(" .")
    stem = base.rsplit(".", 1)[0] if "." in base else base
    return f"{stem[:150] or 'file'}{suffix}"


def _checked(content: bytes) -> _Clean:
    if not content:
        raise Invalid(code="file-empty", text=_("The file is empty. Choose another one."))
    most = settings.CIVICLINE.uploads_max_mb * 1_000_000
    if len(content) > most:
        raise Invalid(
            code="file-too-large",
            text=_("The file has %(size)s MB. It can have up to %(most)s MB."),
            size=round(len(content) / 1_000_000, 1),
            most=most // 1_000_000,
        )
    if content.startswith(b"%PDF-"):
        return _checked_pdf(content)
    if (text := _as_text(content)) is not None:
        return _Clean(text, "text/plain; charset=utf-8", ".txt")
    return _redrawn(content)


def _checked_pdf(content: bytes) -> _Clean:
    if any(mark in content for mark in _DANGEROUS_PDF):
        raise Invalid(
            code="file-active",
            text=_("This PDF contains a program. Print it to a new PDF and send that one."),
        )
    return _Clean(content, "application/pdf", ".pdf")


def _as_text(content: bytes) -> bytes | None:
    """Return plain text as UTF-8, or None when it is not plain text (or would run as a page or a script)."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\x00" in text or re.match(r"\s*<", text):
        return None
    return text.encode()


def _redrawn(content: bytes) -> _Clean:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_many_pixels()
            return _encoded(picture, picture.format or "PNG")
    except UnidentifiedImageError:
        raise Invalid(
            code="file-type",
            text=_(
                "We cannot take this kind of file. Send a picture (JPEG, PNG, WebP, GIF), a PDF or a text."
            ),
        ) from None
    except Image.DecompressionBombError:
        # Pillow's own limit: it refuses such a picture before it tells us how large it is.
        raise _too_many_pixels() from None
    except (OSError, ValueError, SyntaxError):
        raise Invalid(
            code="file-damaged", text=_("The picture is damaged. Save it again, or take a new one.")
        ) from None


def _too_many_pixels() -> Invalid:
    return Invalid(
        code="picture-too-large",
        text=_("The picture has too many pixels. Make it smaller and try again."),
    )


def _encoded(picture: Image.Image, format_: str) -> _Clean:
    upright = ImageOps.exif_transpose(picture) or picture
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    format_ = format_ if format_ in _PICTURES else "PNG"
    drawn = upright.convert("RGB") if format_ == "JPEG" else upright.convert("RGBA")
    # A fresh image takes the pixels alone: info dictionaries (EXIF, comments, profiles) stay behind.
    blank = Image.new(drawn.mode, drawn.size)
    blank.paste(drawn)
    out = io.BytesIO()
    blank.save(out, format_, **({"quality": 88} if format_ != "PNG" else {}))
    content_type, suffix = _PICTURES[format_]
    return _Clean(out.getvalue(), content_type, suffix, *blank.size)


def _write_durably(path: Path, content: bytes) -> None:
    """Write so that after a power cut the file is whole or absent; its row is written after it."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise StorageFull(
            code="storage-full",
            text=_("We cannot store the file just now. Your text is safe; please try again later."),
        ) from error
