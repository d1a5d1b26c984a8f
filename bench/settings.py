"""The product's own settings, plus the local table that the clients list is held against."""

from __future__ import annotations

import environ

# A developer's `.env` (of a database, say) must not take part; Stage sets what is needed.
environ.FileAwareEnv.read_env = staticmethod(lambda *args, **kwargs: None)  # type: ignore[method-assign]

from backoffice.settings import *  # noqa: E402, F403
from backoffice.settings import DATA_DIR, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "bench.local"]
STATIC_ROOT = DATA_DIR / "static"
