"""Templates are compiled once for each language; their texts are those of that language, escaped as ever."""

from __future__ import annotations

from django.utils import translation
from jinja2 import DictLoader

from civicline.config.fixed_texts import PageEnvironment
from civicline.config.jinja import environment


def made(**templates: str) -> PageEnvironment:
    return environment(loader=DictLoader(templates))


def drawn(pages: PageEnvironment, language: str, name: str, **context: object) -> str:
    with translation.override(language):
        return pages.get_template(name).render(context)


def test_one_page_drawn_in_turns_speaks_each_readers_language() -> None:
    pages = made(page="{{ _('Services') }}")

    in_turns = [drawn(pages, language, "page") for language in ("en", "es", "ar", "en", "es")]

    assert in_turns[:3] == ["Services", "Servicios", "الخدمات"]
    assert in_turns[3:] == in_turns[:2]


def test_what_a_page_stands_on_speaks_its_language_too() -> None:
    pages = made(
        frame="{% block body %}{% endblock %}|{{ _('Services') }}",
        parts="{% macro head() %}{{ _('Services') }}{% endmacro %}",
        page="{% extends 'frame' %}{% from 'parts' import head %}{% block body %}{{ head() }}{% endblock %}",
    )

    assert drawn(pages, "en", "page") == "Services|Services"
    assert drawn(pages, "es", "page") == "Servicios|Servicios"


def test_values_in_a_text_are_escaped_and_the_text_is_not() -> None:
    pages = made(page="{% trans who=who %}<b>Hello</b> {{ who }}, 100% sure{% endtrans %}")

    assert drawn(pages, "en", "page", who="<i>Ada</i>") == "<b>Hello</b> &lt;i&gt;Ada&lt;/i&gt;, 100% sure"


def test_a_text_chosen_while_drawing_is_still_translated_then() -> None:
    pages = made(page="{{ _(text) }}")

    assert drawn(pages, "es", "page", text="Services") == "Servicios"


def test_plural_forms_follow_the_number_of_each_drawing() -> None:
    pages = made(page="{% trans count=n %}{{ count }} person{% pluralize %}{{ count }} people{% endtrans %}")

    assert [drawn(pages, "en", "page", n=n) for n in (1, 2)] == ["1 person", "2 people"]
