"""A deploy: wait for the lock, then lead, continue, or follow."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from ixdjango.deploy.agreement.decision import Decision, decide
from ixdjango.deploy.agreement.lock import DeployLock, SessionLock
from ixdjango.deploy.agreement.predecessor import end_predecessor
from ixdjango.deploy.agreement.records import Records, Run
from ixdjango.deploy.execution import Outcome, run_step
from ixdjango.deploy.guard import guarded
from ixdjango.deploy.plan import condition_of
from ixdjango.deploy.sessions import Sessions
from ixdjango.deploy.signals import deploy_failed
from ixdjango.deploy.steps import Step
from ixdjango.exceptions import (
    DeployError,
    DeployInterruptedError,
    LockTimeoutError,
    LostLockError,
    StepFailedError,
    UnconfirmedStepError,
)
from ixdjango.masking import describe_error

__all__ = ["Deploy", "Wishes"]

POLL_S = 0.1


@dataclass(frozen=True)
class Wishes:
    """What the options ask for.

    `lock_timeout_s` is how long to wait for another deploy; `confirm` and `skip` name
    steps.
    """

    phase: str = ""
    resume: bool = False
    force: bool = False
    confirm: tuple[Step, ...] = ()
    skip: tuple[Step, ...] = ()
    lock_timeout_s: float = 600.0


class Narrator(Protocol):
    """Tells what happens, as it happens."""

    def note(self, line: str) -> None:
        """Tell something about the deploy as a whole."""

    def begin(self, place: str, step: Step) -> AbstractContextManager[None]:
        """Tell that a step begins, such as `2/5`; the block is the step."""

    def end(self, outcome: Outcome) -> None:
        """Tell how it ended."""


@dataclass
class Deploy:
    """One deploy of this process; `outcomes` fills while it runs.

    `lock` and `records` are None if deploys are not kept apart.
    """

    steps: Sequence[Step]
    revision: str | None
    wishes: Wishes
    narrator: Narrator
    common_options: Mapping[str, object]
    own: BaseDatabaseWrapper | None = None
    lock: DeployLock | None = None
    records: Records | None = None
    role: str = "leader"
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self) -> None:
        """Run the steps that are ours to run.

        Raises:
            DeployError: it ends early; the class says how.
        """
        if self.lock is None or self.records is None:
            with guarded(None, lambda: None):
                self._run_steps(_Unrecorded())
            return
        self._agree(self.lock, self.records)

    def _agree(self, lock: DeployLock, records: Records) -> None:
        since = records.now()
        try:
            self._wait(lock, records)
            records.ensure_table()
            last = records.last_run(self.wishes.phase, since)
            decision = decide(
                last, self.revision, resume=self.wishes.resume, force=self.wishes.force
            )
            if last and decision is Decision.FAIL:
                raise _failed_elsewhere(last)
            if not (last and decision is Decision.FOLLOW):
                self._lead(records, last, continues=decision is Decision.CONTINUE)
                return
        except Error as error:
            message = (
                f"the connection that holds the lock failed: {describe_error(error)}"
            )
            raise LostLockError(message) from error
        finally:
            lock.release()
        self._follow(last)

    def _wait(self, lock: DeployLock, records: Records) -> None:
        ends_at = time.monotonic() + self.wishes.lock_timeout_s
        told = None
        with guarded(None, lambda: None):
            while not lock.try_to_take():
                holder = lock.holder()
                if holder and holder != told:
                    step = records.current_step()
                    doing = f" (in step '{step}')" if step else ""
                    self.narrator.note(f"waiting for the deploy of {holder}{doing}")
                    told = holder
                if time.monotonic() > ends_at:
                    message = (
                        f"the deploy of {holder or 'another process'} still holds the"
                        f" lock after {self.wishes.lock_timeout_s:g} s; see what it does,"
                        " or wait longer with --lock-timeout."
                    )
                    raise LockTimeoutError(message)
                time.sleep(POLL_S)

    def _refuse_unconfirmed(self, records: Records) -> None:
        """Run nothing while nobody knows whether a step that may run once ended."""
        for step in self.steps:
            key = step.once_key(self.revision)
            if not key or step in (*self.wishes.skip, *self.wishes.confirm):
                continue
            states = records.once_states(key)
            if "running" in states and "done" not in states:
                message = (
                    f"step '{step.name}' may run only once; it was begun, and nobody knows"
                    " whether it ended: look, then deploy with"
                    f" --confirm '{step.name}' if it did its work, or with"
                    f" --skip '{step.name}'."
                )
                raise UnconfirmedStepError(message)

    def _lead(self, records: Records, last: Run | None, *, continues: bool) -> None:
        is_dead = last is not None and last.state == "running"
        if last and is_dead and self.own:
            end_predecessor(self.own, last)
        self._refuse_unconfirmed(records)
        if last and is_dead and not continues:
            records.end_run(last.id, "interrupted", 0)
        if last and continues:
            self.narrator.note(f"continuing the deploy that {last.host} did not finish")
            run, states = last.id, last.steps
            records.continue_run(run)
        else:
            run, states = records.begin_run(self.wishes.phase, self.revision), {}
        sessions = Sessions(run)
        can_ping = isinstance(self.lock, SessionLock)
        ping = (lambda: records.ping(run)) if can_ping else None
        try:
            with guarded(ping, sessions.cancel), sessions.named():
                self._run_steps(_Recorded(records, run, states, sessions, self))
        except LostLockError:
            raise
        except DeployInterruptedError as error:
            records.end_run(run, "interrupted", error.exit_code, str(error))
            raise
        except DeployError as error:
            records.end_run(run, "failed", error.exit_code, str(error))
            raise
        records.end_run(run, "done", 0)

    def _follow(self, last: Run) -> None:
        self.role = "follower"
        known = f" of revision {self.revision}" if self.revision else ""
        self.narrator.note(f"the deploy{known} was done by {last.host}")
        self.steps = [step for step in self.steps if step.is_local or step.always]
        with guarded(None, lambda: None):
            self._run_steps(_Unrecorded())

    def _run_steps(self, ledger: _Unrecorded) -> None:
        failure: StepFailedError | None = None
        for place, step in enumerate(self.steps, start=1):
            if failure and not step.always:
                continue
            outcome = self._run_one(place, step, ledger)
            self.outcomes.append(outcome)
            self.narrator.end(outcome)
            if outcome.error and not failure:
                failure = self._failure(place, outcome)
        if failure:
            raise failure

    def _run_one(self, place: int, step: Step, ledger: _Unrecorded) -> Outcome:
        if step in self.wishes.skip:
            ledger.skip(place, step)
            return Outcome(step, "skipped", note="--skip")
        if why := ledger.why_skipped(step):
            return Outcome(step, "skipped", note=why)
        try:
            condition = condition_of(step)
            if condition and not condition():
                return Outcome(step, "skipped", note="its condition is false")
        except Exception as error:  # noqa: BLE001 - a user's function: reported
            return Outcome(step, "failed", error=error)
        with (
            ledger.recorded(place, step),
            self.narrator.begin(f"{place}/{len(self.steps)}", step),
        ):
            outcome = self._interruptible(place, step)
            ledger.outcome(step, outcome)
        return outcome

    def _interruptible(self, place: int, step: Step) -> Outcome:
        where = f"interrupted in step {place} of {len(self.steps)}, '{step.name}'"
        try:
            return run_step(step, self.common_options)
        except KeyboardInterrupt:
            message = f"{where}."
            raise DeployInterruptedError(message, signal.SIGINT) from None
        except DeployInterruptedError as error:
            number = error.exit_code - 128
            message = f"{where}, by {signal.Signals(number).name}."
            raise DeployInterruptedError(message, number) from None

    def _failure(self, place: int, outcome: Outcome) -> StepFailedError:
        reason = describe(outcome.error)
        message = (
            f"step {place} of {len(self.steps)}, '{outcome.step.name}', failed after"
            f" {outcome.duration_s:.2f} s: {reason}"
        )
        deploy_failed.send_robust(Deploy, step=outcome.step, error=outcome.error)
        failure = StepFailedError(message)
        failure.__cause__ = outcome.error
        return failure


class _Unrecorded:
    """Steps that leave no record: a follower's, or all where there is no lock."""

    def why_skipped(self, step: Step) -> str | None:
        return None

    def skip(self, place: int, step: Step) -> None:
        pass

    def recorded(self, place: int, step: Step) -> AbstractContextManager[None]:
        return nullcontext()

    def outcome(self, step: Step, outcome: Outcome) -> None:
        pass


