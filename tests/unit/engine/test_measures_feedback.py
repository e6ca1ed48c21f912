"""What residents say, scored by the book, and against figures that a government published."""

import pytest

from civicline.engine.measures import (
    A11_QUESTIONS,
    A11Counts,
    EffortCounts,
    RecommendationCounts,
    SatisfactionCounts,
    a11_response_rate,
    a11_rows,
    ces,
    csat,
    nps,
    top_two_box,
)

# Office of the Public Guardian, "complete the deputy report": month, published CSAT, then the five counts.
PUBLISHED = [
    ("2023-04", 80, (23, 46, 153, 419, 528)),
    ("2023-05", 81, (19, 33, 143, 419, 518)),
    ("2023-06", 81, (19, 28, 140, 464, 524)),
    ("2023-07", 79, (27, 31, 173, 483, 524)),
    ("2023-08", 80, (17, 29, 119, 385, 446)),
    ("2023-09", 81, (12, 37, 110, 398, 488)),
    ("2023-10", 80, (17, 31, 141, 477, 488)),
    ("2023-11", 82, (15, 27, 130, 415, 547)),
    ("2023-12", 81, (8, 26, 105, 385, 407)),
    ("2024-01", 80, (19, 29, 147, 501, 510)),
    ("2024-02", 79, (20, 34, 190, 530, 506)),
    ("2024-03", 81, (17, 23, 143, 497, 511)),
    ("2024-04", 80, (17, 35, 147, 497, 536)),
    ("2024-05", 80, (16, 20, 153, 497, 495)),
]


@pytest.mark.parametrize(("month", "published", "levels"), PUBLISHED)
def test_csat_is_the_figure_that_was_published(
    month: str, published: int, levels: tuple[int, int, int, int, int]
) -> None:
    counts = SatisfactionCounts(*levels)
    score, share = csat(counts).value, top_two_box(counts).value
    assert score is not None
    assert share is not None
    assert round(score) == published, month
    assert round(100 * share) != published, "top-two-box is another number"


def test_a_year_is_the_sum_of_its_months() -> None:
    year = sum((SatisfactionCounts(*levels) for _, _, levels in PUBLISHED), start=SatisfactionCounts())
    assert csat(year).denominator == year.answers == sum(sum(levels) for _, _, levels in PUBLISHED)


def test_the_score_of_each_single_answer() -> None:
    for place, score in enumerate((0, 25, 50, 75, 100)):
        levels = [0] * 5
        levels[place] = 1
        assert csat(SatisfactionCounts(*levels)).value == score


def test_nps_runs_from_minus_to_plus_one_hundred() -> None:
    assert nps(RecommendationCounts.of(range(11))).value == pytest.approx(100 * (2 - 7) / 11)
    assert RecommendationCounts.of([10, 9, 8, 7, 6, 0]) == RecommendationCounts(2, 2, 2)
    assert nps(RecommendationCounts.of([0])).value == -100
    assert nps(RecommendationCounts.of([9, 10])).value == 100


def test_effort_is_the_mean_of_seven_levels() -> None:
    counts = EffortCounts((1, 0, 0, 0, 0, 0, 1)) + EffortCounts((0, 0, 0, 2, 0, 0, 0))
    assert ces(counts).value == 4.0
    assert ces(counts).denominator == 4


def test_section_280_has_a_row_for_each_question_and_the_response_beside_it() -> None:
    first = A11Counts({"trust": (1, 1, 2, 3, 3)}, respondents=10, offered=40)
    second = A11Counts({"trust": (0, 0, 0, 0, 10), "easy": (0, 0, 0, 1, 1)}, respondents=10, offered=60)
    both = first + second
    rows = {row.question: row for row in a11_rows(both)}
    assert tuple(rows) == A11_QUESTIONS
    assert rows["trust"].levels == (1, 1, 2, 3, 13)
    assert rows["trust"].agree.value == 0.8
    assert rows["trust"].mean.value == 4.3
    assert rows["easy"].agree.denominator == 2
    assert rows["satisfaction"].agree.value is None
    assert a11_response_rate(both).value == 0.2
