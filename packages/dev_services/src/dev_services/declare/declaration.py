"""Read the file in which a project declares the services that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dev_services.declare import forklift
from dev_services.exceptions import DeclarationError
from dev_services.machine.ownership import refuse_other_owner

__all__ = ["DEFAULT", "FILES", "SERVICES", "Declaration", "read_declaration"]

SERVICES = ("postgresql", "elasticsearch", "redis")
#: What a run gives if nothing is declared.
DEFAULT = ("postgresql", "elasticsearch")
#: Looked for in this order, in the present folder.
FILES = ("dev_services.yaml", "forklift.yaml")
_KEYS = ("name", "services", "environment")


@dataclass(frozen=True)
class Declaration:
    """The services of a project.

    `file` is None if nothing is declared. `versions` has the major version of each
    service, None if any will do. `environment` holds variables for the command.
    """

    file: Path | None = None
    name: str | None = None
    versions: Mapping[str, int | None] = field(
        default_factory=lambda: dict.fromkeys(DEFAULT)
    )
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_forklift(self) -> bool:
        """Whether the project expects the variables of Forklift."""
        return self.file is not None and self.file.name == "forklift.yaml"

    def add_to(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return `environ` with the declared variables that it does not set."""
        added = dict(self.environment)
        if environ.get("DATABASE_URL") or environ.get("DB_DEFAULT_URL"):
            added.pop("DATABASE_URL", None)
        return {**added, **{name: value for name, value in environ.items() if value}}

    def finish(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of the command, with Forklift's if it expects them."""
        names = forklift.variables(environ, self.name or "") if self.is_forklift else {}
        return {**names, **environ}


def read_declaration(folder: Path, chosen: Path | None = None) -> Declaration:
    """Return what the file `chosen` declares, else the one in `folder`, if any.

    Raises:
        DeclarationError: the file cannot be read or used; with file and cure.
        ServiceError: it belongs to another user.
    """
    candidates = [chosen] if chosen else [folder / name for name in FILES]
    file = next((path for path in candidates if path.is_file()), None)
    if file is None and chosen:
        message = f"{chosen} does not exist; correct --file."
        raise DeclarationError(message)
    if file is None:
        return Declaration()
    refuse_other_owner(file)
    read = _load(file)
    if file.name == "forklift.yaml":
        read = forklift.converted(read, file)
    _refuse_unknown(read, _KEYS, f"{file}")
    return Declaration(
        file,
        _name(read.get("name") or file.absolute().parent.name, file),
        _versions(read.get("services"), file),
        _environment(read.get("environment") or {}, file),
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        # Every scalar stays a string: `18`, `yes` and `1.0` are what was written.
        read = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        message = f"{file} is not valid UTF-8; convert it to UTF-8."
        raise DeclarationError(message) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{file}:{line}: {error.problem}; correct the YAML."
        raise DeclarationError(message) from error
    except yaml.YAMLError as error:
        message = f"{file} cannot be read as YAML ({' '.join(str(error).split())})."
        raise DeclarationError(message) from error
    if not isinstance(read, dict):
        message = f"{file} holds no mapping; begin with `services:`."
        raise DeclarationError(message)
    return read


def _versions(read: Any, file: Path) -> dict[str, int | None]:
    if not read or isinstance(read, str):
        message = f"{file}: `services` lists none; name some of {', '.join(SERVICES)}."
        raise DeclarationError(message)
    _refuse_unknown(read, SERVICES, f"{file}: services")
    if isinstance(read, list):
        return dict.fromkeys(read)
    return {service: _version(service, needs, file) for service, needs in read.items()}


def _version(service: str, needs: Any, file: Path) -> int | None:
    if not needs:
        return None
    place = f"{file}: services.{service}"
    if not isinstance(needs, dict):
        message = f"{place} is {needs!r}; write `version: 18` below it, or nothing."
        raise DeclarationError(message)
    _refuse_unknown(needs, ("version",), place)
    version = str(needs["version"])
    if not re.fullmatch(r"[1-9][0-9]{0,2}", version):
        message = f"{place}.version is {version!r}; give the major version, such as 18."
        raise DeclarationError(message)
    return int(version)


def _environment(read: Any, file: Path) -> dict[str, str]:
    is_usable = isinstance(read, dict) and all(
        isinstance(name, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
        for name in read
    )
    if not is_usable or not all(isinstance(value, str) for value in read.values()):
        message = f"{file}: `environment` is not a mapping of names to values."
        raise DeclarationError(message)
    return dict(read)


def _name(read: Any, file: Path) -> str:
    if not isinstance(read, str):
        message = f"{file}: `name` is not a word; give the name of the database."
        raise DeclarationError(message)
    return read


def _refuse_unknown(read: Iterable[Any], known: tuple[str, ...], place: str) -> None:
    for key in read:
        if key not in known:
            message = f"{place}: {key!r} is unknown; there are {', '.join(known)}."
            raise DeclarationError(message)
