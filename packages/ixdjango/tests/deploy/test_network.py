"""The network of a leader is cut: a namespace of the test's own, with its own server."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from urllib.parse import quote

import pytest

from tests.drivers import ask

from .conftest import Shop, ended

ADDRESS = "10.9.9.1"
PROGRAMS = ("ip", "initdb", "pg_ctl")


def missing() -> str | None:
    """Return why there can be no namespace here."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    if os.geteuid() != 0 or lacking:
        return f"it needs root and {', '.join(lacking or PROGRAMS)}"
    tried = subprocess.run(
        ["ip", "netns", "add", "fieldkit-try"],
        capture_output=True,
        text=True,
        check=False,
    )
    subprocess.run(
        ["ip", "netns", "del", "fieldkit-try"], capture_output=True, check=False
    )
    return tried.stderr.strip() or None


@pytest.fixture
def namespace():
    if why := missing():
        pytest.skip(f"no network namespace: {why}")
    name = f"fieldkit-{uuid.uuid4().hex[:8]}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    for words in ("link set lo up", f"addr add {ADDRESS}/32 dev lo"):
        subprocess.run(["ip", "-n", name, *words.split()], check=True)
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.fixture
def server(namespace, open_folder):
    """A PostgreSQL in the namespace; its Unix socket is open to everybody."""
    home = open_folder / "server"
    home.mkdir()
    shutil.chown(home, "nobody", "nogroup")
    plain = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    plain |= {
        "check": True,
        "cwd": "/",
        "stdout": subprocess.DEVNULL,
        "env": {"PATH": os.environ["PATH"]},
    }
    data = str(home / "data")
    subprocess.run(
        ["initdb", "-A", "trust", "-U", "fieldkit", "--no-sync", "-D", data], **plain
    )
    with (home / "data" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {ADDRESS}/32 trust\n")
    options = f"-c listen_addresses={ADDRESS} -c unix_socket_directories='{home}'"
    # pg_ctl runs as nobody, within the namespace that only root may enter.
    enter = ["ip", "netns", "exec", namespace, "setpriv", "--reuid=nobody"]
    enter += ["--regid=nogroup", "--clear-groups"]
    quiet = {"check": True, "cwd": "/", "stdout": subprocess.DEVNULL}
    log = str(home / "log")
    subprocess.run(
        [
            *enter,
            shutil.which("pg_ctl"),
            "start",
            "-w",
            "-D",
            data,
            "-o",
            options,
            "-l",
            log,
        ],
        **quiet,
    )
    yield home
    stop = ["pg_ctl", "stop", "-m", "immediate", "-D", data]
    subprocess.run([*enter, shutil.which(stop[0]), *stop[1:]], **quiet)


def test_a_leader_whose_network_is_cut_is_taken_over(namespace, server, tmp_path):
    local = f"postgresql://fieldkit@{quote(str(server), safe='')}/postgres"
    follower_shop = Shop(tmp_path, local)
    leader_shop = Shop(tmp_path, f"postgresql://fieldkit@{ADDRESS}/postgres")
    leader_shop.enter = ("ip", "netns", "exec", namespace)
    try:
        leader = leader_shop.start("waits")
        follower_shop.wait_for_a_waiting_leader()
        follower = follower_shop.start("waits")
        assert "waiting for the deploy of" in follower.stdout.readline()

        subprocess.run(
            ["ip", "-n", namespace, "addr", "del", f"{ADDRESS}/32", "dev", "lo"],
            check=True,
        )
        cut_at = time.monotonic()
        assert "continuing the deploy that" in follower.stdout.readline()
        took_s = time.monotonic() - cut_at
        (tmp_path / "go").touch()

        assert ended(follower)[0] == 0
        assert ended(leader)[0] == 6
        assert ask(local, "SELECT count(*) FROM shop_note WHERE text = 'end'") == 1
        assert took_s < 15, "3 s on an idle machine"
    finally:
        for process in (*leader_shop.started, *follower_shop.started):
            process.kill()
            process.communicate()
