"""Read StreamField content: strictly, into native values, then validated."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeGuard

from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList
from wagtail.blocks import (
    ChooserBlock,
    FieldBlock,
    ListBlock,
    MultipleChoiceBlock,
    PageChooserBlock,
    RichTextBlock,
    StaticBlock,
    StreamBlock,
    StreamValue,
    StructBlock,
)
from wagtail.blocks.list_block import ListValue
from wagtail.embeds.blocks import EmbedBlock, EmbedValue
from wagtail.embeds.finders import get_finders
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText

from wagtailimporter.exceptions import ImportFailed, Problem, Problems, suggestion
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.rich_text import canonical, read_rich_text
from wagtailimporter.fields.scalars import form_value, json_value, scalar
from wagtailimporter.parse.values import Mapping, Scalar, Sequence, Value

__all__ = ["adopt_ids", "read_stream"]

# Blocks are other people's classes without annotations: Any throughout.
Block = Any


def read_stream(field: StreamField, value: Value, resolver: Resolver) -> StreamValue:
    """Return validated content for a StreamField.

    Raises:
        ImportFailed: every unknown type or key, every value that its block
            refuses, each at its place with the path of the block.
    """
    block = _private_copy(field)
    native = _read(block, value, resolver, field.name)
    return _clean(block, native, value, field.name)


def _clean(block: Block, native: Any, value: Value, path: str) -> Any:
    """Return a value as its block leaves it.

    Raises:
        ImportFailed: the block refuses it.
    """
    try:
        return block.clean(native)
    except ValidationError as error:
        raise ImportFailed(_located(error, block, value, path)) from error


class _Children:
    """Reads the children of a block; if one is refused, the others are checked.

    The block itself can be checked only when all of them could be read.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._problems = Problems()
        self._read: list[tuple[Block, Any, Value, str]] = []

    @property
    def collected(self) -> AbstractContextManager[None]:
        """Keep the problems raised inside, and go on."""
        return self._problems.collected()

    def read(self, block: Block, value: Value, path: str) -> Any:
        """Return the native value of a child."""
        native = _read(block, value, self._resolver, path)
        self._read.append((block, native, value, path))
        return native

    def finish(self) -> None:
        """Raise what was collected, with what else the children's blocks refuse."""
        if self._problems.found:
            for child in self._read:
                with self.collected:
                    _clean(*child)
        self._problems.raise_if_any()


@functools.cache
def _private_copy(field: StreamField) -> StreamBlock:
    """Return the field's blocks, which ask neither the database nor a server.

    Wagtail's chooser asks the database again for every block, and cannot be
    given a page that this run is about to create.
    """
    top = copy.deepcopy(field.stream_block)
    for block in _descendants(top, set()):
        if isinstance(block, ChooserBlock) and type(block).clean is ChooserBlock.clean:
            block.clean = functools.partial(_clean_choice, block)
        if isinstance(block, EmbedBlock):
            block.clean = functools.partial(_clean_embed, block)
    return top


def _descendants(block: Block, seen: set[int]) -> Iterator[Block]:
    if id(block) in seen:
        return
    seen.add(id(block))
    yield block
    for child in getattr(block, "child_blocks", {}).values():
        yield from _descendants(child, seen)
    if isinstance(block, ListBlock):
        yield from _descendants(block.child_block, seen)


def _clean_choice(block: Block, value: Any) -> Any:
    if value is None:
        block.field.validate(value)
    else:
        block.field.run_validators(value)
    return value


def _clean_embed(block: Block, value: Any) -> Any:
    """Check an address without asking its server, as Wagtail's own block would."""
    if not value:
        block.field.validate("")
    elif not any(finder.accept(value.url) for finder in get_finders()):
        message = f"no embed finder takes '{value.url}'; see WAGTAILEMBEDS_FINDERS."
        raise ValidationError(message)
    return value


