"""Why the worker could not finish something, in a sentence (no view stands here)."""

from __future__ import annotations

from django.utils.translation import gettext as _


def problem_in_words(kind: str) -> str:
    """`kind`: the name of the error, as it was kept."""
    known = {
        "Unavailable": _("Flowtly does not answer at the moment. This back office itself is running."),
        "RateLimited": _("There were more calls than Flowtly allows."),
        "Unauthorized": _("The token or password that this back office uses was refused."),
        "Forbidden": _("The account that this back office uses may not do that in Flowtly."),
        "ShiftedPages": _("The list changed again and again while it was read."),
        "CannotBeTold": _("Our copy of Flowtly, which this filter needs, is not there at the moment."),
        "TooManyRecords": _("These were more records than a sheet for editing holds."),
        "BrokenOff": _("The program that made it was ended several times."),
        "Internal": _("The back office could not finish this. It has been logged."),
    }
    return known.get(kind) or _("The answer is not what Flowtly's interface describes.")
