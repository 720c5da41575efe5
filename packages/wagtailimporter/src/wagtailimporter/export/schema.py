"""The files as a JSON Schema, down to blocks, for completion and checks in an editor.

It describes the form without tags. Draft 7 is what yaml-language-server reads.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    ChooserBlock,
    ListBlock,
    MultipleChoiceBlock,
    PageChooserBlock,
    RichTextBlock,
    StaticBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
)
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.models import Site

from wagtailimporter.fields.model_fields import RowsSetter, setters
from wagtailimporter.fields.setters import (
    ManySetter,
    ReferenceSetter,
    RichTextSetter,
    Setter,
    StreamSetter,
    TagsSetter,
    base_page_model,
)
from wagtailimporter.plan.objects import unique_names
from wagtailimporter.plan.permitted import is_permitted

__all__ = ["site_schema"]

Schema = dict[str, Any]
Block = Any

# A reader of YAML may take unquoted text for something else; the importer does not.
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_BOOLEAN: Schema = {"enum": [True, False, "yes", "no", "on", "off"]}
_UID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$",
}
_URL: Schema = {"type": "string", "pattern": "^/"}


def site_schema() -> Schema:
    """Return the schema of one document."""
    return _Writer().site()


class _Writer:
    """Writes each model and block once, as a definition that others refer to."""

    def __init__(self) -> None:
        self._definitions: dict[str, Schema] = {}
        self._blocks: dict[int, str] = {}

    def site(self) -> Schema:
        """Return the schema with all its definitions."""
        described = [m for m in apps.get_models() if _is_described(m)]
        cases = [
            _case("type", model._meta.label_lower, self._model(model))
            for model in described
        ]
        files = [
            {"if": {"required": [kind]}, "then": self._file_document(kind)}
            for kind in ("image", "document")
        ]
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "A document of a Wagtail site",
            "type": "object",
            "properties": {"type": {"enum": [m._meta.label_lower for m in described]}},
            "if": {"required": ["type"]},
            "then": {"allOf": cases},
            "else": {
                "anyOf": [{"required": ["image"]}, {"required": ["document"]}],
                "allOf": files,
            },
            "definitions": self._definitions,
        }

    def _model(self, model: Any) -> Schema:
        """Return a reference to the definition of a model's documents."""
        label = model._meta.label_lower
        if label not in self._definitions:
            self._definitions[label] = {}  # It may refer to itself.
            own: Schema = {"type": {"const": label}}
            required = ["type"]
            if issubclass(model, base_page_model()):
                own |= {
                    "url": _URL,
                    "uid": _UID,
                    "slug": _TEXT,
                    "live": _BOOLEAN,
                    "absent": _BOOLEAN,
                    "children": {"type": "array", "items": _TEXT},
                }
                required.append("url")
            self._definitions[label] = self._object({**self._fields(model), **own})
            self._definitions[label]["required"] = required
        return {"$ref": f"#/definitions/{label}"}

    def _object(self, properties: Schema) -> Schema:
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }

    def _file_document(self, kind: str) -> Schema:
        model = get_image_model() if kind == "image" else get_document_model()
        return self._object({**self._fields(model), kind: _TEXT})

    def _fields(self, model: Any) -> Schema:
        return {name: self._field(s) for name, s in setters(model).items()}

    def _field(self, setter: Setter) -> Schema:
        field = setter.field
        if isinstance(setter, RowsSetter):
            return {"type": "array", "items": self._row(setter)}
        if isinstance(setter, TagsSetter):
            return {"type": "array", "items": _TEXT}
        if isinstance(setter, ManySetter):
            target = self._reference(field.remote_field.model)
            return {"type": "array", "items": target}
        if isinstance(setter, StreamSetter):
            return _or_null(self._block(field.stream_block))
        if isinstance(setter, RichTextSetter):
            return _TEXT
        if isinstance(setter, ReferenceSetter):
            target = self._reference(field.remote_field.model)
            return _or_null(target) if field.null else target
        found = _with_help(self._column(field), field)
        return _or_null(found) if field.null else found

    def _row(self, setter: RowsSetter) -> Schema:
        label = setter.model._meta.label_lower
        if label not in self._definitions:
            self._definitions[label] = {}
            self._definitions[label] = self._object(self._fields(setter.model))
        return {"$ref": f"#/definitions/{label}"}

    def _column(self, field: Any) -> Schema:
        """Return the schema of a plain column."""
        composite = getattr(field, "composite", None)
        if composite is not None:
            members = {m.name: self._column(m) for m in composite._meta.fields}
            return {"anyOf": [self._object(members), _TEXT]}
        item = getattr(field, "base_field", None)
        if item is not None:
            return {"anyOf": [{"type": "array", "items": self._column(item)}, _TEXT]}
        if field.choices and not getattr(field, "null", False):
            return {"enum": [value for value, _ in field.flatchoices]}
        if isinstance(field, models.JSONField):
            return {}
        if isinstance(field, models.BooleanField):
            return _BOOLEAN
        if isinstance(field, models.IntegerField):
            return {"type": ["integer", "string"]}
        length = {"maxLength": field.max_length} if field.max_length else {}
        return {**_TEXT, **length}

    def _reference(self, model: Any) -> Schema:
        """Return the schema of a reference to an object of a model."""
        key: Schema = {"type": ["integer", "string"]}
        if issubclass(model, base_page_model()):
            by_url = self._object({"page": _URL}) | {"required": ["page"]}
            by_uid = self._object({"uid": _UID}) | {"required": ["uid"]}
            return {"anyOf": [by_url, by_uid, key]}
        for kind, files in (
            ("image", get_image_model),
            ("document", get_document_model),
        ):
            if issubclass(model, files()):
                return {"anyOf": [self._mention(kind), key]}
        lookups = [dict.fromkeys(names, _TEXT) for names in unique_names(model)] or [{}]
        found = {"type": "object", "minProperties": 1}
        if not issubclass(model, AbstractBaseUser):
            found |= {"properties": {n: v for part in lookups for n, v in part.items()}}
        return {"anyOf": [found, key]}

    def _mention(self, kind: str) -> Schema:
        name = f"{kind} reference"
        if name not in self._definitions:
            self._definitions[name] = {}
            self._definitions[name] = {
                **self._file_document(kind),
                "required": [kind],
            }
        return {"$ref": f"#/definitions/{name}"}

    def _block(self, block: Block) -> Schema:
        """Return a reference to the definition of a block's content."""
        if id(block) not in self._blocks:
            name = f"block {len(self._blocks) + 1} {block.name or 'stream'}"
            self._blocks[id(block)] = name
            self._definitions[name] = {}
            self._definitions[name] = self._content(block)
        return {"$ref": f"#/definitions/{self._blocks[id(block)]}"}

    def _content(self, block: Block) -> Schema:
        if isinstance(block, StreamBlock):
            return self._stream(block)
        if isinstance(block, ListBlock):
            return {"type": "array", "items": self._block(block.child_block)}
        if isinstance(block, StructBlock):
            return self._struct(block)
        if isinstance(block, ChooserBlock):
            return _or_null(self._chooser(block))
        if isinstance(block, (BooleanBlock,)):
            return _BOOLEAN
        if isinstance(block, MultipleChoiceBlock):
            return {"type": "array", "items": _TEXT}
        if isinstance(block, (CharBlock, TextBlock, RichTextBlock)):
            length = getattr(getattr(block, "field", None), "max_length", None)
            return _or_null({**_TEXT, **({"maxLength": length} if length else {})})
        if isinstance(block, ChoiceBlock):
            return _or_null({"enum": _choices(block)})
        return {}

    def _chooser(self, block: Block) -> Schema:
        if isinstance(block, PageChooserBlock):
            return self._reference(base_page_model())
        return self._reference(block.model_class)

    def _struct(self, block: Block) -> Schema:
        members = {n: self._block(child) for n, child in block.child_blocks.items()}
        found = self._object(members)
        if isinstance(block, ImageBlock):
            return {"anyOf": [found, self._mention("image"), {"type": "null"}]}
        return found

    def _stream(self, block: Block) -> Schema:
        cases = [
            _case("type", name, self._item(child))
            for name, child in block.child_blocks.items()
        ]
        item = {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": list(block.child_blocks)}},
            "allOf": cases,
        }
        return {"type": "array", "items": item}

    def _item(self, child: Block) -> Schema:
        """Return the schema of a block with its type; a struct's members may be beside."""
        own = {"type": {}, "id": _TEXT}
        if isinstance(child, StaticBlock):
            return self._object({**own, "value": {}})
        whole = self._object({**own, "value": self._block(child)})
        if not isinstance(child, StructBlock):
            return whole
        members = {n: self._block(block) for n, block in child.child_blocks.items()}
        return {
            "if": {"required": ["value"]},
            "then": whole,
            "else": self._object({**members, **own}),
        }


def _is_described(model: Any) -> bool:
    """Return whether files may describe objects of a model by its label."""
    if issubclass(model, base_page_model()):
        return bool(model.is_creatable)
    if issubclass(model, (get_image_model(), get_document_model())):
        return False
    is_found = bool(unique_names(model)) or issubclass(model, BaseGenericSetting)
    return model is Site or (is_found and is_permitted(model))


def _case(name: str, value: str, then: Schema) -> Schema:
    condition = {"properties": {name: {"const": value}}, "required": [name]}
    return {"if": condition, "then": then}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _with_help(schema: Schema, field: Any) -> Schema:
    text = str(getattr(field, "help_text", "") or "")
    return {**schema, "description": text} if text else schema


def _choices(block: Block) -> list[Any]:
    found = []
    for value, label in block.field.choices:
        grouped = isinstance(label, (list, tuple))
        found += [inner for inner, _ in label] if grouped else [value]
    return found
