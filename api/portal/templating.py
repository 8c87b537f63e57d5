"""The templates of one language, compiled so that a page only has to be filled in.

What a template says whatever the facts, `_("Contracts")`, is looked up in the catalogue when the
template is compiled, and is then plain text of it, joined to the markup around it: of the hundred
sentences of a page nine tenths cost nothing when it is shown.

Templates share macros: `{% from "macros.html" import fact, to with context %}`. The template of
macros is run once a page, not at every import; so a macro sees what the page was given, and never
what the template that imports it has set. What it needs beyond that is handed to it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from api.text import Language, translate

_IMPORTED = "imported templates"
"""Where a page's facts hold what was imported; no name in a template is like that."""


@cache
def templates(language: Language) -> "Templates":
    """Return the templates in a language."""
    return Templates(language)


class Templates(Environment):
    """The portal's templates in one language."""

    def __init__(self, language: Language) -> None:
        """Say what is the same for all pages in `language`."""
        super().__init__(
            loader=PackageLoader("api.portal"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.template_class, self.context_class = _Template, _Context
        self._said = _Said(language)

    def compile_all(self) -> None:
        """Compile every template now, not while somebody waits for a page."""
        for name in self.list_templates(extensions=["html"]):
            self.get_template(name)

    def show(self, name: str, facts: Mapping[str, object]) -> str:
        """Return the page that a template makes of facts."""
        return self.get_template(name).render({**facts, _IMPORTED: _Imported(facts)})

    def _generate(self, source: nodes.Template, *arguments: Any, **options: Any) -> str:
        """Turn a parsed template into Python; the hook that the library leaves for this."""
        return super()._generate(self._said.visit(source), *arguments, **options)


class _Context(Context):
    """What a template sees while it is shown."""

    def call(self, called: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """Call what a template calls.

        The library asks first, of each of a thousand calls, whether it wants to see the context.
        Nothing that our templates call does; and macros escape as all templates here do.
        """
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return called(*arguments, **named)


class _Imported:
    """The templates of macros that one page has run, by name."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        self.facts = dict(facts)
        self.modules: dict[str | None, TemplateModule] = {}


class _Template(Template):
    """A template that others import from once a page."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 (the library's name)
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002 (the library's name)
    ) -> TemplateModule:
        """Return what is imported `with context`: of the page, whoever imports it."""
        page: _Imported | None = (vars or {}).get(_IMPORTED)
        if page is None:
            return super().make_module(vars, shared, locals)
        made = page.modules.get(self.name)
        if made is None:
            facts = {**page.facts, _IMPORTED: page}
            made = page.modules[self.name] = super().make_module(facts)
        return made


class _Said(NodeTransformer):
    """Puts what is said without facts in the place of asking for it."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (the library's name)
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"),
                args=[nodes.Const(value=str(message))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                return nodes.Const(translate(message, self._language), lineno=node.lineno)
        return node
