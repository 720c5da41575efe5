"""manage.py deploy: run the deploy steps of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ixdjango.deploy import Outcome, configured_steps, find_problem, run_step
from ixdjango.exceptions import DeployConfigurationError
from ixdjango.masking import describe_error
from ixdjango.steps import Step


class Command(BaseCommand):
    """Run every step in one process; stop at the first that fails."""

    help = "Runs the deploy steps of the settings, in order, and reports their times."
    # The steps include `check` where the project wants it, after the database answers.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run."""
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Say which steps would run; run none.",
        )

    def handle(self, **options: Any) -> None:  # Any: Django's options
        """Check all steps, then run them.

        Raises:
            CommandError: a step cannot run (nothing was run), or one failed; the
                text names it. Exit code 1; 130 when interrupted.
        """
        steps = self._checked_steps()
        if options["dry_run"]:
            for place, step in enumerate(steps, start=1):
                self.stdout.write(f"{place:3}  {step.name}")
            return
        outcomes: list[Outcome] = []
        try:
            self._run(steps, outcomes, options)
        except KeyboardInterrupt:
            name = steps[len(outcomes)].name
            message = (
                f"interrupted in step {len(outcomes) + 1} of {len(steps)}, '{name}'."
            )
            raise CommandError(message, returncode=130) from None
        finally:
            if options["verbosity"] > 0:
                self._summarise(steps, outcomes)
        self._raise_failure(steps, outcomes)

    def _checked_steps(self) -> tuple[Step, ...]:
        try:
            steps = configured_steps()
        except DeployConfigurationError as error:
            raise CommandError(str(error)) from error
        if not steps:
            message = "there is nothing to deploy; list steps in IXDJANGO_DEPLOY_STEPS."
            raise CommandError(message)
        for step in steps:
            if problem := find_problem(step):
                raise CommandError(problem)
        return steps

    def _run(
        self,
        steps: tuple[Step, ...],
        outcomes: list[Outcome],
        options: Mapping[str, Any],
    ) -> None:
        # The streams as given: one wrapper around another breaks `ending=""`.
        names = ("no_color", "stderr", "stdout", "verbosity")
        common_options = {name: options[name] for name in names if name in options}
        for place, step in enumerate(steps, start=1):
            heading = f"[{place}/{len(steps)}] {step.name}"
            self.stdout.write(self.style.MIGRATE_HEADING(heading))
            self.stdout.flush()  # A pipe to a log would show it when all is over.
            outcome = run_step(step, common_options)
            outcomes.append(outcome)
            if outcome.error:
                return

    def _summarise(self, steps: tuple[Step, ...], outcomes: list[Outcome]) -> None:
        width = min(max(len(step.name) for step in steps), 60)
        self.stdout.write(self.style.MIGRATE_HEADING("Summary"))
        for outcome in outcomes:
            result = self.style.ERROR("failed") if outcome.error else "done"
            name = _shorten(outcome.step.name, width)
            self.stdout.write(f"  {name}  {outcome.duration_s:7.2f} s  {result}")
        for step in steps[len(outcomes) :]:
            self.stdout.write(f"  {_shorten(step.name, width)}  {'':7}    not run")
        total_s = sum(outcome.duration_s for outcome in outcomes)
        self.stdout.write(f"  {'total':{width}}  {total_s:7.2f} s")

    def _raise_failure(self, steps: tuple[Step, ...], outcomes: list[Outcome]) -> None:
        last = outcomes[-1]
        if last.error is None:
            return
        reason = describe_error(last.error)
        if not isinstance(last.error, CommandError):
            reason = f"{type(last.error).__name__}: {reason}"
        message = (
            f"step {len(outcomes)} of {len(steps)}, '{last.step.name}', failed after"
            f" {last.duration_s:.2f} s: {reason}"
        )
        raise CommandError(message) from last.error


def _shorten(name: str, width: int) -> str:
    return name.ljust(width) if len(name) <= width else name[: width - 1] + "…"
