"""The command line: `python -m dev_services run|explain|render`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dev_services.declare.declaration import DEFAULT, SERVICES, read_declaration
from dev_services.declare.render import FORMATS, render
from dev_services.exceptions import DevServicesError
from dev_services.explain import as_json, as_table
from dev_services.machine.narrate import say
from dev_services.plan import Plan
from dev_services.provide import provide, reports
from dev_services.runner import run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # argparse treats `--` differently from one Python to the next.
    end = given.index("--") if "--" in given else len(given)
    command = given[end + 1 :]
    parser = _parser()
    options = parser.parse_args(given[:end])
    if options.action == "run" and not command:
        parser.error("run needs a command: run [OPTIONS] -- CMD [ARGS...]")
    try:
        return _act(options, command)
    except DevServicesError as error:
        say(f"error: {error}")
    except OSError as error:
        say(f"error: {error.filename or 'system'}: {error.strerror}")
    return 1


def _act(options: argparse.Namespace, command: Sequence[str]) -> int:
    declaration = read_declaration(Path.cwd(), options.file)
    if options.action == "render":
        sys.stdout.write(f"{render(declaration, options.form, command)}\n")
        return 0
    plan = Plan(
        options.services or tuple(declaration.versions),
        declaration.add_to(os.environ),
        options.state,
        declaration,
        throw_away=options.action == "run" and options.throw_away,
    )
    if options.action == "explain":
        found = reports(plan)
        sys.stdout.write(f"{as_json(found) if options.json else as_table(found)}\n")
        return int(any(report.problem for report in found))
    known, start = provide(plan)
    return run(command, {**plan.environ, **known}, start, declaration.finish)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dev_services",
        description="Find or start PostgreSQL, Elasticsearch and Redis for a command.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    declared = argparse.ArgumentParser(add_help=False)
    declared.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="the declaration (default: dev_services.yaml or forklift.yaml)",
    )
    common = argparse.ArgumentParser(add_help=False, parents=[declared])
    common.add_argument(
        "--services",
        type=_services,
        metavar="NAME,...",
        help=(
            f"which of {', '.join(SERVICES)} (default: what is declared, else"
            f" {', '.join(DEFAULT)})"
        ),
    )
    common.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="where to keep data (default: .services of the repository)",
    )
    runs = actions.add_parser(
        "run",
        parents=[common],
        help="run a command with the services",
        usage="%(prog)s [OPTIONS] -- CMD [ARGS...]",
    )
    runs.add_argument(
        "--throw-away", action="store_true", help="new servers, removed at the end"
    )
    explains = actions.add_parser(
        "explain", parents=[common], help="say what would be used, and why"
    )
    explains.add_argument("--json", action="store_true", help="for programs")
    renders = actions.add_parser(
        "render",
        parents=[declared],
        help="print the declared services for containers and CI",
        usage="%(prog)s [--file FILE] FORMAT [-- CMD [ARGS...]]",
    )
    renders.add_argument(
        "form", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS)
    )
    return parser


def _services(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    unknown = [name for name in names if name not in SERVICES]
    if unknown:
        message = f"{unknown[0]!r} is none of {', '.join(SERVICES)}"
        raise argparse.ArgumentTypeError(message)
    return names


if __name__ == "__main__":
    sys.exit(main())
