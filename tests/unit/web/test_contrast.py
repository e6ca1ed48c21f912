"""Colours keep their contrast in every theme, and a colour that does not is found."""

from __future__ import annotations

import pytest

from scripts import contrast


@pytest.mark.parametrize("theme", contrast.THEMES)
def test_every_pair_of_role_colours_keeps_its_limit(theme: str) -> None:
    measured = contrast.measure(contrast.TOKENS.read_text(encoding="utf-8"), theme)

    assert len(measured) > 60
    assert [each for each in measured if not each.passes] == []


def test_black_on_white_is_the_greatest_contrast_there_is() -> None:
    assert contrast.ratio("#000", "#ffffff") == pytest.approx(21.0)
    assert contrast.ratio("#777777", "#777777") == pytest.approx(1.0)


def test_a_town_whose_brand_is_too_pale_is_told_which_pair_fails() -> None:
    css = contrast.TOKENS.read_text(encoding="utf-8").replace(
        "--brand: var(--harbour-700);", "--brand: #7fd0e0;"
    )

    missed = contrast.failures(css)

    assert any(sentence.startswith("light: on-brand on brand is") for sentence in missed)


def test_a_word_in_place_of_a_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        contrast.luminance("teal")
