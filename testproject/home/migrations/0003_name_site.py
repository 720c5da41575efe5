"""Name the site, as editors see it; one that has a name keeps it."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_site(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    sites = apps.get_model("wagtailcore.Site").objects
    sites.filter(pk=1, site_name="").update(site_name="Fieldkit Commons")


class Migration(migrations.Migration):
    dependencies = [("home", "0002_create_home_page")]
    operations = [migrations.RunPython(name_site, migrations.RunPython.noop)]
