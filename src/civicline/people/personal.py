"""Names, addresses and numbers as people write them, brought to one form so that they can be compared.

Sources: NFC (Unicode Annex 15); E.164 through libphonenumber; RFC 5321 leaves the local part of an address to its
host, but no host in use tells upper from lower case, so addresses are case-folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Invalid

NAME_LENGTH = 200
EMAIL_LENGTH = 254
EXTERNAL_ID_LENGTH = 128

NEEDS: dict[str, Promise] = {
    "hard_of_hearing": _("Hard of hearing"),
    "large_print": _("Large print"),
    "relay_call": _("Relay call: do not hang up"),
    "interpreter": _("Interpreter"),
    "sign_language": _("Sign language"),
    "easy_read": _("Easy read"),
    "braille": _("Braille"),
    "more_time": _("Needs more time"),
}
"""What staff must know first, by the code that is stored."""

_SPACES = re.compile(r"\s+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Marks that turn the direction of the text around them: in a name they could make the screen show something else.
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def clean_text(text: str) -> str:
    """One line in NFC without control and direction marks, spaces joined; joiners that scripts need stay."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip()  # nothing in it to take out
    kept = (
        sign
        for sign in _SPACES.sub(" ", unicodedata.normalize("NFC", text))
        if unicodedata.category(sign) not in {"Cc", "Cs", "Cn"} and ord(sign) not in _DIRECTION
    )
    return _SPACES.sub(" ", "".join(kept)).strip()


def clean_name(name: str) -> str:
    """A name as it is shown. Invalid when it is longer than 200 characters."""
    clean = clean_text(name)
    if len(clean) > NAME_LENGTH:
        raise Invalid(fields={"name": _("Give a name of at most %(count)s characters.")}, count=NAME_LENGTH)
    return clean


def name_key(name: str) -> str:
    """What two spellings of one name share: case, accents and spaces do not count."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return _SPACES.sub(" ", "".join(sign for sign in bare if not unicodedata.combining(sign))).strip()


def clean_email(email: str) -> str:
    """An address, case-folded; "" stays "". Invalid when it is none."""
    clean = clean_text(email).casefold()
    if not clean:
        return ""
    try:
        validate_email(clean)
    except ValidationError as fault:
        raise _bad_email() from fault
    if len(clean) > EMAIL_LENGTH:
        raise _bad_email()
    return clean


def _bad_email() -> Invalid:
    return Invalid(fields={"email": _("Give an email address like name@example.org.")})


def region() -> str:
    """The country (ISO 3166) whose numbers need no country code: the setting `town.country`."""
    return settings.CIVICLINE.town_country


def clean_phone(phone: str) -> str:
    """A number as E.164, with `;ext=` when it has an extension; "" stays "". Invalid when it cannot be dialled."""
    clean = clean_text(phone)
    if not clean:
        return ""
    try:
        number = phonenumbers.parse(clean, region())
    except phonenumbers.NumberParseException as fault:
        raise _bad_phone() from fault
    if not phonenumbers.is_possible_number(number):
        raise _bad_phone()
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def _bad_phone() -> Invalid:
    return Invalid(
        fields={"phone": _("Give a telephone number with its area code, or with + and the country code.")}
    )


def shown_phone(phone: str) -> str:
    """A stored number as people write it: national form at home, international abroad."""
    try:
        number = phonenumbers.parse(phone.replace(";ext=", " x"), region())
    except phonenumbers.NumberParseException:
        return phone
    home = phonenumbers.region_code_for_number(number) == region()
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def clean_language(language: str) -> str:
    """A BCP 47 tag with the language in lower case; what is no tag becomes "" (unknown), it is only a hint."""
    primary, _sep, rest = language.strip().replace("_", "-").partition("-")
    tag = f"{primary.lower()}-{rest}" if rest else primary.lower()
    return tag if len(tag) <= 12 and _LANGUAGE.fullmatch(tag) else ""


def clean_needs(needs: Iterable[str]) -> list[str]:
    """The codes, each once, in the order of NEEDS. Invalid names a code that is not known."""
    given = set(needs)
    unknown = sorted(given - NEEDS.keys())
    if unknown:
        raise Invalid(fields={"needs": _("We do not know the need “%(need)s”.")}, need=unknown[0])
    return [code for code in NEEDS if code in given]


def clean_external_id(external_id: str) -> str:
    """An id given by another system, as it is. Invalid when it is longer than 128 characters."""
    clean = clean_text(external_id)
    if len(clean) > EXTERNAL_ID_LENGTH:
        raise Invalid(fields={"external_id": _("This account number is too long.")})
    return clean
