"""Several changes at once, in the apps of real projects."""

from __future__ import annotations

import pytest

from tests.projects import GEO, ROUND_TRIP, SHOP, YES

pytestmark = pytest.mark.django_db

GEO_2 = """
from django.db import models
from postgres_composite_types import CompositeType

class Spot(CompositeType):
    x = models.IntegerField()

    class Meta:
        db_type = "x_spot"

class Place(CompositeType):
    locality = models.CharField(max_length=50)
    number = models.IntegerField()

    class Meta:
        db_type = "x_place"
"""
SHOP_2 = """
from django.contrib.postgres.fields import ArrayField
from django.db import models
from geo.models import Place, Spot

class Human(models.Model):
    address = Place.Field(null=True, blank=True)
    previous = ArrayField(Place.Field(), default=list)

class Shop(models.Model):
    spot = Spot.Field(null=True)
"""
OLD_TYPE = """
class Old(CompositeType):
    text = models.TextField()

    class Meta:
        db_type = "x_old"
"""


def test_everything_changes_at_once(project, database):
    project.write("geo/models.py", GEO + OLD_TYPE)
    project.run(["makemigrations"], ["migrate"], ["python", ROUND_TRIP])
    before = database.schema()
    project.write("geo/models.py", GEO_2)
    project.write("shop/models.py", SHOP_2)

    project.run(YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"])
    assert database.run("SELECT address::text, previous::text FROM shop_human") == [
        ("(Fitzroy,7)", '{"(Fitzroy,7)"}')
    ]
    replay = project.replayed()
    assert database.schema() == replay
    project.run(["migrate", "shop", "0001"], ["migrate", "geo", "0001"])
    assert database.schema() == before
    project.run(["migrate"])
    assert database.schema() == replay


CIRCLE_GEO = """
from django.contrib.postgres.fields import ArrayField
from django.db import models
from postgres_composite_types import CompositeType, CompositeTypeField

class Address(CompositeType):
    suburb = models.CharField(max_length=50)
    price = CompositeTypeField("shop.Price")

    class Meta:
        db_type = "x_address"

class Street(models.Model):
    prices = ArrayField(CompositeTypeField("shop.Price"), default=list)
"""
CIRCLE_SHOP = """
from django.db import models
from postgres_composite_types import CompositeType, CompositeTypeField

class Price(CompositeType):
    amount = models.IntegerField()

    class Meta:
        db_type = "x_price"

class Bill(CompositeType):
    to = CompositeTypeField("geo.Address")

    class Meta:
        db_type = "x_bill"

class Order(models.Model):
    bill = CompositeTypeField("shop.Bill")
"""


def test_two_apps_use_the_types_of_each_other(project, database):
    project.write("geo/models.py", CIRCLE_GEO)
    project.write("shop/models.py", CIRCLE_SHOP)
    project.run(["makemigrations"], ["migrate"], ["makemigrations", "--check"])
    before = database.schema()
    project.edit("geo/models.py", "suburb", "locality")
    project.edit("geo/models.py", "x_address", "y_address")
    project.edit("shop/models.py", "models.IntegerField()", "models.BigIntegerField()")
    project.edit("shop/models.py", "class Bill", "class Invoice")
    project.edit("shop/models.py", "shop.Bill", "shop.Invoice")

    said = project.run(
        YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"]
    )

    assert "Rename composite type Bill to Invoice" in said
    replay = project.replayed()
    assert database.schema() == replay
    project.run(["migrate", "shop", "zero"], ["migrate", "geo", "zero"], ["migrate"])
    assert database.schema() == replay
    assert before != database.schema()


def test_a_type_moves_to_another_app(project, database):
    project.run(["makemigrations"], ["migrate"], ["python", ROUND_TRIP])
    before = database.schema()
    project.write("geo/models.py", "")
    project.write(
        "shop/models.py",
        GEO.replace("suburb", "locality")
        + SHOP.replace("from geo.models import Address\n", ""),
    )

    said = project.run(
        YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"]
    )

    assert "Adopt composite type Address from geo" in said
    assert database.run("SELECT address::text, previous::text FROM shop_person") == [
        ("(Fitzroy,7)", '{"(Fitzroy,7)"}')
    ]
    replay = project.replayed()
    assert database.schema() == replay
    project.run(["migrate", "shop", "0001"], ["migrate", "geo", "0001"])
    assert database.schema() == before
    project.run(["migrate", "shop", "zero"], ["migrate", "geo", "zero"], ["migrate"])
    assert database.schema() == replay


LEFT_BEHIND = """
from django.db import models
from postgres_composite_types import CompositeType, CompositeTypeField

class Outer(CompositeType):
    address = CompositeTypeField("{}")
{}
    class Meta:
        db_type = "x_outer"

class Street(models.Model):
    outer = Outer.Field(null=True)
    address = CompositeTypeField("{}", default={{"suburb": "Fitzroy", "number": 1}})
"""


def test_what_uses_a_moved_type_follows_it(project, database):
    project.write(
        "geo/models.py", GEO + LEFT_BEHIND.format(*["geo.Address", "", "geo.Address"])
    )
    project.run(["makemigrations"], ["migrate"])
    project.write("geo/models.py", LEFT_BEHIND.format("shop.Place", "", "shop.Place"))
    project.write("shop/models.py", GEO.replace("Address", "Place"))
    said = project.run(
        YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"]
    )
    assert "Rename composite type Address to Place" in said
    more = "    more = models.TextField(null=True)\n"
    project.write("geo/models.py", LEFT_BEHIND.format("shop.Place", more, "shop.Place"))
    project.edit("shop/models.py", "IntegerField()", "BigIntegerField()")

    project.run(YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"])

    replay = project.replayed()
    assert database.schema() == replay
    project.run(["migrate", "shop", "zero"], ["migrate", "geo", "zero"], ["migrate"])
    assert database.schema() == replay
