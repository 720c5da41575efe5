"""Child rows and many-to-many links of many objects, written together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.db.models.signals import m2m_changed
from modelcluster.models import (
    ClusterableModel,
    get_all_child_m2m_relations,
    get_all_child_relations,
)

from wagtailimporter.fields.model_fields import has_own_save
from wagtailimporter.write.internals import (
    BATCH,
    Model,
    allot_keys,
    upsert,
)
from wagtailimporter.write.signals import announce_after, announce_before

__all__ = ["by_model", "load_relations", "write_links", "write_rows"]


def by_model(instances: Sequence[Model]) -> dict[Any, list[Model]]:
    """Return instances grouped by their class, in order."""
    groups: dict[Any, list[Model]] = defaultdict(list)
    for instance in instances:
        groups[type(instance)].append(instance)
    return groups


def load_relations(instances: Sequence[Model]) -> None:
    """Load every child row and link of clusters, so that none is asked for singly."""
    for model, group in by_model(instances).items():
        if not issubclass(model, ClusterableModel):
            continue
        names = _relation_names(model)
        new = [i for i in group if i._state.adding]
        stored = [i for i in group if not i._state.adding]
        for instance in new:
            held = vars(instance).setdefault("_cluster_related_objects", {})
            for name in names:
                held.setdefault(name, [])
        if stored and names:
            prefetch_related_objects(stored, *names)


def _relation_names(model: Model) -> list[str]:
    rows = [relation.get_accessor_name() for relation in get_all_child_relations(model)]
    return [*rows, *(field.name for field in get_all_child_m2m_relations(model))]


def write_rows(owners: Sequence[Model]) -> None:
    """Write the child rows that owners hold in memory, and delete the others."""
    rows: dict[Any, list[Model]] = defaultdict(list)
    for model, group in by_model(owners).items():
        if issubclass(model, ClusterableModel):
            for relation in get_all_child_relations(model):
                _collect(relation, group, rows)
    for model, group in rows.items():
        write_instances(model, group)
    deeper = [row for group in rows.values() for row in group]
    if deeper:
        write_rows(deeper)
    for owner in owners:
        _settle(owner)


def _collect(relation: Any, owners: list[Model], rows: dict[Any, list[Model]]) -> None:
    """Collect the rows of one relation, and delete what is no longer in it."""
    accessor = relation.get_accessor_name()
    changed = [o for o in owners if accessor in _held(o)]
    if not changed:
        return
    kept = set()
    for owner in changed:
        for row in _held(owner)[accessor]:
            setattr(row, relation.field.name, owner)
            rows[relation.related_model].append(row)
            if row.pk is not None:
                kept.add(row.pk)
    keys = [owner.pk for owner in changed if not owner._state.adding]
    stored = relation.related_model._base_manager.filter(
        **{f"{relation.field.name}__in": keys}
    )
    if keys:
        gone = [key for key in stored.values_list("pk", flat=True) if key not in kept]
        if gone:
            relation.related_model._base_manager.filter(pk__in=gone).delete()


def write_instances(model: Model, instances: Sequence[Model]) -> None:
    """Write objects of one model; one that overrides `save` is saved by it."""
    if has_own_save(model):
        for instance in instances:
            # Wagtail 7.4.0 names a form field only if its row has no key yet.
            if hasattr(instance, "get_field_clean_name") and not instance.clean_name:
                instance.clean_name = instance.get_field_clean_name()
            instance.save()
        return
    created = {id(i) for i in instances if i._state.adding}
    allot_keys(instances)
    announce_before(instances)
    upsert(model, instances)
    announce_after(instances, created)


def _held(owner: Model) -> dict[str, list[Model]]:
    held: dict[str, list[Model]] = vars(owner).get("_cluster_related_objects", {})
    return held


def _settle(owner: Model) -> None:
    """Let rows in memory count as stored: the lists are what the tables hold."""
    for rows in _held(owner).values():
        for row in rows:
            row._state.adding = False


def write_links(owners: Sequence[Model]) -> None:
    """Write the links of modelcluster's many-to-many fields held in memory."""
    for model, group in by_model(owners).items():
        if not issubclass(model, ClusterableModel):
            continue
        for field in get_all_child_m2m_relations(model):
            wanted = {
                o: [target.pk for target in _held(o)[field.name]]
                for o in group
                if field.name in _held(o)
            }
            _replace_links(field, wanted)


def _replace_links(field: Any, wanted: dict[Model, list[Any]]) -> None:
    """Add and delete rows of the table behind a many-to-many field."""
    through = field.remote_field.through
    source, target = (
        f"{name}_id"
        for name in (field.m2m_field_name(), field.m2m_reverse_field_name())
    )
    keys = {owner.pk: owner for owner in wanted}
    stored: dict[Any, dict[Any, Any]] = defaultdict(dict)
    links = through._base_manager.filter(**{f"{source}__in": list(keys)})
    if keys:
        for key, owner_key, target_key in links.values_list("pk", source, target):
            stored[owner_key][target_key] = key
    new, gone = [], []
    for owner, targets in wanted.items():
        has = stored[owner.pk]
        added = [key for key in dict.fromkeys(targets) if key not in has]
        removed = [key for key in has if key not in targets]
        new += [through(**{source: owner.pk, target: key}) for key in added]
        gone += [has[key] for key in removed]
        for action, changed in (("remove", removed), ("add", added)):
            for moment in ("pre", "post") if changed else ():
                m2m_changed.send(
                    sender=through,
                    action=f"{moment}_{action}",
                    instance=owner,
                    reverse=False,
                    model=field.remote_field.model,
                    pk_set=set(changed),
                    using=None,
                )
    if gone:
        through._base_manager.filter(pk__in=gone).delete()
    through._base_manager.bulk_create(new, batch_size=BATCH)
