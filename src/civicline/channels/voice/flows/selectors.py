"""Reads of telephone menus and prompts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import built_in
from civicline.channels.voice.flows.menus import Menu, Sentence, from_snapshot, read_flow, with_built_in
from civicline.channels.voice.flows.models import CallFlow, FlowVersion, OutsideNumber, Prompt
from civicline.kernel.errors import NotFound


def list_flows() -> QuerySet[CallFlow]:
    """Every menu, the main one first."""
    return CallFlow.objects.select_related("published")


def find_flow(code: str) -> CallFlow | None:
    """The menu of this code, or None."""
    return list_flows().filter(code=code).first()


def get_flow(code: str) -> CallFlow:
    """The menu of this code. NotFound when there is none."""
    flow = find_flow(code)
    if flow is None:
        raise NotFound(_("There is no such menu."), code="call-flow-unknown")
    return flow


def list_versions(flow: CallFlow) -> QuerySet[FlowVersion]:
    """The versions of a menu, newest first, without their contents."""
    return flow.versions.select_related("published_by").defer("plain", "prompts")


def get_version(flow: CallFlow, number: int) -> FlowVersion:
    """One version of a menu. NotFound when there is none."""
    version = flow.versions.filter(number=number).first()
    if version is None:
        raise NotFound(_("There is no such version."), code="call-flow-version-unknown")
    return version


def menu_for(dialled: str) -> Menu | None:
    """The published menu that answers this dialled number (E.164), else the main one; None when there is none."""
    rows = list(
        CallFlow.objects.filter(published__isnull=False).values_list(
            "numbers", "main", "published_id", "published__mark"
        )
    )
    chosen = next((row for row in rows if dialled and dialled in row[0]), None)
    chosen = chosen or next((row for row in rows if row[1]), None)
    return _menu(chosen[2] or 0, chosen[3]) if chosen is not None else None


def menu_of_version(version_id: int) -> Menu | None:
    """A menu as it was published: for calls that began before the present one."""
    mark = FlowVersion.objects.filter(pk=version_id).values_list("mark", flat=True).first()
    return _menu(version_id, mark) if mark is not None else None


_read: dict[str, Menu] = {}
MOST_READ = 32


def _menu(version_id: int, mark: str) -> Menu:
    """A version, read once by each process: it never changes, and many calls begin in the same second."""
    if mark in _read:
        return _read[mark]
    version = FlowVersion.objects.select_related("flow").get(pk=version_id)
    menu = Menu(version.flow.code, version.pk, read_flow(version.plain), from_snapshot(version.prompts))
    if mark:
        if len(_read) >= MOST_READ:
            _read.clear()
        _read[mark] = menu
    return menu


def draft_menu(flow: CallFlow) -> Menu:
    """The draft of a menu, with the prompts of now: for looking at it and trying it."""
    return Menu(flow.code, None, read_flow(flow.draft), prompts_now())


def prompts_now() -> dict[str, dict[str, Sentence]]:
    """Every prompt in every language, built-in ones included."""
    rows = list(Prompt.objects.all())
    return with_built_in(
        {row.key: row.texts for row in rows},
        {
            row.key: {language: one["sha256"] for language, one in row.recordings.items()}
            for row in rows
            if row.recordings
        },
    )


def keys_by_language(languages: Iterable[str]) -> dict[str, set[str]]:
    """For each language the prompts that can be said in it."""
    prompts = prompts_now()
    return {
        language: {key for key, spoken in prompts.items() if language in spoken} for language in languages
    }


def find_prompt(key: str) -> Prompt | None:
    """The body's own words and recordings of a prompt, or None."""
    return Prompt.objects.filter(key=key).first()


def has_prompt(key: str) -> bool:
    """Whether there is such a prompt, built in or written here."""
    return key in built_in.texts() or Prompt.objects.filter(key=key).exists()


def is_recording_in_use(sha256: str) -> bool:
    """Whether a prompt of now or of any version plays this recording."""
    if any(one.get("sha256") == sha256 for row in Prompt.objects.all() for one in row.recordings.values()):
        return True
    return any(
        one.get("recording") == sha256
        for version in FlowVersion.objects.only("prompts").iterator()
        for languages in version.prompts.values()
        for one in languages.values()
    )


def names_of_outside(numbers: Iterable[str]) -> dict[str, str]:
    """What these numbers outside are called here, where they are known."""
    wanted = set(numbers)
    if not wanted:
        return {}
    return dict(OutsideNumber.objects.filter(number__in=wanted).values_list("number", "name"))


def list_outside_numbers() -> QuerySet[OutsideNumber]:
    """The numbers outside the house to which menus may connect."""
    return OutsideNumber.objects.all()
