"""Deploy steps as values: declared in settings, converted from the older forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ixdjango.exceptions import DeployConfigurationError
from ixdjango.masking import mask

__all__ = ["Step", "steps_from"]


@dataclass(frozen=True)
class Step:
    """One step of a deploy: a management command or a callable.

    Args:
        command: the name of a management command, the dotted path of a
            callable, or the callable itself.
        arguments: positional arguments; a command gets them as on the shell.
        options: keyword arguments, by the names that `call_command` takes.
        stdin: the file that is standard input while the step runs; None leaves
            standard input as it is.

    Example:
        >>> Step("loaddata", ("-",), stdin="site.yaml").name
        'loaddata -'
    """

    command: str | Callable[..., object]
    arguments: tuple[object, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    stdin: Path | str | None = None

    @property
    def name(self) -> str:
        """Return what the step is called in reports: command and arguments.

        A `Path` among the arguments is shown by its last part, and a secret as ***.
        """
        command = self.command
        if not isinstance(command, str):
            command = getattr(command, "__qualname__", repr(command))
        words = (
            part.name if isinstance(part, Path) else part for part in self.arguments
        )
        return mask(" ".join([command, *map(str, words)]))

    @property
    def is_callable(self) -> bool:
        """Tell a callable or its dotted path from a management command."""
        return not isinstance(self.command, str) or "." in self.command


def steps_from(setting: Iterable[Any]) -> tuple[Step, ...]:
    """Return the steps that a setting lists, in its order.

    An item is a `Step` or a form of the original ixdjango: `name`,
    `(name, arguments)` or `(name, arguments, options)`.

    Raises:
        DeployConfigurationError: an item has another form; the text names its
            place, counted from 1.
    """
    if isinstance(setting, (str, Mapping)):
        message = (
            f"the steps of a deploy are a list, got {setting!r}; write [{setting!r}]."
        )
        raise DeployConfigurationError(message)
    return tuple(_step_from(item, place) for place, item in enumerate(setting, start=1))


def _step_from(item: Any, place: int) -> Step:  # Any: settings hold what users wrote
    match item:
        case Step():
            return item
        case str() if item:
            return Step(item)
        case (str(name), list() | tuple() as arguments):
            return Step(name, tuple(arguments))
        case (str(name), list() | tuple() as arguments, Mapping() as options):
            return Step(name, tuple(arguments), options)
        case _ if callable(item):
            return Step(item)
    message = (
        f"deploy step {place} is {mask(repr(item))}; expected a Step, 'name',"
        " ('name', [arguments]) or ('name', [arguments], {options})."
    )
    raise DeployConfigurationError(message)
