"""The command line, alone and below manage.py: output, errors and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.test import override_settings

from ca_bundle.cli import main

from .pki import issue, issue_authorities
from .servers import serving


def test_json_is_one_object_for_each_host(files, forgetful, capsys):
    code = main(
        [
            *("doctor", "--json", "--roots", "root.pem"),
            *(f"localhost:{forgetful}", f"127.0.0.1:{forgetful}"),
        ]
    )

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert code == 1
    assert first["host"] == f"localhost:{forgetful}"
    assert first["verifies"] is False
    assert first["defects"][0]["code"] == "intermediate-missing"
    assert first["sent"][0]["names"] == ["localhost", "127.0.0.1"]
    assert second["chain"][0]["source"] == "sent"


def test_a_chain_that_verifies_ends_with_zero(files, authorities, capsys):
    _, intermediate = authorities
    with serving(issue("localhost", intermediate), intermediate) as port:
        assert main(["doctor", f"localhost:{port}", "--roots", "root.pem"]) == 0

    assert capsys.readouterr().out.startswith(f"localhost:{port} verifies\n")


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["doctor"], 2, "No host is given, and CA_BUNDLES names none"),
        (["build"], 2, "No host is given, and CA_BUNDLES names none"),
        (["doctor", "https://x"], 2, "HostNameError: 'https://x' is not a host"),
        (
            ["doctor", "no.invalid"],
            2,
            "UnreachableError: no.invalid: the name cannot be",
        ),
        (
            ["doctor", "127.0.0.1:1", "--roots", "absent.pem"],
            2,
            "CertificateReadError: absent.pem: cannot be read: No such file",
        ),
    ],
)
def test_an_error_is_one_line(arguments, code, line, files, capsys):
    assert main(arguments) == code

    [error] = capsys.readouterr().err.splitlines()
    assert error.startswith(line)


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "soon"])
def test_a_timeout_must_be_a_number_of_seconds(timeout, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["doctor", "localhost", "--timeout", timeout])

    assert caught.value.code == 2
    assert "--timeout" in capsys.readouterr().err


def test_a_refused_bundle_ends_with_one(files, forgetful, capsys):
    code = main(
        [
            *("build", "--host", f"localhost:{forgetful}"),
            *("--roots", "intermediate.pem", "--intermediate", "intermediate.pem"),
        ]
    )

    captured = capsys.readouterr()
    assert code == 1
    assert captured.err.startswith("BuildRefusedError: localhost:")
    assert captured.err.count("\n") == 1


def test_a_control_character_in_a_name_does_not_reach_the_terminal(files, capsys):
    root, intermediate = issue_authorities()
    leaf = issue("evil\x1b[2J", intermediate)
    (files / "root.pem").write_text(root.pem)

    with serving(leaf) as port:
        main(["doctor", f"localhost:{port}", "--roots", "root.pem"])

    assert "\x1b" not in capsys.readouterr().out


def test_without_cryptography_the_extra_is_named():
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from ca_bundle.cli import main\n"
        "sys.exit(main(['doctor', 'localhost']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 2
    assert done.stderr == (
        "The package cryptography is missing; it comes with the extra `doctor`:"
        " fieldkit-ca-bundle[doctor]\n"
    )


def test_the_module_runs_as_the_command_does():
    done = subprocess.run(
        [sys.executable, "-m", "ca_bundle", "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("No host is given")


def manage(*arguments):
    output, errors = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("ca_bundle", *arguments, stdout=output, stderr=errors)
    except SystemExit as error:
        code = error.code
    return code, output.getvalue(), errors.getvalue()


def test_below_manage_py_the_hosts_of_the_setting_are_the_default(files, forgetful):
    host = f"localhost:{forgetful}"
    with override_settings(CA_BUNDLES={host: "bundle.pem"}):
        missing = manage("doctor")
        built = manage(
            "build", "--intermediate", "intermediate.pem", "--roots", "root.pem"
        )
        again = manage("build", "--roots", "root.pem")
        healed = manage("doctor")

    assert missing == (
        2,
        "",
        "CertificateReadError: bundle.pem: cannot be read: No such file or directory\n",
    )
    members = "Example Intermediate, Example Root\n"
    assert built == (0, f"bundle.pem: written: {members}", "")
    assert again == (0, f"bundle.pem: unchanged: {members}", "")
    assert healed[0] == 0
    assert healed[1].startswith(f"{host} verifies\n")


def test_two_hosts_with_one_file_are_refused(files, forgetful, capsys):
    hosts = [f"--host=localhost:{forgetful}", "--host=LOCALHOST:1"]

    assert main(["build", *hosts, "--roots", "root.pem"]) == 2
    assert "have one file, localhost; give each its own" in capsys.readouterr().err


def test_the_bundle_of_a_host_is_found_as_a_session_finds_it(files, forgetful):
    with override_settings(CA_BUNDLES={"LOCALHOST": files / "root.pem"}):
        _, output, _ = manage("doctor", f"localhost:{forgetful}")

    assert "intermediate-missing" in output


def test_one_host_that_fails_does_not_hide_the_next(files, forgetful):
    bundles = {"no.invalid": "root.pem", f"localhost:{forgetful}": "root.pem"}
    with override_settings(CA_BUNDLES=bundles):
        code, output, errors = manage("doctor")

    assert code == 2
    assert errors.startswith("UnreachableError: no.invalid")
    assert output.startswith(f"localhost:{forgetful} does not verify")
