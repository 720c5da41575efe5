"""Django's admin: a filter by member, and labels where a value is only shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.admin import FieldListFilter, helpers, utils
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags import admin_list
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from choice_array_field.column.display import labels
from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.members.choices import value_of
from choice_array_field.partners.facets import count_members
from choice_array_field.partners.replacing import replace

__all__ = ["MembersListFilter", "install"]


class MembersListFilter(FieldListFilter):
    """Chooses members one by one: rows that have any of them, or all of them.

    In the URL it is the lookup itself, `?flags__overlap=a&flags__overlap=b` or
    `?flags__contains=a&flags__contains=b`; `?flags__len=0` finds what has no member.
    """

    template = "choice_array_field/members_filter.html"
    field: Any  # a ChoiceArrayField, and not any Field as in the base class

    def __init__(
        self,
        field: ChoiceArrayField[Any, Any],
        request: HttpRequest,
        params: dict[str, Any],
        model: Any,
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.any_of = f"{field_path}__overlap"
        self.all_of = f"{field_path}__contains"
        self.length = f"{field_path}__len"
        super().__init__(field, request, params, model, model_admin, field_path)
        self.choice_set = field.choice_set  # once for the page: a callable may query
        given: dict[str, Any] = self.used_parameters
        self.wants_none = self.length in given
        if self.wants_none and given[self.length] != ["0"]:
            raise IncorrectLookupParameters(given[self.length])
        self.mode = self.all_of if self.all_of in given else self.any_of
        self.chosen = self._clean(given.get(self.mode, []))

    def _clean(self, texts: list[str]) -> list[Any]:
        """Return the members that a URL names, be they outside the choices."""
        base: Any = self.field.base_field
        try:
            members: list[Any] = self.field.canonical(texts)
            for member in members:
                base.run_validators(value_of(member))
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        return members

    def expected_parameters(self) -> list[str | None]:
        """Return the names of all three."""
        return [self.any_of, self.all_of, self.length]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that have the chosen members, or none at all."""
        if self.wants_none:
            is_null = Q(**{f"{self.field_path}__isnull": True})
            return queryset.filter(is_null | Q(**{self.length: 0}))
        if self.chosen:
            return queryset.filter(**{self.mode: self.chosen})
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the links: any or all, everything, each member, no member."""
        counts = self._counts(changelist) if changelist.add_facets else None
        yield from self._modes(changelist)
        yield {
            "selected": not (self.chosen or self.wants_none),
            "query_string": changelist.get_query_string(
                remove=self.expected_parameters()
            ),
            "display": _("All"),
        }
        for member in self._offered(counts):
            yield self._switch(changelist, member, counts)
        if self.field.blank or self.field.null or self.wants_none:
            yield {
                "selected": self.wants_none,
                "query_string": self._link(changelist, self.length, [0]),
                "display": _counted(_("Empty"), counts, None),
            }

    def _counts(self, changelist: Any) -> dict[Any, int]:
        rows = changelist.get_queryset(
            self.request, exclude_parameters=self.expected_parameters()
        )
        return count_members(rows, self.field_path, self.field)

    def _offered(self, counts: dict[Any, int] | None) -> list[Any]:
        """Return the choices, and what else is chosen or known to be in a row."""
        choices = self.choice_set
        stored = [member for member in counts or () if member is not None]
        values = [*choices.values, *self.chosen, *stored]
        offered = dict.fromkeys(map(choices.member, values))
        return list(choices.display_order(offered))

    def _modes(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield the pair of links, once a member is chosen."""
        pairs = ((self.any_of, _("Any of these")), (self.all_of, _("All of these")))
        for mode, display in pairs if self.chosen else ():
            yield {
                "selected": self.mode == mode,
                "query_string": self._link(changelist, mode, self.chosen),
                "display": display,
                "is_mode": True,
            }

    def _switch(
        self, changelist: Any, member: Any, counts: dict[Any, int] | None
    ) -> dict[str, Any]:
        """Return the link that chooses a member, or takes the choice back."""
        is_chosen = member in self.chosen
        rest = [each for each in self.chosen if each != member]
        wanted = rest if is_chosen else [*self.chosen, member]
        return {
            "selected": is_chosen,
            "query_string": self._link(changelist, self.mode, wanted),
            "display": _counted(self.choice_set.label(member), counts, member),
        }

    def _link(self, changelist: Any, name: str, members: list[Any]) -> str:
        texts = [self.choice_set.key(member) for member in members]
        query: str = changelist.get_query_string(
            {name: texts} if texts else {}, self.expected_parameters()
        )
        return query


def _counted(text: Any, counts: dict[Any, int] | None, member: Any) -> str:
    return str(text) if counts is None else f"{text} ({counts.get(member, 0)})"


def _display_for_field(original: Any, *args: Any, **kwargs: Any) -> Any:
    given = dict(zip(("value", "field", "empty_value_display"), args, strict=False))
    given.update(kwargs)
    if isinstance(given.get("field"), ChoiceArrayField):
        shown = labels(given["field"], given["value"])
        return shown or given["empty_value_display"]
    return original(*args, **kwargs)


@cache
def install() -> None:
    """Register the filter and show labels; a second call changes nothing.

    The admin shows a list by `str` of its items, in columns and read-only fields, and
    has no hook for that up to Django 6.1: its one function is replaced where it is used.
    """
    for module in (utils, admin_list, helpers):
        replace(module, "display_for_field", _display_for_field)
    FieldListFilter.register(
        lambda field: isinstance(field, ChoiceArrayField),
        MembersListFilter,
        take_priority=True,
    )
