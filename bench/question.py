"""What a measuring process was asked, and its answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def question() -> dict[str, Any]:
    """The payload of Stage.ask."""
    asked: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    return asked


def answer(value: Any) -> None:
    """The last line of our output."""
    sys.stdout.write(f"\n{json.dumps(value)}\n")
