from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from postgres_composite_types import CompositeType


class Point(CompositeType):
    x = models.IntegerField()
    y = models.IntegerField(null=True, blank=True)

    class Meta:
        db_type = "people_point"


class Address(CompositeType):
    street = models.CharField(max_length=20)
    suburb = models.CharField(max_length=20, help_text="Or town.")
    postcode = models.CharField(
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}$", "Four digits.")],
    )
    country = models.CharField(
        max_length=2, default="AU", choices={"AU": "Australia", "NZ": "New Zealand"}
    )
    since = models.DateField(null=True, blank=True)
    is_gated = models.BooleanField(default=False)
    place = Point.Field(null=True, blank=True)

    class Meta:
        db_type = "people_address"


class Span(CompositeType):
    first = models.IntegerField()
    last = models.IntegerField()
    note = models.BinaryField(null=True, editable=False)

    class Meta:
        db_type = "people_span"

    def clean(self):
        if self.first > self.last:
            message = "The last comes first."
            raise ValidationError(message)


class Person(models.Model):
    name = models.CharField(max_length=20)
    address = Address.Field(null=True, blank=True)
    previous = ArrayField(Address.Field(), default=list, blank=True)

    def __str__(self) -> str:
        return self.name


class Parcel(models.Model):
    sender = models.ForeignKey(Person, models.CASCADE)
    recipient = Address.Field()

    def __str__(self) -> str:
        return f"To {self.recipient.suburb}"