def _read(block: Block, value: Value, resolver: Resolver, path: str) -> Any:
    """Return the native value of any block, not yet validated."""
    if isinstance(block, StreamBlock):
        return _read_children(block, value, resolver, path)
    if isinstance(block, ListBlock):
        return _read_list(block, value, resolver, path)
    if isinstance(block, StructBlock):
        return _read_struct(block, value, resolver, path)
    if isinstance(block, ChooserBlock):
        return _read_choice(block, value, resolver)
    if isinstance(block, StaticBlock):
        return block.normalize(None)
    if isinstance(block, RichTextBlock):
        html = read_rich_text(value, resolver, block.editor, block.features)
        return block.normalize(html)
    if isinstance(block, EmbedBlock) and isinstance(value, Scalar):
        url = scalar(value).text
        return EmbedValue(url) if url and not value.is_null else None
    if isinstance(block, FieldBlock) and isinstance(value, Scalar):
        return block.value_from_form(form_value(block.field, value))
    return _read_other(block, value)


def _read_other(block: Block, value: Value) -> Any:
    """Return the value of a block that is no single scalar: choices, a table."""
    if isinstance(block, MultipleChoiceBlock):
        return block.value_from_form(form_value(block.field, value))
    data = json_value(value)
    # A block that takes data is no field, or one whose form carries it as text.
    with suppress(AttributeError, TypeError, ValueError):
        native = block.to_python(data)
        if not isinstance(block, FieldBlock) or isinstance(
            block.value_for_form(native), str
        ):
            return native
    scalar(value)
    raise ImportFailed.at(value.place, f"this is no value of a '{block.name}' block.")


def _items(value: Value, what: str) -> tuple[Value, ...]:
    if isinstance(value, Sequence):
        return value.items
    if isinstance(value, Scalar) and value.is_null:
        return ()
    raise ImportFailed.at(value.place, f"expected a list of {what}.")


def _read_children(
    block: Block, value: Value, resolver: Resolver, path: str
) -> StreamValue:
    reader, children = _Children(resolver), []
    for index, item in enumerate(_items(value, "blocks, each with 'type' and 'value'")):
        with reader.collected:
            child, content, block_id = _block_parts(block, item)
            native = reader.read(child, content, f"{path}[{index}].{child.name}")
            children.append((child.name, native, block_id))
    reader.finish()
    return StreamValue(block, children)


def _block_parts(block: Block, item: Value) -> tuple[Block, Value, str | None]:
    """Return the block, its content and its id, of either way to write them."""
    if not isinstance(item, Mapping) or "type" not in item.entries:
        raise ImportFailed.at(item.place, "expected a block: 'type' and 'value'.")
    entries = item.entries
    kind = scalar(entries["type"]).text
    if kind not in block.child_blocks:
        hint = suggestion(kind, block.child_blocks)
        message = f"there is no block type '{kind}' here; {hint}"
        raise ImportFailed.at(entries["type"].place, message)
    child = block.child_blocks[kind]
    block_id = scalar(entries["id"]).text if "id" in entries else None
    return child, _content(child, item), block_id


def _content(child: Block, item: Mapping) -> Value:
    """Return what stands under `value:`, or beside `type:` for a struct."""
    rest = {n: v for n, v in item.entries.items() if n not in ("type", "id")}
    if rest.keys() == {"value"}:
        return rest["value"]
    if isinstance(child, StructBlock):
        return Mapping(rest, "", item.place, item.places)
    for name in rest.keys() - {"value"}:
        message = (
            f"'{name}' cannot stand beside 'type' of '{child.name}'; write 'value'."
        )
        raise ImportFailed.at(item.places[name], message)
    return Scalar("", True, True, "", item.place)


def _read_struct(block: Block, value: Value, resolver: Resolver, path: str) -> Any:
    if isinstance(block, ImageBlock) and _is_image(value):
        return _read_image(block, value, resolver)
    if not _is_plain_mapping(value):
        names = ", ".join(block.child_blocks)
        raise ImportFailed.at(value.place, f"expected a mapping with: {names}.")
    reader, members = _Children(resolver), {}
    for name, item in value.entries.items():
        with reader.collected:
            if name not in block.child_blocks:
                hint = suggestion(name, block.child_blocks)
                message = f"there is no '{name}' in this block; {hint}"
                raise ImportFailed.at(value.places[name], message)
            child = block.child_blocks[name]
            members[name] = reader.read(child, item, f"{path}.{name}")
    reader.finish()
    for name in block.child_blocks.keys() - members:
        members[name] = _default(block.child_blocks[name])
    if isinstance(block, ImageBlock):
        members["image"] = resolver.copy_of(members["image"])
    ordered = {name: members[name] for name in block.child_blocks}
    return block.normalize(ordered)


