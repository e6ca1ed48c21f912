"""Forms of administration: fields per language side by side, and refusals put where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import Invalid

CODE = RegexValidator(
    r"\A[a-z0-9][a-z0-9_-]{0,63}\Z", _("Use small letters, digits, - and _, at most 64, like council-tax.")
)
RTL = frozenset({"ar", "fa", "he", "ur"})


class PageForm(forms.Form):
    """A form with texts in every language: `texts` {name: (label, rows; 1 is a single line)}.

    The field of a text in Spanish is called `name_es`; `texts_of("name")` gives {language: text} back.
    """

    texts: ClassVar[Mapping[str, tuple[str | Promise, int]]] = {}

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, **options: Any) -> None:
        flat = dict(initial or {})
        for name in self.texts:
            for code, text in dict(flat.get(name) or {}).items():
                flat[f"{name}_{code}"] = text
        super().__init__(data, initial=flat, **options)
        for name, (label, rows) in self.texts.items():
            for code, language in settings.LANGUAGES:
                attrs = {"lang": code, "dir": "rtl" if code in RTL else "ltr"}
                widget = forms.Textarea(attrs=attrs) if rows > 1 else forms.TextInput(attrs=attrs)
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=_join(label, language), required=False, widget=widget, strip=True
                )

    def labels(self) -> dict[str, str]:
        """What the page calls each field, a text in several languages by its one name."""
        texts = {name: str(label) for name, (label, _rows) in self.texts.items()}
        return {name: str(field.label) for name, field in self.fields.items() if field.label} | texts

    def texts_of(self, name: str) -> dict[str, str]:
        """A text by language, empty ones left out."""
        given = {code: self.cleaned_data.get(f"{name}_{code}", "") for code, _language in settings.LANGUAGES}
        return {code: text for code, text in given.items() if text}

    def refuse(self, invalid: Invalid) -> None:
        """Put the sentences of a service's refusal at the fields they are about."""
        told = invalid.field_messages()
        for field, sentence in told.items():
            self.add_error(self._place(field), sentence)
        if not told:
            self.add_error(None, invalid.message())

    def _place(self, field: str) -> str | None:
        wanted = field.replace(".", "_")
        tries = (
            wanted,
            f"{wanted}_{settings.LANGUAGE_CODE}",
            next((name for name in self.fields if name.startswith(f"{wanted}_")), ""),
        )
        return next((name for name in tries if name in self.fields), None)


class _Joined:
    """A label and its language, in the reader's language at the time of reading."""

    def __init__(self, label: str | Promise, language: str | Promise) -> None:
        self.parts = (label, language)

    def __str__(self) -> str:
        return f"{self.parts[0]}: {self.parts[1]}"


def _join(label: str | Promise, language: str | Promise) -> Any:
    return _Joined(label, language)


def code_field(**options: Any) -> forms.CharField:
    """The short name of a new object."""
    return forms.CharField(
        label=_("Short name"),
        max_length=64,
        validators=[CODE],
        help_text=_("In addresses and logs. It cannot be changed later."),
        error_messages={"required": _("Give a short name, like council-tax.")},
        **options,
    )


def whole(
    label: Any, hint: Any = "", *, least: int = 0, most: int = 7_776_000, **options: Any
) -> forms.IntegerField:
    """A whole number in plain bounds."""
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=most,
        error_messages={
            "invalid": _("Give a whole number."),
            "required": _("Give a whole number."),
            "min_value": _("Give at least %(limit_value)s."),
            "max_value": _("Give at most %(limit_value)s."),
        },
        **options,
    )
