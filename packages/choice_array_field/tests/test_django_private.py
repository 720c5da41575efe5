"""The private names of Django that are used still mean what they meant."""

from __future__ import annotations

import inspect

import pytest
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.migrations.operations import AddConstraint
from django.db.migrations.state import ModelState
from django.db.models.lookups import In

from choice_array_field import ChoiceArrayField, django_private

from .histories import History, flags, model
from .testapp.models import Flag, Item


def test_a_model_of_a_state_is_known():
    history = History()
    state = ModelState.from_model(flags(ChoiceArrayField(Flag)))
    history.state.add_model(state)

    historical = history.state.apps.get_model("past", "item")

    assert django_private.is_historical(historical)
    assert not django_private.is_historical(Item)
    assert len(historical._meta.constraints) == 1


def test_the_state_reads_a_constraint_that_was_added():
    plain = model()
    assert ModelState.from_model(plain).options["constraints"] == []

    django_private.add_constraint(plain, Item._meta.constraints[0])

    assert len(ModelState.from_model(plain).options["constraints"]) == 1


@pytest.mark.parametrize(
    ("operation", "state"),
    [(AddConstraint, "to_state"), (AddConstraintNotValid, "from_state")],
)
def test_only_add_constraint_hands_over_the_model_with_the_constraint(operation, state):
    source = inspect.getsource(operation.database_forwards)

    assert f"{state}.apps.get_model(" in source


def test_the_queue_is_read_to_its_end():
    """A statement that is executed from the queue may still append to it."""
    assert "for sql in self.deferred_sql" in inspect.getsource(
        BaseDatabaseSchemaEditor.__exit__
    )


def test_names_that_are_overridden_exist():
    assert callable(In.resolve_expression_parameter)
    assert callable(ArrayField._check_default)
    assert {"queue", "validation"}.isdisjoint(vars(Statement("", x=1)))
    assert isinstance(vars(forms.ChoiceField)["choices"], property)
