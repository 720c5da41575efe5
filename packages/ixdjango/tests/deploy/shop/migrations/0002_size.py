from __future__ import annotations

import time

from django.db import migrations, models


def fill(apps, schema_editor):
    apps.get_model("shop", "Note").objects.create(text="migration 2")
    time.sleep(0.05)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("Note", "size", models.IntegerField(null=True)),
        migrations.RunPython(fill),
    ]
