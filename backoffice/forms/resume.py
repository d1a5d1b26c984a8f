"""A submission that waits for a sign-in: packed into the login form, offered again afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "backoffice.resume"
MAX_AGE = 8 * 3600  # seconds: a working day
FieldValues = dict[str, list[str]]


@dataclass(frozen=True)
class Submission:
    """Where a form was sent, and its fields in order, each with all its values."""

    path: str
    fields: FieldValues


def kept_fields(data: QueryDict) -> FieldValues:
    """What may be offered again: everything but the CSRF token and passwords."""
    return {name: data.getlist(name) for name in data if not _is_secret(name)}


def _is_secret(name: str) -> bool:
    return name == "csrfmiddlewaretoken" or "password" in name.lower()


def pack_submission(request: HttpRequest) -> str:
    """The request's path and fields, signed and compressed; uploaded files are not in it."""
    packed = {"path": request.get_full_path(), "fields": kept_fields(request.POST)}
    return signing.dumps(packed, salt=SALT, compress=True)


def unpack_submission(value: str) -> Submission | None:
    """None for nothing, a forgery, a submission older than MAX_AGE, or one that leads off this site."""
    try:
        packed = signing.loads(value, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    path = packed["path"]
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return None
    return Submission(path=path, fields=packed["fields"])
