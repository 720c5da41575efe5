from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dev_services.exceptions import ServiceError
from dev_services.machine.sharing import alone
from tests.drivers import ask, driver


def tree(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_cluster_runs_from_start_to_stop(cluster):
    with alone(cluster) as url:
        assert cluster.url() == url
        assert ask(url, "SHOW server_version").startswith("18.")

    assert cluster.url() is None


def test_its_user_may_create_databases(server):
    url = server.url()

    ask(url, "CREATE DATABASE another")

    assert ask(url.removesuffix("fieldkit") + "another", "SELECT 1") == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("listen_addresses", "127.0.0.1"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ],
)
def test_settings_of_a_server(server, setting, value):
    assert ask(server.url(), f"SHOW {setting}") == value


def test_a_server_has_no_socket_that_every_user_could_try(server):
    pid_file = server.data.joinpath("postmaster.pid").read_text().splitlines()

    assert pid_file[4] == ""


def test_letters_of_any_language_are_letters_and_quotes_are_not(server):
    query = "SELECT to_tsvector('simple', %s)::text"

    words = ask(server.url(), query, "“Größe” Ünïcode")

    assert words == "'größe':1 'ünïcode':2"


def test_the_loopback_port_asks_for_the_password(server):
    password = server.place.joinpath("password").read_text()

    with pytest.raises(driver.OperationalError, match="password authentication"):
        ask(server.url().replace(password, "guess"), "SELECT 1")


def test_no_process_shows_the_password(server):
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True).stdout

    assert str(server.data).encode() in shown
    assert server.place.joinpath("password").read_bytes() not in shown


def test_the_environment_of_the_user_does_not_reach_the_server(cluster, monkeypatch):
    monkeypatch.setenv("PGPORT", "no port")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "no option")

    with alone(cluster):
        assert cluster.url()


def test_data_outlives_the_server(cluster):
    with alone(cluster) as url:
        ask(url, "CREATE TABLE kept (answer) AS VALUES (42)")

    with alone(cluster) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_data_of_another_major_version_are_refused_and_left_alone(cluster):
    version = cluster.data / "PG_VERSION"
    version.write_text("17\n")
    before = tree(cluster.place)

    with pytest.raises(ServiceError, match=r"PostgreSQL 17.* 18\..*dump it with 17"):
        cluster.start()

    assert tree(cluster.place) == before


def test_a_folder_without_a_cluster_is_refused(cluster):
    shutil.rmtree(cluster.data)

    with pytest.raises(ServiceError, match="holds no PostgreSQL cluster"):
        cluster.start()


def test_a_pid_file_that_names_a_stranger_is_forgotten(cluster):
    cluster.data.joinpath("postmaster.pid").write_text(f"{os.getpid()}\n/\n0\n5432\n")

    with alone(cluster) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_damaged_pid_file_is_no_running_server(cluster):
    cluster.data.joinpath("postmaster.pid").write_text("")

    assert cluster.url() is None


@pytest.mark.parametrize("port", ["5432@host.example:1", "none", ""])
def test_a_pid_file_sends_the_password_to_no_other_host(cluster, port):
    with alone(cluster):
        pid_file = cluster.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([*lines[:3], port, *lines[4:]]))

        assert cluster.url() is None
        pid_file.write_text("\n".join(lines))


def test_a_killed_server_can_be_started_again(cluster):
    cluster.start()
    pid = int(cluster.data.joinpath("postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)

    with alone(cluster) as url:
        assert ask(url, "SELECT 1") == 1


def test_what_a_killed_initdb_left_is_made_anew(cluster):
    half_made = cluster.place.with_name("postgresql.new")
    cluster.place.rename(half_made)
    half_made.joinpath("data", "PG_VERSION").unlink()

    with alone(replace(cluster, durable=False)) as url:
        assert ask(url, "SHOW fsync") == "off"

    assert not half_made.exists()


def test_a_server_that_cannot_start_says_why_in_one_line(cluster):
    with cluster.data.joinpath("postgresql.conf").open("a") as settings:
        settings.write("max_connections = 0\n")

    with pytest.raises(
        ServiceError, match=r"does not start: .*postgresql.conf"
    ) as caught:
        cluster.start()

    assert "\n" not in str(caught.value)


def test_missing_programs_are_one_line(cluster):
    broken = replace(cluster, place=cluster.place.with_name("x"), programs=Path("/no"))

    with pytest.raises(ServiceError, match="/no/initdb cannot be run: No such file"):
        broken.start()
