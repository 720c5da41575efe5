from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dev_services.choose.facts import embedded_wheel
from dev_services.machine import places
from dev_services.machine.accounts import our_account
from dev_services.machine.places import Places
from dev_services.machine.sharing import alone
from dev_services.plan import Plan
from dev_services.provide import elasticsearch
from dev_services.servers.postgresql import Cluster, find_programs

OURS = (
    *("DATABASE_URL", "DB_DEFAULT_URL", "CI"),
    *("ELASTICSEARCH_URL", "ELASTICSEARCH_URLS"),
)
LEFT_OUT = pytest.StashKey[str]()
# The command line, with root's servers below a folder of the test.
ELSEWHERE = """
import sys
from pathlib import Path
from dev_services.machine import places
from dev_services.machine.accounts import our_account
places.ROOTS_PLACE = Path(sys.argv.pop(1))
from dev_services.__main__ import main
sys.exit(main())
"""


def pytest_collection_modifyitems(config, items):
    """Leave out what needs Elasticsearch where none can be started; say so."""
    plan = Plan(("elasticsearch",), without_services())
    choice = elasticsearch.choose(plan)
    if choice.provider is not None:
        return
    left_out = [item for item in items if item.get_closest_marker("elasticsearch")]
    if left_out and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true and no Elasticsearch ({choice.reasons}).")
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = (
        f"{len(left_out)} tests of Elasticsearch deselected ({choice.reasons})"
    )


def pytest_terminal_summary(terminalreporter, config):
    if line := config.stash.get(LEFT_OUT, ""):
        terminalreporter.write_line(line)


def without_services() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in OURS}


@pytest.fixture(scope="session", autouse=True)
def _heeded_signals():
    """Let the programs of the tests heed signals, also below `nohup` and in `&` jobs.

    Those hand on ignored signals. One that is handled here is the default in what is
    started; we go on ignoring it.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda number, frame: None)


@pytest.fixture(scope="session")
def ground():
    """A folder that root's account may enter: pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="services tests "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def plot(ground):
    """A folder on the ground for one test."""
    folder = Path(tempfile.mkdtemp(dir=ground))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def our_places(ground, plot, monkeypatch):
    monkeypatch.setattr(places, "ROOTS_PLACE", ground / "root")
    monkeypatch.setattr(tempfile, "tempdir", str(ground))
    made = Places.of(our_account(), plot / ".services", plot)
    made.prepare()
    return made


@pytest.fixture(scope="session")
def made_cluster(ground):
    """A cluster that was made and never started."""
    wheel = embedded_wheel()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "ROOTS_PLACE", ground / "root")
        home = Places.of(our_account(), ground / "template", ground)
        home.prepare()
        programs = find_programs(wheel, home)
    cluster = Cluster(home.kept / "postgresql", programs, wheel.server, home.account)
    cluster.make()
    return cluster


def copy(cluster: Cluster, folder: Path) -> Cluster:
    place = folder / "postgresql"
    subprocess.run(["cp", "-a", cluster.place, place], check=True)
    return replace(cluster, place=place)


@pytest.fixture(scope="session")
def server(made_cluster):
    """A running cluster that no test changes."""
    folder = made_cluster.place.with_name("of the session")
    folder.mkdir()
    folder.chmod(0o755)
    cluster = copy(made_cluster, folder)
    with alone(cluster):
        yield cluster


@pytest.fixture
def cluster(made_cluster, our_places):
    """A stopped cluster of one test, which may break it."""
    cluster = copy(made_cluster, our_places.kept)
    yield cluster
    cluster.stop()
    shutil.rmtree(our_places.kept)


@dataclass
class CommandLine:
    """`python -m dev_services` in a folder, without the services of the suite."""

    ground: Path
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def arguments(self, *arguments: str) -> dict:
        package = str(Path(__file__).parents[1])  # So that commands find `tests`.
        environ = without_services() | {"TMPDIR": str(self.ground)}
        environ |= {"PYTHONPATH": package, **self.environ}
        command = [sys.executable, "-c", ELSEWHERE, str(self.ground / "root")]
        return {"args": [*command, *arguments], "env": environ, "cwd": self.folder}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            **self.arguments(*arguments),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, *arguments: str, **options) -> subprocess.Popen[str]:
        return subprocess.Popen(
            **self.arguments(*arguments),
            **options,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def command_line(ground, plot):
    return CommandLine(ground, plot)
