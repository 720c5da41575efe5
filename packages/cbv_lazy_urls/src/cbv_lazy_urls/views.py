"""Lazy views: from a dotted name to the callable that Django calls."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from inspect import isclass
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from .exceptions import NotAView, ViewNotFound
from .places import Place
from .tables import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["LazyView", "Load", "View", "import_name", "loads", "nearest"]

View = Callable[..., Any]
Decorator = Callable[[Any], Any]


_NOTHING = object()


@dataclass(frozen=True)
class Load:
    """One view that was loaded, and what that cost.

    Attributes:
        view: the dotted name.
        place: the file and line that name it.
        seconds: from the first request for it until it could be called.
        modules: how many modules were imported meanwhile, also by other threads.
    """

    view: str
    place: str
    seconds: float
    modules: int


# Every view loaded so far in this process, in order.
loads: list[Load] = []


class LazyView:
    """A view that is imported when it is first called, or asked for an attribute.

    `lazy()` makes one. Django takes it as a handler (`handler404`). Its attributes are
    those of the view, so that middleware reads the right ones; reading one loads it.
    """

    def __init__(
        self,
        name: str,
        initkwargs: Mapping[str, Any] | None = None,
        *,
        actions: Mapping[str, str] | None = None,
        decorators: Iterable[Decorator] = (),
        place: Place,
    ) -> None:
        self.lazy_name = name
        # As a function has them; Django prints these without asking for the view.
        self.__module__, _, self.__name__ = name.rpartition(".")
        self.__qualname__ = self.__name__
        self.lazy_initkwargs = dict(initkwargs or {})
        self.lazy_actions = None if actions is None else dict(actions)
        self.lazy_decorators = tuple(decorators)
        self.lazy_place = place

    def __repr__(self) -> str:
        return f"<lazy {self.lazy_name!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer a request, with the view."""
        return self.lazy_load()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # Python's own protocols (copying, signatures) ask for these names of anything,
        # and go without them. System checks read the signature of a handler.
        if name.startswith("__") or name == "_partialmethod":
            raise AttributeError(name)
        view = self.lazy_load_for_attribute()
        # Loading marks an asynchronous view with an attribute of ours.
        return self.__dict__[name] if name in self.__dict__ else getattr(view, name)

    @property
    def lazy_loaded(self) -> View | None:
        """The view if it is loaded."""
        return self.__dict__.get("_lazy_view")

    def lazy_load(self) -> View:
        """Return the view; import it the first time.

        No lock is held while it is imported: the import system detects deadlocks of
        its own locks only. Threads that load it at the same time get one view, that of
        the first. An error is not kept, so the next call tries again.

        Raises:
            ViewNotFound: a part of the name does not exist.
            NotAView: it leads to something that cannot be a view.
        """
        if (loaded := self.lazy_loaded) is not None:
            return loaded
        started, modules = time.perf_counter(), len(sys.modules)
        with _noted(self):
            made = self._make()
        view: View = self.__dict__.setdefault("_lazy_view", made)
        if view is made:
            seconds = time.perf_counter() - started
            imported = max(len(sys.modules) - modules, 0)
            place = str(self.lazy_place)
            loads.append(Load(self.lazy_name, place, seconds, imported))
        if iscoroutinefunction(view):
            markcoroutinefunction(self)
        publish(self, view)
        return view

    def lazy_load_for_attribute(self) -> View:
        """Load it below `__getattr__` or a property.

        Python takes an AttributeError there for a missing attribute and hides it.
        """
        try:
            return self.lazy_load()
        except AttributeError as error:
            message = f"{self.lazy_place}: {self.lazy_name!r} cannot be loaded: {error}"
            raise RuntimeError(message) from error

    def lazy_prefixed(self, prefix: str) -> LazyView:
        """Return the same view below a prefix of `lazy_patterns`."""
        return LazyView(
            f"{prefix}.{self.lazy_name}" if prefix else self.lazy_name,
            self.lazy_initkwargs,
            actions=self.lazy_actions,
            decorators=self.lazy_decorators,
            place=self.lazy_place,
        )

    def _make(self) -> View:
        view = self._as_view(import_name(self.lazy_name))
        for decorate in reversed(self.lazy_decorators):
            view = decorate(view)
        return view

    def _as_view(self, found: Any) -> View:
        as_view = getattr(found, "as_view", None) if isclass(found) else None
        if as_view is not None:
            # Django REST framework adds to the mapping that it is given.
            actions = () if self.lazy_actions is None else (dict(self.lazy_actions),)
            made: View = as_view(*actions, **self.lazy_initkwargs)
            return made
        if isclass(found):
            message = f"{self.lazy_name!r} is a class without as_view()"
            raise NotAView(message)
        if not callable(found):
            message = f"{self.lazy_name!r} is {type(found).__name__}, not a view"
            raise NotAView(message)
        if self.lazy_initkwargs or self.lazy_actions:
            message = (
                f"{self.lazy_name!r} is not a class, so it takes no initkwargs;"
                " arguments of the URL are given as kwargs="
            )
            raise NotAView(message)
        view: View = found
        return view


def import_name(name: str) -> Any:
    """Return the object that a dotted name leads to, in a module or a class of it.

    Raises:
        ViewNotFound: it does not exist. An error inside the module is passed on.
    """
    module, attributes = _import_module(name)
    found: Any = module
    for index, attribute in enumerate(attributes):
        holder = found
        found = getattr(holder, attribute, _NOTHING)
        if found is _NOTHING:
            raise ViewNotFound(_missing(name, module, attributes[:index], holder))
    return found


def _import_module(name: str) -> tuple[ModuleType, list[str]]:
    """Import the longest part that is a module; return it and the rest."""
    parts = name.split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        message = (
            f"{name!r} is not a dotted name such as 'shop.views.Cart'; give the module,"
            " too, or put the path into lazy_patterns('shop.views', ...)"
        )
        raise ViewNotFound(message)
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        try:
            return import_module(module), parts[length:]
        except ModuleNotFoundError as found:
            # Something else that is missing inside the module is its own error.
            if found.name is None or not f"{module}.".startswith(f"{found.name}."):
                raise
    message = f"{name!r}: there is no module {parts[0]!r}"
    raise ViewNotFound(message)


def _missing(name: str, module: ModuleType, path: list[str], holder: Any) -> str:
    """Say which part of the name is missing, and what is near it."""
    where = ".".join([module.__name__, *path])
    attribute = name.split(".")[where.count(".") + 1]
    names = [each for each in vars(holder) if not each.startswith("_")]
    if holder is module and hasattr(module, "__path__"):
        names += [found.name for found in iter_modules(module.__path__)]
    text = f"{name!r}: {where!r} has no {attribute!r}{nearest(attribute, names)}"
    if getattr(getattr(module, "__spec__", None), "_initializing", False):
        text += "; the module is still being imported, so the import is circular"
    return text


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a clause with the name that was probably meant, or nothing."""
    found = get_close_matches(name, sorted({*names}), 1, 0.6)
    return f"; the nearest name is {found[0]!r}" if found else ""


@contextmanager
def _noted(view: LazyView) -> Iterator[None]:
    """Put the place of the URL into errors of loading."""
    try:
        yield
    except (ViewNotFound, NotAView) as error:
        error.args = (f"{view.lazy_place}: {error}",)
        raise
    except Exception as error:
        note = f"while loading {view.lazy_name!r}, named at {view.lazy_place}"
        if sys.version_info >= (3, 11):
            error.add_note(note)
        raise
