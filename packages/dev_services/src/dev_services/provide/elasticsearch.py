"""Elasticsearch: the address that is set, a local server, or Elastic's own build."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dev_services.choose.choice import SearchChoice, choose_elasticsearch
from dev_services.choose.facts import client_major, elasticsearch_facts
from dev_services.declare.render import container_command
from dev_services.environment import search_urls
from dev_services.exceptions import ServiceError
from dev_services.machine.narrate import say
from dev_services.plan import Needs, Plan, Report, tried
from dev_services.servers.local import local_elasticsearch
from dev_services.servers.search_http import SearchAddress, search_version

__all__ = ["choose", "client_problem", "provide", "report"]

SERVICE = "elasticsearch"


def choose(plan: Plan) -> SearchChoice:
    """Decide without starting anything."""
    obstacle, is_set = plan.obstacle, bool(search_urls(plan.environ))
    places = None if obstacle or is_set else plan.places
    facts = elasticsearch_facts(plan.environ, places, obstacle)
    if facts.client is None:
        facts = replace(facts, client=plan.declaration.versions.get(SERVICE))
    if plan.local_database and not is_set:
        local = local_elasticsearch()
        if local.url and (problem := client_problem(local.version)):
            local = replace(local, url=None, why=problem)
        facts = replace(facts, local=local)
    return choose_elasticsearch(facts)


def report(plan: Plan) -> Report:
    """Look at what would be used; start nothing."""
    choice = choose(plan)
    found = Report(SERVICE, choice, choice.version)
    if choice.provider == "environment":
        addresses = [SearchAddress.of(url) for url in search_urls(plan.environ)]
        found = tried(found, addresses[0].url, lambda: _version(addresses))
        return replace(found, problem=found.problem or client_problem(found.version))
    if choice.url:
        return replace(found, address=choice.url, running=True)
    if choice.release and choice.jdk:
        from dev_services.servers.elasticsearch import Node

        place = plan.places.kept / f"{SERVICE}-{choice.release.major}"
        node = Node(place, Path(), choice.release, choice.jdk, plan.places.account)
        if url := node.url():
            return replace(found, address=SearchAddress.of(url).url, running=True)
    return found


def provide(plan: Plan, needs: Needs) -> None:
    """Add `ELASTICSEARCH_URL`, or how to start a server, or say that there is none.

    Raises:
        DevServicesError: the address that is set does not work, or the installed client
            cannot talk to it, or there is none although CI=true.
    """
    choice = choose(plan)
    urls = (choice.url,) if choice.url else search_urls(plan.environ)
    version = choice.version
    if urls:
        addresses = [SearchAddress.of(url) for url in urls]
        version = _version(addresses)
        if problem := client_problem(version):
            raise ServiceError(problem)
        say(f"Elasticsearch {version or ''} answers at {addresses[0]}")
        needs.found["ELASTICSEARCH_URL"] = ",".join(urls)
    elif choice.release and choice.jdk:
        from dev_services.servers.assembly import elasticsearch

        start = elasticsearch(choice.release, choice.jdk, plan.places)
        needs.missing["ELASTICSEARCH_URL"] = start
    elif plan.environ.get("CI") == "true":
        command = container_command(SERVICE, plan.declaration.versions.get(SERVICE))
        message = (
            f"CI=true and there is no Elasticsearch ({choice.reasons}); a container"
            f" gives one: {command}"
        )
        raise ServiceError(message)
    else:
        say(f"no Elasticsearch, search runs on the database ({choice.reasons})")
    plan.warn_of_version(SERVICE, "Elasticsearch", version)


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


def _version(addresses: list[SearchAddress]) -> str | None:
    versions = [search_version(address) for address in addresses]  # each is tried
    return versions[0]
