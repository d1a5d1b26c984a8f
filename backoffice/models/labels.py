"""What reading teaches: names of related records, values seen, records recently opened."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Label(models.Model):
    """The name of a record of Flowtly, as last read, so that no page asks for it once per row."""

    upstream = models.ForeignKey("backoffice.Upstream", on_delete=models.CASCADE)
    entity = models.CharField(max_length=50)
    key = models.CharField(max_length=200)
    iri = models.CharField(max_length=500)
    label = models.CharField(max_length=500)
    # The same for searching: databases do not agree on what are capitals beyond ASCII.
    folded = models.CharField(max_length=500, default="", editable=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upstream", "entity", "key"], name="one_label_per_record")]
        # Lists sort by the names of related records.
        indexes = [models.Index(fields=["entity", "iri"])]

    def __str__(self) -> str:
        return self.label


class ObservedValue(models.Model):
    """A value of a field whose allowed values are not public (status, tinType, ...): seen in a record, or named by
    the API document of the connected Flowtly. One known both ways has two rows."""

    upstream = models.ForeignKey("backoffice.Upstream", on_delete=models.CASCADE)
    entity = models.CharField(max_length=50)
    field = models.CharField(max_length=50)
    value = models.CharField(max_length=200)
    # True: from Flowtly's own API document; each connection check replaces those rows.
    documented = models.BooleanField(default=False)
    first_seen = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["value"]
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "entity", "field", "value", "documented"], name="one_row_per_known_value"
            )
        ]

    def __str__(self) -> str:
        return self.value


class RecentRecord(models.Model):
    """A record somebody opened lately; the name comes from the label table."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recent_records")
    entity = models.CharField(max_length=50)
    key = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.UniqueConstraint(fields=["user", "entity", "key"], name="one_recent_row_per_record")]

    def __str__(self) -> str:
        return f"{self.entity} {self.key}"
