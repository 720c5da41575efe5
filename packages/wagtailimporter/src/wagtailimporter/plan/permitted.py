"""Which models files may describe: not the accounts of the site, unless it says so."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, Group, Permission

__all__ = ["SETTING", "allowed_labels", "is_permitted"]

SETTING = "WAGTAILIMPORTER_MODELS"
# Who may do what, and what Django and Wagtail keep for themselves.
_APPS = {"admin", "auth", "authtoken", "contenttypes", "sessions", "wagtailusers"}
# Ways to log in, by the modules of the usual apps: their labels may be others' too.
_MODULES = (
    "allauth.",
    "django_otp.",
    "knox.",
    "oauth2_provider.",
    "rest_framework.authtoken.",
    "rest_framework_simplejwt.",
)
_MODELS = {
    "wagtailcore.groupapprovaltask",
    "wagtailcore.groupcollectionpermission",
    "wagtailcore.grouppagepermission",
    "wagtailcore.modellogentry",
    "wagtailcore.pagelogentry",
    "wagtailcore.pageviewrestriction",
    "wagtailcore.collectionviewrestriction",
    "wagtailcore.revision",
}


def allowed_labels() -> set[str] | None:
    """Return the labels of the setting, lower case; None where it is not set."""
    given = getattr(settings, SETTING, None)
    return None if given is None else {label.lower() for label in given}


def is_permitted(model: Any) -> bool:
    """Return whether files may create and change objects of the model.

    `WAGTAILIMPORTER_MODELS` lists `app.model` and `app.*`. Without it that is every
    model but users, groups, permissions and what grants them, which is every model
    with a foreign key to a group or a permission.
    """
    options = model._meta
    labels = allowed_labels()
    if labels is not None:
        return not labels.isdisjoint((options.label_lower, f"{options.app_label}.*"))
    if options.auto_created:  # The rows of a many-to-many field, such as user.groups.
        return is_permitted(options.auto_created)
    if any(base.__module__.startswith(_MODULES) for base in model.__mro__):
        return False
    if issubclass(model, (AbstractBaseUser, Group, Permission)):
        return False
    if {Group, Permission} & {field.related_model for field in options.concrete_fields}:
        return False
    return not any(
        base._meta.app_label in _APPS or base._meta.label_lower in _MODELS
        for base in (model, *options.get_parent_list())
    )
