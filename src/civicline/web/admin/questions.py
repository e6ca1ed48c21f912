"""The questions of a service's form: write them, put them in order, see them as residents do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.intake import services as intake_services
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.web.admin import editing, pages
from civicline.web.admin.access import admin_view
from civicline.web.admin.catalogue import get_service
from civicline.web.admin.forms import PageForm, code_field

if TYPE_CHECKING:
    from civicline.intake.models import Service, ServiceAttribute

DATATYPES = [
    ("string", _("A line of text")),
    ("text", _("Several lines of text")),
    ("number", _("A number")),
    ("datetime", _("A day")),
    ("singlevaluelist", _("One of several answers")),
    ("multivaluelist", _("Any of several answers")),
]
MOST_ANSWERS = 100


class QuestionForm(PageForm):
    """One question. The answers of a list stand one a line: `key = words`."""

    texts: ClassVar[Any] = {
        "label": (_("Question"), 1),
        "hint": (_("Hint"), 2),
        "values": (_("Answers to choose from"), 5),
    }
    datatype = forms.ChoiceField(label=_("Kind of answer"), choices=DATATYPES)
    required = forms.BooleanField(label=_("Has to be answered"), required=False)
    informs = forms.BooleanField(
        label=_("Only tells something, takes no answer"),
        required=False,
    )

    def __init__(self, *args: Any, new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if new:
            self.fields["code"] = code_field()

    def answers(self) -> list[dict[str, Any]]:
        """The answers of all languages joined by their keys, in the order of the first language that names them."""
        found: dict[str, dict[str, str]] = {}
        for code, _language in settings.LANGUAGES:
            for line in (self[f"values_{code}"].value() or "").splitlines():
                key, sep, words = line.partition("=")
                if key.strip():
                    found.setdefault(key.strip(), {})[code] = words.strip() if sep else key.strip()
        return [{"key": key, "name": name} for key, name in list(found.items())[:MOST_ANSWERS]]


def _question(service: Service, code: str) -> ServiceAttribute:
    for one in service.attributes.all():
        if one.code == code:
            return one
    raise NotFound(_("There is no such question."), code="attribute-unknown")


@require_http_methods(["GET", "POST"])
@admin_view("config.edit")
def new_question(request: HttpRequest, code: str) -> HttpResponse:
    """Add a question to a form."""
    return _page(request, get_service(code), None)


@require_http_methods(["GET", "POST"])
@admin_view("config.read")
def question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Change a question."""
    service = get_service(code)
    return _page(request, service, _question(service, question))


def _page(request: HttpRequest, service: Service, row: ServiceAttribute | None) -> HttpResponse:
    form = QuestionForm(request.POST or None, initial=_initial(row), new=row is None)

    def write() -> None:
        code = row.code if row is not None else form.cleaned_data["code"]
        others = list(service.attributes.all())
        if row is None and any(one.code == code for one in others):
            raise Conflict(
                _("There is already a question called “%(short)s”."), code="code-taken", short=code
            )
        intake_services.save_attribute(
            service=service,
            code=code,
            datatype=form.cleaned_data["datatype"],
            label=form.texts_of("label"),
            hint=form.texts_of("hint"),
            required=form.cleaned_data["required"],
            variable=not form.cleaned_data["informs"],
            values=form.answers() if form.cleaned_data["datatype"].endswith("valuelist") else [],
            position=row.position
            if row is not None
            else 1 + max((one.position for one in others), default=0),
        )

    back = reverse("admin:service", args=[service.code]) + "#questions"
    page = editing.Editing(
        form=form,
        title=pages.text_of(row.label) if row is not None else gettext("New question"),
        meta=pages.text_of(service.name),
        section="services",
        back=back,
        sections=[
            editing.Section(_("Words"), [*(["code"] if row is None else []), "label", "hint"]),
            editing.Section(
                _("Kind of answer"),
                ["datatype", "required", "informs", "values"],
                _("For a list: one answer a line, as “key = words”, with the same keys in every language."),
            ),
        ],
        write=write,
        done=lambda: back,
        objects=[("attribute", f"{service.code}.{row.code}")] if row is not None else [],
        preview=lambda: question_preview(form),
        preview_template="admin/_question_preview.html",
    )
    return editing.answer(request, page)


def _initial(row: ServiceAttribute | None) -> dict[str, Any]:
    if row is None:
        return {"datatype": "string", "required": False}
    values = {
        code: "\n".join(
            f"{one['key']} = {one['name'].get(code, '')}" for one in row.values if code in one["name"]
        )
        for code, _language in settings.LANGUAGES
    }
    return {
        "label": row.label,
        "hint": row.hint,
        "datatype": row.datatype,
        "required": row.required,
        "informs": not row.variable,
        "values": values,
    }


def question_preview(form: QuestionForm) -> list[dict[str, Any]]:
    """The question as the web form shows it, in each language that has words."""
    shown = []
    answers = form.answers()
    for code, language in settings.LANGUAGES:
        label = form[f"label_{code}"].value() or ""
        if label:
            shown.append(
                {
                    "code": code,
                    "language": language,
                    "dir": "rtl" if code in ("ar", "fa", "he") else "ltr",
                    "label": label,
                    "hint": form[f"hint_{code}"].value() or "",
                    "datatype": form["datatype"].value() or "string",
                    "optional": not form["required"].value(),
                    "options": [(one["key"], one["name"].get(code) or one["key"]) for one in answers],
                }
            )
    return shown


@require_POST
@admin_view("config.edit")
def move_question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Put a question one place up or down."""
    service = get_service(code)
    _swap(service, _question(service, question), -1 if request.POST.get("to") == "up" else 1)
    messages.success(request, gettext("The order is changed."))
    return HttpResponseRedirect(reverse("admin:service", args=[code]) + "#questions")


@writes
def _swap(service: Service, row: ServiceAttribute, step: int) -> None:
    rows = list(service.attributes.all())
    place = next(number for number, one in enumerate(rows) if one.pk == row.pk)
    other = place + step
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, one in enumerate(rows):
        if one.position != number:
            intake_services.save_attribute(
                service=service,
                code=one.code,
                datatype=one.datatype,
                label=one.label,
                values=one.values,
                position=number,
            )


@require_POST
@admin_view("config.edit")
def drop_question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Take a question out of a form."""
    service = get_service(code)
    intake_services.drop_attribute(service=service, code=question)
    messages.success(
        request, gettext("The question is removed. Answers already given stay with their cases.")
    )
    return HttpResponseRedirect(reverse("admin:service", args=[code]) + "#questions")
