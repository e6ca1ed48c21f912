"""Templates compiled once for each language, their texts put in while they are compiled.

A page says the same fifty or hundred texts each time it is drawn; looking each of them up anew took a quarter of the
page's time. Here `{{ _('...') }}` and `{% trans %}` become the translated words themselves when a template is compiled,
and a template compiled in one language is never used in another. Plural forms, which depend on a number, stay
questions that are asked while drawing.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.utils.translation import get_language, gettext, pgettext
from jinja2 import Environment, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

PLAIN = frozenset({"_", "gettext"})


class FixTexts(NodeTransformer):
    """Replaces calls for a constant text by the text in the language that is active now."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 -- Jinja2 names it
        """A call of gettext or pgettext with nothing but constant texts and named values."""
        self.generic_visit(node)
        asked = node.node.name if isinstance(node.node, nodes.Name) else ""
        texts = [one.value for one in node.args if isinstance(one, nodes.Const)]
        whole = len(texts) == len(node.args) and not node.dyn_args and not node.dyn_kwargs
        named = {one.key: one.value for one in node.kwargs}
        if not whole or not all(isinstance(one, str) for one in texts):
            return node
        if asked in PLAIN and len(texts) == 1:
            return _filled(node, gettext(texts[0]), named)
        if asked == "pgettext" and len(texts) == 2:
            named.setdefault("context", nodes.Const(texts[0], lineno=node.lineno))
            return _filled(node, pgettext(texts[0], texts[1]), named)
        return node


def _filled(node: nodes.Call, text: str, named: dict[str, nodes.Expr]) -> nodes.Expr:
    """What newstyle gettext gives: the text, marked safe where the template escapes, its places filled in."""
    line = node.lineno
    words = nodes.MarkSafeIfAutoescape(nodes.Const(text, lineno=line), lineno=line)
    pairs = [nodes.Pair(nodes.Const(key, lineno=line), value, lineno=line) for key, value in named.items()]
    return nodes.Mod(words, nodes.Dict(pairs, lineno=line), lineno=line)


class PageTemplate(Template):
    """A template whose macros are made once: all of ours have the same globals, so no page need compare them."""

    def _get_default_module(self, _context: Context | None = None) -> TemplateModule:
        """Jinja2's hook for what `{% from ... import ... %}` takes from."""
        if self._module is None:
            self._module = self.make_module()
        return self._module


class PageEnvironment(Environment):
    """Jinja2's environment with a set of compiled templates for each language. Templates are never reloaded."""

    template_class = PageTemplate

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._compiled: dict[tuple[str | None, str], Template] = {}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Jinja2's hook between reading a template and making code of it."""
        read: nodes.Template = FixTexts().visit(super()._parse(source, name, filename))
        return read.set_environment(self)  # type: ignore[return-value]  # it returns itself

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        key = (get_language(), name)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = super()._load_template(name, globals)
        elif globals:
            found.globals.update(globals)
        return found
