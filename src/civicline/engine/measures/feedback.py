"""What residents say: GOV.UK satisfaction, top-two-box, NPS, CES 2.0, and the A-11 section 280 questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from civicline.engine.measures.values import SETTING, Counts, Measured, measured


@dataclass(frozen=True)
class SatisfactionCounts(Counts):
    """Answers on five levels."""

    very_dissatisfied: int = 0
    dissatisfied: int = 0
    neither: int = 0
    satisfied: int = 0
    very_satisfied: int = 0

    @property
    def answers(self) -> int:
        """All answers."""
        return (
            self.very_dissatisfied + self.dissatisfied + self.neither + self.satisfied + self.very_satisfied
        )


def csat(counts: SatisfactionCounts) -> Measured:
    """0-100: the mean of the levels weighted 0, 25, 50, 75, 100 (GOV.UK Service Manual)."""
    weighted = (
        25 * counts.dissatisfied + 50 * counts.neither + 75 * counts.satisfied + 100 * counts.very_satisfied
    )
    return measured(weighted, counts.answers, "csat")


def top_two_box(counts: SatisfactionCounts) -> Measured:
    """Share of satisfied and very satisfied: another number than CSAT, under another label."""
    return measured(counts.satisfied + counts.very_satisfied, counts.answers, "top_two_box")


@dataclass(frozen=True)
class RecommendationCounts(Counts):
    """Answers 0-10 to «would you recommend», grouped 9-10, 7-8, 0-6."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @classmethod
    def of(cls, scores: Iterable[int]) -> "RecommendationCounts":
        """The counts of single scores 0-10; ValueError for any other."""
        found = [0, 0, 0]
        for score in scores:
            if not 0 <= score <= 10:
                raise ValueError(f"a score is 0 to 10, not {score}")
            found[0 if score >= 9 else 1 if score >= 7 else 2] += 1
        return cls(*found)


def nps(counts: RecommendationCounts) -> Measured:
    """-100 to 100: promoters minus detractors, of all answers."""
    answers = counts.promoters + counts.passives + counts.detractors
    return measured(100 * (counts.promoters - counts.detractors), answers, "nps")


@dataclass(frozen=True)
class EffortCounts(Counts):
    """Answers 1-7, from «strongly disagree» to «strongly agree»: `levels[0]` counts the ones."""

    levels: tuple[int, ...] = (0, 0, 0, 0, 0, 0, 0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.levels) != 7:
            raise ValueError("CES 2.0 has seven levels")


def ces(counts: EffortCounts) -> Measured:
    """1-7, high is easy: the mean answer (Dixon, Toman, DeLisi, The Effortless Experience, 2013)."""
    total = sum(level * count for level, count in enumerate(counts.levels, start=1))
    return measured(total, sum(counts.levels), "ces")


A11_QUESTIONS: tuple[str, ...] = (
    "satisfaction",
    "trust",
    "need_addressed",
    "easy",
    "reasonable_time",
    "treated_fairly",
    "understood_what_was_asked",
    "employees_helpful",
)
"""The questions of OMB Circular A-11, section 280, each 1-5 agreement."""


@dataclass(frozen=True)
class A11Counts(Counts):
    """Answers by question, five counts each from 1 to 5; respondents, and how many were asked."""

    answers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    respondents: int = 0
    offered: int = 0
    service: str = field(default="", kw_only=True, metadata=SETTING)

    def __post_init__(self) -> None:
        super().__post_init__()
        for question, levels in self.answers.items():
            if question not in A11_QUESTIONS:
                raise ValueError(f"{question} is no question of section 280")
            if len(levels) != 5:
                raise ValueError(f"{question} needs five counts")

    def parts(self) -> tuple[tuple[str, str], ...]:
        return (("respondents", "offered"),)


@dataclass(frozen=True, slots=True)
class A11Row:
    """One question: the share that agrees, the mean of 1-5, and how many answered each level."""

    question: str
    agree: Measured
    mean: Measured
    levels: tuple[int, ...]


def a11_rows(counts: A11Counts) -> tuple[A11Row, ...]:
    """A row for each of the eight questions in their order, also for those nobody answered."""
    rows = []
    for question in A11_QUESTIONS:
        levels = counts.answers.get(question, (0, 0, 0, 0, 0))
        answers = sum(levels)
        total = sum(level * count for level, count in enumerate(levels, start=1))
        agree = measured(levels[3] + levels[4], answers, "a11")
        rows.append(A11Row(question, agree, measured(total, answers, "a11_mean"), levels))
    return tuple(rows)


def a11_response_rate(counts: A11Counts) -> Measured:
    """Respondents of those offered; it stands beside the rows."""
    return measured(counts.respondents, counts.offered, "a11_response")
