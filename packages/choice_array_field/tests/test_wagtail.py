from __future__ import annotations

import datetime
import re

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.urls import reverse
from wagtail.admin.compare import FieldComparison
from wagtail.admin.panels import FieldPanel

from choice_array_field.partners import wagtail
from choice_array_field.partners.wagtail import MembersComparison
from tests.shop.models import DAYS, Flag, Item, Notice

pytestmark = pytest.mark.django_db
DEFECT, ENHANCEMENT, DOCS = Flag
AUTUMN = DAYS[1][1][0][0]


@pytest.fixture
def notice():
    return Notice.objects.create(title="New", flags=[DOCS, DEFECT], days=[AUTUMN])


def url(name, *arguments):
    return reverse(f"wagtailsnippets_shop_notice:{name}", args=arguments)


def page(client, name, *arguments):
    response = client.get(url(name, *arguments))
    assert response.status_code == 200
    return response.content.decode()


def test_the_editor_shows_the_widgets_of_the_fields(admin_client, notice):
    html = page(admin_client, "edit", notice.pk)

    ticked = re.findall(r'<input type="checkbox" name="flags" value="(\w+)"[^>]*checked', html)  # fmt: skip
    assert ticked == ["defect", "docs"]
    assert '<select name="loose"' in html


def test_a_read_only_panel_shows_labels_from_groups(admin_client, notice):
    html = page(admin_client, "edit", notice.pk)

    assert "First of September" in html
    assert 'name="days"' not in html


@pytest.mark.parametrize("value", [None, []])
def test_a_read_only_panel_without_members_shows_nothing(value):
    panel = FieldPanel("sizes", read_only=True).bind_to_model(Item)

    assert panel.format_value_for_display(value) == ""


def test_other_read_only_panels_are_as_before():
    panel = FieldPanel("title", read_only=True).bind_to_model(Item)

    assert panel.format_value_for_display("A") == "A"


def test_an_edit_is_saved_as_a_revision_and_published(admin_client, notice):
    data = {"title": "New", "flags": ["docs", "enhancement"]}

    drafted = admin_client.post(url("edit", notice.pk), data)
    draft = Notice.objects.get().get_latest_revision_as_object()
    published = admin_client.post(
        url("edit", notice.pk), {**data, "action-publish": "1"}
    )

    assert (drafted.status_code, published.status_code) == (302, 302)
    assert draft.flags == [DOCS, ENHANCEMENT]
    assert isinstance(draft.flags[0], Flag)
    assert draft.days == [AUTUMN]
    assert Notice.objects.get().flags == [DOCS, ENHANCEMENT]


def test_a_revision_holds_what_the_instance_held(notice):
    revision = notice.save_revision()

    again = revision.as_object()

    assert revision.content["flags"] == '["defect", "docs"]'
    assert (again.flags, again.days) == (notice.flags, [AUTUMN])
    assert isinstance(again.days[0], datetime.date)


def test_revisions_are_compared_by_labels(admin_client, notice):
    first = notice.save_revision()
    notice.flags = [DOCS, ENHANCEMENT]
    second = notice.save_revision()

    html = page(admin_client, "revisions_compare", notice.pk, first.pk, second.pk)

    assert (
        '<span class="deletion">Defect</span>, '
        '<span class="addition">Enhancement</span>, Documentation, all of it'
    ) in html


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        pytest.param([], None, "", id="nothing"),
        pytest.param(None, [DOCS], '<span class="addition">Documentation, all of it</span>', id="from null"),
        pytest.param(["<b>"], [], '<span class="deletion">&lt;b&gt;</span>', id="escaped"),
        pytest.param(["old"], ["old"], "old", id="no choice"),
    ],
)  # fmt: skip
def test_members_are_compared_one_by_one(before, after, html):
    field = Item._meta.get_field("loose")

    comparison = MembersComparison(field, Item(loose=before), Item(loose=after))

    assert comparison.htmldiff() == html


def test_the_same_members_in_another_order_are_no_change():
    field = Item._meta.get_field("flags")

    comparison = MembersComparison(
        field, Item(flags=[DOCS, DEFECT]), Item(flags=["defect", "docs"])
    )

    assert not comparison.has_changed()


def test_the_list_shows_labels(admin_client, notice):
    html = page(admin_client, "list")

    assert "Defect, Documentation, all of it" in html


def test_the_list_is_filtered_by_members(admin_client, notice):
    other = Notice.objects.create(title="Other", flags=[ENHANCEMENT])

    response = admin_client.get(url("list"), {"flags": ["enhancement"]})

    assert [*response.context["object_list"]] == [other]
    [active] = response.context["active_filters"]
    assert (active.field_label, active.value) == ("Flags", "Enhancement")


def test_the_inspection_shows_labels(admin_client, notice):
    html = page(admin_client, "inspect", notice.pk)

    assert "Defect, Documentation, all of it" in html


def test_the_editor_keeps_a_value_outside_the_choices(admin_client, notice):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_notice SET loose = '{old}'")
    html = page(admin_client, "edit", notice.pk)

    data = {"title": "New", "flags": "docs", "loose": "old"}
    response = admin_client.post(url("edit", notice.pk), data)

    assert re.search(r'<option value="old" selected', html)
    assert response.status_code == 302
    assert Notice.objects.get().get_latest_revision_as_object().loose == ["old"]


def test_a_value_that_is_no_choice_is_named_in_the_editor(admin_client, notice):
    data = {"title": "New", "flags": "dosc"}

    html = admin_client.post(url("edit", notice.pk), data).content.decode()

    assert "dosc" in html
    assert "docs" in html
    assert Notice.objects.get().latest_revision is None


def test_a_panel_of_a_field_of_the_form_alone_is_as_before():
    panel = FieldPanel("of_the_form").bind_to_model(Item)

    assert panel.get_comparison_class() is FieldComparison
    with pytest.raises(FieldDoesNotExist):  # in a read-only panel, as in Wagtail
        panel.format_value_for_display("A")


def test_wagtail_finds_the_comparison_by_the_class_of_the_field():
    panel = FieldPanel("flags").bind_to_model(Item)

    assert panel.get_comparison_class() is MembersComparison


def test_the_panels_are_changed_once():
    before = FieldPanel.format_value_for_display

    wagtail.install()

    assert FieldPanel.format_value_for_display is before
