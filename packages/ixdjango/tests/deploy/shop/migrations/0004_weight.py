from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_index")]
    operations = [
        migrations.AddField("Note", "weight", models.IntegerField(null=True)),
    ]
