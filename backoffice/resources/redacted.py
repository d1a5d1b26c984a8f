"""The mark that stands where a value was redacted. It is shown as a word and never sent to Flowtly."""

from __future__ import annotations

from typing import Any

_SIGN = "@redacted"
MARK: dict[str, Any] = {_SIGN: True}


def marked(identity: str) -> dict[str, Any]:
    """What stands where a whole embedded record was: its address, nothing of what it held."""
    return {"@id": identity, _SIGN: True}


def is_redacted(value: Any) -> bool:
    return isinstance(value, dict) and value.get(_SIGN) is True


def holds_redacted(value: Any) -> bool:
    """Whether a mark stands anywhere within a value."""
    if isinstance(value, dict):
        return is_redacted(value) or any(holds_redacted(part) for part in value.values())
    return isinstance(value, list | tuple) and any(holds_redacted(part) for part in value)
