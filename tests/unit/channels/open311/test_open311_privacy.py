"""What a resident wrote is published without what could name or reach a person."""

import time

import pytest

from civicline.channels.open311.privacy import published


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Call me at 020 7946 0958 please", "7946"),
        ("My mobile is +44 7700 900123.", "900123"),
        ("ring (312) 555-0142", "0142"),
        ("Tel.: 07700900123", "07700900123"),
        ("appelez le 01.23.45.67.89 svp", "67"),
        ("+44 (0) 20 \u2013 7946 \u2013 0958", "0958"),
        ("since 2026-05-01 07700900123 14", "0123"),
        ("اتصل على ٠٧٧٠٠٩٠٠١٢٣", "٠١٢٣"),
        ("two: 020 7946 0958 07700 900123", "900123"),
        ("Write to jane.doe+street@mail.example.org!", "jane.doe"),
        ("Yours, Jane Doe", "Jane Doe"),
        ("it is JANE DOE again", "JANE"),
    ],
)
def test_nothing_by_which_to_reach_or_name_a_person(text: str, gone: str) -> None:
    shown = published(text, names=["Jane Doe"])
    assert gone not in shown
    assert "removed]" in shown


@pytest.mark.parametrize(
    "text",
    [
        "The hole is 30 cm deep, before number 1240.",
        "Since 2026-05-01 the lamp at 14 High Street is out.",
        "On 01/05/2026 and 02.05.2026 nobody came.",
        "See https://photos.example.org/2026/12345678901.jpg",
        "Janet Doering lives elsewhere",
        "الشارع مظلم منذ أسبوع",
        "",
    ],
)
def test_what_matters_to_the_work_stays(text: str) -> None:
    assert published(text, names=["Jane Doe"]) == text


@pytest.mark.parametrize("piece", ["1 ", "a@", "a.a", "1-", "+(", "0", "(1", "x@a.", "1.1.", "https://"])
def test_no_text_keeps_the_server_busy(piece: str) -> None:
    text = (piece * 4000)[:20_000]
    started = time.perf_counter()
    published(text, names=["Jane Doe"])
    assert time.perf_counter() - started < 1.0
