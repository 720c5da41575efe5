"""Classes without importing them: their bases, in Python's own order of resolution.

Each class, from a source or live from a module that is imported, is mirrored by an
empty class; Python then computes the order in which attributes are found.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from asgiref.sync import iscoroutinefunction

from .modules import Modules

__all__ = ["ClassView", "Classes", "Found"]

# as_view() of these takes attributes of the class as keywords, and nothing else.
_KNOWN_AS_VIEW = {
    "django.views.generic.base.View",
    "rest_framework.views.APIView",
    "rest_framework.viewsets.ViewSetMixin",
}
VIEW_SET = "rest_framework.viewsets.ViewSetMixin"
# as_view() of a view set puts these on the class before it looks at the keywords.
_OF_VIEW_SETS = frozenset({"basename", "description", "detail", "name", "suffix"})
# A class that defines one of these is not described by what its base is.
_REWRITING = {"as_view", "http_method_names", "view_is_async"}
_DEPTH = 20  # of re-exports and bases; a circle of imports ends there


class Found(NamedTuple):
    """What a name leads to.

    Attributes:
        kind: "live", "class", "function", "decorated" (a function), "value" (of an
            expression), "literal", "module", "missing" or "unknown".
        value: the object, the facts of the class, or the type of a literal.
        module: the module that defines a class.
        name: its name there.
    """

    kind: str
    value: Any = None
    module: str = ""
    name: str = ""


UNKNOWN = Found("unknown")
_SPELT = {"async": True, "sync": False}  # as facts say it of a plain method


class ClassView(NamedTuple):
    """What is known of a class with all its bases.

    Attributes:
        attributes: all of them.
        as_view: the class that defines as_view(), "" if none does.
        http_method_names: None if it cannot be known.
        handlers: for each method that the class answers, whether it is asynchronous;
            None if that cannot be known.
    """

    attributes: frozenset[str]
    as_view: str
    http_method_names: tuple[str, ...] | None
    handlers: dict[str, bool | None]

    @property
    def has_known_as_view(self) -> bool:
        """Whether as_view() takes attributes of the class and nothing else."""
        return self.as_view in _KNOWN_AS_VIEW

    @property
    def is_view_set(self) -> bool:
        """Whether as_view() needs actions."""
        return self.as_view == VIEW_SET


class Classes:
    """Follows names and bases through modules."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._mirrors: dict[Any, type | None] = {}
        self._described: dict[int, ClassView | None] = {}

    def find(self, module: str, name: str, depth: int = 0) -> Found:
        """Return what a name in a module is; names of re-exports are followed."""
        if (live := self._modules.imported(module)) is not None:
            if name in vars(live):
                return Found("live", vars(live)[name], module, name)
            is_open = "__getattr__" in vars(live)
        else:
            facts = self._modules.facts(module)
            if facts is None:
                return UNKNOWN
            if (fact := facts.get(name)) is not None:
                return self._follow(module, name, fact, depth)
            is_open = facts.is_open
        if self._modules.exists(f"{module}.{name}"):
            return Found("module", module=f"{module}.{name}")
        return UNKNOWN if is_open else Found("missing")

    def _follow(self, module: str, name: str, fact: list[Any], depth: int) -> Found:
        kind = fact[0]
        if kind == "class":
            return Found("class", fact[1], module, name)
        if kind in {"decorated", "function", "value"}:
            return Found(kind)
        if kind == "literal":
            return Found("literal", fact[1])
        if kind == "module":
            return Found("module", module=fact[1])
        if kind != "from" or depth > _DEPTH:
            return UNKNOWN
        try:
            found = self.find(fact[1], fact[2], depth + 1)
        except SyntaxError:
            return UNKNOWN
        # A module may take the place of a name that is not there, and so on.
        return UNKNOWN if found.kind == "missing" else found

    def describe(self, found: Found, depth: int = 0) -> ClassView | None:
        """Return what is known of a class; None if a part of it is not known."""
        key = id(found.value)
        if key not in self._described:
            self._described[key] = None  # a class that is its own base
            self._described[key] = self._describe(found, depth)
        return self._described[key]

    def _describe(self, found: Found, depth: int) -> ClassView | None:
        if depth < _DEPTH and (base := self._only_base(found)) is not None:
            # Most views: one base, which other views have described already.
            known = self.describe(base, depth + 1)
            return known and _extended(known, found.value["attributes"])
        mirror = self._mirror(found, depth)
        if mirror is None:
            return None
        return _describe([vars(each) for each in mirror.__mro__[:-1]])

    def _only_base(self, found: Found) -> Found | None:
        """Return the base of a class that has one and does not redefine what counts."""
        if found.kind != "class" or found.value.get("is_open"):
            return None
        if len(found.value["bases"]) != 1 or not _REWRITING.isdisjoint(
            found.value["attributes"]
        ):
            return None
        base = self._base(found.module, found.value["bases"][0])
        return None if base is None or base.value is object else base

    def _mirror(self, found: Found, depth: int) -> type | None:
        key = id(found.value)
        if key not in self._mirrors:
            self._mirrors[key] = None  # a class that is its own base
            self._mirrors[key] = self._make_mirror(found, depth)
        return self._mirrors[key]

    def _make_mirror(self, found: Found, depth: int) -> type | None:
        if depth > _DEPTH:
            return None
        if found.kind == "live":
            return self._mirror_live(found.value, depth)
        if found.kind != "class" or found.value.get("is_open"):
            return None
        bases = []
        for dotted in found.value["bases"]:
            base = self._base(found.module, dotted)
            mirror = self._mirror(base, depth + 1) if base else None
            if mirror is None:
                return None
            bases.append(mirror)
        facts = found.value
        return _mirror_class(bases, f"{found.module}.{found.name}", facts, live=False)

    def _mirror_live(self, found: Any, depth: int) -> type | None:
        if not isinstance(found, type) or hasattr(type(found), "__getattr__"):
            return None
        if found is object:
            return object
        bases = [
            self._mirror(Found("live", base), depth + 1) for base in found.__bases__
        ]
        known = [base for base in bases if base is not None]
        if len(known) < len(bases):
            return None
        name = f"{found.__module__}.{found.__qualname__}"
        return _mirror_class(known, name, vars(found), live=True)

    def _base(self, module: str, dotted: str | None) -> Found | None:
        """Return a base that is named as in a class statement; None if it is unknown."""
        if dotted is None or dotted == "object":
            return Found("live", object) if dotted else None
        first, *rest = dotted.split(".")
        try:
            found = self.find(module, first)
            for name in rest:
                found = self._inside(found, name)
        except SyntaxError:
            return None
        return found if found.kind in {"live", "class"} else None

    def _inside(self, found: Found, name: str) -> Found:
        """Return a name inside a module that another name stands for."""
        if found.kind == "module":
            return self.find(found.module, name)
        if found.kind == "live" and name in getattr(found.value, "__dict__", {}):
            return Found("live", vars(found.value)[name])
        return UNKNOWN


