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


def decoded_as(key: str, resource: Resource, payload: Any) -> Record:
    """A Record of a payload that was asked for by its key; NotFound where it is another one.

    Flowtly may answer with the record that this one was merged into. Nothing that was meant for the one may be
    compared with, or written to, the other.
    """
    record = decoded(resource, payload)
    if record.key != key:
        raise errors.NotFound("Flowtly answered with another record.")
    return record
