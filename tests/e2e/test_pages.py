"""Every page, in both themes, wide and narrow: axe finds nothing, and no page scrolls sideways."""

from __future__ import annotations

import pytest

from . import (  # noqa: F401 - they add their screens
    screens_admin,
    screens_approvals,
    screens_batches,
    screens_changing,
    screens_duplicates,
    screens_grid,
    screens_merging,
    screens_results,
    screens_selection,
    screens_transfer,
)
from .axe import findings
from .clerk import NARROW, WIDE
from .conftest import Hire
from .flowtly import Flowtly
from .list_screens import SCREENS

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_is_accessible_and_fits(hire: Hire, flowtly: Flowtly, name: str) -> None:
    screen = SCREENS[name]
    clerk = hire(screen.role)
    screen.way(clerk, flowtly)
    clerk.rests()
    for size in (WIDE, NARROW):
        clerk.page.set_viewport_size(size)
        assert not clerk.scrolls_sideways(), size
        clerk.lights("light")
        assert findings(clerk.page) == []
        clerk.lights("dark")  # the same page in other colours
        assert findings(clerk.page, only_colours=True) == []
