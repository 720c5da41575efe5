"""Redis: the address that is set, a local server, or the installed redis-server."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from dev_services.choose.choice import Choice, Local, RedisFacts, choose_redis
from dev_services.declare.render import container_command
from dev_services.environment import redis_url
from dev_services.exceptions import ServiceError
from dev_services.machine.narrate import say
from dev_services.plan import Needs, Plan, Report, tried
from dev_services.servers.local import local_redis
from dev_services.servers.redis_protocol import RedisAddress, redis_version

__all__ = ["choose", "provide", "report"]

SERVICE = "redis"


def choose(plan: Plan) -> Choice:
    """Decide without starting anything."""
    is_set = redis_url(plan.environ) is not None
    local: Local | None = None
    if plan.local_database and not is_set:
        local = local_redis()
    return choose_redis(RedisFacts(is_set, _program(plan), plan.obstacle, local))


def report(plan: Plan) -> Report:
    """Look at what would be used; start nothing."""
    choice = choose(plan)
    found = Report(SERVICE, choice, choice.version)
    if choice.provider == "environment":
        address = RedisAddress.of(plan.environ)
        return tried(found, address.url, lambda: redis_version(address))
    if choice.url:
        return replace(found, address=choice.url, running=True)
    if choice.provider == "program":
        from dev_services.servers.redis import RedisServer

        server = RedisServer(plan.places.kept / SERVICE, Path(), plan.places.account)
        if url := server.url():
            address = RedisAddress.of({"REDIS_URL": url})
            version = redis_version(address)
            return replace(found, address=address.url, version=version, running=True)
    return found


def provide(plan: Plan, needs: Needs) -> None:
    """Add `REDIS_URL`, or how to start a server, or say that there is none.

    Raises:
        DevServicesError: the address that is set does not work, or there is none
            although CI=true.
    """
    choice, program = choose(plan), _program(plan)
    url, version = choice.url or redis_url(plan.environ), choice.version
    if url:
        address = RedisAddress.of({"REDIS_URL": url})
        version = redis_version(address)
        say(f"Redis {version or ''} answers at {address}")
        needs.found["REDIS_URL"] = url
    elif choice.provider and program:
        from dev_services.servers.assembly import redis

        needs.missing["REDIS_URL"] = redis(program, plan.places)
    else:
        command = container_command(SERVICE, plan.declaration.versions.get(SERVICE))
        why = f"({choice.reasons}); a container gives one: {command}"
        if plan.environ.get("CI") == "true":
            message = f"CI=true and there is no Redis {why}"
            raise ServiceError(message)
        say(f"no Redis {why}")
    plan.warn_of_version(SERVICE, "Redis", version)


def _program(plan: Plan) -> Path | None:
    found = shutil.which("redis-server", path=plan.environ.get("PATH"))
    return Path(found) if found else None
