"""Forms: what is shown as chosen, and what is taken."""

from __future__ import annotations

import pytest
from django import forms
from django.db import models
from django.forms import modelform_factory
from django.http import QueryDict

from choice_array_field import ChoiceArrayField, ChoiceArrayFormField
from choice_array_field.members.choices import Choices

from .histories import History, flags
from .test_migrations import texts
from .testapp import models as testapp
from .testapp.models import Flag, Item, Kinds, Numbered, Optional, Size


def data(**lists):
    query = QueryDict(mutable=True)
    for name, values in lists.items():
        query.setlist(name, values)
    return query


def form_of(model, *args, fields=("flags",), **kwargs):
    return modelform_factory(model, fields=fields)(*args, **kwargs)


def options(form, name="flags"):
    """Return the options of the page: value, label, whether it is chosen."""
    field = form[name]
    context = field.field.widget.get_context(name, field.value(), {})
    return [
        (str(option["value"]), str(option["label"]), bool(option["selected"]))
        for _, group, _ in context["widget"]["optgroups"]
        for option in group
    ]


def chosen(form, name="flags"):
    return [value for value, _, is_chosen in options(form, name) if is_chosen]


def test_all_choices_are_offered_in_declared_order_without_an_empty_one():
    assert options(form_of(Item)) == [
        ("defect", "Defect", False),
        ("enhancement", "Enhancement", False),
        ("docs", "Documentation", False),
    ]
    assert "<select" in str(form_of(Item)["flags"])
    assert "multiple" in str(form_of(Item)["flags"])
    assert '<optgroup label="Group">' in str(form_of(Kinds, fields=["slug"])["slug"])


@pytest.mark.parametrize(
    ("widget", "html"),
    [
        (None, "<select"),
        ("select", "<select"),
        ("checkboxes", 'type="checkbox"'),
        (forms.CheckboxSelectMultiple, 'type="checkbox"'),
        (forms.SelectMultiple(attrs={"size": 7}), 'size="7"'),
    ],
    ids=str,
)
def test_the_widget_is_an_option_of_the_field(widget, html):
    field = ChoiceArrayField(Flag, widget=widget)
    form = type("Form", (forms.Form,), {"flags": field.formfield()})()

    assert html in str(form["flags"])
    assert "widget" not in field.deconstruct()[3]


def test_a_form_may_choose_the_widget_and_the_field_itself():
    form = modelform_factory(
        Item, fields=["flags"], widgets={"flags": forms.CheckboxSelectMultiple}
    )()
    assert 'type="checkbox"' in str(form["flags"])

    class Own(ChoiceArrayFormField):
        pass

    field = Item._meta.get_field("flags")
    assert type(field.formfield(form_class=Own)) is Own
    stock = field.formfield(form_class=forms.MultipleChoiceField)
    assert stock.clean(["docs"]) == ["docs"]


@pytest.mark.django_db
def test_a_default_is_chosen_in_a_new_form():
    form = form_of(Numbered, fields=["sizes"])

    assert chosen(form, "sizes") == ["10", "9"]
    assert not form_of(
        Numbered, data(sizes=["9", "10"]), fields=["sizes"]
    ).has_changed()
    assert "initial-" not in str(form)


@pytest.mark.django_db
def test_members_are_saved():
    form = form_of(Item, data(flags=["docs", "defect"]))

    assert form.is_valid()
    assert form.cleaned_data["flags"] == [Flag.DEFECT, Flag.DOCS]
    assert form.save().flags == [Flag.DEFECT, Flag.DOCS]


@pytest.mark.parametrize(
    ("initial", "posted", "has_changed"),
    [
        ([], [], False),
        (None, [], False),
        ([Flag.DOCS], ["docs"], False),
        (["defect", "docs"], ["docs", "defect"], False),
        (["docs"], ["docs", "docs"], False),
        (["docs"], ["defect"], True),
        (["docs"], [], True),
        ([], ["docs"], True),
        (None, None, False),
        (["docs"], None, True),
        ("docs", ["docs"], False),
    ],
)
def test_only_other_members_are_a_change(initial, posted, has_changed):
    field = Item._meta.get_field("flags").formfield()

    assert field.has_changed(initial, posted) is has_changed
    field.disabled = True
    assert field.has_changed(initial, posted) is False


def test_one_value_in_another_form_is_no_change():
    field = Kinds._meta.get_field("decimal").formfield()

    assert not field.has_changed([testapp.Decimal("1.50")], ["1.500"])
    assert field.clean(["1.50"]) == [testapp.Decimal("1.5")]
    assert Kinds._meta.get_field("integer").formfield().clean([9, "10"]) == [9, 10]
    assert Kinds._meta.get_field("boolean").formfield().clean(["false"][:0]) == []


