"""IRIs in and out: paths that name a record, with the deployment's prefix in front."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .profiles import Profile
from .schema import BY_PATH, Resource
from .storage import Key, parse_key


def iri(profile: Profile, resource: Resource, key: Key) -> str:
    return f"{profile.prefix}/{resource.path}/{key}"


def parse(profile: Profile, text: str, *, host: str) -> tuple[Resource, Key] | None:
    """What an IRI names, whether or not it exists; None where no route of this server matches."""
    parts = urlsplit(text)
    if parts.netloc and parts.netloc != host:
        return None
    found = re.fullmatch(rf"{re.escape(profile.prefix)}/([a-z-]+)/([^/]+)", parts.path)
    if found is None or found[1] not in BY_PATH:
        return None
    resource = BY_PATH[found[1]]
    key = parse_key(resource, found[2])
    return None if key is None else (resource, key)
