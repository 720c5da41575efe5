from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin import helpers, utils
from django.contrib.admin.templatetags import admin_list
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from choice_array_field.partners import admin as ours
from tests.shop.models import Box, Flag, Item

pytestmark = pytest.mark.django_db
ITEMS = "/admin/shop/item/"
DEFECT, ENHANCEMENT, DOCS = Flag


@pytest.fixture
def legacy(items):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_item SET loose = '{old,docs}' WHERE title = 'A'")
    return items[0]


def titles(response):
    return [item.title for item in response.context["cl"].result_list]


def links(response, title):
    """Return the links of one filter: text to URL, and the texts of those selected."""
    html = response.content.decode()
    part = re.search(rf'data-filter-title="{title}".*?</details>', html, re.DOTALL)[0]
    found = re.findall(r"<li([^>]*)>\s*<a href=\"([^\"]*)\"[^>]*>([^<]*)</a>", part)
    urls = {unescape(text): unescape(url) for _, url, text in found}
    return urls, [unescape(text) for attrs, _, text in found if "selected" in attrs]


def test_the_registered_admins_pass_the_checks():
    for model_admin in admin.site._registry.values():
        assert model_admin.check() == []


def test_columns_show_labels_in_declared_order(admin_client, items):
    Item.objects.filter(title="A").update(flags=[DOCS, DEFECT], sizes=[2, 3])

    html = admin_client.get(ITEMS).content.decode()

    assert 'class="field-flags">Defect, Documentation, all of it<' in html
    assert 'class="field-sizes">Large, Middle<' in html
    assert 'class="field-days">First of September<' in html
    assert 'class="field-flags">-<' in html


def test_columns_show_a_value_outside_the_choices_as_it_is(legacy):
    shown = utils.display_for_field(["old", DOCS], Item._meta.get_field("loose"), "-")

    assert shown == "Documentation, all of it, old"


def test_other_columns_are_shown_as_before():
    title = Item._meta.get_field("title")

    assert utils.display_for_field("A", title, "-") == "A"
    assert utils.display_for_field(None, title, "-") == "-"


def test_every_way_to_call_the_replaced_function_works_as_in_django():
    title, flags = Item._meta.get_field("title"), Item._meta.get_field("flags")

    assert utils.display_for_field("A", title, "-", True) == "A"
    assert (
        utils.display_for_field(
            value="A", field=title, empty_value_display="-", avoid_link=True
        )
        == "A"
    )
    assert utils.display_for_field([DEFECT], flags, "-", True) == "Defect"
    assert utils.display_for_field([], field=flags, empty_value_display="-") == "-"


def test_a_read_only_field_shows_labels(admin_client, items):
    html = admin_client.get(f"{ITEMS}{items[2].pk}/change/").content.decode()

    assert '<div class="readonly">First of September</div>' in html


def test_a_filter_offers_every_choice_by_its_label(admin_client, items):
    urls, selected = links(admin_client.get(ITEMS), "flags")

    assert list(urls) == [
        "All",
        "Defect",
        "Enhancement",
        "Documentation, all of it",
        "Empty",
    ]
    assert selected == ["All"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("flags__overlap=docs", ["B", "C"], id="one"),
        pytest.param("flags__overlap=docs&flags__overlap=defect", ["A", "B", "C"], id="any"),
        pytest.param("flags__contains=docs&flags__contains=defect", ["B"], id="all"),
        pytest.param("flags__len=0", ["D"], id="empty"),
        pytest.param("sizes__len=0", ["B", "C", "D"], id="empty or null"),
        pytest.param("sizes__overlap=1", ["A"], id="number"),
        pytest.param("weights__overlap=1.5", ["B"], id="decimal"),
        pytest.param("days__overlap=2026-09-01", ["C"], id="date"),
        pytest.param("flags__overlap=", [], id="no text"),
        pytest.param("flags__overlap=planet", [], id="outside the choices"),
        pytest.param("flags__contains=docs&flags__overlap=defect", ["B", "C"], id="both"),
    ],
)  # fmt: skip
def test_members_filter_the_list(admin_client, items, query, found):
    assert titles(admin_client.get(f"{ITEMS}?{query}")) == found


def test_a_choice_leads_to_the_choice_beside_those_made(admin_client, items):
    response = admin_client.get(f"{ITEMS}?flags__overlap=docs")

    urls, selected = links(response, "flags")
    assert selected == ["Any of these", "Documentation, all of it"]
    assert titles(admin_client.get(ITEMS + urls["Defect"])) == ["A", "B", "C"]
    assert urls["Documentation, all of it"] == "?"
    assert urls["All"] == "?"


def test_any_and_all_are_a_pair_of_links(admin_client, items):
    query = "?flags__overlap=defect&flags__overlap=docs"
    urls, _ = links(admin_client.get(ITEMS + query), "flags")

    of_all = admin_client.get(ITEMS + urls["All of these"])

    assert titles(of_all) == ["B"]
    back, selected = links(of_all, "flags")
    assert selected == ["All of these", "Defect", "Documentation, all of it"]
    assert back["Any of these"] == query


def test_no_pair_is_offered_before_a_choice(admin_client, items):
    urls, _ = links(admin_client.get(ITEMS), "flags")

    assert "Any of these" not in urls


