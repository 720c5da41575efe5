"""How each service is found or started: a module each, with the same three functions."""

from __future__ import annotations

from functools import partial

from dev_services.plan import Needs, Plan, Provider, Report
from dev_services.provide import elasticsearch, postgresql, redis
from dev_services.servers.keeper import Provide

__all__ = ["PROVIDERS", "provide", "reports"]

PROVIDERS: dict[str, Provider] = {
    "postgresql": postgresql,
    "elasticsearch": elasticsearch,
    "redis": redis,
}


def provide(plan: Plan) -> tuple[dict[str, str], Provide | None]:
    """Check the addresses that are set; return how to have the rest run.

    Returns:
        The variables that are known before anything is started, and what starts the
        rest: None if nothing is to be started.

    Raises:
        DevServicesError: an address does not work, or there is no provider.
    """
    needs = Needs()
    for service in plan.services:
        PROVIDERS[service].provide(plan, needs)
    if not needs.missing:
        return needs.found, None
    # Needs psutil.
    from dev_services.servers.assembly import hold

    start = partial(hold, needs.missing, plan.places, throw_away=plan.throw_away)
    return needs.found, start


def reports(plan: Plan) -> list[Report]:
    """Look at every service of the plan; start nothing."""
    return [PROVIDERS[service].report(plan) for service in plan.services]
