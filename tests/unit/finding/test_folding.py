"""Words are found however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.finding import marking
from civicline.finding.documents import words_of
from civicline.finding.folding import LONGEST, fold, words_in
from civicline.finding.query import parse

SENTENCES = st.text(max_size=120)


def found(query: str, *texts: str) -> bool:
    return parse(query, region="GB").fits(words_of(texts))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("jose", "José García rang"),
        ("JOSÉ", "jose garcia"),
        ("istanbul", "İSTANBUL Caddesi"),
        ("İstanbul", "istanbul caddesi"),
        ("istanbul", "ıstanbul"),
        ("strasse", "Straße des Friedens"),
        ("straße", "HAUPTSTRASSE STRASSE"),
        ("sorensen", "Sørensen"),
        ("مدرسة", "اَلمَدْرَسَةُ مَدْرَسَةٌ"),
        ("احمد", "أحْمَد"),
        ("كريم", "کریم"),
        ("2026", "٢٠٢٦"),
        ("naive", "nai\u0308ve"),
        ("obrien", "Mrs O\u2019Brien"),
        ("o'brien", "Mrs O\u2019Brien"),
        ("email", "send an e-mail"),
        ("e-mail", "send an email"),
        ("sm4k7291", "your reference SM-4K7-291"),
        ("SM-4K7-291", "sm-4k7-291"),
        ("水道", "水道が止まった"),
        ("lamp", "the lampposts are dark"),
        ("dark lamp", "the lamps, all of them, are dark"),
        ("samira@example.org", "Samira@Example.org"),
        ("samira.haddad", "samira.haddad@example.org"),
    ],
)
def test_case_accents_and_order_do_not_count(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    "query", ["020 7946 0318", "02079460318", "+44 20 7946 0318", "+442079460318", "0044 20 79460318",
              "+44 (0)20 7946 0318", "7946 0318", "79460318", "0318", "(020) 7946-0318", "020 7946"]
)  # fmt: skip
@pytest.mark.parametrize("text", ["+442079460318", "ring me on 020 7946 0318, please", "020-7946-0318"])
def test_a_telephone_number_is_found_however_it_is_written(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("amp", "the lamp"),  # beginnings of words, not any part of them
        ("lamp river", "the lamp is dark"),
        ("a", "about an apple"),
        ("7946 0319", "+442079460318"),
        ("jose", "joke"),
    ],
)
def test_what_is_not_there_is_not_found(query: str, text: str) -> None:
    assert not found(query, text)


@pytest.mark.parametrize("query", ["", "  ", "...", "\u0301", "'\"*()&|!:", "\u200d"])
def test_what_holds_no_word_asks_for_nothing(query: str) -> None:
    assert not parse(query, region="GB")


@given(SENTENCES)
def test_folding_what_was_folded_changes_nothing(text: str) -> None:
    for word in words_in(text):
        for piece in word.folded:
            assert piece.isalnum()
            assert len(piece) <= LONGEST
            assert fold(piece) == (piece,)


@given(SENTENCES)
def test_every_text_is_found_by_itself(text: str) -> None:
    wanted = parse(text, region="GB")
    assert not wanted or wanted.fits(words_of([text]))


@given(SENTENCES, SENTENCES)
def test_marking_takes_nothing_from_a_text_and_adds_nothing(query: str, text: str) -> None:
    wanted = parse(query, region="GB")
    assert "".join(piece.text for piece in marking.marked(text, wanted)) == text


@given(SENTENCES)
def test_no_query_holds_an_operator_of_a_database(text: str) -> None:
    wanted = parse(text, region="GB")
    for said, quote in ((wanted.fts5(), '"'), (wanted.tsquery(), "'")):
        assert said.count(quote) % 2 == 0
        assert all(word.isalnum() for word in said.split(quote)[1::2])


def test_the_stretch_with_most_of_the_words_is_shown_and_they_are_marked() -> None:
    long = "Nothing here. " * 30 + "The lamp in Rosemary Lane is dark again. " + "Nothing here. " * 30
    pieces = marking.snippet(["a lamp", long], parse("rosemary lamp dark", region="GB"))
    assert [piece.text for piece in pieces if piece.found] == ["lamp", "Rosemary", "dark"]
    assert pieces[0].text == "… "
    assert pieces[-1].text == " …"
    assert sum(len(piece.text) for piece in pieces) < marking.LONGEST + 10


def test_a_number_is_marked_as_a_whole() -> None:
    pieces = marking.marked("Ring 020 7946 0318 now", parse("79460318", region="GB"))
    assert [piece.text for piece in pieces if piece.found] == ["020 7946 0318"]
