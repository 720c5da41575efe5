"""Deploy steps as values: declared in settings, converted from the older forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ixdjango.exceptions import DeployConfigurationError
from ixdjango.masking import mask

__all__ = ["Step", "steps_from"]


@dataclass(frozen=True)
class Step:
    """One step of a deploy: a management command, a callable or a program.

    Args:
        command: the name of a management command, the dotted path of a callable, the
            callable itself, or the words of a program, as a tuple or list.
        arguments: positional arguments; a command gets them as on the shell.
        options: keyword arguments, by the names that `call_command` takes.
        stdin: the file that is standard input while the step runs; None leaves
            standard input as it is.
        scope: `deployment` runs once for all containers; `container` runs in each, for
            commands that write local files, such as collectstatic.
        once: never run it again, whatever happens: what was begun and not ended waits
            for --confirm or --skip.
        key: what `once` counts by; None means the revision and the name of the step.
        phase: `before` or `after` the roll-out, for --phase; None belongs to both runs
            without a phase and to `before`.
        condition: a callable or its dotted path; the step is skipped if it returns false.
        always: run it at every deploy, also if this revision is complete or an earlier
            step failed.
        lock_timeout_s: how long a statement may wait for a lock of PostgreSQL; None
            leaves it as the settings have it.
        statement_timeout_s: how long a statement may take; None as above.
        retries: how often `migrate` is tried again if it could not get a lock.

    Example:
        >>> Step("loaddata", ("-",), stdin="site.yaml").name
        'loaddata -'
    """

    command: str | Callable[..., object] | tuple[str, ...] | list[str]
    arguments: tuple[object, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    stdin: Path | str | None = None
    scope: Literal["deployment", "container"] = "deployment"
    once: bool = False
    key: str | None = None
    phase: Literal["before", "after"] | None = None
    condition: str | Callable[[], object] | None = None
    always: bool = False
    lock_timeout_s: float | None = None
    statement_timeout_s: float | None = None
    retries: int = 3

    @property
    def name(self) -> str:
        """Return what the step is called in reports: command and arguments.

        A `Path` among the arguments is shown by its last part, and a secret as ***.
        """
        command = self.command
        if isinstance(command, (tuple, list)):
            command = " ".join(command)
        elif not isinstance(command, str):
            command = getattr(command, "__qualname__", repr(command))
        words = (
            part.name if isinstance(part, Path) else part for part in self.arguments
        )
        return mask(" ".join([command, *map(str, words)]))

    @property
    def is_program(self) -> bool:
        """Whether it is the words of a program."""
        return isinstance(self.command, (tuple, list))

    @property
    def is_callable(self) -> bool:
        """Tell a callable or its dotted path from a management command."""
        if self.is_program:
            return False
        return not isinstance(self.command, str) or "." in self.command

    @property
    def is_local(self) -> bool:
        """Whether every container runs it."""
        return self.scope == "container"

    def once_key(self, revision: str | None) -> str | None:
        """Return what the records know a `once` step by; None for any other step."""
        return (self.key or f"{revision}: {self.name}") if self.once else None


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
