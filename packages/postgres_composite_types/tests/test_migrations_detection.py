"""What makemigrations finds, and in which order."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations.questioner import MigrationQuestioner
from django.db.models import F

from postgres_composite_types import CompositeTypeField
from tests.histories import History, composite, model


def text(length=50, **options):
    return models.CharField(max_length=length, **options)


def whole(**options):
    return models.IntegerField(**options)


def address(name="Address", db_type="x_address", **members):
    return composite(f"geo.{name}", db_type, **(members or {"suburb": text()}))


def column(name="geo.Address", **options):
    return CompositeTypeField(name, **options)


def evolved(*steps, answers=None):
    """Return the operations of the last step, and the history."""
    history = History()
    for step in steps[:-1]:
        history.evolve(*step)
    return history.evolve(*steps[-1], answers=answers), history


def test_nothing_is_found_where_nothing_changed():
    declared = address(), model("shop.Person", home=column(), all=ArrayField(column()))

    found, _ = evolved(declared, declared)

    assert found == []


def test_another_order_of_members_is_no_change():
    found, _ = evolved(
        [address(suburb=text(), number=whole())],
        [address(number=whole(), suburb=text())],
    )

    assert found == []


def test_inner_types_come_first_also_in_other_apps():
    zone = composite("area.Zone", "zone", center=column(), title=text())
    trip = composite("area.Trip", "a_trip", zones=ArrayField(column("area.Zone")))

    found, history = evolved(
        [model("shop.Tour", trip=column("area.Trip")), trip, zone, address()]
    )

    assert found == [
        "area: Create composite type Zone",
        "area: Create composite type Trip",
        "geo: Create composite type Address",
        "shop: Create model Tour",
    ]
    assert history.migrations["area", "0001_initial"].dependencies == [
        ("geo", "0001_initial")
    ]


def test_a_class_with_the_same_db_type_was_renamed_without_a_question():
    users = [
        [model("shop.Person", home=column(name), all=ArrayField(column(name)))]
        for name in ("geo.Address", "geo.Place")
    ]

    found, history = evolved(
        [address(), *users[0]],
        [address("Place", number=whole()), *users[1]],
        answers=MigrationQuestioner(),
    )

    assert found == [
        "geo: Rename composite type Address to Place",
        "geo: Remove attribute suburb of Place; its values cannot come back",
        "geo: Add attribute number of Place",
    ]
    assert ("shop", "0001_initial") in history.migrations[
        history.leaves[0]
    ].dependencies


def test_a_class_with_another_db_type_was_renamed_if_one_says_so():
    found, _ = evolved([address()], [address("Place", "place")])

    assert found == [
        "geo: Rename composite type Address to Place",
        "geo: Move composite type Place to place",
    ]


def test_without_an_answer_a_class_is_deleted_and_another_created():
    found, _ = evolved(
        [address()], [address("Place", "place")], answers=MigrationQuestioner()
    )

    assert found == [
        "geo: Create composite type Place",
        "geo: Delete composite type Address",
    ]


def test_without_an_answer_a_member_is_removed_and_another_added():
    found, _ = evolved(
        [address(suburb=text())], [address(town=text())], answers=MigrationQuestioner()
    )

    assert found == [
        "geo: Remove attribute suburb of Address; its values cannot come back",
        "geo: Add attribute town of Address",
    ]


def test_a_renamed_member_may_keep_its_column():
    found, _ = evolved(
        [address(suburb=text())], [address(town=text(db_column="suburb"))]
    )

    assert found == [
        "geo: Rename attribute suburb of Address to town",
        "geo: Alter attribute town of Address",
    ]


def test_an_app_of_types_alone_has_one_initial_migration():
    _, history = evolved([address()], [address(suburb=text(), number=whole())])

    assert history.migrations["geo", "0001_initial"].initial
    assert not history.migrations["geo", "0002_add_address_number"].initial


def test_types_of_apps_without_migrations_are_left_alone():
    history = History(unmigrated={"testapp"})
    history.evolve(model("shop.Shop"))

    found = history.evolve(
        model("shop.Shop"),
        composite("testapp.Zone", "zone", title=text()),
        model("shop.Person", home=column("testapp.Zone")),
    )

    assert found == ["shop: Create model Person"]


def test_a_type_is_deleted_after_everything_let_go_of_it():
    zone = composite("area.Zone", "zone", center=column(), title=text())

    found, history = evolved(
        [address(), zone, model("shop.Person", home=column(), name=text())],
        [
            composite("area.Zone", "zone", title=text()),
            model("shop.Person", name=text()),
        ],
    )

    assert found[-1] == "shop: Remove field home from person"
    (deletion,) = history.named("0002_delete")
    assert set(deletion.dependencies) == {
        ("area", "0002_remove_zone_center"),
        ("geo", "0001_initial"),
        ("shop", "0002_remove_person_home"),
    }


def test_a_type_outlives_the_history_of_its_users():
    homeless = model("shop.Person", name=text())

    _, history = evolved(
        [address(), model("shop.Person", home=column(), name=text())],
        [address("Place"), model("shop.Person", home=column("geo.Place"), name=text())],
        [address("Place"), homeless],
        [homeless],
    )

    (deletion,) = history.named("0003_delete_place")
    assert ("shop", "0002_remove_person_home") in deletion.dependencies


def test_an_index_leaves_before_its_member_is_renamed_and_returns_after_it():
    def person(member):
        index = models.Index(F(f"home__{member}"), name="by_member")
        return model("shop.Person", home=column(), indexes=[index])

    _, history = evolved(
        [address(suburb=text()), person("suburb")],
        # The new model must not stand in the way of the removal.
        [
            address(town=text(), number=whole()),
            person("town"),
            model("shop.Shop", home=column()),
        ],
    )

    (rename,) = history.named("0002_rename_address_suburb_town")
    (later,) = history.named("0003_")
    assert ("shop", "0002_remove_person_by_member") in rename.dependencies
    assert ("geo", rename.name) in later.dependencies


def test_a_member_renamed_and_altered_at_once_is_asked_for():
    asked = []

    class Questioner(MigrationQuestioner):
        def ask_rename(self, model_name, old_name, new_name, field_instance):
            asked.append((old_name, new_name))
            return (old_name, new_name) in {("zip", "code"), ("suburb", "town")}

    before = {"suburb": text(), "zip": text(10), "number": whole()}
    after = {"town": text(), "code": text(12), "house": text()}
    found, _ = evolved([address(**before)], [address(**after)], answers=Questioner())

    assert found == [
        "geo: Rename attribute suburb of Address to town",
        "geo: Rename attribute zip of Address to code",
        "geo: Remove attribute number of Address; its values cannot come back",
        "geo: Alter attribute code of Address",
        "geo: Add attribute house of Address",
    ]
    # Those that are the same but for their name come first, each pair once.
    assert asked == [("suburb", "town"), ("zip", "code"), ("number", "house")]
