from __future__ import annotations

from typing import Any

from django.db import migrations, models


def fold(apps: Any, schema_editor: Any) -> None:
    """Names that are known already are found, too."""
    labels = apps.get_model("backoffice", "Label").objects
    some = []
    for row in labels.only("pk", "label").iterator(chunk_size=2_000):
        row.folded = row.label.casefold()[:500]
        some.append(row)
        if len(some) == 2_000:
            labels.bulk_update(some, ["folded"], batch_size=500)
            some = []
    labels.bulk_update(some, ["folded"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0005_index")]

    operations = [
        migrations.AddField(
            model_name="label",
            name="folded",
            field=models.CharField(default="", editable=False, max_length=500),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
    ]
