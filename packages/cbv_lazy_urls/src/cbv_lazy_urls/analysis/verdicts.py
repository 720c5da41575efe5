"""Verdicts: what is wrong with a lazy view, as far as sources tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cbv_lazy_urls.places import shortened
from cbv_lazy_urls.views import nearest

from .classes import Classes, ClassView, Found
from .modules import Modules

__all__ = ["Judge", "Problem", "Target"]


class Target(NamedTuple):
    """A lazy view as a URLconf names it.

    Attributes:
        name: the dotted name.
        place: the file and line; its text is made only for a problem.
        initkwargs: the keywords of as_view(); None if they are not known.
        actions: of a view set; None without any, True if they are not known.
    """

    name: str
    place: object
    initkwargs: tuple[str, ...] | None = ()
    actions: Mapping[str, str] | bool | None = None


class Problem(NamedTuple):
    """One mistake: the number of the system check, the place, what and the cure."""

    number: int
    place: object
    text: str
    hint: str


class Judge:
    """Judges views by what is known of their modules."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._classes = Classes(modules)

    def judge(self, target: Target) -> Iterator[Problem]:
        """Yield what is wrong with a view; nothing if that cannot be known."""
        parts = target.name.split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):
            text = f"{target.name!r} is not a dotted name."
            hint = "Write it as 'shop.views.Cart', or use lazy_patterns('shop.views', ...)."
            yield Problem(1, target.place, text, hint)
            return
        problem = self.missing_module(parts[:-1], target.name, target.place)
        if isinstance(problem, Problem):
            yield problem
        elif problem is not None:
            module = ".".join(parts[:problem])
            yield from self._judge_name(target, module, parts[problem:])

    def missing_module(
        self, parts: list[str], name: str, place: object
    ) -> Problem | int | None:
        """Return a problem, the number of parts that are a module, or None: unknown."""
        for length in range(1, len(parts) + 1):
            module = ".".join(parts[:length])
            exists = self._modules.exists(module)
            if exists:
                continue
            if exists is None:
                return None
            package, _, last = module.rpartition(".")
            if package and self._modules.folders(package) is None:
                return length - 1  # an attribute of a module: a class in a class
            if package and self._classes.find(package, last).kind != "missing":
                return length - 1
            names = self._modules.names_in(package)
            text = f"{name!r}: there is no module {module!r}{nearest(last, names)}."
            return Problem(1, place, text, "Correct the name of the module.")
        return len(parts)

    def _judge_name(
        self, target: Target, module: str, names: list[str]
    ) -> Iterator[Problem]:
        try:
            found = self._classes.find(module, names[0])
        except SyntaxError as error:
            yield self.broken_module(module, target.name, target.place, error)
            return
        if found.kind == "missing":
            near = nearest(names[0], self._names(module))
            text = f"{target.name!r}: {module!r} has no {names[0]!r}{near}."
            yield Problem(2, target.place, text, "Correct the name of the view.")
        elif len(names) == 1:
            yield from self._judge_found(target, found)

    def broken_module(
        self, module: str, name: str, place: object, error: SyntaxError
    ) -> Problem:
        """Return the problem of a module that cannot be parsed."""
        where = shortened(self._modules.file(module))
        where += f":{error.lineno}" if error.lineno else ""
        text = f"{name!r}: {where} has a syntax error: {error.msg}."
        return Problem(1, place, text, "Correct the module.")

    def _names(self, module: str) -> list[str]:
        if (live := self._modules.imported(module)) is not None:
            names = list(vars(live))
        else:
            facts = self._modules.facts(module)
            names = facts.names if facts else []
        return [name for name in names if not name.startswith("_")]

    def _judge_found(self, target: Target, found: Found) -> Iterator[Problem]:
        is_class = found.kind == "class" or (
            found.kind == "live" and isinstance(found.value, type)
        )
        if is_class:
            known = self._classes.describe(found)
            if known is not None:
                yield from _judge_class(target, known)
        elif kind := _wrong_kind(found):
            text = f"{target.name!r} is {kind}, not a view."
            yield Problem(3, target.place, text, "Name a view class or a function.")
        elif target.initkwargs and found.kind in {"function", "live"}:
            text = f"{target.name!r} is not a class, so it takes no initkwargs."
            hint = "Give arguments of the URL as kwargs={...}."
            yield Problem(4, target.place, text, hint)


def _wrong_kind(found: Found) -> str:
    if found.kind == "literal":
        return f"of type {found.value}"
    if found.kind == "module":
        return "a module"
    if found.kind == "live" and not callable(found.value):
        return f"of type {type(found.value).__name__}"
    return ""


def _judge_class(target: Target, known: ClassView) -> Iterator[Problem]:
    if not known.as_view:
        text = f"{target.name!r} is a class without as_view()."
        hint = "Derive it from django.views.View, or name an instance or a function."
        yield Problem(3, target.place, text, hint)
        return
    if known.has_known_as_view:
        yield from _judge_initkwargs(target, known)
        yield from _judge_actions(target, known)
    yield from _judge_handlers(target, known)


def _judge_initkwargs(target: Target, known: ClassView) -> Iterator[Problem]:
    for key in target.initkwargs or ():
        if key in (known.http_method_names or ()):
            text = f"{target.name!r}: as_view() takes no {key!r}, the name of a method."
            yield Problem(4, target.place, text, "Remove it.")
        elif key not in known.attributes:
            names = [name for name in known.attributes if not name.startswith("_")]
            text = f"{target.name!r} has no attribute {key!r}{nearest(key, names)}."
            hint = (
                "initkwargs are attributes of the class; kwargs={...} is for the URL's."
            )
            yield Problem(4, target.place, text, hint)


def _judge_actions(target: Target, known: ClassView) -> Iterator[Problem]:
    if not known.is_view_set:
        if target.actions:
            text = f"{target.name!r} is not a view set, so it takes no actions."
            yield Problem(6, target.place, text, "Remove actions=.")
        return
    if not target.actions:
        text = f"{target.name!r} is a view set and has no actions."
        hint = "Write lazy(NAME, actions={'get': 'list'})."
        yield Problem(6, target.place, text, hint)
    elif isinstance(target.actions, Mapping):
        for action in _missing(target.actions.values(), known):
            near = nearest(action, known.attributes)
            text = f"{target.name!r} has no action {action!r}{near}."
            yield Problem(6, target.place, text, "Correct the action.")


def _missing(names: Iterable[str], known: ClassView) -> list[str]:
    return [name for name in names if name not in known.attributes]


def _judge_handlers(target: Target, known: ClassView) -> Iterator[Problem]:
    sync = [method for method, kind in known.handlers.items() if kind is False]
    asynchronous = [method for method, kind in known.handlers.items() if kind]
    if sync and asynchronous:
        text = (
            f"{target.name!r} mixes synchronous ({', '.join(sync)}) and asynchronous"
            f" ({', '.join(asynchronous)}) handlers."
        )
        yield Problem(5, target.place, text, "Make all of them `async def`, or none.")
