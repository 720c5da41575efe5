"""The value of a field or block as data that imports to the same value."""

from __future__ import annotations

import datetime
from collections.abc import Container
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from wagtail.blocks import (
    ChooserBlock,
    ListBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
)

from wagtailimporter.export.references import Names
from wagtailimporter.fields.model_fields import RowsSetter, setters
from wagtailimporter.fields.setters import (
    ManySetter,
    PasswordSetter,
    PropertySetter,
    ReferenceSetter,
    RichTextSetter,
    Setter,
    StreamSetter,
    TagsSetter,
)

__all__ = ["block_data", "field_data", "fields_of"]

Data = Any  # what `emitter` writes
Block = Any

# Of a page, these belong to the site and its editors, or stand elsewhere.
_NOT_EXPORTED = {
    *("owner", "locked", "locked_at", "locked_by", "locale", "translation_key"),
    *("password", "content_type", "alias_of", "draft_title", "file_hash", "file_size"),
    *("uploaded_by_user", "created_at", "width", "height", "sort_order"),
}


def fields_of(
    instance: models.Model, names: Names, skipped: Container[str] = ()
) -> dict[str, Data]:
    """Return the fields of an object that differ from those of a new one."""
    model: Any = type(instance)
    new, found = model(), {}
    for name, setter in _title_first(setters(model)):
        if name in _NOT_EXPORTED or name in skipped:
            continue
        if isinstance(setter, ReferenceSetter):
            # If it is the default, its target is not even named, nor exported for it.
            if not _is_same(setter, instance, new):
                found[name] = field_data(setter, instance, names)
            continue
        value = field_data(setter, instance, names)
        if value != _default(setter, new, names):
            found[name] = value
    return found


def _is_same(setter: Setter, instance: models.Model, new: models.Model) -> bool:
    field = setter.field
    return bool(field.value_from_object(instance) == field.value_from_object(new))


def _title_first(known: dict[str, Setter]) -> list[tuple[str, Setter]]:
    return sorted(known.items(), key=lambda item: item[0] != "title")


def _default(setter: Setter, new: models.Model, names: Names) -> Data:
    if isinstance(setter, (RowsSetter, ManySetter)):
        return []
    return field_data(setter, new, names)


def field_data(setter: Setter, instance: Any, names: Names) -> Data:
    """Return the value of one field."""
    field = setter.field
    if isinstance(setter, PropertySetter):
        return getattr(instance, field)
    if isinstance(setter, PasswordSetter):
        return None  # Nobody is to read it.
    if isinstance(setter, RowsSetter):
        rows = getattr(instance, field.get_accessor_name()).all()
        parent = field.field.name
        return [_row(row, parent, names) for row in rows]
    if isinstance(setter, TagsSetter):
        return sorted(tag.name for tag in getattr(instance, field.name).all())
    if isinstance(setter, ManySetter):
        model = field.remote_field.model
        targets = getattr(instance, field.name).all()
        return sorted((names.name(model, t.pk) for t in targets), key=str)
    value = field.value_from_object(instance)
    if isinstance(setter, StreamSetter):
        raw = field.get_prep_value(value) if value else []
        return block_data(field.stream_block, raw, names)
    if isinstance(setter, ReferenceSetter):
        return None if value is None else names.name(field.remote_field.model, value)
    if isinstance(setter, RichTextSetter):
        return names.rich_text(value or "")
    return plain(field, value)


def _row(row: Any, parent: str, names: Names) -> dict[str, Data]:
    """Return the fields of a row, which knows its parent by its place."""
    model: Any = type(row)
    known = setters(model)
    skipped = {parent, *(n for n, setter in known.items() if setter.needs_stored)}
    return fields_of(row, names, skipped)


def plain(field: Any, value: Any) -> Data:
    """Return the value of a plain column: text, but for what YAML has types for."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(field, models.JSONField):
        return value
    item = getattr(field, "base_field", None)  # PostgreSQL's ArrayField
    if item is not None:
        return [plain(item, part) for part in value]
    composite = getattr(field, "composite", None)
    if composite is not None:
        return {
            member.name: plain(member, getattr(value, member.name))
            for member in composite._meta.fields
        }
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc)
        return value.isoformat(sep=" ")
    return str(DjangoJSONEncoder().default(value))


def block_data(block: Block, raw: Any, names: Names) -> Data:
    """Return the content of a block from its stored form."""
    if isinstance(block, StreamBlock):
        return [
            _child(block.child_blocks[item["type"]], item["value"], names)
            for item in raw or []
            if item["type"] in block.child_blocks
        ]
    if isinstance(block, ListBlock):
        items = (i["value"] if _is_item(i) else i for i in raw or [])
        return [block_data(block.child_block, item, names) for item in items]
    if isinstance(block, StructBlock) and isinstance(raw, dict):
        return {
            name: block_data(child, raw[name], names)
            for name, child in block.child_blocks.items()
            if name in raw and raw[name] is not None
        }
    if isinstance(block, ChooserBlock):
        return None if raw is None else _chosen(block, raw, names)
    if isinstance(block, RichTextBlock):
        return names.rich_text(raw or "")
    return raw


def _child(block: Block, raw: Any, names: Names) -> dict[str, Data]:
    data = block_data(block, raw, names)
    found = {"type": block.name}
    return found if data is None else {**found, "value": data}


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "item" and "value" in value


def _chosen(block: Block, key: Any, names: Names) -> Data:
    try:
        return names.name(block.model_class, key)
    except KeyError:  # It was deleted meanwhile.
        return None
