"""manage.py deploy: run the deploy steps of the settings, together with others."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    OutputWrapper,
)
from django.core.management.color import Style

from ixdjango.deploy.agreement.database import connect, is_pooled, own_connection
from ixdjango.deploy.agreement.lock import FileLock, SessionLock
from ixdjango.deploy.agreement.records import Records
from ixdjango.deploy.execution import Outcome
from ixdjango.deploy.output import Tail, captured
from ixdjango.deploy.plan import (
    chosen_steps,
    configured_steps,
    find_problem,
    named_step,
)
from ixdjango.deploy.preflight import preflight
from ixdjango.deploy.preview import preview
from ixdjango.deploy.report import as_json, summary
from ixdjango.deploy.run import Deploy, Wishes
from ixdjango.deploy.steps import Step
from ixdjango.environment.build import refuse_build_mode
from ixdjango.exceptions import DeployConfigurationError, DeployError
from ixdjango.revisions import revision_of


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if number < 0:
        message = f"{text!r} is not a number of seconds; give 0 or more."
        raise ArgumentTypeError(message)
    return number


class Command(BaseCommand):
    """Run every step in one process; any number of containers may start it at once."""

    help = (
        "Runs the deploy steps of the settings, in order. If several containers start it"
        " at once, one leads, and the others wait for it and run only their own steps."
    )
    # The steps include `check` where the project wants it, after the database answers.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        add = parser.add_argument
        add("--dry-run", action="store_true", help="Show steps and SQL; run nothing.")
        add("--resume", action="store_true", help="Go on with the deploy that failed.")
        add("--force", action="store_true", help="Run a complete revision again.")
        for name, text in (
            ("--only", "Run this step alone."),
            ("--skip", "Leave this step out."),
            ("--confirm", "This step, which may run once only, did its work."),
        ):
            add(name, action="append", default=[], metavar="STEP", help=text)
        add("--phase", choices=("before", "after"), help="Steps of one phase only.")
        add(
            "--revision",
            help="What is deployed (default: the environment's, or git's).",
        )
        for name, seconds, text in (
            ("--wait-db", 30, "Wait so long for the database"),
            ("--lock-timeout", 600, "Wait so long for another deploy"),
        ):
            add(
                name,
                type=_seconds,
                default=float(seconds),
                metavar="SECONDS",
                help=f"{text} (default {seconds}).",
            )
        add("--no-lock", action="store_true", help="Keep deploys apart yourself.")
        add("--preflight", action="store_true", help="Check settings and models first.")
        add("--json", action="store_true", help="Print a report for programs.")

    def handle(self, **options: Any) -> None:  # Any: Django's options
        """Check all steps, then run those that are ours.

        Raises:
            CommandError: the deploy ended early; its `returncode` says how.
        """
        narrator = _Narrator(
            self.stdout, self.stderr, self.style, is_json=options["json"]
        )
        try:
            steps = self._checked_steps(options)
            if options["dry_run"]:
                for line in preview(steps):
                    self.stdout.write(line)
                return
            deploy = self._prepared(steps, options, narrator)
        except DeployError as error:
            raise CommandError(str(error), returncode=error.exit_code) from error
        failure: DeployError | None = None
        try:
            deploy.run()
        except DeployError as error:
            failure = error
        code = failure.exit_code if failure else 0
        if options["json"]:
            said = str(failure) if failure else None
            report = as_json(deploy, narrator.tails, exit_code=code, error=said)
            self.stdout.write(report)
        elif options["verbosity"] > 0:
            self._summarise(deploy)
        if failure:
            cause = failure.__cause__ or failure
            raise CommandError(str(failure), returncode=code) from cause

    def _checked_steps(self, options: dict[str, Any]) -> tuple[Step, ...]:
        refuse_build_mode()
        steps = configured_steps()
        chosen = chosen_steps(steps, options["only"], options["phase"])
        for step in chosen:
            if problem := find_problem(step):
                raise DeployConfigurationError(problem)
        return chosen

    def _prepared(
        self, steps: Sequence[Step], options: dict[str, Any], narrator: _Narrator
    ) -> Deploy:
        revision = options["revision"] or revision_of(os.environ, _base_folder())
        for step in steps:
            if step.once and not step.key and not revision:
                message = (
                    f"deploy step '{step.name}': once needs a key, since the revision is"
                    " not known; write Step(..., once=True, key='...'), or give --revision."
                )
                raise DeployConfigurationError(message)
        wishes = Wishes(
            phase=" ".join([options["phase"] or "", *sorted(options["only"])]).strip(),
            resume=options["resume"],
            force=options["force"] or bool(options["only"]),
            confirm=tuple(named_step(steps, name) for name in options["confirm"]),
            skip=tuple(named_step(steps, name) for name in options["skip"]),
            lock_timeout_s=options["lock_timeout"],
        )
        # The streams as given: one wrapper around another breaks `ending=""`.
        names = ("no_color", "stderr", "stdout", "verbosity")
        common = {name: options[name] for name in names if name in options}
        deploy = Deploy(steps, revision, wishes, narrator, common)
        if not options["no_lock"]:
            _keep_apart(deploy, narrator, options["wait_db"])
        if options["preflight"] or getattr(
            settings, "IXDJANGO_DEPLOY_PREFLIGHT", False
        ):
            preflight()
        return deploy

    def _summarise(self, deploy: Deploy) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING("Summary"))
        if not deploy.steps:
            self.stdout.write("  nothing to do")
            return
        for line, state in summary(deploy.steps, deploy.outcomes):
            style = self.style.ERROR if state == "failed" else str
            self.stdout.write(line + style(state))


class _Narrator:
    """Tells what happens; with --json on standard error, and keeps what steps write."""

    def __init__(
        self, out: OutputWrapper, err: OutputWrapper, style: Style, *, is_json: bool
    ) -> None:
        self.tails: dict[int, Tail] = {}
        self._out, self._style, self._is_json = err if is_json else out, style, is_json

    def note(self, line: str) -> None:
        self._out.write(line)
        self._out.flush()

    @contextmanager
    def begin(self, place: str, step: Step) -> Iterator[None]:
        heading = f"[{place}] {step.name}"
        self.note(self._style.MIGRATE_HEADING(heading))
        capture: AbstractContextManager[None] = nullcontext()
        if self._is_json:
            tail = self.tails[id(step)] = Tail()
            capture = captured(tail, shown_on=2)
        with capture:
            yield

    def end(self, outcome: Outcome) -> None:
        if outcome.state == "skipped":
            self.note(f"{outcome.step.name} is skipped: {outcome.note}")


def _keep_apart(deploy: Deploy, narrator: _Narrator, wait_s: float) -> None:
    own = own_connection(os.environ)
    if own.vendor not in ("postgresql", "sqlite"):
        narrator.note(f"deploys are not kept apart: there is no lock for {own.vendor}")
        return
    connect(own, wait_s)
    if own.vendor == "postgresql":
        if is_pooled(own):
            message = (
                "a connection pooler such as PgBouncer is between us and PostgreSQL, so"
                " no lock can hold; set DEPLOY_DATABASE_URL to the server itself, or"
                " give --no-lock and start one deploy at a time."
            )
            raise DeployConfigurationError(message)
        deploy.lock = SessionLock(own)
    else:
        name = str(own.settings_dict["NAME"])
        if ":memory:" in name or "mode=memory" in name:
            narrator.note("deploys are not kept apart: the database is in memory")
            return
        deploy.lock = FileLock(Path(f"{name}.deploy-lock"))
    deploy.own, deploy.records = own, Records(own)


def _base_folder() -> Path:
    return Path(getattr(settings, "BASE_DIR", Path.cwd()))
