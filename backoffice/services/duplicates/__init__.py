"""Duplicates in the product: scanned, kept, grouped, decided, remembered."""

from __future__ import annotations

from backoffice.services.duplicates import leases, memory, queue, veiling
from backoffice.services.duplicates.adding import Stands, TooLarge, Unknown, add
from backoffice.services.duplicates.chains import Contradiction, Link
from backoffice.services.duplicates.digests import labels
from backoffice.services.duplicates.groups import rebuild
from backoffice.services.duplicates.likes import Explained, Like, Line, explained, like
from backoffice.services.duplicates.looking import look_again, look_due
from backoffice.services.duplicates.queue import Card, Filters, Member
from backoffice.services.duplicates.records import (
    frozen,
    in_force,
    queued,
    record_in_index,
    record_of,
)
from backoffice.services.duplicates.scanning import (
    ask,
    ask_when_due,
    begin_anew,
    due,
    going_on,
    latest,
    stop,
    work,
)
from backoffice.services.duplicates.showing import (
    accounts,
    group_of,
    group_of_act,
    others,
    reasons,
    said_in,
    waiting,
)
from backoffice.services.duplicates.told import Wanted, listed
from backoffice.services.duplicates.verdicts import (
    Decided,
    InHands,
    KindNeeded,
    ReasonNeeded,
    Stale,
    decide,
    drop,
    last_act,
    said_before,
    split,
    take_back,
    withdraw,
)
from backoffice.services.duplicates.words import SENTENCES, field_label, in_words, sentence

__all__ = [
    "SENTENCES",
    "Card",
    "Contradiction",
    "Decided",
    "Explained",
    "Filters",
    "InHands",
    "KindNeeded",
    "Like",
    "Line",
    "Link",
    "Member",
    "ReasonNeeded",
    "Stale",
    "Stands",
    "TooLarge",
    "Unknown",
    "Wanted",
    "accounts",
    "add",
    "ask",
    "ask_when_due",
    "begin_anew",
    "decide",
    "drop",
    "due",
    "explained",
    "field_label",
    "frozen",
    "going_on",
    "group_of",
    "group_of_act",
    "in_force",
    "in_words",
    "labels",
    "last_act",
    "latest",
    "leases",
    "like",
    "listed",
    "look_again",
    "look_due",
    "memory",
    "others",
    "queue",
    "queued",
    "reasons",
    "rebuild",
    "record_in_index",
    "record_of",
    "said_before",
    "said_in",
    "sentence",
    "split",
    "stop",
    "take_back",
    "veiling",
    "waiting",
    "withdraw",
    "work",
]
