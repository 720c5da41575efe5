from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.serializers import deserialize
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError
from django.test import Client
from wagtail.admin.compare import comparison_class_registry
from wagtail.search.backends import get_search_backend

from people.models import Address, Person
from wagtailimporter import ImportFailed, import_files

pytestmark = pytest.mark.django_db


def test_addresses_are_imported_by_member() -> None:
    ana = Person.objects.get(slug="ana-castelo")

    assert ana.address == Address("7 Merri Parade", "Northcote", "3070")
    assert ana.previous_addresses == [
        Address("12 Rathdowne Street", "Carlton", "3053"),
        Address("3/88 Sydney Road", "Coburg", "3058"),
    ]
    assert Person.objects.get(slug="gita-rao").address is None


def test_people_are_found_by_suburb() -> None:
    found = Person.objects.filter(address__suburb="Coburg")

    assert [person.slug for person in found] == ["finn-okeefe", "jarrah-kelly"]


def test_the_page_shows_the_people_of_a_suburb(client: Client) -> None:
    text = client.get("/people/?suburb=Coburg").content.decode()

    assert "Letters: 62 Bell Street, Coburg 3058" in text
    assert "Runs the Coburg shed" in text
    assert "Ana Castelo" not in text
    assert 'value="Coburg" checked' in text


def test_a_suburb_of_nobody_leads_back(client: Client) -> None:
    text = client.get("/people/?suburb=Ultima").content.decode()

    assert "see everybody" in text


@pytest.mark.parametrize("query", ["suburb=%00", f"suburb={'x' * 41}"])
def test_a_suburb_that_is_none_shows_everybody(client: Client, query: str) -> None:
    text = client.get(f"/people/?{query}").content.decode()

    assert "Ana Castelo" in text


def test_previous_addresses_are_not_shown(client: Client) -> None:
    text = client.get("/people/").content.decode()

    assert "Rathdowne" not in text


def test_the_search_finds_people_by_suburb(back_end: str) -> None:
    found = get_search_backend().search("Dandenong", Person, operator="and")

    assert "esther-atem" in [person.slug for person in found]


def test_an_address_without_a_suburb_is_refused_by_the_database() -> None:
    ana = Person.objects.filter(slug="ana-castelo")

    with pytest.raises(IntegrityError, match="person_address_is_whole"):
        ana.update(address__suburb=None)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        pytest.param(
            "{street: 1 Smith St, suburb: Fitzroy, postcode: 30}",
            "Four digits",
            id="value",
        ),
        pytest.param(
            "{stret: 1 Smith St}",
            r"new.yaml:7:11: Address has no member 'stret'; did you mean 'street'",
            id="name",
        ),
    ],
)
def test_an_address_that_does_not_fit_is_not_imported(
    tmp_path: Path, address: str, complaint: str
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(
        "!people.person\nslug: new\nname: New\nrole: Waits\nteam: office\n"
        f"biography: <p>Waits.</p>\naddress: {address}\n"
    )

    with pytest.raises(ImportFailed, match=complaint):
        import_files([file])

    assert not Person.objects.filter(slug="new").exists()


def test_a_revision_keeps_the_addresses() -> None:
    ana = Person.objects.get(slug="ana-castelo")

    again = ana.save_revision().as_object()

    assert again.address == ana.address
    assert again.previous_addresses == ana.previous_addresses


def test_a_revision_opens_when_a_member_was_renamed_since() -> None:
    revision = Person.objects.get(slug="ana-castelo").save_revision()
    for address in (
        revision.content["address"],
        revision.content["previous_addresses"][0],
    ):
        address["town"] = address.pop("suburb")

    again = revision.as_object()

    assert again.address == Address("7 Merri Parade", None, "3070")
    assert again.previous_addresses[0] == Address("12 Rathdowne Street", None, "3053")


def test_a_fixture_with_a_member_that_is_none_is_refused() -> None:
    fixture = [{"model": "people.person", "fields": {"address": {"town": "Fitzroy"}}}]

    with pytest.raises(DeserializationError, match="no member 'town'; it has street"):
        list(deserialize("python", fixture))


def test_what_changed_in_an_address_is_compared() -> None:
    before = Address("1 Smith St", "Fitzroy", "3065")
    after = Address("1 Smith St", "Carlton", "3053")

    assert compared("address", before, None) == "-Street: 1 Smith St, -Suburb: Fitzroy, -Postcode: 3065"  # fmt: skip
    assert compared("address", before, after) == (
        "Street: 1 Smith St, -Suburb: Fitzroy, +Suburb: Carlton,"
        " -Postcode: 3065, +Postcode: 3053"
    )


def test_addresses_of_a_list_are_compared_one_by_one() -> None:
    smith = Address("1 <Smith> St", "Fitzroy", "3065")
    bell = Address("2 Bell St", "Coburg", "3058")

    assert compared("previous_addresses", [bell], [smith, bell]) == (
        "+Street: 1 &lt;Smith&gt; St, +Suburb: Fitzroy, +Postcode: 3065\n"
        "Street: 2 Bell St, Suburb: Coburg, Postcode: 3058"
    )
    moved = Address("3 Bell St", "Coburg", "3058")
    assert compared("previous_addresses", [smith, bell], [smith, moved]).endswith(
        "\n-Street: 2 Bell St, +Street: 3 Bell St, Suburb: Coburg, Postcode: 3058"
    )


def compared(name: str, before: Any, after: Any) -> str:
    """Return what an editor sees, with - and + for what was deleted and added."""
    field = Person._meta.get_field(name)
    comparison_class = comparison_class_registry.get(field)
    comparison = comparison_class(
        field, Person(**{name: before}), Person(**{name: after})
    )
    html = comparison.htmldiff().replace("</div><div>", "\n")
    for kind, sign in (("deletion", "-"), ("addition", "+")):
        html = html.replace(f'<span class="{kind}">', sign)
    return re.sub(r"</?(span|div)[^>]*>", "", html)


def test_an_address_is_not_on_the_site_while_it_is_typed(admin_client: Client) -> None:
    ana = Person.objects.get(slug="ana-castelo")

    page = admin_client.get(f"/admin/snippets/people/person/edit/{ana.pk}/")

    assert page.status_code == 200
    assert not page.context["autosave_enabled"]
