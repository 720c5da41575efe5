"""Models of every make: children of others, keys that are references."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from .models import Author, AuthorManager, Cafe, Cell, Place, Tag

__all__ = [
    "Bistro",
    "Coded",
    "Drawn",
    "Eatery",
    "Hint",
    "Landmark",
    "Lax",
    "Loud",
    "Moment",
    "Note",
    "Picture",
    "Pinned",
    "Slot",
    "Span",
    "Step",
    "Strict",
]


class Landmark(Place):
    """Its parent is named by a field of its own; its key is the parent's."""

    at = models.OneToOneField(
        Place, models.CASCADE, parent_link=True, primary_key=True, db_column="at"
    )
    height = models.IntegerField(default=1)

    class Meta:
        app_label = "testapp"


class Bistro(Cafe):
    """A child of a child."""

    stars = models.IntegerField(default=0)

    class Meta:
        app_label = "testapp"


class Eatery(Cafe):
    class Meta:
        app_label = "testapp"
        proxy = True


class Base(models.Model):
    note = models.CharField(max_length=20, default="base")

    class Meta:
        abstract = True
        app_label = "testapp"


class Slot(Base):
    """Unique in two ways, and refers to a unique column of its kind."""

    place = models.OneToOneField(Place, models.CASCADE, primary_key=True)
    rank = models.IntegerField(unique=True)
    after = models.ForeignKey(
        "self", models.CASCADE, to_field="rank", null=True, db_column="after"
    )

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.note


def never():
    raise AssertionError


class Picture(models.Model):
    """A file, and a default that must not be asked for."""

    file = models.FileField(max_length=50)
    owner = models.ForeignKey(Author, models.CASCADE, default=never)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.file.name


class Note(models.Model):
    """Refers to a row by two columns."""

    row = models.IntegerField()
    column = models.IntegerField()
    cell = models.ForeignObject(
        Cell, models.CASCADE, from_fields=["row", "column"], to_fields=["row", "column"]
    )

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return f"{self.row}, {self.column}"


class Loud(models.Model):
    """Its objects change what they are made of."""

    name = models.CharField(max_length=20, unique=True)
    author = models.ForeignKey(Author, models.CASCADE, null=True)
    tags = models.ManyToManyField(Tag)

    objects = AuthorManager()

    class Meta:
        app_label = "testapp"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = self.name.upper()

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Step(models.Model):
    of = models.ForeignKey(Author, models.CASCADE)

    class Meta:
        app_label = "testapp"
        order_with_respect_to = "of"

    def __str__(self):
        return str(self.pk)


class Drawn(models.Model):
    """The database has a default, and a model of its own is between."""

    size = models.IntegerField(db_default=5)
    tags = models.ManyToManyField(Tag, through="Pinned")

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.size)


class Coded(models.Model):
    """Is told by a UUID, and refers to one."""

    code = models.UUIDField(primary_key=True)
    after = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.code)


class Pinned(models.Model):
    drawn = models.ForeignKey(Drawn, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)


class Keyed(models.Model):
    name = models.CharField(max_length=20, unique=True)

    class Meta:
        abstract = True
        app_label = "testapp"

    def __str__(self):
        return self.name

    def clean(self):
        if self.name == "bad":
            raise ValidationError("it is bad")


class LaxField(models.Field):
    """Is 5 in the database and u-5 for Python; it looks at nothing."""

    def db_type(self, connection):
        return "bigint"

    def from_db_value(self, value, expression, connection):
        return None if value is None else f"u-{value}"

    def get_prep_value(self, value):
        return None if value is None else int(str(value).removeprefix("u-"))


class StrictField(LaxField):
    """Takes only what it makes itself of what a database holds."""

    def to_python(self, value):
        if value is not None and not str(value).startswith("u-"):
            raise ValidationError(f"{value!r} is no id")
        return value


class Lax(Keyed):
    id = LaxField(primary_key=True)


class Strict(Keyed):
    id = StrictField(primary_key=True)


class Moment(Keyed):
    id = models.DateTimeField(primary_key=True)


class Span(Keyed):
    id = models.DurationField(primary_key=True)


class Hint(models.Model):
    of = models.ForeignKey(Strict, models.CASCADE)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)
