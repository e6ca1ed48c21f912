"""Templates keep to the content security policy (nothing inline), and every word in them can be translated."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import place, templates

COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.S)
INLINE = {
    "an inline script": re.compile(
        r"<script(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))[^>]*>", re.I
    ),
    "a style element": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"=\s*[\"']?javascript:", re.I),
}


def _blank(match: "re.Match[str]") -> str:
    return re.sub(r"[^\n]", " ", match.group())


@pytest.mark.parametrize("what", INLINE)
def test_templates_have_nothing_inline(what: str) -> None:
    wrong = []
    for path in templates():
        if "email" in path.parts:
            continue  # mail programs know no style sheets
        text = COMMENT.sub(_blank, path.read_text(encoding="utf-8"))
        wrong += [
            place(path, text.count("\n", 0, match.start()) + 1) for match in INLINE[what].finditer(text)
        ]
    assert wrong == []


def test_unsafe_output_is_never_asked_for() -> None:
    wrong = [
        place(path, number)
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\|\s*safe\b|autoescape\s+(?:off|false)", line)
    ]
    assert wrong == []


def _forms(text: str) -> list[str]:
    return re.findall(r"<form\b.*?</form>", text, re.S | re.I)


def test_every_form_that_posts_carries_its_token() -> None:
    def guarded(form: str) -> bool:
        if not re.search(r"method\s*=\s*[\"']?post", form, re.I):
            return True
        return bool(re.search(r"csrf|caller\(|\bblock\b|super\(", form))

    wrong: list[Path] = [
        path for path in templates() if not all(map(guarded, _forms(path.read_text(encoding="utf-8"))))
    ]
    assert wrong == []