@pytest.mark.parametrize(
    ("model", "posted", "text"),
    [
        (
            Item,
            ["defct"],
            "Select a valid choice. defct is not one of the available choices. Did you mean “Defect”?",
        ),
        (Item, ["<b>"], "Select a valid choice. &lt;b&gt; is not one of the"),
        (Numbered, [], "This field is required."),
        (
            Numbered,
            ["docs", "defect", "enhancement"],
            "Choose at most 2; 3 are chosen.",
        ),
    ],
)
def test_an_error_names_the_value_and_the_nearest_choice(model, posted, text):
    form = form_of(model, data(flags=posted))

    assert not form.is_valid()
    errors = str(form.errors["flags"]).replace("&#x27;", "'")
    assert text in errors
    assert "<b>" not in errors
    assert errors.count("<li>") == 1


def test_a_number_is_checked_once():
    form = form_of(Numbered, data(sizes=["9"]), fields=["sizes"])

    assert form.errors == {"sizes": ["Choose at least 2; 1 is chosen."]}
    assert form_of(Numbered, data(), fields=["sizes"]).is_valid()
    assert form_of(Numbered, data(sizes=["ten"]), fields=["sizes"]).errors == {
        "sizes": ["Select a valid choice. ten is not one of the available choices."]
    }


def test_at_most_five_bad_values_are_named():
    form = form_of(Item, data(flags=[f"x{n}" for n in range(1000)]))

    assert len(form.errors["flags"]) == 5


@pytest.mark.parametrize("posted", ["docs", 7, {"docs": 1}], ids=repr)
def test_what_is_no_list_is_refused(posted):
    with pytest.raises(forms.ValidationError, match="Enter a list of values"):
        Item._meta.get_field("flags").formfield().clean(posted)


@pytest.mark.django_db
@pytest.mark.parametrize("flags", [None, []], ids=repr)
def test_null_stays_null_and_empty_stays_empty(flags):
    row = Optional.objects.create(flags=flags)

    form = form_of(Optional, data(), instance=row)

    assert not form.has_changed()
    form.save()
    assert Optional.objects.get().flags == flags


@pytest.mark.django_db
def test_choosing_nothing_is_null_in_a_new_row_and_empty_in_one_that_had_some():
    assert form_of(Optional, data()).save().flags is None

    row = Optional.objects.create(flags=["docs"])
    assert form_of(Optional, data(), instance=row).save().flags == []
    assert form_of(Item, data()).save().flags == []


@pytest.mark.django_db
def test_a_form_may_offer_fewer_choices():
    class Form(forms.ModelForm):
        class Meta:
            model = Item
            fields = ["flags"]

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.fields["flags"].choices = [("docs", "Docs only")]

    assert [label for _, label, _ in options(Form())] == ["Docs only"]
    assert not Form(data(flags=["defect"])).is_valid()
    assert Form(data(flags=["docs"])).save().flags == [Flag.DOCS]

    row = Item.objects.create(flags=["defect"])
    assert chosen(Form(instance=row)) == ["defect"]
    kept = Form(data(flags=["docs", "defect"]), instance=row)
    assert kept.save().flags == [Flag.DEFECT, Flag.DOCS]


@pytest.mark.django_db
def test_callable_choices_are_asked_by_each_form():
    calls, known = [], [("a", "A")]

    def current():
        calls.append(1)
        return known

    field = ChoiceArrayField(models.CharField(choices=current), enforce=False)
    form_class = type("Form", (forms.Form,), {"flags": field.formfield()})
    assert calls == []

    assert not form_class(data(flags=["b"])).is_valid()
    known.append(("b", "B"))
    assert [value for value, *_ in options(form_class())] == ["a", "b"]
    assert form_class(data(flags=["b"])).is_valid()


def test_one_value_of_a_url_is_chosen():
    assert chosen(form_of(Item, initial={"flags": "docs"})) == ["docs"]


def test_disabled_fields_keep_what_they_have():
    field = Item._meta.get_field("flags").formfield(disabled=True, initial=["docs"])
    form = type("Form", (forms.Form,), {"flags": field})(data(flags=["defect"]))

    assert form.is_valid()
    assert form.cleaned_data == {"flags": [Flag.DOCS]}


def test_a_key_stands_for_one_value():
    choices = Choices(Size)

    assert choices.key(Size.SMALL) == choices.key(9) == "9"
    assert choices.from_key("9") is Size.SMALL
    with pytest.raises(KeyError):
        choices.from_key("77")


@pytest.mark.django_db
def test_models_without_an_enum_work_in_forms_too():
    history = History()
    history.become(flags(ChoiceArrayField(texts("a", "b"))))
    item = history.state.apps.get_model("past", "item")

    form = form_of(item, data(flags=["b", "a"]))

    assert form.save().flags == ["a", "b"]
    assert options(form_of(item))[0] == ("a", "a", False)
