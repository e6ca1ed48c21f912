"""Refusals speak to people in their language; a body's own texts fall back sensibly."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from civicline.kernel.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    StorageFull,
    Unavailable,
)
from civicline.kernel.texts import comma, in_a_row, localized


def test_a_refusal_fills_its_sentence_and_keeps_code_and_parameters() -> None:
    error = Conflict("Contact %(reference)s is with %(agent)s.", code="taken", reference="SM-1", agent="Ann")
    assert error.message() == "Contact SM-1 is with Ann."
    assert (error.code, error.params, error.status) == ("taken", {"reference": "SM-1", "agent": "Ann"}, 409)
    assert str(error) == "taken: Contact SM-1 is with Ann."


def test_a_percent_sign_in_a_sentence_without_places_stays() -> None:
    assert Refused("100 % are full.", queue="x").message() == "100 % are full."


def test_the_sentence_is_made_in_the_language_of_its_reader() -> None:
    error = Invalid(fields={"email": gettext_lazy("This field is required.")})
    assert error.field_messages("de") == {"email": "Dieses Feld ist zwingend erforderlich."}
    assert error.field_messages("en") == {"email": "This field is required."}
    assert Refused(gettext_lazy("This field is required.")).message("fr") == "Ce champ est obligatoire."


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Refused, 422),
        (Conflict, 409),
        (NotFound, 404),
        (Forbidden, 403),
        (Invalid, 400),
        (Busy, 503),
        (StorageFull, 503),
    ],
)
def test_each_refusal_has_a_status_and_words_of_its_own(kind: type[Refused], status: int) -> None:
    error = kind()
    assert error.status == status
    assert error.message().endswith(".")
    assert isinstance(error, Refused)


def test_what_may_be_tried_again_is_told_apart() -> None:
    assert issubclass(Busy, Unavailable)
    assert not issubclass(Conflict, Unavailable)


def test_texts_fall_back_from_the_asked_language_to_any() -> None:
    texts = {"en": "Town hall", "pt": "Câmara", "zh-Hans": "市政厅", "fr": ""}
    assert localized(texts, "pt-BR") == "Câmara"
    assert localized(texts, "zh-TW") == "Town hall"
    assert localized(texts, "ZH_hans") == "市政厅"
    assert localized(texts, "fr") == "Town hall"
    assert localized({"pt-BR": "Prefeitura", "tr": "Belediye"}, "pt") == "Prefeitura"
    assert localized({"tr": "Belediye"}, "es") == "Belediye"
    assert localized({}, "en") == ""


@given(
    st.dictionaries(st.sampled_from(["en", "es", "pt-br", "ar", "tr"]), st.text(max_size=5)),
    st.text(max_size=8),
)
def test_there_is_a_text_whenever_one_was_written(texts: dict[str, str], language: str) -> None:
    assert bool(localized(texts, language)) == any(texts.values())


def test_things_in_a_row_stand_apart_as_the_language_has_it() -> None:
    assert in_a_row(["Monday", 2]) == "Monday, 2"
    with translation.override("ar"):
        assert in_a_row(["الاثنين", "الثلاثاء"]) == "الاثنين، الثلاثاء"
        assert in_a_row(["الاثنين", "الثلاثاء"], apart=True) == "الاثنين؛ الثلاثاء"
        assert comma() == comma("ar-EG") == "، "
    assert comma("fr") == ", "
