"""The one Flowtly that this database belongs to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Upstream(models.Model):
    """Base URL and instance; every local row about a Flowtly record belongs to it. There is one."""

    base_url = models.CharField(_("address"), max_length=500)
    instance = models.CharField(_("instance"), max_length=200, blank=True)
    sandbox = models.BooleanField(default=False)
    # Flowtly answered 429: nobody calls it before this moment (epoch seconds), in any process.
    paused_until = models.FloatField(default=0)
    # Where counterparties are written, "plural" or "singular", as the connection check found; "" before it has.
    counterparty_paths = models.CharField(max_length=10, blank=True)
    # How merges are asked for (upstream.merge_way) when one was seen to do what was meant; "" before the first.
    merge_verified = models.CharField(max_length=64, blank=True)
    # The same where the wrong record went: nothing is merged in that way again.
    merge_wrong = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["base_url", "instance"], name="one_upstream_per_address")]

    def __str__(self) -> str:
        return f"{self.base_url} ({self.instance})" if self.instance else self.base_url
