"""Servers that tests share: their start takes longer than most stories."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.devices.servers import DeviceSite, Redis, Servers, free_port, push_elsewhere
from tests.sites import Sites


@pytest.fixture(scope="session")
def devices_site(
    sites: Sites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeviceSite]:
    """A site with devices, on a database of its own."""
    with sites.copied(tmp_path_factory.mktemp("devices"), "devices") as environ:
        environ.pop("REDIS_URL", None)
        yield DeviceSite.prepare(environ)


@pytest.fixture
def tokens(devices_site: DeviceSite) -> list[str]:
    """A token of each device, by its number."""
    return devices_site.tokens


@pytest.fixture(scope="session")
def servers(
    devices_site: DeviceSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """Servers without Redis, each started when first asked for."""
    with Servers(devices_site.environ, tmp_path_factory.mktemp("servers")) as servers:
        yield servers


@pytest.fixture(params=["uvicorn", "daphne"])
def server_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A Redis of the tests' own, on loopback."""
    redis = Redis(free_port())
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture(scope="session")
def workers(
    redis: Redis, devices_site: DeviceSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """Servers that share Redis; one that a test killed is started again."""
    environ = {**devices_site.environ, "REDIS_URL": redis.url}
    with Servers(environ, tmp_path_factory.mktemp("workers")) as workers:
        yield workers


@pytest.fixture(scope="session")
def pusher(workers: Servers) -> Iterator[subprocess.Popen[str]]:
    """Another process, which pushes what it is told to."""
    with push_elsewhere(workers.environ) as process:
        yield process
