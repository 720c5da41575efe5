"""Django's private tables of reverse(): the one place that knows their names.

A resolver keeps three dictionaries from a language to a table, and fills all three in
`_populate`: names and callables, namespaces, app names. Only those of a root resolver
answer `reverse()`. Two things need to be known in them later than Django asks:

- a callable that was loaded after a table was filled (`publish`);
- names in a lazy include without a namespace (`defer`), which stay unread until a name
  is asked that no table has.

Both replace the dictionary of that one root by a subclass of dict. A name that is known
is looked up by dict itself, so nothing of ours runs for it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.core.checks import urls as url_checks
from django.urls import get_resolver, get_urlconf
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.urls import URLResolver


__all__ = ["Entry", "Table", "defer", "is_namespace_check", "publish"]

Entry = Any  # (normalized routes, regular expression, default kwargs, converters)
Table = MultiValueDict  # from a name or callable to its entries


class Loadable(Protocol):
    """A lazy view: a key in the tables until the callable is known."""

    @property
    def lazy_loaded(self) -> Callable[..., Any] | None:
        """The callable if it is loaded."""


class Unread(Protocol):
    """A lazy include."""

    def load(self) -> None:
        """Import the URLconf."""


HANDLERS = ("handler400", "handler403", "handler404", "handler500")


def publish(view: Loadable, loaded: Callable[..., Any]) -> None:
    """Make a loaded view known to reverse(), and put it in place as a handler."""
    for root in _roots():
        state: Any = root
        tables = state._reverse_dict
        if type(tables) is dict:
            # Another thread may be filling a table now: it stores it into this.
            tables = state._reverse_dict = _ReverseTables(tables, root)
        for table in list(tables.values()):
            _add_callable(table, view, loaded)
        # Reading this attribute imports the URLconf, unless it is there already.
        if urlconf := root.__dict__.get("urlconf_module"):
            for name in HANDLERS:
                if getattr(urlconf, name, None) is view:
                    setattr(urlconf, name, loaded)


def defer(include: Unread) -> bool:
    """Leave the include unread while a root fills its tables; return False elsewhere."""
    for root in _roots():
        state: Any = root
        if not getattr(state._local, "populating", False):
            continue
        if type(state._reverse_dict) is dict:
            state._reverse_dict = _ReverseTables(state._reverse_dict, root)
        if type(state._app_dict) is dict:
            state._app_dict = _AppTables(state._app_dict, root)
        _unread(root)[include] = None
        return True
    return False


def is_namespace_check(depth: int) -> bool:
    """Tell whether Django's check of unique namespaces is `depth` frames above.

    It reads the patterns of every resolver, as the commands that list URLs do, and
    there is no other way to know one from the other.
    """
    frame = sys._getframe(depth + 1)
    checks: Any = url_checks  # the function is private
    return bool(frame.f_code is checks._load_all_namespaces.__code__)


def _roots() -> Iterator[URLResolver]:
    """Yield the root resolvers that this thread uses; this imports no URLconf."""
    names = dict.fromkeys([get_urlconf(), getattr(settings, "ROOT_URLCONF", None)])
    for name in names:
        if name is not None:
            yield get_resolver(name)


def _unread(root: URLResolver) -> dict[Unread, None]:
    """Return the includes that this thread left unread since it began to fill."""
    local: Any = root._local
    if not hasattr(local, "unread_includes"):
        local.unread_includes = {}
    unread: dict[Unread, None] = local.unread_includes
    return unread


def _add_callable(table: Any, view: Loadable, loaded: Callable[..., Any]) -> None:
    """Add the entries of a lazy view under the callable that it has become."""
    if not (entries := list(dict.get(table, view) or ())):
        return
    if loaded in table:
        entries = _in_order(table, loaded)
    table.setlist(loaded, entries)


def _in_order(table: Any, loaded: Callable[..., Any]) -> list[Entry]:
    """Merge entries of one callable that several paths name, as Django orders them."""
    entries: dict[int, Entry] = {}
    for key in list(table):
        if key is loaded or _loaded(key) is loaded:
            entries.update((id(entry), entry) for entry in dict.get(table, key, ()))
    return list(entries.values())


def _loaded(key: Any) -> Callable[..., Any] | None:
    """Return the callable of a key that is a loaded lazy view."""
    return vars(key).get("_lazy_view") if hasattr(key, "lazy_name") else None


class _Tables(dict[Any, Any]):
    """Tables by language; one that another thread still stores in `_before` is found."""

    def __init__(self, before: dict[Any, Any], root: URLResolver) -> None:
        super().__init__(before)
        self._before = before
        self._root = root

    def __missing__(self, language: str | None) -> Any:
        return self._before[language]


class _AppTables(_Tables):
    def __setitem__(self, language: Any, table: dict[str, Any]) -> None:
        if unread := list(_unread(self._root)):
            table = _OpenApps(table, unread, self._root)
        super().__setitem__(language, table)


class _ReverseTables(_Tables):
    """What Django stores last, when a table is complete."""

    def __setitem__(self, language: Any, table: Any) -> None:
        if unread := list(_unread(self._root)):
            _unread(self._root).clear()
            table.__class__ = _OpenTable
            table.unread, table.root = unread, self._root
        super().__setitem__(language, table)
        # A view may have been loaded since its place in this table was read.
        for key in list(table):
            if loaded := _loaded(key):
                _add_callable(table, key, loaded)


class _OpenTable(MultiValueDict):  # type: ignore[type-arg]
    """A table of which some includes are not read yet."""

    unread: list[Unread]
    root: URLResolver

    def __missing__(self, name: Any) -> list[Entry]:
        table = _read(self, self.root, "_reverse_dict")
        # Not dict.__getitem__: there may be includes inside these that are unread.
        found: list[Entry] = table.getlist(name)
        if not found:
            raise KeyError(name)
        return found


class _OpenApps(dict[str, Any]):
    def __init__(
        self, table: dict[str, Any], unread: list[Unread], root: URLResolver
    ) -> None:
        super().__init__(table)
        self.unread = unread
        self.root = root

    def __missing__(self, name: str) -> Any:
        state: Any = self.root
        # reverse() asks for every namespace here first; that of an instance is known.
        if name in state._namespace_dict[get_language()]:
            raise KeyError(name)
        return _read(self, self.root, "_app_dict")[name]


def _read(table: Any, root: Any, kind: str) -> Any:
    """Read the includes, fill the tables again and return the one in place of this."""
    if table.unread:
        for include in table.unread:
            include.load()
        table.unread = []
        root._populate()
    current = getattr(root, kind)[get_language()]
    # Without this a table that is still in use elsewhere would ask itself for ever.
    return MultiValueDict() if current is table else current
