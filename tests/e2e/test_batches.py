"""Sure groups merged together, and one of them restored, at the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .clerk import Clerk
from .conftest import Hire
from .flowtly import Flowtly
from .screens_batches import previews

pytestmark = pytest.mark.e2e


def test_a_batch_with_one_group_taken_out_and_one_restored(hire: Hire, flowtly: Flowtly) -> None:
    clerk: Clerk = hire("steward")
    kept, left = previews(clerk, flowtly, range(951, 953))
    clerk.page.get_by_role("row", name=f"{left[1]} into {left[0]}").get_by_role("checkbox").uncheck()
    clerk.fills(reason="One firm")
    clerk.clicks("Merge the ticked of 2 groups")
    clerk.reads("1 of 1 merge came out as planned, and is verified.")
    row = clerk.page.get_by_role("row", name=f"{kept[1]} into {kept[0]}")
    expect(row).to_contain_text("Verified")
    expect(clerk.page.get_by_role("row", name=f"{left[1]} into {left[0]}")).to_contain_text("Withdrawn")
    assert flowtly.counterparty(left[1])["displayName"].startswith("QUOVADRIN")
    row.get_by_role("link").first.click()
    clerk.reads("Merged as planned, and verified.")
    clerk.clicks("Restore", role="link")
    clerk.clicks("Preview the restore")
    clerk.is_at("/jobs/*/")
    clerk.fills(reason="Two firms after all")
    clerk.page.locator("#plan-confirm .btn-primary").click()
    clerk.reads("Restored as planned.")
    clerk.opens(f"/counterparties/{kept[1]}/")
    clerk.is_at("/counterparties/*/?was=*")
    expect(clerk.title).to_contain_text("QUOVADRIN")
