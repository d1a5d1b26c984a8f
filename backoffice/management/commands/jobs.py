"""`manage.py jobs`: plan, look at, run and undo changes of many records, by the services of the pages."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.flowtly import errors
from backoffice.forms.asking import Misunderstood, field_of, split, state_of, value_of
from backoffice.models import Job, JobState, Selection, User
from backoffice.models.jobs import FINAL_STATES
from backoffice.resources import PAGES, Resource
from backoffice.services import bulk, jobs, lists, merges, reading, selections, transfer
from backoffice.services.access import Permission, can
from backoffice.services.bulk import FieldChange, How
from backoffice.services.bulk.telling import rows, tell
from backoffice.services.reading import ListQuery
from backoffice.services.upstream import be_patient, claim_upstream

_WAIT = 0.5  # seconds between two looks at a job that somebody else runs
_RESTING = (*FINAL_STATES, JobState.PAUSED, JobState.STOPPED, JobState.AWAITING, JobState.SCHEDULED)


class Command(BaseCommand):
    help = "Plan changes of many records, and show, apply, pause, stop, retry or undo them."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        self._plan_arguments(actions.add_parser("plan", help="read the records and say what would change"))
        self._merge_arguments(actions.add_parser("merge", help="plan to merge counterparties into one"))
        show = self._action(actions, "show", "how a job stands, and what became of each row")
        show.add_argument("--json", action="store_true", help="everything, for programs")
        apply = self._action(actions, "apply", "confirm a plan, or go on with a paused or stopped job")
        apply.add_argument("--inline", action="store_true", help="run it here and wait, without a worker")
        apply.add_argument("--reason", default="", help="why, where the plan has no reason yet")
        self._action(actions, "pause", "finish the records in hand, then wait")
        self._action(actions, "stop", "finish the records in hand, then leave the rest")
        for name, words in (("retry", "plan what failed once more"), ("undo", "plan the way back")):
            made = self._action(actions, name, words)
            made.add_argument("--as", dest="username", default="", help="who plans it; else the job's author")

    def _action(self, actions: Any, name: str, words: str) -> CommandParser:
        parser: CommandParser = actions.add_parser(name, help=words)
        parser.add_argument("id", type=uuid.UUID, help="the job's id")
        return parser

    def _plan_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entity", choices=sorted(PAGES))
        parser.add_argument(
            "--where", action="append", default=[], metavar="FIELD=VALUE", help="as in a list's address"
        )
        parser.add_argument("--ids", default="", help="numbers of records, separated by commas")
        parser.add_argument("--sheet", type=Path, help="an edited sheet that was made for editing")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="the new value")
        parser.add_argument("--clear", action="append", default=[], metavar="FIELD", help="empty the field")
        parser.add_argument(
            "--add", action="append", default=[], metavar="FIELD=NUMBER", help="add, or subtract with -"
        )
        parser.add_argument("--copy", action="append", default=[], metavar="FIELD=OTHER", help="what OTHER holds")
        parser.add_argument("--reason", default="", help="why; it stays with the job")
        parser.add_argument("--as", dest="username", required=True, help="the person who plans it")

    def _merge_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--survivor", required=True, help="the number of the counterparty that stays")
        parser.add_argument("--gone", required=True, help="numbers of those that go, separated by commas")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="of the survivor")
        parser.add_argument("--clear", action="append", default=[], metavar="FIELD", help="of the survivor")
        parser.add_argument(
            "--even-so",
            action="append",
            default=[],
            metavar="NAME",
            help="what was said against it and is overruled: a member that differs, or a pair, as 12-15",
        )
        parser.add_argument("--reason", required=True, help="why; it stays with the job")
        parser.add_argument("--as", dest="username", required=True, help="the person who plans it")

    def handle(self, *args: Any, **options: Any) -> None:
        be_patient()
        claim_upstream()
        act: Callable[..., None] = getattr(self, f"_{options['action']}")
        try:
            act(**options)
        except Misunderstood as error:
            raise CommandError(str(error)) from None
        except merges.Blocked as blocked:
            raise CommandError(str(blocked)) from None
        except bulk.NothingChosen:
            raise CommandError(
                "There is nothing to plan: no record is meant, or nothing would be done to it."
            ) from None
        except bulk.StillRunning:
            raise CommandError("The job has not ended yet. Stop it first, or wait.") from None
        except errors.FlowtlyError as error:
            raise CommandError(error.message) from None

    # Planning

    def _plan(self, *, entity: str, sheet: Path | None, reason: str, username: str, **options: Any) -> None:
        resource, actor = PAGES[entity], _person(username)
        changes = _changes(resource, options)
        if sheet is not None:
            if changes or options["where"] or options["ids"]:
                raise Misunderstood("A sheet says itself which records and what; give nothing else.")
            self._say_plan(_plan_of_sheet(resource, actor, sheet, reason))
            return
        job = bulk.plan_change(
            actor=actor,
            resource=resource,
            selection=_selection(resource, actor, options["where"], options["ids"]),
            changes=changes,
            nonce=uuid.uuid4().hex,
            request_id=uuid.uuid4().hex,
            reason=reason,
        )
        self._say_plan(job)

    def _merge(self, *, survivor: str, gone: str, reason: str, username: str, **options: Any) -> None:
        job = merges.plan(
            actor=_person(username),
            survivor=survivor.strip(),
            gone=[key.strip() for key in gone.split(",") if key.strip()],
            changes=_values(options["set"], options["clear"]),
            nonce=uuid.uuid4().hex,
            request_id=uuid.uuid4().hex,
            reason=reason,
            even_so=options["even_so"],
        )
        self.stdout.write(str(job.pk))
        for line in merges.lines_of_plan(job):
            self.stdout.write(line)

    def _say_plan(self, job: Job) -> None:
        job = bulk.prepare(job)
        self.stdout.write(str(job.pk))
        if job.problem:
            raise CommandError(job.problem)
        for name, number in tell(job)["forecast"].items():
            self.stdout.write(f"{name:14} {number}")

    # Looking

    def _show(self, *, id: uuid.UUID, json: bool, **options: Any) -> None:
        job = _job(id)
        told = tell(job)
        if json:
            self._show_json(job, told)
            return
        self.stdout.write(f"{told['id']}  {told['title']}  {told['state']}")
        if job.kind in merges.KINDS:
            self._say_merge(job)
            return
        for name, number in (told["forecast"] if job.state == JobState.PLANNED else told["counters"]).items():
            self.stdout.write(f"{name:14} {number}")

    def _show_json(self, job: Job, told: dict[str, Any]) -> None:
        """Row by row, so that a large job needs no large memory."""
        told |= {"merge": merges.tell(job)} if job.kind in merges.KINDS else {}
        head = json.dumps(told, ensure_ascii=False, indent=1)
        self.stdout.write(f'{head[:-2]},\n "rows": [', ending="")
        for number, row in enumerate(rows(job)):
            self.stdout.write(f"{',' if number else ''}\n  {json.dumps(row, ensure_ascii=False)}", ending="")
        self.stdout.write("\n ]\n}")

    # Running

    def _apply(self, *, id: uuid.UUID, inline: bool, reason: str, **options: Any) -> None:
        job = _job(id)
        try:
            if job.kind in merges.KINDS:
                job = _apply_merge(job, reason)
            elif job.state == JobState.PLANNED:
                job = bulk.confirm(job=job, actor=job.actor, reason=reason or job.reason, even_nothing=True)
            elif job.state in (JobState.PAUSED, JobState.STOPPED):
                job = jobs.go_on(job)
        except bulk.NotPreviewed:
            raise CommandError("The plan was not previewed yet. Look at it with `jobs show`.") from None
        except merges.Changed:
            raise CommandError("The records changed since the plan was made. Make a new one.") from None
        except bulk.ReasonNeeded:
            raise CommandError("Say why: --reason. So many records are not changed without one.") from None
        if inline:
            job = _run_here(job)
        self._say_state(job)

    def _pause(self, *, id: uuid.UUID, **options: Any) -> None:
        self._say_state(jobs.pause(_job(id)))

    def _stop(self, *, id: uuid.UUID, **options: Any) -> None:
        self._say_state(jobs.stop(_job(id)))

    def _retry(self, *, id: uuid.UUID, username: str, **options: Any) -> None:
        job = _job(id)
        if job.kind not in merges.KINDS:
            self._made_of(bulk.retry, job, username)
            return
        actor = _person(username) if username else job.actor
        made = merges.finish(job=job, actor=actor, nonce=uuid.uuid4().hex, request_id=uuid.uuid4().hex)
        self._say_state(made)

    def _undo(self, *, id: uuid.UUID, username: str, **options: Any) -> None:
        job = _job(id)
        if job.kind != merges.KIND:
            self._made_of(bulk.undo, job, username)
            return
        actor = _person(username) if username else job.actor
        made = merges.restore(job=job, actor=actor, nonce=uuid.uuid4().hex, request_id=uuid.uuid4().hex)
        self.stdout.write(str(made.pk))
        self._say_merge(made)

    def _made_of(self, make: Callable[..., Job], job: Job, username: str) -> None:
        actor = _person(username) if username else job.actor
        self._say_plan(make(job=job, actor=actor, nonce=uuid.uuid4().hex, request_id=uuid.uuid4().hex))

    def _say_merge(self, job: Job) -> None:
        for line in merges.lines_of(job):
            self.stdout.write(line)

    def _say_state(self, job: Job) -> None:
        job.refresh_from_db()
        self.stdout.write(f"{job.pk}  {job.state}")
        if job.kind in merges.KINDS:
            self._say_merge(job)
            return
        for name, number in tell(job)["counters"].items():
            self.stdout.write(f"{name:14} {number}")


def _plan_of_sheet(resource: Resource, actor: User, path: Path, reason: str) -> Job:
    try:
        with path.open("rb") as file:
            found = transfer.read(actor=actor, resource=resource, file=file)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except transfer.Refused as refused:
        raise CommandError(" ".join(refused.sentences)) from None
    upload = transfer.keep(found, file_name=path.name)
    return transfer.plan(upload, actor=actor, request_id=uuid.uuid4().hex, reason=reason)


def _apply_merge(job: Job, reason: str) -> Job:
    """Confirm it, or let it go on; one that ended finishes what it left, as a job of its own."""
    if job.state == JobState.PLANNED:
        return merges.confirm(job=job, actor=job.actor, reason=reason or job.reason)
    if job.state in (JobState.PAUSED, JobState.STOPPED):
        return merges.finish(job=job, actor=job.actor, nonce=uuid.uuid4().hex, request_id=uuid.uuid4().hex)
    return job


def _values(given: list[str], cleared: list[str]) -> dict[str, Any]:
    """The survivor's chosen fields."""
    resource = PAGES["counterparties"]
    found: dict[str, Any] = {}
    for text in given:
        name, value = split(text)
        found[name] = value_of(field_of(resource, name), value, reading.addresses_of)
    return found | {field_of(resource, name).name: None for name in cleared}


