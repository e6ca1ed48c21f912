"""What Prometheus may be asked for is counted somewhere, and what the page on watching names is there to be asked."""

from __future__ import annotations

import re

import pytest
from prometheus_client.metrics import MetricWrapperBase

from civicline.kernel import metrics
from tests.architecture.source import ROOT

DEFINED = {name: figure for name, figure in vars(metrics).items() if isinstance(figure, MetricWrapperBase)}
SOURCES = [
    file.read_text(encoding="utf-8")
    for file in (ROOT / "src").rglob("*.py")
    if file.relative_to(ROOT).as_posix() != "src/civicline/kernel/metrics.py"
]


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_every_figure_is_counted(name: str) -> None:
    counted = re.compile(rf"\bmetrics\.{name}\b")
    assert any(counted.search(source) for source in SOURCES)


def test_the_page_on_watching_names_figures_that_there_are() -> None:
    page = (ROOT / "docs" / "operate" / "monitoring.md").read_text(encoding="utf-8")
    there = {
        row.name + ending
        for figure in DEFINED.values()
        for row in figure.describe()
        for ending in ({"counter": ["_total"]}.get(row.type, [""]))
    }
    named = set(re.findall(r"civicline_[a-z_]+", page))
    assert len(named) > 8
    assert named - there == set()
