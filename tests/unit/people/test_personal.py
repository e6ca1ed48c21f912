"""What people write about themselves is brought to one form, and nothing of theirs is lost on the way."""

import pytest

from civicline.kernel.errors import Invalid
from civicline.people import personal


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("07700 900123", "+447700900123"),
        ("(020) 7946-0018", "+442079460018"),
        ("+34 600 123 456", "+34600123456"),
        ("0034 600 123 456", "+34600123456"),
        ("020 7946 0018 ext. 12", "+442079460018;ext=12"),
        ("٠٧٧٠٠ ٩٠٠١٢٣", "+447700900123"),
        ("  ", ""),
    ],
)
def test_a_telephone_number_is_stored_as_e164(written: str, stored: str) -> None:
    assert personal.clean_phone(written) == stored


@pytest.mark.parametrize("written", ["123", "call me", "+999 12345678", "0" * 40])
def test_what_cannot_be_dialled_is_refused_with_a_hint(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        personal.clean_phone(written)
    assert "country code" in refused.value.field_messages("en")["phone"]


def test_a_number_is_shown_as_people_write_it_here() -> None:
    assert personal.shown_phone("+442079460018") == "020 7946 0018"
    assert personal.shown_phone("+34600123456") == "+34 600 12 34 56"
    assert personal.shown_phone("not a number") == "not a number"


def test_addresses_are_case_folded_and_checked() -> None:
    assert personal.clean_email(" Samira.HADDAD@Example.ORG ") == "samira.haddad@example.org"
    with pytest.raises(Invalid) as refused:
        personal.clean_email("samira at example")
    assert "name@example.org" in refused.value.field_messages("en")["email"]
    with pytest.raises(Invalid):
        personal.clean_email("a" * 250 + "@example.org")


@pytest.mark.parametrize(
    "name",
    ["Zoë Çelik", "Nguyễn Thị Hương", "محمد الحداد", "李小龍", "O’Connor-Strauß", "נועה לוי", "Ọlájùmọ̀kẹ́"],
)
def test_names_of_all_scripts_stay_what_they_are(name: str) -> None:
    import unicodedata

    assert personal.clean_name(f"  {name} ") == unicodedata.normalize("NFC", name)


def test_marks_that_turn_the_text_around_are_taken_out() -> None:
    assert personal.clean_name("Mo\u202enimda\u202c\x00 Ade\tyemi\r\n") == "Monimda Ade yemi"


def test_the_joiner_that_persian_needs_stays() -> None:
    assert personal.clean_name("علی\u200cرضا") == "علی\u200cرضا"


def test_a_name_without_end_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        personal.clean_name("x" * 201)
    assert refused.value.field_messages("en") == {"name": "Give a name of at most 200 characters."}


def test_two_spellings_of_one_name_share_a_key() -> None:
    assert personal.name_key("Zoë  ÇELİK") == personal.name_key("zoe celik")
    assert personal.name_key("Zoe") != personal.name_key("Zoey")


def test_a_language_is_a_hint_and_never_an_error() -> None:
    assert personal.clean_language("PT_br") == "pt-br"
    assert personal.clean_language("zh-Hant") == "zh-Hant"
    assert personal.clean_language("klingon tlh !") == ""


def test_needs_are_known_codes_in_one_order() -> None:
    assert personal.clean_needs(["interpreter", "relay_call", "interpreter"]) == ["relay_call", "interpreter"]
    with pytest.raises(Invalid) as refused:
        personal.clean_needs(["telepathy"])
    assert "telepathy" in refused.value.field_messages("en")["needs"]
