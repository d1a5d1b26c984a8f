"""The one Flowtly this process talks to, and the database's claim on it."""

from __future__ import annotations

import functools
import hashlib

from django.conf import settings

from backoffice.flowtly import Client, Policy, Settings
from backoffice.flowtly.config import MERGE_BODY
from backoffice.models import Upstream, User
from backoffice.services import pulse
from backoffice.services.backoff import SharedBackoff

# Somebody looks at the screen meanwhile: rather a page that says so than half a minute of nothing.
AT_THE_SCREEN = Policy(attempts=2, throttle_budget=8.0)
# Nobody waits for the worker; it may sit out a long pause.
IN_THE_BACKGROUND = Policy(attempts=4, throttle_budget=600.0)


class UpstreamMismatch(Exception):
    """The database belongs to another Flowtly; the message names both."""


class DemoAccountsPresent(Exception):
    """Demo accounts are able to sign in where they must not."""


class _Process:
    """What this process is like; the worker turns patient at its start."""

    patience = AT_THE_SCREEN


def be_patient() -> None:
    """For a process that nobody waits for."""
    _Process.patience = IN_THE_BACKGROUND
    client.cache_clear()


@functools.cache
def client() -> Client:
    """The process's one client: its pool bounds the connections to Flowtly."""
    return Client(
        Settings(
            base_url=settings.FLOWTLY_API_URL,
            token=settings.FLOWTLY_API_TOKEN or None,
            username=settings.FLOWTLY_USERNAME or None,
            password=settings.FLOWTLY_PASSWORD or None,
            instance=settings.FLOWTLY_INSTANCE or None,
            connect_timeout=min(5.0, settings.FLOWTLY_TIMEOUT),
            read_timeout=settings.FLOWTLY_TIMEOUT,
            max_connections=settings.FLOWTLY_MAX_CONNECTIONS,
            page_size=settings.FLOWTLY_PAGE_SIZE,
            search_param=settings.FLOWTLY_SEARCH_PARAM,
            user_agent=f"flowtly-backoffice/{settings.VERSION}",
            merge_body=settings.FLOWTLY_MERGE_BODY or MERGE_BODY,
            merge_path_id=settings.FLOWTLY_MERGE_PATH_ID,
            retry=_Process.patience,
        ),
        backoff=backoff(),
        observer=pulse.observe,
    )


@functools.cache
def backoff() -> SharedBackoff:
    """The silence that this process keeps because Flowtly asked somebody of us to wait."""
    return SharedBackoff()


@functools.cache
def current() -> Upstream:
    """The row of the configured Flowtly; claims an empty database."""
    return claim_upstream()


def claim_upstream() -> Upstream:
    """The Upstream of this database, made at the first start.

    Raises UpstreamMismatch where the database belongs to another base URL or instance. The sandbox gets a new
    port at each start, so its address is not compared.
    """
    address, instance = settings.FLOWTLY_API_URL, settings.FLOWTLY_INSTANCE
    sandbox = settings.SANDBOX
    kept = Upstream.objects.order_by("pk").first()
    if kept is None:
        return Upstream.objects.create(base_url=address, instance=instance, sandbox=sandbox)
    if kept.sandbox and sandbox:
        if kept.base_url != address:
            kept.base_url = address
            kept.save(update_fields=["base_url"])
        return kept
    if (kept.base_url, kept.instance, kept.sandbox) != (address, instance, sandbox):
        raise UpstreamMismatch(
            f"This database belongs to {kept}{' (sandbox)' if kept.sandbox else ''}, but the settings name "
            f"{address}{f' ({instance})' if instance else ''}. Use another BACKOFFICE_DATA_DIR or DATABASE_URL."
        )
    return kept


def merge_way() -> str:
    """A short name of how this process asks for merges: whose key stands in the path, and the body."""
    asked = client().settings
    return hashlib.sha256(f"{asked.merge_path_id} {asked.merge_body}".encode()).hexdigest()


def refuse_demo_accounts() -> None:
    """Raises DemoAccountsPresent where production finds accounts whose password everybody knows."""
    if not settings.PRODUCTION:
        return
    names = list(User.objects.filter(demo=True, is_active=True).values_list("username", flat=True))
    if names:
        raise DemoAccountsPresent(
            f"Demo accounts are active in this database: {', '.join(sorted(names))}. Delete or deactivate them."
        )


def forget() -> None:
    """Drop what this module keeps for the process (tests that change the address)."""
    client.cache_clear()
    backoff.cache_clear()
    current.cache_clear()
    pulse.forget()
