"""Files are checked by what they are, and pictures leave without what they tell of their maker."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from civicline.intake import selectors
from civicline.intake import services as intake
from civicline.kernel.errors import Invalid, NotFound, StorageFull
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)

GPS, DESCRIPTION, ORIENTATION = 0x8825, 0x010E, 0x0112


def photo(format_: str = "JPEG", size: tuple[int, int] = (60, 40), turned: bool = False) -> bytes:
    picture, out, exif = Image.new("RGB", size, "teal"), io.BytesIO(), Image.Exif()
    exif[DESCRIPTION] = "at home, 2 Cooper's Yard"
    exif.get_ifd(GPS)[2] = (50.0, 42.0, 0.0)
    if turned:
        exif[ORIENTATION] = 6
    picture.save(out, format_, **({"exif": exif} if format_ == "JPEG" else {}))
    return out.getvalue()


def test_a_photo_is_drawn_anew_without_its_place(town: Town) -> None:
    contact = town.chat("council-tax")
    original = photo()
    assert b"Cooper" in original
    stored = intake.store_upload(contact_id=contact.id, name="../../IMG 1.JPG", content=original)
    content = selectors.attachment_path(stored).read_bytes()
    assert b"Cooper" not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert not picture.getexif()
    assert (stored.name, stored.content_type, stored.width, stored.height) == (
        "IMG 1.jpg",
        "image/jpeg",
        60,
        40,
    )


def test_a_photo_taken_sideways_stands_upright(town: Town) -> None:
    contact = town.chat("council-tax")
    stored = intake.store_upload(contact_id=contact.id, name="x.jpg", content=photo(turned=True))
    assert (stored.width, stored.height) == (40, 60)


def test_what_hides_behind_a_picture_stays_outside(town: Town) -> None:
    contact = town.chat("council-tax")
    stored = intake.store_upload(
        contact_id=contact.id, name="a.png.html", content=photo("PNG") + b"<script>alert(1)</script>"
    )
    assert b"script" not in selectors.attachment_path(stored).read_bytes()
    assert stored.name.endswith(".png")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"MZ\x90\x00\x03\x00", "file-type"),
        (b"<html><script>alert(1)</script>", "file-type"),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "file-type"),
        (photo()[:200], "file-damaged"),
        (b"%PDF-1.7 /OpenAction << /JavaScript (app.alert(1)) >>", "file-active"),
        (b"PK\x03\x04" + b"\x00" * 50, "file-type"),
    ],
)
def test_hostile_files_are_refused_with_their_reason(town: Town, content: bytes, code: str) -> None:
    contact = town.chat("council-tax")
    with pytest.raises(Invalid) as refusal:
        intake.store_upload(contact_id=contact.id, name="bill.pdf", content=content)
    assert refusal.value.code == code


@pytest.mark.parametrize("side", [8_000, 14_000])
def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_as_that(town: Town, side: int) -> None:
    contact = town.chat("council-tax")
    bomb, out = Image.new("1", (side, side)), io.BytesIO()
    bomb.save(out, "PNG")
    with pytest.raises(Invalid) as refusal:
        intake.store_upload(contact_id=contact.id, name="map.png", content=out.getvalue())
    assert refusal.value.code == "picture-too-large"


def test_text_in_any_script_is_kept_as_it_is(town: Town) -> None:
    contact = town.chat("council-tax")
    words = "Küçük bir not, ملاحظة صغيرة"
    stored = intake.store_upload(contact_id=contact.id, name="not\u202etxt.exe", content=words.encode())
    assert selectors.attachment_path(stored).read_text("utf-8") == words
    assert stored.name == "nottxt.txt"


def test_a_file_belongs_to_one_contact_only(town: Town) -> None:
    mine, theirs = town.chat("council-tax"), town.chat("council-tax")
    stored = intake.store_upload(contact_id=theirs.id, name="a.txt", content=b"secret")
    with pytest.raises(NotFound):
        intake.add_message(contact_id=mine.id, direction="in", body="", attachment_ids=[stored.id])


def test_a_full_disk_is_said_calmly_and_leaves_no_half_file(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = town.chat("council-tax")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull) as refusal:
        intake.store_upload(contact_id=contact.id, name="a.txt", content=b"hello")
    assert "Your text is safe" in refusal.value.message("en")
    assert contact.attachments.count() == 0
