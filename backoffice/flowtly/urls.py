"""Where a call goes: base URL, prefix, and the links that the server gives.

Everything resolves to a path on the origin of the configured base URL, so the token cannot travel to
another host: a link that names one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from .errors import BadResponse

Scalar = str | int | float | bool
Params = Mapping[str, Scalar | Sequence[Scalar] | None] | Sequence[tuple[str, Scalar]]

_DEFAULT_PORTS = {"http": 80, "https": 443}


class BaseURL:
    """A base URL with any prefix ("https://api.example", "https://app.example/api").

    ValueError where the text is no http(s) URL, or holds credentials, a query or a fragment.
    """

    def __init__(self, text: str) -> None:
        parts = _split(text.strip())
        if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("the base URL must look like https://host or https://host/prefix")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("the base URL must hold neither credentials nor a query nor a fragment")
        self.scheme = parts.scheme
        self.host = parts.hostname
        self.port = parts.port or _DEFAULT_PORTS[parts.scheme]
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.prefix = parts.path.rstrip("/")

    def __str__(self) -> str:
        return self.origin + self.prefix

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    def resolve(self, reference: str) -> str:
        """The path, with its query, that a path of ours, an IRI or a link of the server means.

        "/clients/12" and "clients/12" get the prefix unless they have it; an absolute URL must name this
        host. BadResponse for another host, and for a reference that is no plain path.
        """
        parts = _split(reference)
        if parts is None or _is_devious(parts.path):
            raise BadResponse("a link of the server is no plain path")
        if parts.netloc and not self._is_here(parts):
            raise BadResponse(f"a link leads to another host ({parts.hostname or '?'}); it is not followed")
        if parts.scheme and not parts.netloc:
            raise BadResponse("a link of the server is no web address")
        path = "/" + parts.path.lstrip("/")
        if not self._has_prefix(path):
            path = self.prefix + path
        return f"{path}?{parts.query}" if parts.query else path

    def absolute(self, resolved: str) -> str:
        return self.origin + resolved

    def _has_prefix(self, path: str) -> bool:
        return path == self.prefix or path.startswith(self.prefix + "/")

    def _is_here(self, parts: SplitResult) -> bool:
        """The same host; a TLS-terminating proxy may make the server name the other scheme."""
        scheme = parts.scheme or self.scheme
        if scheme not in _DEFAULT_PORTS or parts.hostname != self.host or parts.username is not None:
            return False
        port = parts.port or _DEFAULT_PORTS[scheme]
        both_default = port == _DEFAULT_PORTS[scheme] and self.port == _DEFAULT_PORTS[self.scheme]
        return port == self.port or both_default


def join(collection: str, *segments: str) -> str:
    """A record's path from its collection's path and its key: join("/clients", "12", "documents")."""
    return "/".join((collection.rstrip("/"), *(quote(segment, safe="") for segment in segments)))


def with_query(path: str, params: Params | None) -> str:
    """`path` with the parameters added; None values are left out, sequences repeat their name."""
    pairs = list(_pairs(params or {}))
    if not pairs:
        return path
    # Brackets are API Platform's own syntax (order[name], status[]): readable in the server's logs.
    return path + ("&" if "?" in path else "?") + urlencode(pairs, quote_via=quote, safe="[]")


def public_path(path: str) -> str:
    """`path` for logs and errors: the names of its query parameters without their values."""
    bare, _, query = path.partition("?")
    names = sorted({name for name, _value in parse_qsl(query, keep_blank_values=True)})
    return f"{bare}?{'&'.join(names)}" if names else bare


def _pairs(params: Params) -> Iterable[tuple[str, str]]:
    items = params.items() if isinstance(params, Mapping) else params
    for name, value in items:
        if value is None:
            continue
        many = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        for one in many:
            yield name, _text(one)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(text: str) -> SplitResult | None:
    """urlsplit, which complains about some texts at once and about a bad port only when asked."""
    if not text.isprintable() or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_devious(path: str) -> bool:
    """Dot segments would be folded on the way out, and lead elsewhere than the path says."""
    return any(segment in {".", ".."} for segment in path.split("/"))
