"""Business refusals. Each carries a translatable sentence for people and a code for machines.

    raise Conflict(_("Another agent has taken this contact."), code="offer-gone", contact=reference)

The sentence may hold `%(name)s` places, filled from the parameters when it is shown, in the reader's language.
"""

from typing import ClassVar

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
RETRY_AFTER_S = 5
"""What is unavailable may be asked for again after so many seconds."""


class Refused(Exception):
    """A business "no". Web and API turn it into `status` with words."""

    status: ClassVar[int] = 422
    default_code: ClassVar[str] = "refused"
    default_text: ClassVar[Text] = _("This cannot be done.")

    def __init__(self, text: Text | None = None, *, code: str | None = None, **params: object) -> None:
        self.text: Text = self.default_text if text is None else text
        self.code = code or self.default_code
        self.params = params
        super().__init__(self.code)

    def message(self, language: str | None = None) -> str:
        """The sentence, in `language` or else in the active one."""
        if language is None:
            return self._filled(self.text)
        with translation.override(language):
            return self._filled(self.text)

    def _filled(self, text: Text) -> str:
        sentence = str(text)
        return sentence % self.params if self.params and "%(" in sentence else sentence

    def __str__(self) -> str:
        return f"{self.code}: {self.message()}"


class Conflict(Refused):
    """Somebody else was first, or the row has changed since it was read."""

    status = 409
    default_code = "conflict"
    default_text = _("Somebody else has changed this in the meantime. Look at it again.")


class NotFound(Refused):
    status = 404
    default_code = "not-found"
    default_text = _("We cannot find this.")


class Forbidden(Refused):
    status = 403
    default_code = "forbidden"
    default_text = _("You are not allowed to do this.")


class Invalid(Refused):
    """What came in cannot be used. `fields` has one sentence for each field that has to change."""

    status = 400
    default_code = "invalid"
    default_text = _("Some of what was sent cannot be used.")

    def __init__(
        self,
        text: Text | None = None,
        *,
        fields: dict[str, Text] | None = None,
        code: str | None = None,
        **params: object,
    ) -> None:
        self.fields: dict[str, Text] = dict(fields or {})
        super().__init__(text, code=code, **params)

    def field_messages(self, language: str | None = None) -> dict[str, str]:
        """{field: sentence}, in `language` or else in the active one."""
        if language is None:
            return {name: self._filled(text) for name, text in self.fields.items()}
        with translation.override(language):
            return {name: self._filled(text) for name, text in self.fields.items()}

    def __str__(self) -> str:
        fields = "; ".join(f"{name}: {text}" for name, text in self.field_messages().items())
        return f"{super().__str__()} {fields}".rstrip()


class Unavailable(Refused):
    """Not now, through no fault of the caller: nothing was changed, and the same call may be made again."""

    status = 503
    default_code = "unavailable"
    default_text = _("This does not work at the moment. Please try again.")


class Busy(Unavailable):
    """The database could not take this write in time."""

    default_code = "busy"
    default_text = _("We are very busy. Nothing was saved. Please try again in a moment.")


class DatabaseAway(Unavailable):
    """The database cannot be reached, or went away in the middle: whether a commit was kept may be unknown."""

    default_code = "database-away"
    default_text = _("We cannot reach our records at the moment. Please try again in a minute.")


class StorageFull(Unavailable):
    """The disk of the database is full: an operator has to make room."""

    default_code = "storage-full"
    default_text = _("There is no room left to save this. Nothing was saved. We have been told.")
