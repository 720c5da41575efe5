"""What a run is about: the services, the environment, the declaration, the places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dev_services.choose.choice import Choice
from dev_services.declare.declaration import Declaration
from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import our_account
from dev_services.machine.narrate import say
from dev_services.machine.places import Places

if TYPE_CHECKING:
    from dev_services.servers.assembly import MakeServer

__all__ = ["Needs", "Plan", "Provider", "Report", "tried"]


@dataclass(frozen=True)
class Plan:
    """What `services` need here, in the environment `environ`.

    `state` is the folder to keep data in, None meaning the repository's `.services`.
    """

    services: Sequence[str]
    environ: Mapping[str, str]
    state: Path | None = None
    declaration: Declaration = field(default_factory=Declaration)
    throw_away: bool = False

    @property
    def places(self) -> Places:
        """The folders of this clone.

        Raises:
            ServiceError: one of them belongs to another user.
        """
        places = Places.of(our_account(), self.state, Path.cwd())
        places.refuse_other_owners()
        return places

    @property
    def obstacle(self) -> str | None:
        """Why this user cannot start a server; None if they can."""
        if util.find_spec("psutil") is None:
            return "psutil is not installed"
        try:
            our_account()
        except ServiceError as error:
            return str(error)
        return None

    @property
    def local_database(self) -> str | None:
        """The database that a local server must have; None if none is looked for."""
        return None if self.throw_away else self.declaration.name

    def warn_of_version(self, service: str, title: str, version: str | None) -> None:
        """Say so if the server has another major version than the declared one."""
        declared = self.declaration.versions.get(service)
        if declared and version and int(version.partition(".")[0]) != declared:
            file = self.declaration.file and self.declaration.file.name
            say(f"warning: {title} is {version}, and {file} declares {declared}")


@dataclass
class Needs:
    """The variables that are known, and how to make the servers of the others."""

    found: dict[str, str] = field(default_factory=dict)
    missing: dict[str, MakeServer] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What is known of one service; `problem` is why its provider cannot be used."""

    service: str
    choice: Choice
    version: str | None
    address: str | None = None
    running: bool = False
    problem: str | None = None

    @property
    def major(self) -> int | None:
        """The major version, if the version is known."""
        return int(self.version.partition(".")[0]) if self.version else None


class Provider(Protocol):
    """How one service is found or started."""

    def choose(self, plan: Plan) -> Choice:
        """Decide without starting anything."""

    def report(self, plan: Plan) -> Report:
        """Look at what would be used; start nothing."""

    def provide(self, plan: Plan, needs: Needs) -> None:
        """Add the variables of the service, or how to start it.

        Raises:
            DevServicesError: an address does not work, or there is no provider.
        """


def tried(report: Report, shown: str, check: Callable[[], str | None]) -> Report:
    """Return the report of an address that is set, after trying it."""
    try:
        version = check()
    except ServiceError as error:
        return replace(report, address=shown, problem=str(error))
    return replace(report, address=shown, version=version, running=True)