def _mirror_class(
    bases: list[type], name: str, attributes: Any, *, live: bool
) -> type | None:
    own = attributes if live else attributes["attributes"]
    holder = {"mirrored": name, "facts": attributes, "is_live": live, "own": own}
    try:
        return type("Mirror", tuple(bases) or (object,), holder)
    except TypeError:  # no consistent order of bases
        return None


def _extended(known: ClassView, own: dict[str, str]) -> ClassView:
    """Return the description of a class by that of its only base."""
    handlers = {
        method: _SPELT.get(own[method])
        for method in known.http_method_names or ()
        if method in own and method != "options"
    }
    return ClassView(
        known.attributes.union(own),
        known.as_view,
        known.http_method_names,
        {**known.handlers, **handlers},
    )


def _describe(classes: list[Any]) -> ClassView:
    attributes: set[str] = set()
    for each in reversed(classes):
        attributes.update(each["own"])
    as_view = next(
        (each["mirrored"] for each in classes if "as_view" in each["own"]), ""
    )
    methods = _methods(classes)
    handlers = {
        method: _is_async(classes, method)
        for method in methods or ()
        if method in attributes and method != "options"
    }
    if "view_is_async" in attributes and not _is_django_view(classes):
        handlers = {}
    if as_view == VIEW_SET:
        attributes |= _OF_VIEW_SETS
    return ClassView(frozenset(attributes), as_view, methods, handlers)


def _methods(classes: list[Any]) -> tuple[str, ...] | None:
    """Return `http_method_names`, () without any, None if they are not literal."""
    for each in classes:
        if "http_method_names" in each["own"]:
            listed = each["facts"].get("http_method_names", "?")
            return None if listed == "?" else tuple(map(str, listed))
    return ()


def _is_async(classes: list[Any], method: str) -> bool | None:
    """Tell whether the first method of that name is asynchronous, if it is known."""
    owner = next(each for each in classes if method in each["own"])
    return _kind(owner, method)


def _kind(mirror: Any, method: str) -> bool | None:
    value = mirror["own"][method]
    if mirror["is_live"]:
        return bool(iscoroutinefunction(value))
    return _SPELT.get(value)


def _is_django_view(classes: list[Any]) -> bool:
    """Tell whether view_is_async() is Django's, which looks at the handlers."""
    for each in classes:
        if "view_is_async" in each["own"]:
            return bool(each["mirrored"] == "django.views.generic.base.View")
    return False
