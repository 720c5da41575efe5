"""Parse YAML text into values: places kept, duplicate keys and bombs refused."""

from __future__ import annotations

import yaml

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.parse.values import Mapping, Place, Scalar, Sequence, Value

__all__ = ["parse"]

MAX_DEPTH = 100
MAX_ALIASED_NODES = 100_000

_CORE = "tag:yaml.org,2002:"
_KNOWN_CORE = frozenset(
    ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
)


# Only composes, so that nobody's tags are constructed, nor ours by anybody else.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(data: bytes, file: str) -> list[Value]:
    """Return the documents of a YAML stream, empty ones left out.

    Args:
        data: UTF-8 or UTF-16.
        file: how messages name the stream.

    Raises:
        ImportFailed: the YAML is malformed, repeats a key, is nested or aliased
            beyond reason, or uses a tag of YAML that is not data.
    """
    try:
        nodes = list(yaml.compose_all(data, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(mark, file) if mark else file
        problem = error.problem or error.context or "malformed"
        raise ImportFailed.at(place, f"not YAML: {problem}.") from error
    except yaml.reader.ReaderError as error:
        before = data[: error.position]
        column = error.position - (before.rfind(b"\n") + 1) + 1
        place = Place(file, before.count(b"\n") + 1, column)
        message = f"not YAML: {error.reason}; save the file as UTF-8."
        raise ImportFailed.at(place, message) from error
    except RecursionError as error:
        message = f"nested deeper than {MAX_DEPTH} levels; flatten it."
        raise ImportFailed.at(file, message) from error
    documents = [_Converter(file).convert(node) for node in nodes]
    return [d for d in documents if not (isinstance(d, Scalar) and d.is_null)]


def _place(mark: yaml.Mark, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)


class _Converter:
    """Turns the nodes of one document into values, every node once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._done: dict[int, tuple[Value, int]] = {}
        self._open: set[int] = set()
        self._aliased = 0  # the nodes that aliases have unfolded to so far

    def convert(self, node: yaml.Node) -> Value:
        """Return the value of the root node."""
        return self._value(node)[0]

    def _value(self, node: yaml.Node) -> tuple[Value, int]:
        """Return the value of a node and how many nodes it unfolds to."""
        key = id(node)
        place = _place(node.start_mark, self._file)
        if key in self._done:
            self._aliased += self._done[key][1]
            if self._aliased > MAX_ALIASED_NODES:
                message = (
                    f"the aliases of this unfold to more than {MAX_ALIASED_NODES}"
                    " values; write fewer of them."
                )
                raise ImportFailed.at(place, message)
            return self._done[key]
        if key in self._open:
            raise ImportFailed.at(place, "an alias contains itself; write it out.")
        if len(self._open) >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels; flatten it."
            raise ImportFailed.at(place, message)
        self._open.add(key)
        self._done[key] = result = self._convert(node, place)
        self._open.remove(key)
        return result

    def _convert(self, node: yaml.Node, place: Place) -> tuple[Value, int]:
        tag = self._tag(node, place)
        if isinstance(node, yaml.ScalarNode):
            is_null, is_plain = node.tag == f"{_CORE}null", not node.style
            return Scalar(node.value, is_null, is_plain, tag, place), 1
        if isinstance(node, yaml.SequenceNode):
            parts = [self._value(item) for item in node.value]
            items = tuple(value for value, _ in parts)
            return Sequence(items, tag, place), 1 + sum(size for _, size in parts)
        mapping = Mapping({}, tag, place, {})
        return mapping, 1 + self._fill(mapping, node.value)

    def _tag(self, node: yaml.Node, place: Place) -> str:
        """Return the tag where the author wrote one of ours, else ''."""
        tag: str = node.tag
        if not tag.startswith("tag:"):
            return "" if tag == "!" else tag
        if tag.removeprefix(_CORE) in _KNOWN_CORE:
            return ""
        raise ImportFailed.at(place, f"tag '{tag}' is not read; write plain YAML.")

    def _fill(self, mapping: Mapping, pairs: list[tuple[yaml.Node, yaml.Node]]) -> int:
        size, merged = 0, []
        for key, child in pairs:
            place = _place(key.start_mark, self._file)
            if not isinstance(key, yaml.ScalarNode):
                raise ImportFailed.at(place, "a key is not text; write a name.")
            value, child_size = self._value(child)
            size += 1 + child_size
            if key.tag == f"{_CORE}merge":
                merged.append(value)
                continue
            if key.value in mapping.entries:
                first = mapping.places[key.value].line
                message = f"'{key.value}' is here twice (line {first}); keep one."
                raise ImportFailed.at(place, message)
            mapping.entries[key.value] = value
            mapping.places[key.value] = place
        for value in merged:
            _merge(mapping, value)
        return size


def _merge(mapping: Mapping, source: Value) -> None:
    """Add what `<<:` names; own keys win, then earlier sources."""
    sources = source.items if isinstance(source, Sequence) else (source,)
    for other in sources:
        if not isinstance(other, Mapping):
            raise ImportFailed.at(
                other.place, "'<<' takes a mapping or a list of them."
            )
        for name, value in other.entries.items():
            if name not in mapping.entries:
                mapping.entries[name] = value
                mapping.places[name] = other.places[name]
