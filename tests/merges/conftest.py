"""Workers that die at a boundary, as for every other job."""

from __future__ import annotations

from tests.engine.conftest import start

__all__ = ["start"]
