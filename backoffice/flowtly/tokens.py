"""When a token runs out, where it says so: a JWT carries `exp` in the clear."""

from __future__ import annotations

import base64
import binascii
import json
import math

_PARTS = 3  # header, claims, signature


def expires_at(token: str) -> float | None:
    """The `exp` of a JWT as Unix time; None for any other token. The signature is the server's business."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    moment = claims.get("exp") if isinstance(claims, dict) else None
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not math.isfinite(moment):
        return None
    return float(moment)
