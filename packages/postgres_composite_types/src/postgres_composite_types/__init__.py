"""PostgreSQL composite types as first-class Django fields.

The rooms, in the order in which a class comes to the database; imports point upwards
in this list, and never back:

    declare       the body of a class: members, names, the registry
    values        JSON and back, fast and exact
    types         CompositeType and its metaclass
    column        the field, arrays, lookups, and the SQL around values
    forms, array_forms   a form field for each member, and for lists
    schema        a type at one point of the history, and its DDL
    operations    what migrations hold; this import path stays
    detection     from changed classes to operations
    database      what a database has, beside the classes
    partners      Wagtail, django-import-export, serializers
    admin, drf    what you import for these; `apps` installs the rest

Migrations import `operations` and `CompositeValue` by the paths that they have.
"""

from __future__ import annotations

from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.declare.frozen import CompositeValue
from postgres_composite_types.exceptions import CompositeTypeError
from postgres_composite_types.types import CompositeType

__all__ = [
    "CompositeType",
    "CompositeTypeError",
    "CompositeTypeField",
    "CompositeValue",
]
