"""One HTTP attempt over `requests`: an answer, or the knowledge of what prevented it.

Nothing is raised for what the network does: exceptions of urllib3 hold the whole URL, and with it what
was searched for, and would end up in a traceback.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors

# Their DEBUG lines, and their warnings about odd headers, name the URL with all query values.
for _talker in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_talker).setLevel(logging.ERROR)

TOO_LARGE = "the answer is too large"

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """A status with as much of the body as came; `cut` says why the rest did not."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    cut: str | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


@dataclass(frozen=True)
class Failure:
    """No answer. `sent` is False only where the request certainly never reached the server."""

    reason: str
    sent: bool


class Transport:
    """A pool of at most `max_connections` kept-alive connections, shared by all threads."""

    def __init__(
        self,
        *,
        max_connections: int,
        connect_timeout: float,
        read_timeout: float,
        max_body: int,
        use_environment: bool,
    ) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._max_body = max_body
        self._session = requests.Session()
        # HTTPS_PROXY and REQUESTS_CA_BUNDLE; a proxy has no way to a server on this machine.
        self._session.trust_env = use_environment
        # With an `auth` of our own, requests does not look for a password of this host in ~/.netrc.
        self._session.auth = _keep_headers
        # One account serves everybody: no cookie may tie a call to the one before.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_maxsize=max_connections, max_retries=0, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer | Failure:
        try:
            response = self._session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            return _failure(error)
        with response:
            read, cut = self._read(response)
        return Answer(response.status_code, response.headers, read, cut)

    def close(self) -> None:
        self._session.close()

    def _read(self, response: requests.Response) -> tuple[bytes, str | None]:
        """The body up to the limit. `read1` takes what is there, so that a slow body is never held twice."""
        parts: list[bytes] = []
        size = 0
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                parts.append(chunk)
                size += len(chunk)
                if size > self._max_body:
                    return b"", TOO_LARGE
        except urllib3_errors.ReadTimeoutError:
            return b"".join(parts), "the answer stopped half-way"
        except (urllib3_errors.HTTPError, OSError):
            return b"".join(parts), "the answer was cut off"
        return b"".join(parts), None


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _failure(error: requests.RequestException) -> Failure:
    """Name what happened. Only a connection that was never made proves that nothing was sent."""
    causes = _causes(error)
    if isinstance(error, ValueError):
        return Failure("its address or a header is malformed", sent=False)
    if isinstance(error, requests.exceptions.ProxyError):
        return Failure("the proxy before it does not let us through", sent=False)
    if any(isinstance(cause, urllib3_errors.NameResolutionError) for cause in causes):
        return Failure("its name cannot be resolved", sent=False)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Failure("its certificate is not trusted", sent=False)
    if isinstance(error, requests.ConnectTimeout):
        return Failure("it did not accept a connection in time", sent=False)
    if any(isinstance(cause, urllib3_errors.NewConnectionError) for cause in causes):
        return Failure("it accepts no connection", sent=False)
    if isinstance(error, requests.Timeout):
        return Failure("it did not answer in time", sent=True)
    return Failure("the connection broke", sent=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The error with everything it wraps, in `args`, `reason` or as its cause."""
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        item = queue.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            queue += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return found
