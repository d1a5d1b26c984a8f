"""The pages that are timed, and how a row of each is recognised."""

from __future__ import annotations

from dataclasses import dataclass

ROWS = 100


@dataclass(frozen=True)
class Timed:
    """`mark` stands in each row once; `upstream` requests go to Flowtly for one page."""

    path: str
    mark: str
    upstream: int = 0


LIST = Timed(f"/clients/?size={ROWS}", "<tr data-id=", upstream=1)
ADMIN = Timed("/admin/local/client/", 'class="field-due_days')
STOCK_ADMIN = Timed("/admin/local/stockclient/", 'class="field-due_days')