def test_filters_of_two_fields_go_together(admin_client, items):
    response = admin_client.get(f"{ITEMS}?flags__overlap=defect&sizes__overlap=1")

    assert titles(response) == ["A"]
    urls, _ = links(response, "flags")
    assert urls["All"] == "?sizes__overlap=1"


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("sizes__overlap=x", id="no number"),
        pytest.param("sizes__overlap=99999999999999999999", id="too large a number"),
        pytest.param("sizes__contains=1&sizes__contains=1e3", id="second"),
        pytest.param("weights__overlap=NaN", id="not a number"),
        pytest.param("weights__overlap=1e999999", id="a decimal without end"),
        pytest.param("days__overlap=2026-13-01", id="no date"),
        pytest.param("hours__overlap=yesterday", id="no time"),
        pytest.param("flags__overlap=%00", id="NUL"),
        pytest.param("flags__len=1", id="another length"),
        pytest.param("flags__len=x", id="no length"),
        pytest.param("flags__length=1", id="no lookup"),
        pytest.param("flags__exact=x", id="malformed array"),
        pytest.param("flags=docs", id="not by the filter"),
    ],
)
def test_a_bad_url_shows_the_unfiltered_list(admin_client, items, query):
    response = admin_client.get(f"{ITEMS}?{query}", follow=True)

    assert response.status_code == 200
    assert response.redirect_chain == [(f"{ITEMS}?e=1", 302)]
    assert titles(response) == ["A", "B", "C", "D"]


@limits(
    max_examples=30,
    deadline=None,  # It would fail a slow machine, not wrong code.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(["flags", "sizes", "weights", "days", "hours"]),
    lookup=st.sampled_from(["overlap", "contains", "len"]),
    values=st.lists(st.text(max_size=12), min_size=1, max_size=3),
)
def test_no_url_is_an_error_of_the_server(admin_client, name, lookup, values):
    response = admin_client.get(ITEMS, {f"{name}__{lookup}": values}, follow=True)

    assert response.status_code == 200


def test_facets_count_the_members(admin_client, items):
    response = admin_client.get(f"{ITEMS}?_facets=True&flags__overlap=defect")

    urls, selected = links(response, "flags")
    assert list(urls)[3:] == [
        "Defect (2)",
        "Enhancement (0)",
        "Documentation, all of it (2)",
        "Empty (1)",
    ]
    assert selected == ["Any of these", "Defect (2)"]
    sizes, _ = links(response, "sizes")
    assert list(sizes) == ["All", "Small (1)", "Large (0)", "Middle (0)", "Empty (1)"]


def test_facets_of_a_filter_are_one_query(admin_client, items):
    with CaptureQueriesContext(connection) as without:
        admin_client.get(ITEMS)
    with CaptureQueriesContext(connection) as with_facets:
        admin_client.get(f"{ITEMS}?_facets=True")

    # One for each of the six fields, and one for the title.
    assert len(with_facets) - len(without) == 7


def test_a_value_outside_the_choices_is_found_by_its_facet(admin_client, legacy):
    response = admin_client.get(f"{ITEMS}?_facets=True")

    urls, _ = links(response, "loose")
    assert list(urls)[-2:] == ["old (1)", "Empty (3)"]
    found = admin_client.get(ITEMS + urls["old (1)"])
    assert titles(found) == ["A"]
    assert "old (1)" in links(found, "loose")[1]


def test_a_filter_follows_a_relation(admin_client, items):
    box = Box.objects.create(name="Tools")
    Box.objects.create(name="Nothing")
    Item.objects.update(box=box)

    response = admin_client.get(
        "/admin/shop/box/?items__flags__overlap=docs&_facets=True"
    )

    assert [box.name for box in response.context["cl"].result_list] == ["Tools"]
    urls, _ = links(response, "flags")
    assert "Documentation, all of it (1)" in urls


def test_the_form_keeps_a_value_outside_the_choices(admin_client, legacy):
    url = f"{ITEMS}{legacy.pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    data = {"title": "New", "flags": "defect", "sizes": "1"}

    kept = admin_client.post(url, {**data, "loose": form["loose"].value()})
    legacy.refresh_from_db()
    of_first = list(legacy.loose)
    replaced = admin_client.post(url, {**data, "loose": ["docs"]})
    legacy.refresh_from_db()

    assert 'value="old" selected' in str(form["loose"])
    assert (kept.status_code, replaced.status_code) == (302, 302)
    assert of_first == [DOCS, "old"]
    assert legacy.loose == [DOCS]


def test_an_unchanged_form_says_that_nothing_changed(admin_client, legacy):
    url = f"{ITEMS}{legacy.pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in ("title", "flags", "loose")}
    hidden = {f"initial-{name}": data[name] for name in ("flags", "loose")}

    admin_client.post(url, {**data, **hidden, "sizes": "1"})

    html = admin_client.get(f"{ITEMS}{legacy.pk}/history/").content.decode()
    assert "No fields changed." in html


def test_what_is_replaced_in_the_admin_is_there_and_replaced_once():
    modules = [utils, admin_list, helpers]
    before = [module.display_for_field for module in modules]
    filters = [*admin.FieldListFilter._field_list_filters]

    ours.install()

    assert [module.display_for_field for module in modules] == before
    assert all(function.of_choice_arrays for function in before)
    assert filters == admin.FieldListFilter._field_list_filters


def test_a_filter_is_made_for_the_field_and_no_other():
    model_admin = admin.site.get_model_admin(Item)
    request = RequestFactory().get(ITEMS)
    made = [
        type(
            admin.FieldListFilter.create(
                Item._meta.get_field(name), request, {}, Item, model_admin, name
            )
        )
        for name in ("flags", "title")
    ]

    assert made[0] is ours.MembersListFilter
    assert made[1] is not ours.MembersListFilter
