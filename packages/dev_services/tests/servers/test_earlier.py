"""What an earlier release kept: its servers of root ran as nobody, its role could do all."""

from __future__ import annotations

import os
import subprocess

import pytest

from dev_services.choose.choice import Jdk, Release
from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account, our_account
from dev_services.machine.sharing import alone
from dev_services.servers.earlier import KeptCluster, KeptNode
from dev_services.servers.postgresql import ENVIRONMENT, Cluster
from tests.drivers import ask

IS_ROOT = os.geteuid() == 0


def former_account():
    return Account("nobody", is_roots=True) if IS_ROOT else our_account()


@pytest.fixture
def former(made_cluster, our_places):
    """A cluster as the earlier release made it."""
    account = former_account()
    place = our_places.kept / "postgresql"
    place.mkdir(mode=0o700)
    password = place / "password"
    password.write_text("s3cret")
    for path in (place, password):
        os.chown(path, account.uid, account.gid)

    def run(program, *arguments, stdin=""):
        subprocess.run(
            [made_cluster.programs / program, *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            check=True,
            cwd="/",
            env=ENVIRONMENT,
            **account.identity,
        )

    data = str(place / "data")
    run(
        *("initdb", "--no-sync", "--auth=scram-sha-256", "--username=fieldkit"),
        *(f"--pwfile={password}", "--encoding=UTF8", "--locale=C", "-D", data),
    )
    create = "CREATE DATABASE fieldkit STRATEGY file_copy"
    run("postgres", "--single", "-F", "-D", data, "postgres", stdin=create)
    cluster = Cluster(place, made_cluster.programs, made_cluster.version, account)
    yield cluster
    cluster.stop()


def kept(former: Cluster) -> KeptCluster:
    return KeptCluster(former.place, former.programs, former.version, our_account())


def fill(former: Cluster):
    with alone(former) as url:
        ask(url, "CREATE EXTENSION citext")
        ask(url, "CREATE TABLE kept AS SELECT 'Größe'::citext AS word")
        ask(url, 'CREATE DATABASE "a = b"')
        other = url.removesuffix("fieldkit") + "a%20%3D%20b"
        ask(other, "CREATE TABLE kept AS SELECT 42 AS number")


def test_its_databases_are_taken_over_by_a_role_that_is_not_a_superuser(former, capsys):
    fill(former)

    with alone(kept(former)) as url:
        assert ask(url, "SELECT word FROM kept") == "Größe"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = user") is False
        assert ask(url, "SELECT tableowner FROM pg_tables WHERE tablename='kept'") == (
            "fieldkit"
        )
        other = url.removesuffix("fieldkit") + "a%20%3D%20b"
        assert ask(other, "SELECT number FROM kept") == 42

    aside = former.place.with_name("postgresql.earlier")
    assert f"they are left in {aside}" in capsys.readouterr().err
    assert aside.stat().st_uid == os.geteuid()
    assert aside.stat().st_mode & 0o777 == 0o700


def test_they_are_taken_over_once(former):
    fill(former)
    cluster = kept(former)
    with alone(cluster) as url:
        ask(url, "UPDATE kept SET word = 'newer'")

    with alone(cluster) as url:
        assert ask(url, "SELECT word FROM kept") == "newer"


def test_a_server_of_it_that_runs_is_left_alone(former):
    with alone(former), pytest.raises(ServiceError, match="end the commands that"):
        kept(former).start()

    assert former.place.is_dir()


def test_what_cannot_be_taken_over_is_refused_with_the_cure(former):
    with alone(former) as url:
        ask(url, "CREATE EXTENSION file_fdw")

    with pytest.raises(ServiceError, match="Nothing was changed") as caught:
        kept(former).start()

    assert "\n" not in str(caught.value)
    assert "permission denied" in str(caught.value)
    with alone(former) as url:
        assert ask(url, "SELECT 1") == 1


@pytest.mark.skipif(not IS_ROOT, reason="only root's index belonged to another user")
def test_its_search_index_is_set_aside(our_places, monkeypatch, capsys):
    place = our_places.kept / "elasticsearch-9"
    place.mkdir()
    os.chown(place, former_account().uid, -1)
    jdk = Jdk(our_places.kept, 21)
    release = Release("9.0.0", 21)
    node = KeptNode(place, our_places.kept, release, jdk, our_places.account)

    with pytest.raises(OSError, match=r"jvm\.options"):  # There is no server to start.
        node.start()

    assert f"is left in {place}.earlier" in capsys.readouterr().err
    assert place.stat().st_uid == 0
