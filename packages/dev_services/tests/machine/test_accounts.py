"""Who runs the servers, and what they may do to root and to each other.

The attacker has taken over the role of the application, the account of the servers, or
another daemon that runs as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from dev_services.choose.choice import Jdk, Release
from dev_services.exceptions import ServiceError
from dev_services.machine import accounts
from dev_services.machine.accounts import NAME, Account, make_account, our_account
from dev_services.machine.ownership import read_tail
from dev_services.machine.places import folder_of, write_private
from dev_services.machine.sharing import clear_away
from dev_services.servers.elasticsearch import COPIED, Node
from tests.drivers import ask, driver

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its uid")
# With Python's own module, so that the attacker need not enter root's home.
ATTEMPTS = """
import os, sys
os.setgroups([]); os.setgid({gid}); os.setuid({uid})
for attempt in sys.argv[1:]:
    try:
        exec(attempt)
    except OSError as error:
        print(type(error).__name__)
    else:
        print("succeeded:", attempt)
"""


def attempt(account: str, *attempts: str) -> list[str]:
    """Run each line of Python as the account; return how it ended."""
    entry = pwd.getpwnam(account)
    code = ATTEMPTS.format(uid=entry.pw_uid, gid=entry.pw_gid)
    ended = subprocess.run(
        [sys.executable, "-c", code, *attempts],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        timeout=30,
    )
    return ended.stdout.splitlines()


DENIED = "PermissionError"


class TestTheRoleOfTheApplication:
    @pytest.mark.parametrize(
        "statement",
        [
            "COPY (SELECT 1) TO PROGRAM 'id'",
            "COPY (SELECT 1) TO '/tmp/written'",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('/')",
            "SELECT lo_import('/etc/passwd')",
            "ALTER ROLE fieldkit SUPERUSER",
            "CREATE ROLE another SUPERUSER",
            "CREATE ROLE another REPLICATION",
            "CREATE ROLE another BYPASSRLS",
            "GRANT postgres TO fieldkit",
            "GRANT pg_execute_server_program TO fieldkit",
            "GRANT pg_read_server_files TO fieldkit",
            "ALTER ROLE postgres PASSWORD 'known'",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "ALTER SYSTEM SET archive_command = 'id'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc.so.6', 'getpid'",
            "CREATE EXTENSION file_fdw",
            "CREATE EXTENSION dblink",
            "UPDATE pg_authid SET rolsuper = true",
        ],
    )
    def test_it_gets_no_rights_of_a_superuser(self, server, statement):
        with pytest.raises(driver.errors.InsufficientPrivilege):
            ask(server.url(), statement)

    def test_the_superuser_cannot_connect(self, server):
        url = server.url().replace("//fieldkit:", "//postgres:")

        with pytest.raises(driver.OperationalError, match="authentication failed"):
            ask(url, "SELECT 1")

    @pytest.mark.parametrize(
        "name", ["pg_trgm", "unaccent", "citext", "hstore", "btree_gist", "btree_gin"]
    )
    def test_it_may_create_the_extensions_of_its_databases(self, server, name):
        ask(server.url(), f"CREATE EXTENSION IF NOT EXISTS {name}")

        found = ask(server.url(), "SELECT 1 FROM pg_extension WHERE extname=%s", name)
        assert found == 1

    def test_it_may_ask_for_a_checkpoint_as_benchmarks_do(self, server):
        assert ask(server.url(), "CHECKPOINT") is None

    def test_it_may_act_as_the_roles_that_it_creates(self, server):
        role = f"role_{uuid4().hex}"
        ask(server.url(), f"CREATE ROLE {role}")

        assert ask(server.url(), f"SET ROLE {role}") is None

        ask(server.url(), f"DROP ROLE {role}")


@needs_root
class TestTheAccountOfRootsServers:
    def test_it_is_its_own_and_cannot_log_in(self):
        entry = pwd.getpwnam(our_account().name)

        assert entry.pw_name == NAME
        assert entry.pw_uid not in (0, pwd.getpwnam("nobody").pw_uid)
        assert entry.pw_shell.endswith(("nologin", "false"))

    def test_it_is_made_once_and_that_is_said(self, tmp_path, capsys):
        made = Account(f"fieldkit-{uuid4().hex[:8]}", is_roots=True)
        try:
            make_account(made, tmp_path / "lock")
            make_account(made, tmp_path / "lock")

            assert made.uid != 0
            assert pwd.getpwuid(made.uid).pw_shell.endswith(("nologin", "false"))
            said = capsys.readouterr().err
            assert said.count(f"made the system account {made.name}") == 1
        finally:
            subprocess.run(["/usr/sbin/userdel", made.name], check=True)

    def test_without_useradd_it_is_not_made_and_the_cure_is_named(self, monkeypatch):
        monkeypatch.setattr(accounts, "NAME", "fieldkit-missing")
        monkeypatch.setattr(accounts, "PLACES_OF_USERADD", "/nowhere")
        monkeypatch.setenv("PATH", "/nowhere")

        with pytest.raises(ServiceError, match=r"no useradd.*or run this as another"):
            our_account()

    def test_looking_makes_none(self, monkeypatch):
        monkeypatch.setattr(accounts, "NAME", "fieldkit-missing")

        our_account()

        with pytest.raises(KeyError):
            pwd.getpwnam("fieldkit-missing")

    def test_one_that_can_log_in_is_refused(self, monkeypatch):
        monkeypatch.setattr(accounts, "NAME", "root")

        with pytest.raises(ServiceError, match=r"'root' can log in.*usermod"):
            our_account()

    def test_a_user_without_an_entry_is_told(self):
        code = "import os, pwd\nfrom dev_services.machine.accounts import our_account\n"
        code += "os.setuid(54321)\nour_account()"
        ended = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )

        assert "ServiceError: uid 54321 has no entry in the user" in ended.stderr

    def test_it_cannot_replace_what_root_reads_and_writes(self, cluster):
        place = cluster.place
        moves = [
            f"os.rename({str(place / name)!r}, {str(place / 'moved')!r})"
            for name in ("data", "log", "password", "layout")
        ]

        said = attempt(
            NAME,
            *moves,
            f"os.symlink('/etc', {str(place / 'link')!r})",
            f"os.unlink({str(place / 'password')!r})",
            f"open({str(place / 'password')!r})",
            f"os.rename({str(place)!r}, {str(place.with_name('moved'))!r})",
        )

        assert said == [DENIED] * (len(moves) + 4)

    def test_another_daemon_reads_nothing(self, cluster):
        place = cluster.place

        said = attempt(
            "nobody",
            f"open({str(place / 'password')!r})",
            f"open({str(place / 'log')!r})",
            f"os.listdir({str(place / 'data')!r})",
            f"os.listdir({str(place)!r})",
        )

        assert said == [DENIED] * 4

    @pytest.mark.parametrize(
        "plant",
        [
            "os.symlink('/etc/passwd', {path!r})",
            "os.mkfifo({path!r})",
            "os.mkdir({path!r})",
            "open({path!r}, 'w').write('1\\n/\\n0\\n5432\\n')",
        ],
    )
    def test_a_planted_pid_file_leads_to_no_process(self, cluster, plant):
        path = str(cluster.data / "postmaster.pid")
        attempt(NAME, plant.format(path=path))
        assert os.path.lexists(path)

        assert cluster.url() is None
        cluster.stop()  # Process 1 would have been ended.

    def test_a_process_of_another_user_is_not_the_server(self, cluster):
        code = "print('ready', flush=True); input()"
        with subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=cluster.data,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            process.stdout.readline()
            attempt(
                NAME,
                f"open({str(cluster.data / 'postmaster.pid')!r}, 'w')"
                f".write('{process.pid}\\n/\\n0\\n1\\n')",
            )

            assert cluster.url() is None
            cluster.stop()
            assert process.poll() is None
            process.communicate(b"\n")

    def test_a_folder_that_holds_links_is_cleared_and_their_targets_stay(self, plot):
        outside = plot / "outside"
        outside.mkdir()
        outside.joinpath("kept").touch()
        place = plot / "place"
        place.mkdir()
        place.chmod(0o711)
        data = folder_of(our_account(), place / "data")
        attempt(NAME, f"os.symlink({str(outside)!r}, {str(data / 'link')!r})")
        assert data.joinpath("link").is_symlink()

        clear_away(place)

        assert not place.exists()
        assert outside.joinpath("kept").exists()


# It moves the folder away and a link to root's there as fast as it can.
SWAPS = """
import os, sys
from contextlib import suppress
os.setgroups([]); os.setgid({gid}); os.setuid({uid})
os.chdir({place!r})
print("ready", flush=True)
while True:
    with suppress(OSError):
        os.rename("config", f"moved-{{os.getpid()}}")
    with suppress(OSError):
        os.symlink({victim!r}, "config")
