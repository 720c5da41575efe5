"""Django's admin, serializers, DRF and drf-spectacular take a derived field as a field."""

from __future__ import annotations

import datetime
import json

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core import serializers as django_serializers
from django.core.exceptions import FieldError
from django.forms import modelform_factory
from django.test import RequestFactory

from tests.testapp.models import Job

DAY = datetime.date(2026, 1, 1)


@pytest.fixture
def jobs(db):
    return [
        Job.objects.create(title=f"{months}", start_date=DAY, end_date=end)
        for months, end in [(3, datetime.date(2026, 4, 1)), (0, DAY), ("-", None)]
    ]


def test_makemigrations_sees_no_column(db):
    from django.db.migrations.state import ModelState

    assert "duration" not in ModelState.from_model(Job).fields


def test_dumpdata_leaves_it_out(jobs):
    [dumped, *_] = json.loads(django_serializers.serialize("json", jobs))

    assert "duration" not in dumped["fields"]


def test_the_admin_lists_orders_and_filters_by_it(jobs):
    class JobAdmin(admin.ModelAdmin):
        list_display = ["title", "duration"]
        list_filter = ["duration"]
        ordering = ["-duration"]

    def page(query):
        request = RequestFactory().get("/", query)
        request.user = User(is_superuser=True, is_active=True)
        model_admin = JobAdmin(Job, admin.AdminSite())
        changelist = model_admin.get_changelist_instance(request)
        return [job.title for job in changelist.queryset]

    assert page({}) == ["-", "3", "0"]
    assert page({"duration": "3"}) == ["3"]
    assert page({"o": "2"}) == ["0", "3", "-"]
    assert JobAdmin(Job, admin.AdminSite()).check() == []


def test_a_form_has_no_input_for_it():
    assert "duration" not in modelform_factory(Job, fields="__all__").base_fields
    with pytest.raises(FieldError, match="non-editable"):
        modelform_factory(Job, fields=["duration"])


def test_drf_reads_it_and_types_it(jobs):
    from drf_spectacular.openapi import AutoSchema
    from rest_framework import serializers

    class JobSerializer(serializers.ModelSerializer):
        class Meta:
            model = Job
            fields = ["title", "duration", "is_long"]

    assert JobSerializer(jobs[0]).data == {
        "title": "3",
        "duration": 3,
        "is_long": False,
    }
    form = JobSerializer(data={"title": "new", "duration": 9})
    assert form.is_valid()
    assert "duration" not in form.validated_data
    schema = AutoSchema()._map_serializer_field(
        JobSerializer().fields["duration"], "response"
    )
    assert schema["type"] == "integer"
    assert schema["readOnly"] is True
