"""Form fields for composite values: one field per member, in lists of values too.

The raw value of such a field is a bound form of its own, kept by the bound field: it
knows the errors of every member, and the widget shows each beside its input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, FileField
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from postgres_composite_types.types import CompositeType

__all__ = [
    "CompositeFormField",
    "CompositeTypeField",
    "CompositeWidget",
    "MembersForm",
    "SubformBoundField",
    "SubformWidget",
]

FieldMaker = Callable[..., "forms.Field | None"]


class MembersForm(forms.Form):
    """The members of one value, each with its own errors.

    Attributes:
        composite: the class of the values.
        members: the type's members that have a form field.
        original: the value that the form started with; None where there was none.
        is_cleaned: whether the field was cleaned, as an inline left blank is not.
    """

    composite: ClassVar[type[CompositeType]]
    members: ClassVar[Sequence[Field[Any, Any]]]
    original: Any = None
    is_cleaned = False

    def begin_with(self, value: Any) -> None:
        """Tell what the form started with: a value, a mapping of members or None."""
        self.original = value
        self.initial = members_of(self.members, value)

    def is_left_out(self) -> bool:
        """Return whether nobody filled anything in: only then may members miss.

        A default does not count: a choice without a blank one is always sent.
        """
        blank = type(self)()
        return not self.has_changed() or all(
            _is_blank(bound, blank[bound.name].initial) for bound in self
        )

    def accept_as_blank(self) -> None:
        """Find nothing wrong; required members stay marked as such."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def clean(self) -> dict[str, Any]:
        """Apply the validators of the members, then the type's own `clean`."""
        for member in self.members:
            value = self.cleaned_data.get(member.name)
            if value is False and isinstance(member, FileField):
                value = None  # The file is to be cleared.
            may_miss = member.blank or not self.fields[member.name].required
            if member.name in self.errors or (
                may_miss and value in member.empty_values
            ):
                continue
            try:
                member.clean(value, None)
            except ValidationError as error:
                self.add_error(member.name, error)
        if self.is_cleaned and not self.errors:
            self.value().clean()
        return self.cleaned_data

    def value(self) -> CompositeType:
        """Return the value that was entered; what has no form field stays as it was."""
        is_there = isinstance(self.original, self.composite)
        value = copy(self.original) if is_there else self.composite()
        for member in self.members:
            if member.name in self.cleaned_data:
                # As a ModelForm: a file that was not sent again stays.
                member.save_form_data(value, self.cleaned_data[member.name])  # type: ignore[arg-type]  # as a model
        return value


def _is_blank(bound: BoundField, initial: Any) -> bool:
    if isinstance(bound.field, forms.FileField):
        # No file is sent for one that stays; False clears it.
        return bound.data is False or not (bound.data or bound.initial)
    return not bound.field.has_changed(None, bound.data) or not (
        bound.field.has_changed(initial, bound.data)
    )


class SubformBoundField(BoundField):
    """Keeps the bound form that its widget makes, errors included."""

    @cached_property
    def data(self) -> Any:
        """Return the bound form or formset, which knows what it started with."""
        data = super().data
        if hasattr(data, "begin_with"):
            data.begin_with(self.initial)
        return data

    def __getitem__(self, key: Any) -> Any:
        """Return the bound field of a member by its name, else a subwidget.

        Raises:
            KeyError: no member of this name has a form field.
        """
        if isinstance(key, str) and isinstance(self.field.widget, CompositeWidget):
            return self.members[key]
        return super().__getitem__(key)

    @cached_property
    def members(self) -> Any:
        """The form of the members, with errors if it was sent."""
        widget = self.field.widget
        attrs = self.build_widget_attrs({}, widget)
        attrs.setdefault("id", self.auto_id)
        return widget.shown_form(
            self.html_name, self.value(), widget.build_attrs(widget.attrs, attrs)
        )