def _run_here(job: Job) -> Job:
    """Run it in this process; where a worker has it already, wait for its end."""
    while True:
        job.refresh_from_db()
        if job.state in _RESTING:
            return job
        jobs.run(job)
        job.refresh_from_db()
        if job.state not in _RESTING:
            time.sleep(_WAIT)


def _job(job_id: uuid.UUID) -> Job:
    job = Job.objects.select_related("actor").filter(pk=job_id).first()
    if job is None:
        raise CommandError(f"There is no job {job_id}.")
    return job


def _person(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody signs in as {username!r}.")
    if not can(user, Permission.BULK):
        raise CommandError(f"{username} may not change many records at once.")
    return user


def _changes(resource: Resource, options: dict[str, Any]) -> list[FieldChange]:
    found: list[FieldChange] = []
    for text in options["set"]:
        name, value = split(text)
        item = field_of(resource, name)
        found.append(FieldChange(name, How.SET, value_of(item, value, reading.addresses_of)))
    for name in options["clear"]:
        found.append(FieldChange(field_of(resource, name).name, How.CLEAR))
    for text in options["add"]:
        name, value = split(text)
        if not value.lstrip("-").isdecimal():
            raise Misunderstood(f"{text!r}: {value!r} is no whole number.")
        found.append(FieldChange(field_of(resource, name).name, How.ADD, int(value)))
    for text in options["copy"]:
        name, value = split(text)
        found.append(FieldChange(field_of(resource, name).name, How.COPY, field_of(resource, value).name))
    _suit(resource, found)
    return found


def _suit(resource: Resource, changes: list[FieldChange]) -> None:
    names = [change.field for change in changes]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Misunderstood(f"{twice} is named twice; one field is changed in one way.")
    for change in changes:
        item = resource.by_name[change.field]
        if change.how not in bulk.ways_of(item, resource):
            raise Misunderstood(f"{item.name} cannot be changed by {change.how.value}.")
        if change.how is How.COPY and change.value not in [each.name for each in bulk.sources_of(item, resource)]:
            raise Misunderstood(f"{item.name} cannot hold what {change.value} holds.")


def _selection(resource: Resource, actor: User, where: list[str], ids: str) -> Selection:
    """The records that match now, as Flowtly has them, or those that are named."""
    if bool(where) == bool(ids):
        raise Misunderstood("Say which records: either --where or --ids.")
    if ids:
        named = [key.strip() for key in ids.split(",") if key.strip()]
        return selections.of(owner=actor, resource=resource, keys=named, scope=f"{len(named)} named by number")
    state = state_of(resource, where, reading.addresses_of)
    query = ListQuery(state.search, state.criteria)
    found = lists.every(resource=resource, query=query, fresh=True)
    keys = (record.key for record in found.records)
    return selections.of(owner=actor, resource=resource, keys=keys, scope=", ".join(where), query=query)
