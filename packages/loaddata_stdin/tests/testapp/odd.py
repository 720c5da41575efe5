"""Models whose fields do more than keep what is set."""

from __future__ import annotations

from django.db import models
from django.db.models.query_utils import DeferredAttribute

__all__ = [
    "Box",
    "Hideable",
    "Lid",
    "Mention",
    "Pin",
    "Priced",
    "Queued",
    "Shelf",
    "Shouted",
    "Ticket",
]


class PriceAttribute:
    """Sets the currency, too, as that of django-money does."""

    def __init__(self, field):
        self.field = field

    def __get__(self, instance, owner=None):
        return self if instance is None else instance.__dict__[self.field.name]

    def __set__(self, instance, value):
        if isinstance(value, str) and " " in value:
            value, instance.currency = value.split()
        instance.__dict__[self.field.name] = value


class PriceField(models.DecimalField):
    descriptor_class = PriceAttribute

    def to_python(self, value):
        is_whole = isinstance(value, str) and " " in value
        return value if is_whole else super().to_python(value)


class Priced(models.Model):
    currency = models.CharField(max_length=3, default="EUR")
    price = PriceField(max_digits=8, decimal_places=2)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return f"{self.price} {self.currency}"


class Loudly(DeferredAttribute):
    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value.upper()


class ShoutedField(models.CharField):
    descriptor_class = Loudly


class Emptied(models.CharField):
    """Has no NULL, as django-multiselectfield has none."""

    def get_prep_value(self, value):
        return "" if value is None else super().get_prep_value(value)


class Counted(models.IntegerField):
    count = 0

    def get_default(self):
        Counted.count += 1
        return Counted.count


class Shouted(models.Model):
    text = ShoutedField(max_length=20)
    note = Emptied(max_length=20, null=True)
    count = Counted()

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.text


def next_place():
    return (Queued.objects.aggregate(last=models.Max("place"))["last"] or 40) + 1


class Queued(models.Model):
    place = models.IntegerField(default=next_place)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.place)


class Visible(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(is_hidden=False)


class Hideable(models.Model):
    is_hidden = models.BooleanField(default=False)

    objects = Visible()

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)


class Shelf(models.Model):
    things = models.ManyToManyField(Hideable)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)


class Pin(models.Model):
    size = models.IntegerField(db_default=3)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.size)


class Ticket(models.Model):
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    title = models.CharField(max_length=20, default="x")
    number = models.IntegerField(default=1)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.title


class Lid(models.Model):
    code = models.CharField(max_length=10, primary_key=True)
    size = models.IntegerField(default=1)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.code


class LengthField(models.IntegerField):
    """A key that is made of the object that is saved."""

    def get_pk_value_on_save(self, instance):
        return 100 + len(instance.text)


class Box(models.Model):
    id = LengthField(primary_key=True)
    text = models.CharField(max_length=20)

    class Meta:
        app_label = "testapp"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.text == "bad":
            message = "no bad boxes"
            raise RuntimeError(message)

    def __str__(self):
        return self.text


class Mention(models.Model):
    """Remembers whom it was about, whatever became of them."""

    author = models.ForeignKey(
        "testapp.Author", models.DO_NOTHING, null=True, db_constraint=False
    )
    tags = models.ManyToManyField("testapp.Tag", db_constraint=False)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)
