from __future__ import annotations

from django.db import migrations, models

from postgres_composite_types.operations import CreateCompositeType


class Migration(migrations.Migration):
    operations = [
        CreateCompositeType("Place", [("x", models.IntegerField(null=True))], "x_new")
    ]
