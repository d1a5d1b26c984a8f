"""Reading settings from the environment or `.env`; a wrong value stops the start and names its variable."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()  # type: ignore[no-untyped-call]
if "pytest" not in sys.modules:  # a developer's .env must not steer the test suite
    env.read_env(Path(__file__).resolve().parent.parent / ".env", overwrite=False)


def number(name: str, default: float, least: float) -> float:
    """A number, refused below `least`."""
    try:
        value: float = env.float(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} is {value:g}; it must be at least {least:g}.")
    return value


def more_than(name: str, default: str) -> int | None:
    """A number of records above which something is asked for; None for `never`."""
    raw = env.str(name, default=default).strip().lower()
    if raw == "never":
        return None
    if not raw.isdecimal():
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be a number of records, or never.")
    return int(raw)


def flag(name: str, default: bool) -> bool:
    raw = env.str(name, default="")
    if raw.lower() not in ("", "1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be 1 or 0.")
    return default if raw == "" else raw.lower() in ("1", "true", "yes", "on")


def secret(name: str, *, folder: Path | None, minimum: int = 32) -> str:
    """A secret; one that is not given is made once and kept in `folder`. None: it has to be given, and be good."""
    given: str = env.str(name, default="")
    if folder is None:
        if len(given) < minimum or "insecure" in given or len(set(given)) < 5:
            raise ImproperlyConfigured(f"{name} must be set to a secret of at least {minimum} characters.")
        return given
    if given:
        return given
    kept = folder / f"{name.lower()}.txt"
    try:
        with kept.open("x") as handle:
            kept.chmod(0o600)
            handle.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()
