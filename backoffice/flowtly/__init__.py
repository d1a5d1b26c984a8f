"""A client of the Flowtly API. It knows HTTP and API Platform's wire format, and nothing of Django."""

from __future__ import annotations

from . import errors
from .answers import Glance, Written
from .client import Client
from .config import Settings
from .connection import Exchange
from .errors import FlowtlyError, Violation
from .hydra import Collection, SearchParameter, iri_of, key_of
from .merging import merge_body_doubt, merge_direction_doubt, merge_members
from .retry import Backoff, LocalBackoff, Policy, patience
from .urls import join

__all__ = [
    "Backoff",
    "Client",
    "Collection",
    "Exchange",
    "FlowtlyError",
    "Glance",
    "LocalBackoff",
    "Policy",
    "SearchParameter",
    "Settings",
    "Violation",
    "Written",
    "errors",
    "iri_of",
    "join",
    "key_of",
    "merge_body_doubt",
    "merge_direction_doubt",
    "merge_members",
    "patience",
]
