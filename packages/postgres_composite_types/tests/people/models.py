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


class Terms(CompositeType):
    days = models.IntegerField()
    limit = models.IntegerField(default=0, editable=False)

    class Meta:
        db_type = "people_terms"


class Line(CompositeType):
    label = models.CharField(max_length=20)
    is_approved = models.BooleanField(default=False, editable=False)
    terms = Terms.Field(null=True, blank=True)
    former_terms = ArrayField(Terms.Field(), default=list, blank=True)

    class Meta:
        db_type = "people_line"


class Order(models.Model):
    total = Line.Field(null=True, blank=True)
    lines = ArrayField(Line.Field(null=True), default=list, blank=True)
    pages = ArrayField(ArrayField(Line.Field()), default=list, blank=True)

    def __str__(self) -> str:
        return f"Order {self.pk}"


def scan_path(sheet, filename: str) -> str:
    return f"scans/{sheet.title}/{filename}"


class Sheet(CompositeType):
    title = models.CharField(max_length=20)
    scan = models.FileField(upload_to=scan_path, blank=True)
    kind = models.CharField(
        max_length=1, choices={"a": "Drawing", "b": "Letter"}, default="b", blank=True
    )

    class Meta:
        db_type = "people_sheet"


class Document(CompositeType):
    sheet = Sheet.Field(null=True)

    class Meta:
        db_type = "people_document"


class Folder(models.Model):
    cover = Sheet.Field(null=True, blank=True)
    document = Document.Field(null=True, blank=True)
    sheets = ArrayField(Sheet.Field(), default=list, blank=True)

    def __str__(self) -> str:
        return f"Folder {self.pk}"