@dataclass
class _Recorded(_Unrecorded):
    """The steps of a leader; `states` are those that a predecessor left."""

    records: Records
    run: str
    states: Mapping[str, str]
    sessions: Sessions
    deploy: Deploy

    def why_skipped(self, step: Step) -> str | None:
        if step.always or step.is_local:
            return None
        key = step.once_key(self.deploy.revision)
        states = self.records.once_states(key) if key else set()
        if key and step in self.deploy.wishes.confirm:
            self.records.settle(key, "done")
            return "--confirm"
        if "done" in states:
            return "it was done once"
        return "done before" if self.states.get(step.name) == "done" else None

    def skip(self, place: int, step: Step) -> None:
        key = step.once_key(self.deploy.revision)
        if key:
            self.records.settle(key, "skipped")
        self.records.begin_step(self.run, place, step.name, key)
        self.records.end_step(self.run, step.name, "skipped")

    def recorded(self, place: int, step: Step) -> AbstractContextManager[None]:
        key = step.once_key(self.deploy.revision)
        self.records.begin_step(self.run, place, step.name, key)
        return self.sessions.timeouts(step)

    def outcome(self, step: Step, outcome: Outcome) -> None:
        error = describe(outcome.error) if outcome.error else ""
        self.records.end_step(self.run, step.name, outcome.state, error)


def describe(error: BaseException | None) -> str:
    """Return an error in one line, with its class unless its text is a command's."""
    from django.core.management.base import CommandError

    if error is None:
        return ""
    text = describe_error(error)
    return (
        text if isinstance(error, CommandError) else f"{type(error).__name__}: {text}"
    )


def _failed_elsewhere(last: Run) -> DeployError:
    error = DeployError(
        f"the deploy of {last.host}, for which we waited, failed: {last.error}"
    )
    error.exit_code = last.exit_code or StepFailedError.exit_code
    return error
