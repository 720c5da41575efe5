from __future__ import annotations

from django.db import migrations, models


def add(apps, schema_editor):
    how = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"CREATE INDEX {how} note_size ON shop_note (size)")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("shop", "0002_size")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add)],
            state_operations=[
                migrations.AddIndex(
                    "Note", models.Index(fields=["size"], name="note_size")
                )
            ],
        )
    ]
