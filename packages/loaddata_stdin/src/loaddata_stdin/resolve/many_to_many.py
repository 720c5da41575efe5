"""Many-to-many fields: what their tables are to hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loaddata_stdin.encode.cells import Dialect, Slow
from loaddata_stdin.exceptions import FieldValueError
from loaddata_stdin.model.field_values import key_for
from loaddata_stdin.model.natural_keys import NaturalKey, key_text
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.resolve.key_option import Keys
from loaddata_stdin.resolve.new_keys import NewKeys
from loaddata_stdin.resolve.references import References
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.attempts import attempt
from loaddata_stdin.stage.objects import ALL, LATE, NOT_LATE, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["Relation"]

# Any in this module: fields, and values of any type.

_MANY = 1 << 40
_META = {
    "#number": "bigint",
    "#line": "integer",
    "#column": "integer",
    "#late": "integer",
    "#text": "text",
}


class Relation(Table):
    """The targets that objects of the stream list in one many-to-many field.

    An object that lists none has one row without a target.

    Attributes:
        target: the foreign key of its table to what is listed.
        references: those that are natural keys.
        columns: the names of what a row holds.
    """

    def __init__(self, field: Any, owner: Stage, to: Dialect, keys: Keys) -> None:
        """Create the staging table.

        Args:
            field: the many-to-many field.
            owner: the objects that list the targets.
            to: what the database takes as cells.
            keys: which rows are found by other fields than the primary key.
        """
        connection = owner.connection
        self._keys = keys
        self.may_wait, self.may_send_ahead = True, owner.may_send_ahead
        through = field.remote_field.through
        self.field = field
        self.label = owner.label
        self._owner = owner
        self._dialect = to
        self._source = through._meta.get_field(field.m2m_field_name())
        self.target = through._meta.get_field(field.m2m_reverse_field_name())
        source, target = self._source.column, self.target.column
        super().__init__(
            connection,
            through._meta.db_table,
            {**_META, source: "", target: "", **keys.columns([self.target])},
            owner.problems,
        )
        self._table = self.quote(through._meta.db_table)
        self.columns = ["#number", "#line", "#column", source, target, "#text"]
        self.key_column = source
        self.key, self._other = self.quote(source), self.quote(target)
        self.references = References(self, field, target, "#text")

    def maker(
        self, name: str, format_name: str
    ) -> Callable[[FixtureObject], list[Any]]:
        """Return what makes the rows of an object that lists the field.

        Args:
            name: under which the objects list it.
            format_name: of the objects.
        """
        source = Slow(self._source, self._dialect, format_name)
        targets = _Targets(self, format_name)
        null, is_text = self._dialect.null, isinstance(self._dialect.null, str)

        def rows(item: FixtureObject) -> list[Any]:
            values = item.values
            cells = targets(values["fields"][name]) or [(null, null)]
            key = values.get("pk")
            start = item.number, item.line, item.column, source(key)
            if not is_text:
                return [(*start, *cell) for cell in cells]
            head = "{}\t{}\t{}\t{}\t".format(*start)
            return [f"{head}{target}\t{text}\n" for target, text in cells]

        return rows

    def own(self) -> None:
        """Give the rows of objects without a key the key that these have got."""
        owner = self._owner
        self.execute(
            f"UPDATE {self.name} AS s SET {self.key} = o.{owner.key}"  # noqa: S608
            f" FROM {owner.name} AS o"
            f' WHERE s.{self.key} IS NULL AND o."#number" = s."#number"'
        )

    def field_names(self, column: str) -> list[str]:
        """Return the name of the field, whichever column it is."""
        return [self.field.name]

    @property
    def owner(self) -> Stage:
        """Return the objects that list the targets."""
        return self._owner

    def wait_together(self) -> None:
        """Let what an object lists wait for all of it, and for the object."""
        late = [
            f'"#number" IN (SELECT "#number" FROM {name} WHERE "#late" = {LATE})'  # noqa: S608
            for name in (self._owner.name, self.name)
        ]
        self.execute(
            f'UPDATE {self.name} SET "#late" = {LATE} WHERE {" OR ".join(late)}'  # noqa: S608
        )

    def find_keys(self) -> None:
        """Give the rows the primary keys that the objects of the stream have got."""
        if self._keys.locals_for(self._source):
            # The owner's, whatever the stream has.
            self.execute(
                f"UPDATE {self.name} SET {self.key} = NULL"  # noqa: S608
                f' WHERE "#number" > {self._owner.written}'
            )
        self._keys.set_aside(self, [self.target])
        self._keys.put_back(self, [self.target])

    def forget_where(self, where: str) -> None:
        """Forget what objects list for which a condition on `s` holds."""
        self.execute(f"DELETE FROM {self.name} AS s WHERE {where}")  # noqa: S608

    def forget(self) -> None:
        """Keep only what waits for later objects."""
        self.execute(f"DELETE FROM {self.name} AS s WHERE {NOT_LATE}")  # noqa: S608

    def write(self, sequences: Sequences) -> None:
        """Make the table hold what is listed."""
        through = self.field.remote_field.through
        sequence, key, source = sequences.of(through), "", ""
        if sequence and sequence.is_read_only:
            column = self.quote(through._meta.pk.column)
            new = NewKeys(through, [(self._table, column)], sequences)
            key, source = f"{column}, ", f"{new.source(self, _MANY)}, "
        attempt(
            self,
            f"DELETE FROM {self._table} AS t WHERE {self._unlisted()}",  # noqa: S608
        )
        attempt(
            self,
            f"INSERT INTO {self._table} ({key}{self.key}, {self._other})"  # noqa: S608
            f" SELECT {source}s.{self.key}, s.{self._other} FROM {self.name} AS s"
            f" WHERE {self._missing()} GROUP BY s.{self.key}, s.{self._other}"
            f' ORDER BY MIN(s."#number"), s.{self._other}',
        )

    def changes(self) -> str:
        """Return a query of what writing changes: the key, "+" or "-", and the target."""
        return (
            f"SELECT t.{self.key} AS key, '-' AS sign, t.{self._other} AS target"  # noqa: S608
            f" FROM {self._table} AS t WHERE {self._unlisted()} UNION"
            f" SELECT s.{self.key}, '+', s.{self._other} FROM {self.name} AS s"
            f" WHERE {self._missing()}"
        )

    def _unlisted(self) -> str:
        """Return the condition on `t` for what is there and no longer listed."""
        return (
            f"t.{self.key} IN"  # noqa: S608
            f" (SELECT s.{self.key} FROM {self.name} AS s WHERE {ALL} AND {NOT_LATE})"
            f" AND NOT EXISTS (SELECT 1 FROM {self.name} AS s"
            f" WHERE {self._pair}{self._last})"
        )

    def _missing(self) -> str:
        """Return the condition on `s` for what is listed and not there."""
        return (
            f"{ALL} AND s.{self._other} IS NOT NULL AND {NOT_LATE}{self._last} AND NOT EXISTS"  # noqa: S608
            f" (SELECT 1 FROM {self._table} AS t WHERE {self._pair})"
        )

    @property
    def _pair(self) -> str:
        return f"s.{self.key} = t.{self.key} AND s.{self._other} = t.{self._other}"

    @property
    def _last(self) -> str:
        """Return a condition on `s`: the last object with its key lists it."""
        if self._owner.is_sorted:
            return ""
        return (
            f" AND NOT EXISTS (SELECT 1 FROM {self.name} AS o WHERE"  # noqa: S608
            f' o.{self.key} = s.{self.key} AND o."#number" > s."#number")'
        )


class _Targets:
    """The cells of the targets that a field lists."""

    def __init__(self, relation: Relation, format_name: str) -> None:
        field = relation.field
        model = field.remote_field.model
        self._field = field
        self._dialect = relation._dialect
        self._format = format_name
        self._slow = Slow(relation.target, self._dialect, format_name)
        self._is_integer = self._dialect.kind(relation.target) == "integer"
        self._is_named = hasattr(model._default_manager, "get_by_natural_key")
        alias = self._dialect.connection.alias
        natural = NaturalKey.of(model, alias)
        self._natural = natural.fields if natural else ()

    def __call__(self, values: Any) -> list[tuple[Any, Any]]:
        """Return the values and the natural keys, of each one of the two."""
        try:
            return [self._cell(value) for value in values]
        except FieldValueError as error:
            raise FieldValueError(self._field.name, values, error.error) from error
        except (TypeError, ValueError) as error:
            raise FieldValueError(self._field.name, values, error) from error

    def _cell(self, value: Any) -> tuple[Any, Any]:
        if value is None:
            message = "null is no key"
            raise FieldValueError(self._field.name, value, ValueError(message))
        null = self._dialect.null
        if value.__class__ is int and self._is_integer:
            return value, null
        if self._is_named and value.__class__ is list:
            parts = value
            if self._format == "yaml":
                parts = key_for(self._field, value)
            return null, self._dialect.text(key_text(parts, self._natural))
        return self._slow(value), null
