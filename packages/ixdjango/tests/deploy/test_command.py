from __future__ import annotations

import io
import sys
import uuid

import pytest
from django.core.management import CommandError, call_command

from ixdjango.checks import check_deploy_steps
from ixdjango.deploy.signals import deploy_failed
from ixdjango.deploy.steps import Step
from tests import callables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_calls():
    callables.calls.clear()


@pytest.fixture
def deploy(settings):
    def run(*steps, **options):
        settings.IXDJANGO_DEPLOY_STEPS = steps
        options.setdefault("revision", uuid.uuid4().hex)
        call_command("deploy", stdout=output, stderr=output, **options)
        return output.getvalue()

    output = io.StringIO()
    run.output = output
    return run


RECORD = "tests.callables.record"


def test_steps_run_in_order_with_their_arguments(deploy):
    output = deploy(Step(RECORD, ("a",)), "check", Step(RECORD, (), {"b": 2}))

    assert callables.calls == [(("a",), {}), ((), {"b": 2})]
    assert output.index("[1/3]") < output.index("[2/3] check") < output.index("[3/3]")
    assert output.count(" s  done") == 3


def test_the_names_of_the_original_setting_are_read(settings):
    settings.IX_DEPLOY_CMDS = [(RECORD, ["old"])]

    call_command("deploy", stdout=io.StringIO(), revision=uuid.uuid4().hex)

    assert callables.calls == [(("old",), {})]


def test_the_first_failure_stops_the_deploy_and_is_named_in_one_line(deploy):
    with pytest.raises(CommandError) as caught:
        deploy(Step(RECORD), Step("tests.callables.fail"), Step(RECORD, ("never",)))

    message = str(caught.value)
    assert message.startswith("step 2 of 3, 'tests.callables.fail', failed after ")
    assert message.endswith("RuntimeError: cannot reach postgres://u:***@h/d at all")
    assert callables.calls == [((), {})]
    assert "not run" in deploy.output.getvalue()


def test_a_step_that_calls_a_program_does_not_show_its_arguments(deploy):
    with pytest.raises(CommandError, match=r"CalledProcessError: \S+ ended") as caught:
        deploy(Step("tests.callables.call_a_program_that_fails"))

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("code", [1, "no"])
def test_a_step_that_exits_with_an_error_has_failed(deploy, code):
    with pytest.raises(CommandError, match=f"SystemExit: {code}"):
        deploy(Step("tests.callables.exit_with", (code,)))


@pytest.mark.parametrize("code", [0, None])
def test_a_step_that_exits_without_an_error_is_done(deploy, code):
    output = deploy(Step("tests.callables.exit_with", (code,)), Step(RECORD))

    assert output.count(" s  done") == 2


def test_an_interrupt_stops_the_deploy_with_its_own_exit_code(deploy):
    with pytest.raises(CommandError, match=r"interrupted in step 1 of 2") as caught:
        deploy(callables.interrupt, callables.record)

    assert caught.value.returncode == 130
    assert callables.calls == []


def test_a_file_becomes_standard_input_for_its_step_only(deploy, tmp_path):
    file = tmp_path / "in.yaml"
    file.write_text("héllo", encoding="utf-8")
    before = sys.stdin

    deploy(Step("tests.callables.read_standard_input", stdin=file))

    assert callables.calls == [("héllo", True)]
    assert sys.stdin is before


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        pytest.param("migrat", "no management command is called 'migrat'", id="name"),
        pytest.param("tests.nowhere.f", "No module named 'tests.nowhere'", id="module"),
        pytest.param("tests.callables.no", 'not define a "no" attribute', id="member"),
        pytest.param("tests.callables.NOT_CALLABLE", "is not callable", id="value"),
        pytest.param(
            Step("check", stdin="/nowhere.yaml"),
            "/nowhere.yaml is not a file",
            id="file",
        ),
        pytest.param(7, "deploy step 2 is 7", id="form"),
    ],
)
def test_a_step_that_cannot_run_is_found_before_the_first_runs(deploy, step, problem):
    with pytest.raises(CommandError, match=problem) as caught:
        deploy(RECORD, step)

    assert callables.calls == []
    assert "\n" not in str(caught.value)
    errors = check_deploy_steps()
    assert [error.id for error in errors] == ["ixdjango.E001"]
    assert problem in errors[0].msg


def test_a_deploy_without_steps_is_refused(deploy):
    with pytest.raises(CommandError, match="IXDJANGO_DEPLOY_STEPS"):
        deploy()


def test_a_dry_run_names_the_steps_and_runs_none(deploy):
    output = deploy("check", Step(RECORD, ("a",)), dry_run=True)

    assert output == "  1  check\n  2  tests.callables.record a\n"
    assert callables.calls == []


@pytest.mark.django_db
def test_verbosity_is_handed_on_unless_the_step_has_its_own(deploy):
    loud = Step("wait_for_database", (), {"verbosity": 1})

    output = deploy("wait_for_database", loud, verbosity=0)

    assert output.count(" answers after ") == 1


def test_verbosity_0_names_the_steps_and_sums_up_nothing(deploy):
    assert deploy(RECORD, verbosity=0) == f"[1/1] {RECORD}\n"


def test_a_step_may_write_without_ending_the_line(deploy):
    assert "..." in deploy("draw_dots")


def test_a_long_name_is_cut_in_the_summary_only(deploy):
    output = deploy(Step(RECORD, ("x" * 90,)))

    assert f"[1/1] {RECORD} {'x' * 90}\n" in output
    assert "x…  " in output


def test_a_receiver_is_told_of_the_failure_once_and_cannot_hide_it(deploy):
    told = []

    def receive(step, error, **kwargs):
        told.append((step.name, str(error)))
        raise RuntimeError("a receiver of its own")

    deploy_failed.connect(receive)
    try:
        with pytest.raises(CommandError, match="cannot reach") as caught:
            deploy(Step("tests.callables.fail"), Step(RECORD, always=True))
    finally:
        deploy_failed.disconnect(receive)

    assert [name for name, _ in told] == ["tests.callables.fail"]
    assert caught.value.returncode == 4
    assert callables.calls == [((), {})]


def test_a_step_that_may_run_once_needs_a_key_without_a_revision(
    deploy, settings, tmp_path
):
    settings.BASE_DIR = tmp_path

    with pytest.raises(
        CommandError, match="once needs a key, since the revision"
    ) as caught:
        deploy(Step(RECORD, once=True), revision="")

    assert caught.value.returncode == 1
    assert callables.calls == []
