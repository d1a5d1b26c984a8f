"""The columns of the clients list as local tables; no migrations, for only the measures make them."""

from __future__ import annotations

from django.db import models


class _Named(models.Model):
    name = models.CharField(max_length=255)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Country(_Named):
    class Meta:
        ordering = ["name"]
        verbose_name_plural = "countries"


class Currency(_Named):
    class Meta:
        ordering = ["name"]
        verbose_name_plural = "currencies"


class Counterparty(_Named):
    class Meta:
        verbose_name_plural = "counterparties"


class Client(_Named):
    status = models.CharField(max_length=50, db_index=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT)
    tin_type = models.CharField(max_length=50, db_index=True)
    tin = models.CharField(max_length=50, blank=True)
    vat_number = models.CharField(max_length=50, blank=True)
    due_days = models.IntegerField(null=True)
    default_cost = models.ForeignKey(Counterparty, null=True, on_delete=models.PROTECT)


class StockClient(Client):
    """The same rows, for the changelist exactly as it comes."""

    class Meta:
        proxy = True
