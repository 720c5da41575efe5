"""Put a HomePage where Wagtail puts its welcome page, at the root of site 1."""

from __future__ import annotations

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def create_home_page(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ContentType = apps.get_model("contenttypes.ContentType")
    Locale = apps.get_model("wagtailcore.Locale")
    Page = apps.get_model("wagtailcore.Page")
    Site = apps.get_model("wagtailcore.Site")
    HomePage = apps.get_model("home.HomePage")
    # The welcome page is a plain Page, and the site goes with it.
    Page.objects.filter(slug="home", depth=2, content_type__model="page").delete()
    content_type, _ = ContentType.objects.get_or_create(
        app_label="home", model="homepage"
    )
    locale, _ = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    home_page = HomePage.objects.create(
        title="Home",
        draft_title="Home",
        slug="home",
        headline="Home",
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
        content_type=content_type,
        locale=locale,
    )
    Page.objects.filter(depth=1).update(numchild=1)
    # Its number is fixed, so that a site configuration can name it.
    Site.objects.create(
        pk=1, hostname="localhost", root_page=home_page, is_default_site=True
    )


def remove_home_page(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Its site goes with it.
    apps.get_model("home.HomePage").objects.filter(slug="home", depth=2).delete()
    apps.get_model("wagtailcore.Page").objects.filter(depth=1).update(numchild=0)


class Migration(migrations.Migration):
    dependencies = [("home", "0001_initial")]
    operations = [migrations.RunPython(create_home_page, remove_home_page)]
