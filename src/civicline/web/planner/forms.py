"""Forms of planning: plain fields, and refusals of services put where they belong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Invalid

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip


class PlanForm(forms.Form):
    """A form whose fields are named as the arguments of the service it asks."""

    def refuse(self, invalid: Invalid) -> None:
        """Put the sentences of a refusal at the fields they are about."""
        told = invalid.field_messages()
        for field, sentence in told.items():
            self.add_error(field if field in self.fields else None, sentence)
        if not told:
            self.add_error(None, invalid.message())


def whole(
    label: Any, hint: Any = "", *, least: int = 0, most: int = 86_400, **options: Any
) -> forms.IntegerField:
    """A whole number in plain bounds."""
    return forms.IntegerField(
        label=label, help_text=hint, min_value=least, max_value=most, error_messages=_bounds(_("Give a whole number.")),
        **options,
    )  # fmt: skip


def number(
    label: Any, hint: Any = "", *, least: float = 0, most: float = 100, **options: Any
) -> forms.FloatField:
    """A number in plain bounds."""
    return forms.FloatField(
        label=label, help_text=hint, min_value=least, max_value=most, error_messages=_bounds(_("Give a number.")),
        **options,
    )  # fmt: skip


def _bounds(words: Any) -> dict[str, Any]:
    return {
        "invalid": words, "required": words, "min_value": _("Give at least %(limit_value)s."),
        "max_value": _("Give at most %(limit_value)s."),
    }  # fmt: skip


def day(label: Any, **options: Any) -> forms.DateField:
    """A day, as the browser's own field gives it."""
    words = _("Enter a day like 2026-03-02.")
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": words, "required": words}, **options,
    )  # fmt: skip


def clock(label: Any, **options: Any) -> forms.TimeField:
    """A time of the day, as the browser's own field gives it."""
    words = _("Enter a time like 08:30.")
    return forms.TimeField(
        label=label, input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": words, "required": words}, **options,
    )  # fmt: skip


def choice(label: Any, choices: Any, hint: Any = "", **options: Any) -> forms.ChoiceField:
    """One of a few."""
    words = _("Choose one of these.")
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=hint,
        error_messages={"invalid_choice": words, "required": words},
        **options,
    )
