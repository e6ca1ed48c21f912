"""Menus in words for those who edit them: kinds of nodes, ways out, and what is wrong."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from civicline.engine.callflow import Problem

KINDS: dict[str, tuple[Promise, Promise]] = {
    "say": (pgettext_lazy("menu step", "Say"), _("Says a prompt and goes on.")),
    "ask_digit": (_("Ask for a key"), _("A menu: each key leads somewhere.")),
    "hours": (_("Opening hours"), _("One way when open, another when closed.")),
    "language": (_("Choose the language"), _("Every language offers itself.")),
    "identify_case": (_("Ask for a case"), _("Takes a reference and its phone PIN by keys.")),
    "read_status": (_("Tell how the case stands"), _("Reads the status of the case that was found.")),
    "announce_wait": (_("Tell the wait"), _("As a range; a long one may lead elsewhere.")),
    "offer_callback": (_("Offer a call back"), _("Keeps the place in the line.")),
    "queue": (_("Put in line"), _("To the people of a queue.")),
    "voicemail": (_("Take a message"), _("The recording becomes a contact of the queue.")),
    "transfer": (_("Connect elsewhere"), _("With a queue, or a number that is on the list.")),
    "notice": (_("Tell what is in force"), _("The messages about services: disruptions and news.")),
    "hang_up": (_("Hang up"), _("Says good-bye and ends the call.")),
}
"""The name of each kind, and what it does."""

WAYS: dict[str, Promise] = {
    "next": _("then"),
    "silence": _("nothing pressed"),
    "invalid": _("another key"),
    "open": pgettext_lazy("opening hours", "open"),
    "closed": pgettext_lazy("opening hours", "closed"),
    "holiday": _("public holiday"),
    "found": pgettext_lazy("case", "found"),
    "not_found": pgettext_lazy("case", "not found"),
    "unknown": _("no case known"),
    "long": _("long wait"),
    "accepted": _("yes"),
    "refused": _("no"),
    "full": _("line full or closed"),
    "key": _("key pressed while waiting"),
    "failed": _("not connected"),
    "told": _("something was told"),
}

PROBLEMS: dict[str, Promise] = {
    "no_start": _("Choose the step that a call begins with."),
    "no_languages": _("Choose at least one language."),
    "unknown_language": _("The language “%(language)s” is not one of this menu."),
    "bad_give_up": _("Choose where calls go that cannot go on: a line, a message or hanging up."),
    "unknown_node": _("“%(exit)s” leads to “%(target)s”, which is not there."),
    "dead_end": _("“%(exit)s” leads nowhere."),
    "unreachable": _("No call ever comes here."),
    "no_way_out": _("From here no call can come to an end."),
    "silent_loop": _("Whoever presses nothing comes here again and again."),
    "missing_prompt": _("The prompt “%(prompt)s” has no words in the language “%(language)s”."),
    "no_prompt": _("Choose what is said here."),
    "no_choices": _("Give at least one key."),
    "digit_twice": _("The key %(digit)s stands here twice."),
    "bad_digit": _("“%(digit)s” is no single key of a telephone: 0 to 9, * or #."),
    "unknown_queue": _("There is no queue “%(queue)s” in use."),
    "unknown_calendar": _("There are no opening hours “%(calendar)s”."),
    "number_not_allowed": _("%(number)s is not on the list of outside numbers."),
    "bad_number": _("“%(field)s” is out of bounds."),
}


def kind_label(kind: str) -> str:
    """The name of a kind of step; an unknown one as it is."""
    return str(KINDS[kind][0]) if kind in KINDS else kind


def way_label(name: str) -> str:
    """A way out in words: "key 1", "nothing pressed"."""
    if name.startswith("digit:"):
        return gettext("key %(digit)s") % {"digit": name.removeprefix("digit:")}
    return str(WAYS.get(name, name))


def problem_words(problem: Problem) -> str:
    """One problem as a sentence."""
    params = dict(problem.params)
    if "exit" in params:
        params["exit"] = way_label(params["exit"])
    sentence = str(PROBLEMS.get(problem.code, problem.code))
    return sentence % params if params else sentence
