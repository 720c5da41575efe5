"""Python values from the events of a YAML parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import Written, native, short
from loaddata_stdin.read.yaml_scalars import explicit, plain

__all__ = ["Builder", "YAMLProblem"]

_TAG = "tag:yaml.org,2002:"
_Scalar = yaml.ScalarEvent
_ENDS = {yaml.SequenceEndEvent, yaml.MappingEndEvent, type(None)}
# The mappings of an object and of its fields; what is in others is a value as a whole.
_OUTER_MAPPINGS = 2


class YAMLProblem(Exception):
    """What is wrong with the text, and a mark of the parser where."""

    def __init__(self, problem: str, mark: Any = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark = mark


class Builder:
    """Builds one object after the other.

    Values of fields may be `Written`, as may be those in lists there. A key is the text
    that was written.

    Args:
        next_event: returns the parser's next event.
        next_in_block: the same between the items of a list or mapping without brackets;
            None where the text ends there.
        limits: say how large and how deep an object may be.
    """

    def __init__(
        self,
        next_event: Callable[[], Any],
        next_in_block: Callable[[], Any],
        limits: Limits,
    ) -> None:
        self._next = next_event
        self._next_in_block = next_in_block
        self._limits = limits
        self._anchors: dict[str, tuple[Any, int]] = {}  # With their sizes.
        self._anchored_size = 0
        self._size = 0
        self._depth = 0
        self._mappings = 0

    def object(self, event: Any) -> Any:
        """Return the value that an event begins.

        Raises:
            YAMLProblem: it is too large or too deep, or nothing that a fixture holds.
        """
        self._size = self._depth = self._mappings = 0
        value = self._value(event)
        self._grow(0, event)
        return value

    def forget_anchors(self) -> None:
        """Forget the anchors: they hold within their document only."""
        self._anchors.clear()
        self._anchored_size = 0

    def _value(self, event: Any) -> Any:
        if event.__class__ is _Scalar:
            return self._scalar(event)
        if event.__class__ is yaml.AliasEvent:
            return self._alias(event)
        before = self._size
        value = self._collection(event)
        if event.anchor:
            self._remember(event, value, self._size - before)
        return value

    def _collection(self, event: Any) -> Any:
        self._size += 1
        self._depth += 1
        if self._depth > self._limits.depth:
            problem = "nested too deeply"
            raise YAMLProblem(problem, event.start_mark)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        kind = "map" if is_mapping else "seq"
        if event.tag not in {None, "!", f"{_TAG}{kind}"}:
            raise _unknown_tag(event)
        next_item = self._next if event.flow_style else self._next_in_block
        self._mappings += is_mapping
        value = self._mapping(next_item) if is_mapping else self._sequence(next_item)
        self._mappings -= is_mapping
        self._depth -= 1
        return value

    def _sequence(self, next_item: Callable[[], Any]) -> list[Any]:
        items = []
        while (event := next_item()).__class__ not in _ENDS:
            items.append(self._value(event))
        return items

    def _mapping(self, next_key: Callable[[], Any]) -> dict[str, Any]:
        items: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        next_event, scalar = self._next, self._scalar
        while (event := next_key()).__class__ not in _ENDS:
            key = event.value if event.__class__ is _Scalar else self._no_key(event)
            value_event = next_event()
            if value_event.__class__ is _Scalar:
                value = scalar(value_event)
            else:
                value = self._value(value_event)
            if key in items:
                problem = f"the key {short(key)!r} is there twice"
                raise YAMLProblem(problem, event.start_mark)
            if key == "<<" and event.implicit[0]:
                merged = _merged(value, event) | merged
            else:
                items[key] = value
        self._size += sum(map(len, items))
        return merged | items if merged else items

    def _no_key(self, event: Any) -> str:
        problem = "a key must be text"
        raise YAMLProblem(problem, event.start_mark)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        # How large it has become is asked at the end and for each alias: nothing else
        # makes an object larger than its text.
        self._size += len(text) + 1
        if event.tag is None or event.tag == "!":
            value = plain(text) if event.implicit[0] else text
        else:
            value = _tagged(event)
        if value.__class__ is Written and self._mappings > _OUTER_MAPPINGS:
            value = value.value
        if event.anchor:
            self._remember(event, value, len(text) + 1)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            problem = f"there is no anchor {short(event.anchor)!r} before this"
            raise YAMLProblem(problem, event.start_mark)
        value, size = self._anchors[event.anchor]
        self._grow(size, event)
        return native(value) if self._mappings > _OUTER_MAPPINGS else value

    def _remember(self, event: Any, value: Any, size: int) -> None:
        self._anchors[event.anchor] = value, size
        self._anchored_size += size
        if self._anchored_size > self._limits.object_size:
            problem = (
                f"the anchors of a document hold more than {self._limits.object_size}"
                " characters; raise --max-object-size"
            )
            raise YAMLProblem(problem, event.start_mark)

    def _grow(self, size: int, event: Any) -> None:
        self._size += size
        if self._size > self._limits.object_size:
            raise YAMLProblem(self._limits.too_large, event.start_mark)


def _merged(value: Any, event: Any) -> dict[str, Any]:
    mappings = value if isinstance(value, list) else [value]
    merged: dict[str, Any] = {}
    for mapping in reversed(mappings):  # The first one wins.
        if not isinstance(mapping, dict):
            problem = "<< takes a mapping, or a list of them"
            raise YAMLProblem(problem, event.start_mark)
        merged |= mapping
    return merged


def _tagged(event: Any) -> Any:
    try:
        return explicit(event.tag, event.value)
    except LookupError as error:
        raise _unknown_tag(event) from error
    except ValueError as error:
        raise YAMLProblem(str(error), event.start_mark) from error


def _unknown_tag(event: Any) -> YAMLProblem:
    problem = f"the tag {short(event.tag)!r} is nothing that a fixture holds"
    return YAMLProblem(problem, event.start_mark)