def _default(block: Block) -> Any:
    """Return what a missing member holds; for a list that is nothing.

    Wagtail's own default of a list, one empty item for the editor to fill in,
    would be refused as incomplete.
    """
    if isinstance(block, ListBlock) and block.meta.default == [
        block.child_block.get_default()
    ]:
        return block.empty_value()
    return block.get_default()


def _is_image(value: Value) -> bool:
    """Return whether an image stands in the place of an image with its alt text."""
    if not _is_plain_mapping(value):
        return True
    name = value.entries.get("image")
    return isinstance(name, Scalar) and not (name.is_null or name.text.isdecimal())


def _is_plain_mapping(value: Value) -> TypeGuard[Mapping]:
    return isinstance(value, Mapping) and not value.tag


def _read_image(block: Block, value: Value, resolver: Resolver) -> Any:
    """Return an image written without its alt text: the image's own is taken."""
    image = _read_choice(block.child_blocks["image"], value, resolver)
    image = resolver.copy_of(image)
    alt_text = image.default_alt_text if image else ""
    return block.normalize({"image": image, "decorative": False, "alt_text": alt_text})


def _read_list(block: Block, value: Value, resolver: Resolver, path: str) -> ListValue:
    reader, children = _Children(resolver), []
    for index, item in enumerate(_items(value, "items")):
        with reader.collected:
            native = reader.read(block.child_block, item, f"{path}[{index}]")
            children.append(ListValue.ListChild(block.child_block, native))
    reader.finish()
    return ListValue(block, bound_blocks=children)


def _read_choice(block: Block, value: Value, resolver: Resolver) -> Any:
    allowed = (block.model_class,)
    if isinstance(block, PageChooserBlock) and block.target_models:
        allowed = tuple(block.target_models)
    return resolver.one_of(allowed, value)


def _located(error: Any, block: Block, value: Value, path: str) -> Iterator[Problem]:
    """Yield the problems inside a block's validation error, each at its place."""
    children = getattr(error, "block_errors", {})
    for key, child_error in children.items():
        child, content, step = _step(block, value, key)
        yield from _located(child_error, child, content, path + step)
    own = getattr(error, "non_block_errors", () if children else error.messages)
    for message in ErrorList(own):
        yield Problem(value.place, f"{path}: {message}")


def _step(block: Block, value: Value, key: Any) -> tuple[Block, Value, str]:
    """Return the child that a key of block errors names, its content and path.

    What stands nowhere, because a default was taken, is placed at its parent.
    """
    if isinstance(block, StreamBlock) and isinstance(value, Sequence):
        child, content, _ = _block_parts(block, value.items[key])
        return child, content, f"[{key}].{child.name}"
    if isinstance(block, ListBlock):
        content = value.items[key] if isinstance(value, Sequence) else value
        return block.child_block, content, f"[{key}]"
    content = value.entries.get(key, value) if _is_plain_mapping(value) else value
    return getattr(block, "child_blocks", {}).get(key), content, f".{key}"


def adopt_ids(native: Any, stored: Any) -> None:
    """Give blocks the ids of the stored blocks at the same place, type by type.

    Args:
        native: a value of `read_stream` or of a block in it.
        stored: the raw data in its place in the database.
    """
    if isinstance(native, StreamValue) and isinstance(stored, list):
        for child, raw in zip(native, stored, strict=False):
            if raw["type"] == child.block_type:
                child.id = child.id or raw.get("id")
                adopt_ids(child.value, raw["value"])
    elif isinstance(native, ListValue) and isinstance(stored, list):
        _adopt_item_ids(native, stored)
    elif isinstance(native, dict) and isinstance(stored, dict):
        for name, member in native.items():
            adopt_ids(member, stored.get(name))
    elif isinstance(native, RichText):
        is_same = canonical(native.source) == canonical(str(stored))
        if is_same:
            native.source = stored  # with the keys of its blocks of text


def _adopt_item_ids(native: ListValue, stored: list[Any]) -> None:
    for child, raw in zip(native.bound_blocks, stored, strict=False):
        if isinstance(raw, dict) and raw.get("type") == "item" and "id" in raw:
            child.id = raw["id"]
            adopt_ids(child.value, raw["value"])
