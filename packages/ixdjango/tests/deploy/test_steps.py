from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ixdjango.deploy.steps import Step, steps_from
from ixdjango.exceptions import DeployConfigurationError


def dance():
    """Nothing: only its name counts."""


@pytest.mark.parametrize(
    ("item", "step"),
    [
        pytest.param("migrate", Step("migrate"), id="name"),
        pytest.param(
            ("migrate", ["--noinput"]), Step("migrate", ("--noinput",)), id="arguments"
        ),
        pytest.param(
            ("migrate", (), {"interactive": False}),
            Step("migrate", (), {"interactive": False}),
            id="options",
        ),
        pytest.param(dance, Step(dance), id="callable"),
        pytest.param(Step("check"), Step("check"), id="step"),
    ],
)
def test_a_step_is_read_from_every_form_of_the_original(item, step):
    assert steps_from([item]) == (step,)


@pytest.mark.parametrize(
    "item",
    ["", 3, None, ("migrate", "--noinput"), ("migrate", [], {}, 1), (1, []), []],
)
def test_another_form_is_refused_with_its_place_and_value(item):
    with pytest.raises(DeployConfigurationError, match=r"^deploy step 2 is ") as caught:
        steps_from(["check", item])

    assert repr(item) in str(caught.value)


@pytest.mark.parametrize("setting", ["migrate", {"migrate": []}])
def test_a_setting_that_is_no_list_is_refused(setting):
    with pytest.raises(DeployConfigurationError, match=r"are a list, got"):
        steps_from(setting)


def test_a_step_is_named_as_on_the_shell():
    assert Step("loaddata", ("-", "--env")).name == "loaddata - --env"
    assert Step(dance).name == "dance"
    assert Step("import_pages", (Path("/srv/a.yaml"), "b")).name == (
        "import_pages a.yaml b"
    )


def test_a_step_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Step("check").command = "migrate"
