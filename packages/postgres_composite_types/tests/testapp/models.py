from __future__ import annotations

import json

from django.contrib.postgres import fields as postgres
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from postgres_composite_types import CompositeType


class Address(CompositeType):
    street = models.CharField(max_length=255)
    suburb = models.CharField(max_length=50, null=True)  # noqa: DJ001  # a member may be
    number = models.IntegerField(null=True)
    since = models.DateField(null=True)

    class Meta:
        db_type = "x_address"


class AddressField(Address.Field):
    def __init__(self, in_australia=True, **kwargs):
        self.in_australia = in_australia
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "in_australia": self.in_australia}


class Person(models.Model):
    name = models.CharField(max_length=50)
    address = Address.Field(null=True, blank=True)
    previous = ArrayField(Address.Field(), default=list, null=True)
    friend = models.ForeignKey("self", models.SET_NULL, null=True)

    def __str__(self):
        return self.name


class Employee(Person):
    office = AddressField(in_australia=False, null=True)


class Mood(models.TextChoices):
    HAPPY = "happy"
    SAD = "sad"


class MoodField(models.Field):
    """A native enum of PostgreSQL, as projects write such fields."""

    def db_type(self, connection):
        return "x_mood"

    def from_db_value(self, value, expression, connection):
        return value and Mood(value)

    def get_db_prep_value(self, value, connection, prepared=False):
        return value and str(value)


class PairField(models.JSONField):
    """Keeps a tuple in a json column."""

    def from_db_value(self, value, expression, connection):
        value = super().from_db_value(value, expression, connection)
        return value and tuple(value)


class SetDecoder(json.JSONDecoder):
    def __init__(self):
        super().__init__(object_hook=lambda d: set(d["set"]) if "set" in d else d)


class SetEncoder(DjangoJSONEncoder):
    def default(self, value):
        return (
            {"set": sorted(value)} if isinstance(value, set) else super().default(value)
        )


class Everything(CompositeType):
    text = models.TextField(null=True)  # noqa: DJ001  # a member may be
    char = models.CharField(max_length=5, choices=Mood.choices, null=True)  # noqa: DJ001
    flag = models.BooleanField(null=True)
    small = models.SmallIntegerField(null=True)
    integer = models.IntegerField(null=True)
    big = models.BigIntegerField(null=True)
    double = models.FloatField(null=True)
    decimal = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    duration = models.DurationField(null=True)
    uuid = models.UUIDField(null=True)
    binary = models.BinaryField(null=True)
    ip = models.GenericIPAddressField(null=True)
    data = models.JSONField(null=True)
    sets = models.JSONField(null=True, encoder=SetEncoder, decoder=SetDecoder)
    pair = PairField(null=True)
    mood = MoodField(null=True)
    numbers = ArrayField(models.IntegerField(), null=True)
    grid = ArrayField(ArrayField(models.CharField(max_length=9, null=True)), null=True)
    days = ArrayField(models.DateField(), null=True)
    documents = ArrayField(models.JSONField(), null=True)
    integer_range = postgres.IntegerRangeField(null=True)
    decimal_range = postgres.DecimalRangeField(null=True)
    date_range = postgres.DateRangeField(null=True)
    moment_range = postgres.DateTimeRangeField(null=True)

    class Meta:
        db_type = "x_everything"


class Thing(models.Model):
    value = Everything.Field(null=True)

    def __str__(self):
        return str(self.pk)


class Point(CompositeType):
    x = models.IntegerField(default=0)
    y = models.IntegerField(default=0)

    class Meta:
        db_type = "x_point"


class Tag(CompositeType):
    name = models.CharField(max_length=20)
    points = ArrayField(Point.Field(null=True), default=list)
    notes = models.JSONField(null=True)

    class Meta:
        db_type = 'Tag %s "quoted"'
        schema = "x schema"


class Place(CompositeType):
    label = models.CharField(max_length=20, db_column='La "bel" 100%')
    point = Point.Field(null=True)
    tag = Tag.Field(null=True)
    tags = ArrayField(Tag.Field(null=True), null=True)
    select = models.IntegerField(null=True)

    class Meta:
        db_type = "x_place"


class Map(models.Model):
    place = Place.Field(null=True)
    grid = ArrayField(ArrayField(Point.Field(null=True)), null=True)
    legend = Tag.Field(null=True)
    legends = ArrayField(Tag.Field(null=True), null=True)

    def __str__(self):
        return str(self.pk)


class Constrained(models.Model):
    code = models.IntegerField(unique=True)
    point = Point.Field(default=Point)
    x = models.GeneratedField(
        expression=F("point__x"), output_field=models.IntegerField(), db_persist=True
    )
    copy = models.GeneratedField(
        expression=F("point"), output_field=Point.Field(), db_persist=True
    )
    home = Point.Field(db_default=Point(1, 2))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(point__x__gte=0), name="x_not_negative"),
            models.UniqueConstraint(F("point__x"), F("point__y"), name="unique_point"),
        ]
        indexes = [
            models.Index(F("point__y"), name="index_y"),
            models.Index(F("code"), name="index_partial", condition=Q(point__y__gt=5)),
        ]
        ordering = ["point__x", "code"]

    def __str__(self):
        return str(self.code)


class Shape(CompositeType):
    kind = models.CharField(max_length=20, null=True)  # noqa: DJ001  # a member may be
    colour = models.CharField(max_length=20, null=True)  # noqa: DJ001

    class Meta:
        db_type = "x_shape"


class Box(CompositeType):
    shape = Shape.Field(null=True)
    shapes = ArrayField(Shape.Field(null=True), null=True)

    class Meta:
        db_type = "x_box"


class Drawing(models.Model):
    shape = Shape.Field(null=True)
    box = Box.Field(null=True)
    shapes = ArrayField(Shape.Field(null=True), null=True)

    def __str__(self):
        return str(self.pk)


class Labelled(models.Model):
    point = Point.Field(null=True)
    labels = ArrayField(models.CharField(max_length=9))

    def __str__(self):
        return str(self.pk)


class Lowered(models.CharField):
    def pre_save(self, model_instance, add):
        return getattr(model_instance, self.attname).lower()


class Stamp(CompositeType):
    made = models.DateTimeField(auto_now_add=True)
    saved = models.DateTimeField(auto_now=True)
    by = Lowered(max_length=20, default="")

    class Meta:
        db_type = "x_stamp"


class Sheet(CompositeType):
    stamp = Stamp.Field()

    class Meta:
        db_type = "x_sheet"


class Folder(models.Model):
    stamp = Stamp.Field(null=True)
    stamps = ArrayField(Stamp.Field(), default=list)
    sheet = Sheet.Field(null=True)

    def __str__(self):
        return str(self.pk)
