"""Every place in which something about a person is kept. A new one is one line in STORES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.services.privacy import copies, files, likenesses, local, searches, steps, trail, uploaded
from backoffice.services.privacy.person import Person


@dataclass(frozen=True)
class Store:
    """`find` counts what `redact` would change, and changes nothing; both may be called again at any time.

    `redact` must leave nothing that `find` counts, and works through many rows a bounded number at a time.
    """

    name: str
    label: str | Promise
    find: Callable[[Person], int]
    redact: Callable[[Person], int]


# In the order in which they are redacted: jobs before steps, which tell what a job was about.
STORES: tuple[Store, ...] = (
    Store("jobs", _("Titles, reasons and comments of jobs"), steps.find_jobs, steps.redact_jobs),
    Store("steps", _("Steps of jobs, with copies of deleted records"), steps.find_steps, steps.redact_steps),
    Store("audit", _("Values in the audit trail"), trail.find_entries, trail.redact_entries),
    Store("index", _("The copy that lists are drawn from"), copies.find, copies.redact),
    # After the index, which groups are made from.
    Store("duplicates", _("Groups of duplicates, and verdicts on them"), likenesses.find, likenesses.redact),
    # After the index, which a scan is made of.
    Store(
        "statistics",
        _("Words and values that several records share"),
        likenesses.find_statistics,
        likenesses.redact_statistics,
    ),
    # After the index, from which a file that is being made begins anew.
    Store("exports", _("Files made of lists"), files.find, files.redact),
    Store("sheets", _("Sheets for editing"), uploaded.find, uploaded.redact),
    Store("views", _("Searches in saved views"), searches.find, searches.redact),
    Store("names", _("Names for display"), lambda person: local.labels(person).count(), local.redact_labels),
    Store(
        "opened", _("Recently opened records"), lambda person: local.opened(person).count(), local.redact_opened
    ),
    Store("notices", _("Notices"), lambda person: local.notices(person).count(), local.redact_notices),
    Store("sessions", _("Messages that nobody has read yet"), local.find_sessions, local.redact_sessions),
    Store(
        "accounts",
        _("Accounts of this back office"),
        lambda person: local.accounts(person).count(),
        local.redact_accounts,
    ),
    Store("sign_ins", _("Attempts to sign in"), local.find_sign_ins, local.redact_sign_ins),
)
