"""Nothing is lost when a node of a cluster dies."""

from __future__ import annotations

import datetime
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import pytest
from django.core.management import call_command
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL

from tests.conftest import PREFIX
from tests.testapp.models import Job

pytestmark = pytest.mark.cluster

JOBS = 300
NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def nodes():
    """Three running nodes by name, with one password."""
    pytest.importorskip("dev_services")
    from dev_services.choose.choice import choose_elasticsearch
    from dev_services.choose.facts import elasticsearch_facts
    from dev_services.machine.places import (
        Places,
        free_port,
        our_account,
        private_directory,
        private_file,
    )
    from dev_services.servers.elasticsearch import Node, find_home

    places = Places.of(our_account(), None, Path.cwd())
    environ = {"PATH": os.environ["PATH"]}  # and no server that runs already
    choice = choose_elasticsearch(elasticsearch_facts(environ, places, None))
    assert choice.release, choice.reasons
    home = find_home(choice.release, choice.jdk, places)
    base = Path(mkdtemp(dir=places.prepare_throw_away()))
    base.chmod(0o755)
    ports = {name: free_port() for name in NAMES}
    nodes = {}
    for name, port in ports.items():
        settings = {
            "cluster.initial_master_nodes": NAMES,
            "discovery.seed_hosts": [f"127.0.0.1:{each}" for each in ports.values()],
            "discovery.type": "multi-node",
            "node.name": name,
            "transport.port": port,
        }
        place = base / name
        private_directory(place, places.account)
        private_file(place / "password", "for all of them\n", places.account)
        nodes[name] = Node(
            place, home, choice.release, choice.jdk, places.account, settings
        )
    try:
        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(lambda node: node.start(), nodes.values()))
        yield nodes
    finally:
        for node in nodes.values():
            node.stop()
        shutil.rmtree(base)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_every_job_is_found_after_the_node_with_the_primary_is_killed(nodes, settings):
    import psutil

    settings.MODELSEARCH_BACKENDS = {
        "default": {
            "BACKEND": "wagtail_derived_fields.search.elasticsearch",
            "URLS": [node.url() for node in nodes.values()],
            "INDEX_PREFIX": PREFIX,
        }
    }
    start = datetime.date(2026, 1, 1)
    Job.objects.bulk_create(
        Job(title=f"Job {n}", start_date=start, places=n) for n in range(JOBS)
    )
    call_command("rebuild_modelsearch_index", verbosity=0)
    backend = get_search_backend()
    backend.es.cluster.health(wait_for_status="green", timeout="60s")
    index = backend.get_index_for_model(Job).name
    (primary,) = (
        shard["node"]
        for shard in backend.es.cat.shards(index=index, format="json")
        if shard["prirep"] == "p"
    )

    process = psutil.Process(int((nodes[primary].place / "pid").read_text()))
    process.kill()
    process.wait(10)

    # A search may be refused until the others have chosen; none may miss a job.
    ends_at = time.monotonic() + 60
    while not (found := _search(backend)) and time.monotonic() < ends_at:
        time.sleep(0.2)
    assert found == set(range(JOBS))
    assert backend.es.cluster.health()["number_of_nodes"] == len(NAMES) - 1

    Job.objects.create(title="Saved since", start_date=start, places=JOBS)
    backend.get_index_for_model(Job).refresh()
    assert _search(backend) == set(range(JOBS + 1))


def _search(backend):
    from wagtail_derived_fields.exceptions import SearchUnavailableError

    try:
        return {job.places for job in backend.search(MATCH_ALL, Job.objects.all())}
    except SearchUnavailableError:
        return None