class SubformWidget(forms.Widget):
    """Base of the widgets that show a form, as a group with a name."""

    use_fieldset = True
    is_group = True
    scripts: tuple[str, ...] = ()

    def format_value(self, value: Any) -> Any:
        """Return `value` untouched: it is a form, or what one starts with."""
        return value

    def id_for_label(self, id_: str | None) -> str:
        """Return nothing: no single input stands for the group."""
        return ""

    def inner_fields(self) -> Iterable[forms.Field]:
        """Return the fields inside the group."""
        raise NotImplementedError

    @property
    def needs_multipart_form(self) -> bool:  # type: ignore[override]  # an attribute of Widget
        """Return whether a file is sent for a field inside."""
        return any(f.widget.needs_multipart_form for f in self.inner_fields())

    @property
    def media(self) -> forms.Media:
        """Return what the group and the inputs inside need."""
        css: dict[str, Sequence[str]] = {
            "all": ["postgres_composite_types/composite.css"]
        }
        own = forms.Media(css=css, js=self.scripts)
        return sum((field.widget.media for field in self.inner_fields()), own)

    def initial_of(self, value: Any) -> Any:
        """Return what a form that shows `value` starts with."""
        raise NotImplementedError

    def make_form(self, **options: Any) -> Any:
        """Return the form to show; the options are those of a Form."""
        raise NotImplementedError

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> Any:
        """Return the bound form."""
        return self.make_form(data=data, files=files, prefix=name)

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Add `form`: the bound one, or one that shows `value`."""
        context = super().get_context(name, value, attrs)
        form = self.shown_form(name, value, context["widget"]["attrs"])
        return {**context, "form": form}

    def shown_form(self, name: str, value: Any, attrs: dict[str, Any]) -> Any:
        """Return the bound form, or one that shows `value`.

        Args:
            name: that of the field in the page.
            value: the bound form, or the initial value of one.
            attrs: those of the widget; those for the inputs inside are taken out.
        """
        form = value
        if not hasattr(value, "is_bound"):
            form = self.make_form(initial=self.initial_of(value), prefix=name)
        id_ = attrs.get("id")
        # What the outer form's auto_id made of our name, it makes of the members'.
        form.auto_id = f"{id_.removesuffix(name)}%s" if id_ else ""
        self.adapt(form, attrs)
        return form

    def adapt(self, form: Any, attrs: dict[str, Any]) -> None:
        """Hand what `attrs` say of every input on to the inputs of `form`."""
        raise NotImplementedError


class CompositeWidget(SubformWidget):
    """Shows one value: label, errors, input and help of each member."""

    template_name = "postgres_composite_types/composite.html"
    form_class: type[MembersForm]

    def inner_fields(self) -> Iterable[forms.Field]:
        """Return the fields of the members."""
        return self.form_class.base_fields.values()

    def make_form(self, **options: Any) -> MembersForm:
        """Return the form of the members."""
        return self.form_class(use_required_attribute=False, **options)

    def initial_of(self, value: Any) -> dict[str, Any]:
        """Return the members of a value, a mapping or None, by name."""
        return members_of(self.form_class.members, value)

    def adapt(self, form: MembersForm, attrs: dict[str, Any]) -> None:
        """Make the members required or disabled as the whole is."""
        form.use_required_attribute = attrs.pop("required", False)
        if attrs.pop("disabled", False):
            for field in form.fields.values():
                field.disabled = True
        if form.is_bound and not form.is_cleaned:
            form.accept_as_blank()

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> bool:
        """Return whether not one member was sent."""
        return all(
            field.widget.value_omitted_from_data(data, files, f"{name}-{member}")
            for member, field in self.form_class.base_fields.items()
        )


class CompositeFormField(forms.Field):
    """A form field per member; an optional value left blank is None.

    Args:
        composite: the class of the values.
        formfield_callback: makes the form field of a member, as a ModelForm's does,
            so that the members look like the fields around them.
    """

    widget: Any = CompositeWidget  # An instance of it once the field is made.
    default_error_messages = {"members": _("Check %(members)s.")}

    def __init__(
        self,
        composite: type[CompositeType],
        *,
        formfield_callback: FieldMaker | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.composite = composite
        self.widget.form_class = _members_form(composite, formfield_callback)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Name the group: no label can point at it."""
        return {"aria-label": self.label} if self.label else {}

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Return a bound field that keeps the form of the members."""
        return SubformBoundField(form, self, field_name)

    def clean(self, value: Any) -> Any:
        """Return a value of the type; None for an optional one that was left blank.

        Raises:
            ValidationError: names the members that do not fit. What is wrong with
                each is in `form["name of the field"].data.errors`.
        """
        if not isinstance(value, MembersForm):
            return super().clean(value)
        value.is_cleaned = True
        if not self.required and value.is_left_out():
            value.accept_as_blank()
            return None if value.has_changed() else value.original
        if not value.is_valid():
            raise ValidationError(self._complaints(value))
        return super().clean(value.value())

    def _complaints(self, form: MembersForm) -> list[ValidationError]:
        complaints = form.non_field_errors().as_data()
        if labels := [bound.label for bound in form if bound.errors]:
            message = self.error_messages["members"]
            params = {"members": sentence(labels)}
            complaints.append(ValidationError(message, code="members", params=params))
        return complaints

    def to_python(self, value: Any) -> Any:
        """Return `value` as the type, be it a mapping or the JSON of another widget."""
        return self.composite.Field().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether a member differs from that of `initial`."""
        if self.disabled:
            return False
        if not isinstance(data, MembersForm):
            return bool(self.to_python(initial) != self.to_python(data))
        # Not data.has_changed(): a form compares with one initial value only.
        before = self.widget.make_form(initial=self.widget.initial_of(initial))
        return any(
            bound.field.has_changed(before[bound.name].initial, bound.data)
            for bound in data
        )


class CompositeTypeField(CompositeFormField):
    """The form field of django-postgres-composite-types, by its name and manners.

    Its inputs have their labels as placeholders, and its error holds the messages of
    the members, each behind a label.

    Args:
        model: the class of the values.
    """

    def __init__(self, *, model: type[CompositeType], **kwargs: Any) -> None:
        def make_field(member: Any) -> forms.Field | None:
            field: forms.Field | None = member.formfield()
            if field:
                field.widget.attrs.setdefault("placeholder", field.label)
            return field

        super().__init__(model, formfield_callback=make_field, **kwargs)

    def _complaints(self, form: MembersForm) -> list[ValidationError]:
        return form.non_field_errors().as_data() + [
            ValidationError(f"{bound.label}: {message}", code="field_invalid")
            for bound in form
            for message in bound.errors
        ]


def _members_form(
    composite: type[CompositeType], make_field: FieldMaker | None
) -> type[MembersForm]:
    members, fields = [], {}
    for member in composite._meta.fields:
        if not member.editable:
            continue
        if field := make_field(member) if make_field else member.formfield():
            members.append(member)
            fields[member.name] = field
    name = f"{composite.__name__}MembersForm"
    own = {"composite": composite, "members": members}
    return type(name, (MembersForm,), {**own, **fields})


def members_of(members: Iterable[Field[Any, Any]], value: Any) -> dict[str, Any]:
    """Return the members of a value, a mapping or None, by name."""
    if value is None or isinstance(value, Mapping):
        return dict(value or {})
    return {member.name: getattr(value, member.name) for member in members}


def sentence(parts: Iterable[Any]) -> str:
    """Return `parts` as a list in a sentence: "a, b and c"."""
    return str(get_text_list([str(part) for part in parts], _("and")))
