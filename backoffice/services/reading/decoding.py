"""From a payload of the client to a Record of ours."""

from __future__ import annotations

from typing import Any

from backoffice.flowtly import errors
from backoffice.resources import Record, Resource, UndecodableRecord


def decoded(resource: Resource, payload: Any) -> Record:
    """A Record of a payload; BadResponse where it is none."""
    try:
        return resource.decode(payload)
    except UndecodableRecord as error:
        raise errors.BadResponse(str(error)) from None
