"""The command line: `ca_bundle doctor` and `ca_bundle build`, also below manage.py.

Exit codes: 0 the chain verifies, or the bundle is there; 1 it does not, or no bundle
was written; 2 the arguments are wrong, or the server cannot be reached.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ca_bundle.exceptions import BuildRefusedError, CABundleError, HostNameError
from ca_bundle.use.hosts import find_for_url, parse_host

__all__ = ["add_arguments", "main", "run"]

FAILED = 1
UNUSABLE = 2
DEFAULT_ROOTS = ("certifi", "system")  # read.trust needs cryptography
MAX_TIMEOUT_S = 3600
MISSING_EXTRA = (
    "The package cryptography is missing; it comes with the extra `doctor`:"
    " fieldkit-ca-bundle[doctor]"
)
ROOTS_HELP = (
    "what is trusted: certifi, system, or a file of roots; may be given several times"
    " (default: certifi and system)"
)


class Output(Protocol):
    """A text stream, or Django's wrapper of one."""

    def write(self, text: str, /) -> Any:
        """Write a text."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command of the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="ca_bundle",
        description="Say why a TLS chain does not verify, and complete it safely.",
    )
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return run(options, {}, sys.stdout, sys.stderr)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two commands and their options to a parser."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="COMMAND")
    doctor = commands.add_parser(
        "doctor", help="say why the chain of a server does not verify"
    )
    doctor.add_argument("hosts", nargs="*", metavar="HOST[:PORT]")
    doctor.add_argument(
        "--json", action="store_true", help="print one object for each host"
    )
    build = commands.add_parser(
        "build", help="write the smallest bundle that makes it verify"
    )
    build.add_argument("--host", action="append", metavar="HOST[:PORT]")
    build.add_argument(
        "--out", type=Path, metavar="FILE", help="the bundle (default: HOST.pem)"
    )
    for command in (doctor, build):
        command.add_argument(
            "--intermediate",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="certificates that the server may have forgotten, PEM, DER or PKCS #7",
        )
        command.add_argument(
            "--roots", action="append", metavar="STORE", help=ROOTS_HELP
        )
        command.add_argument(
            "--fetch",
            action="store_true",
            help="fetch the issuer's certificate from the address that stands in the"
            " server's (public addresses only)",
        )
        command.add_argument(
            "--timeout",
            type=_positive_seconds,
            default=10.0,
            metavar="SECONDS",
            help="for each connection (default: 10)",
        )


def run(
    options: argparse.Namespace,
    configured: Mapping[str, Path],
    output: Output,
    errors: Output,
) -> int:
    """Run a command whose options are parsed; return its exit code.

    Args:
        options: what the parser of `add_arguments` gave.
        configured: bundle by host; they stand in for hosts that the options leave out,
            and the doctor trusts a host's bundle alone.
        output: gets the results.
        errors: gets a line for each host that cannot be examined or built.
    """
    try:
        import cryptography  # noqa: F401 - an extra
    except ImportError:
        errors.write(f"{MISSING_EXTRA}\n")
        return UNUSABLE
    command = _examine if options.action == "doctor" else _build
    hosts = _chosen_hosts(options, configured)
    if not hosts:
        errors.write("No host is given, and CA_BUNDLES names none; write HOST:PORT.\n")
        return UNUSABLE
    if problem := _find_shared_file(hosts, options, configured):
        errors.write(f"{problem}\n")
        return UNUSABLE
    codes = []
    for host in hosts:
        try:
            bundle = _find_bundle(host, configured)
            codes.append(command(host, options, bundle, output))
        except CABundleError as error:  # noqa: PERF203 - the next host has its turn
            errors.write(f"{type(error).__name__}: {error}\n")
            codes.append(_exit_code_of(error))
    return max(codes)


def _chosen_hosts(
    options: argparse.Namespace, configured: Mapping[str, Path]
) -> list[str]:
    given = options.hosts if options.action == "doctor" else options.host
    return given or list(configured)


def _find_bundle(host: str, configured: Mapping[str, Path]) -> Path | None:
    """Return the bundle that a session would use for a host."""
    bundles = {parse_host(name): path for name, path in configured.items()}
    return find_for_url(bundles, f"https://{parse_host(host)}/")


def _find_shared_file(
    hosts: list[str], options: argparse.Namespace, configured: Mapping[str, Path]
) -> str:
    """Return why two hosts cannot be built at once: one would overwrite the other's."""
    if options.action == "doctor":
        return ""
    files: dict[Path | str, str] = {}
    for host in hosts:
        try:
            file = (
                options.out or _find_bundle(host, configured) or parse_host(host).name
            )
        except HostNameError:
            continue  # told when its turn comes
        if other := files.get(file):
            return f"{other} and {host} have one file, {file}; give each its own."
        files[file] = host
    return ""


def _exit_code_of(error: CABundleError) -> int:
    return FAILED if isinstance(error, BuildRefusedError) else UNUSABLE


def _examine(
    host: str, options: argparse.Namespace, bundle: Path | None, output: Output
) -> int:
    from ca_bundle.doctor import examine
    from ca_bundle.write.report import render_json, render_text

    diagnosis = examine(
        host,
        intermediates=options.intermediate,
        roots=options.roots or ([str(bundle)] if bundle else DEFAULT_ROOTS),
        fetch=options.fetch,
        timeout_s=options.timeout,
    )
    render = render_json if options.json else render_text
    output.write(f"{render(diagnosis)}\n")
    return FAILED if diagnosis.defects else 0


def _build(
    host: str, options: argparse.Namespace, bundle: Path | None, output: Output
) -> int:
    from ca_bundle.builder import build

    built = build(
        host,
        options.out or bundle,
        intermediates=options.intermediate,
        roots=options.roots or DEFAULT_ROOTS,
        fetch=options.fetch,
        timeout_s=options.timeout,
    )
    state = "written" if built.is_changed else "unchanged"
    output.write(f"{built.path}: {state}: {', '.join(built.members)}\n")
    if built.notes:
        output.write("".join(f"Left out: {note}.\n" for note in built.notes))
    return 0


def _positive_seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < MAX_TIMEOUT_S:
        message = f"{text} is not between 0 and {MAX_TIMEOUT_S} seconds"
        raise argparse.ArgumentTypeError(message)
    return seconds