"""


@needs_root
def test_a_configuration_is_not_written_through_a_link_that_races_with_it(plot):
    victim = plot / "victim"
    victim.mkdir(mode=0o700)
    home = plot / "home"
    home.joinpath("config").mkdir(parents=True)
    for name in COPIED:
        home.joinpath("config", name).touch()
    jdk = Jdk(Path("/nowhere"), 21)
    node = Node(plot / "node", home, Release("9.0.0", 21), jdk, our_account())
    node._configure()
    entry = pwd.getpwnam(NAME)
    code = SWAPS.format(
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        place=str(node.place),
        victim=str(victim),
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as attacker:
        attacker.stdout.readline()
        try:
            for _ in range(20):
                node._configure()
        finally:
            attacker.kill()

    assert list(victim.iterdir()) == []
    assert victim.stat().st_uid == 0
    config = node.place / "config"
    assert not config.is_symlink()
    assert {path.stat().st_uid for path in config.iterdir()} == {entry.pw_uid}


def test_a_private_file_is_not_written_through_a_link_that_races_with_it(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("whole")
    path = tmp_path / "password"
    done = threading.Event()

    def swap():
        while not done.is_set():
            with suppress(OSError):
                path.unlink()
            with suppress(OSError):
                path.symlink_to(victim)

    attacker = threading.Thread(target=swap)
    attacker.start()
    try:
        for _ in range(300):
            with suppress(OSError):  # The link was there first: refused.
                write_private(path, "secret")
    finally:
        done.set()
        attacker.join(10)

    assert victim.read_text() == "whole"


def test_a_private_file_is_for_its_owner_alone(tmp_path):
    old = os.umask(0)
    try:
        write_private(tmp_path / "password", "secret")
    finally:
        os.umask(old)

    assert tmp_path.joinpath("password").stat().st_mode & 0o777 == 0o600


def test_the_end_of_a_long_file_is_read(tmp_path):
    tmp_path.joinpath("log").write_text("begin\n" + "x" * 100 + "\nend\n")

    assert read_tail(tmp_path / "log", 10) == "xxxxx\nend\n"


def test_the_reason_of_a_server_that_cannot_start_is_not_read_through_a_link(cluster):
    secret = cluster.place.parent / "secret"
    secret.write_text("FATAL: s3cret\n")
    log = cluster.place / "log"
    log.unlink()
    log.symlink_to(secret)
    broken = replace(cluster, programs=Path("/nowhere"))

    with pytest.raises(ServiceError) as caught:
        broken.start()

    assert "s3cret" not in str(caught.value)
