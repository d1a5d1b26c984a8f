"""When Flowtly is away in the middle of a job: rows stay planned, and the job goes on later.

One row that cannot be read while others can is tried again a little later, and ends as not saved after a few
times. Many in a row mean that Flowtly is away: the job is put off, for longer each time, and is paused in the end
with words for a person. Where Flowtly asks us to wait nothing is counted: that has a pause of its own, which all
share.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.models import Job, JobState, Step
from backoffice.services.operations import Away, Result

MANY = 8  # rows one after the other that Flowtly did not answer about
TRIES = 3  # of one row while others are answered
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds
MOST = 12  # times that a job is put off in a row, some forty minutes
GAVE_UP = gettext_noop("Flowtly could not be reached for a long time. Go on when it is back.")


class Troubles:
    """What one runner meets; `known` is how often the job was put off before without anything achieved since."""

    def __init__(self, known: int) -> None:
        self.known = known
        self.in_a_row = 0

    @property
    def too_many(self) -> bool:
        return self.in_a_row >= MANY

    def over(self) -> None:
        """Flowtly answered about a row."""
        self.in_a_row = 0
        self.known = 0

    def again(self, step: Step, result: Result) -> datetime | None:
        """When to try the row again; None where it ends with `result`. The past is "as soon as work goes on"."""
        now = timezone.now()
        if result.away is Away.ASKED:
            return now
        self.in_a_row += 1
        if self.too_many or self.known:
            return now
        tries = int(step.context.get("away", 0)) + 1
        if tries >= TRIES:
            return None
        step.context = {**step.context, "away": tries}
        return now + timedelta(seconds=FIRST_PAUSE * 3 ** (tries - 1))


def keep(job: Job, troubles: Troubles) -> None:
    """Write down what a runner met: the job is put off, paused, or as good as new."""
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
    if troubles.too_many:
        pause = min(FIRST_PAUSE * 2.0**job.setbacks, LONGEST_PAUSE)
        until = timezone.now() + timedelta(seconds=pause)
        mine.update(setbacks=F("setbacks") + 1, put_off_until=until)
        mine.filter(setbacks__gt=MOST).update(
            state=JobState.PAUSED, problem=GAVE_UP, put_off_until=None, setbacks=0
        )
    elif job.setbacks and not troubles.known:
        mine.update(setbacks=0)
