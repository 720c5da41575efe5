"""PostgreSQL: the address that is set, a local server, or the embedded one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dev_services.choose.choice import Choice, choose_postgresql
from dev_services.choose.facts import Wheel, embedded_wheel, postgresql_facts
from dev_services.declare.render import container_command
from dev_services.environment import database_url
from dev_services.exceptions import ServiceError
from dev_services.machine.narrate import say
from dev_services.plan import Needs, Plan, Report, tried
from dev_services.servers.check import Address, postgresql_version
from dev_services.servers.local import local_postgresql

__all__ = ["choose", "provide", "report"]

SERVICE = "postgresql"


def choose(plan: Plan) -> Choice:
    """Decide without starting anything."""
    wheel = embedded_wheel()
    facts = postgresql_facts(plan.environ, wheel, plan.obstacle)
    if (name := plan.local_database) and not facts.has_url:
        local = local_postgresql(name, plan.environ, _programs(wheel))
        facts = replace(facts, local=local)
    return choose_postgresql(facts)


def report(plan: Plan) -> Report:
    """Look at what would be used; start nothing."""
    choice = choose(plan)
    found = Report(SERVICE, choice, choice.version)
    if choice.provider == "environment":
        address = Address.of(plan.environ)
        return tried(found, address.url, lambda: _version(address))
    if choice.url:
        shown = Address.of({"DATABASE_URL": choice.url}).url
        return replace(found, address=shown, running=True)
    if choice.provider == "embedded":
        from dev_services.servers.postgresql import Cluster

        place = plan.places.kept / SERVICE
        url = Cluster(place, Path(), choice.version or "", plan.places.account).url()
        if url:
            shown = Address.of({"DATABASE_URL": url}).url
            return replace(found, address=shown, running=True)
    return found


def provide(plan: Plan, needs: Needs) -> None:
    """Add `DATABASE_URL`, or how to start a server.

    Raises:
        DevServicesError: the address that is set does not work, or there is no provider.
    """
    choice, wheel = choose(plan), embedded_wheel()
    url = choice.url or database_url(plan.environ)
    if url:
        address = Address.of({"DATABASE_URL": url})
        version = choice.version or _version(address)
        say(f"PostgreSQL {version or ''} answers at {address}")
        needs.found["DATABASE_URL"] = url
    elif choice.provider is None or wheel is None:
        command = container_command(SERVICE, plan.declaration.versions.get(SERVICE))
        message = (
            f"there is no PostgreSQL ({choice.reasons}): set DATABASE_URL="
            "postgresql://USER:PASSWORD@HOST:PORT/NAME, or `pip install"
            f" 'fieldkit-dev-services'`, or start a container: {command}"
        )
        raise ServiceError(message)
    else:
        version = choice.version
        _start(plan, wheel, needs)
    plan.warn_of_version(SERVICE, "PostgreSQL", version)


def _start(plan: Plan, wheel: Wheel, needs: Needs) -> None:
    # Needs psutil, without which the environment must name everything.
    from dev_services.servers.assembly import postgresql
    from dev_services.servers.postgresql import programs_folder

    needs.missing["DATABASE_URL"] = postgresql(wheel, plan.places)
    # The server's own psql and pg_dump, after any that the user has.
    folder = str(programs_folder(wheel, plan.places))
    path = plan.environ.get("PATH", os.defpath)
    needs.found["PATH"] = os.pathsep.join([path, folder])


def _version(address: Address) -> str | None:
    return postgresql_version(address, _programs(embedded_wheel()))


def _programs(wheel: Wheel | None) -> Path | None:
    return wheel.programs if wheel else None
