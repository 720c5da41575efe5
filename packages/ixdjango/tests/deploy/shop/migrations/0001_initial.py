from __future__ import annotations

import time

from django.db import migrations, models


def fill(apps, schema_editor):
    apps.get_model("shop", "Note").objects.create(text="migration 1")
    time.sleep(0.05)


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("text", models.CharField(max_length=50)),
            ],
        ),
        migrations.RunPython(fill),
    ]
