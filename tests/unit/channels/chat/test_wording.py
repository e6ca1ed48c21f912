"""Text of strangers is shown so that it can neither run nor lie about its order."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from civicline.channels.chat.wording import given_name, shown


def test_overrides_are_gone_and_arabic_stays() -> None:
    assert shown("invoice\u202efdp.exe") == "invoicefdp.exe"
    assert shown("مرحبا \u2068Ann\u2069") == "مرحبا \u2068Ann\u2069"


def test_an_isolate_ends_with_its_line() -> None:
    assert shown("a\u2067b\nc") == "a\u2067b\u2069\nc"


def test_null_bytes_are_seen_and_line_ends_stay() -> None:
    assert shown("a\x00b\tc\nd") == "a\ufffdb\tc\nd"


@given(st.text())
def test_nothing_that_is_shown_reaches_beyond_its_line(text: str) -> None:
    for line in shown(text).split("\n"):
        assert not any(
            unicodedata.bidirectional(sign) in {"RLO", "LRO", "RLE", "LRE", "PDF"} for sign in line
        )
        depth = 0
        for sign in line:
            kind = unicodedata.bidirectional(sign)
            depth += kind in {"RLI", "LRI", "FSI"}
            depth = max(0, depth - (kind == "PDI"))
        assert depth == 0


@given(st.text())
def test_what_is_safe_already_is_not_changed_again(text: str) -> None:
    assert shown(shown(text)) == shown(text)


def test_residents_read_the_first_name() -> None:
    assert given_name("Nadia Osei") == "Nadia"
    assert given_name("  ") == "A colleague"
