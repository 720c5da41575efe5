"""The command line: `python -m dev_services run|explain`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dev_services.exceptions import DevServicesError
from dev_services.explain import Report, as_json, as_table, reports
from dev_services.machine.narrate import say
from dev_services.plan import SERVICES, Plan
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
    plan = Plan(options.services, os.environ, options.state)
    try:
        if options.action == "explain":
            return _explain(plan, as_json if options.json else as_table)
        found, provide = plan.provide(throw_away=options.throw_away)
        return run(command, {**os.environ, **found}, provide)
    except DevServicesError as error:
        say(f"error: {error}")
    except OSError as error:
        say(f"error: {error.filename or 'system'}: {error.strerror}")
    return 1


def _explain(plan: Plan, show: Callable[[list[Report]], str]) -> int:
    found = reports(plan)
    sys.stdout.write(f"{show(found)}\n")
    return int(any(report.problem for report in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dev_services",
        description="Find or start PostgreSQL and Elasticsearch for a command.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--services",
        type=_services,
        default=SERVICES,
        metavar="NAME,...",
        help=f"which of {', '.join(SERVICES)} (default: all)",
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
