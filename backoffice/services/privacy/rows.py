"""Which rows may hold a person, a bounded number at a time, and what tells the person apart in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from backoffice.models import AuditEntry, Label, Outcome, Step, User, Verb
from backoffice.models.jobs import FINAL_STATES
from backoffice.resources import REGISTRY, Kind, Record
from backoffice.resources.redacted import is_redacted
from backoffice.resources.schema import key_of_iri
from backoffice.services import duplicates
from backoffice.services.privacy import copies
from backoffice.services.privacy.columns import any_of, as_text
from backoffice.services.privacy.person import ACCOUNTS, Person, as_written, folded, hosting, hosts

CHUNK = 200  # rows in memory at a time
VERDICTS = "duplicates."  # how the actions begin that tell of several records, with one reason
PARTS = ("base", "changes", "before", "after")
# Entities whose values may be objects and lists; of any other a copy holds nobody else.
_WITH_LISTS = [slug for slug, item in REGISTRY.items() if any(each.kind is Kind.LIST for each in item.fields)]
_LINEAGE = 20  # times that a record was deleted and created again
M = TypeVar("M", bound=Model)


def person_of(*, entity: str, key: str, record: Record | None = None) -> Person:
    """The person of a record; `record` as Flowtly has it now, where it could be read.

    Looks through every plan and audit entry once; what follows looks at what was found here.
    """
    person = Person(entity, key, _lineage(entity, key))
    person = replace(person, steps=_pks(_step_rows(person)), entries=_pks(_entry_rows(person)))
    told = {folded(text) for text in _names(person)} | set(_told(person))
    records = [*copies.records(person), *([record] if record else [])]
    for known in records:
        told |= {*person.telling(known.values), folded(known.label)}
    person = replace(person, told=frozenset(text for text in told if len(text) > 3))
    person = replace(person, compared=_compared(person, records))
    return replace(person, steps=tuple(sorted({*person.steps, *_pks(_steps_in_words(person))})))


def steps_of(person: Person, rows: QuerySet[Step] | None = None) -> Iterator[list[Step]]:
    """The steps that may hold the person, CHUNK at a time; of `rows`, where given."""
    return _portions(Step.objects.all() if rows is None else rows, person.steps)


def entries_of(person: Person) -> Iterator[list[AuditEntry]]:
    """The audit entries that may hold the person, CHUNK at a time."""
    return _portions(AuditEntry.objects.all(), person.entries)


def each(portions: Iterable[list[M]]) -> Iterator[M]:
    for portion in portions:
        yield from portion


def _portions(rows: QuerySet[M], pks: tuple[int, ...]) -> Iterator[list[M]]:
    for start in range(0, len(pks), CHUNK):
        yield list(rows.filter(pk__in=pks[start : start + CHUNK]).order_by("pk"))


def _pks(rows: QuerySet[Any]) -> tuple[int, ...]:
    return tuple(rows.order_by("pk").values_list("pk", flat=True).iterator())


def _step_rows(person: Person) -> QuerySet[Step]:
    """Steps of the record, without a key, or with its address in a value that can hold whole records."""
    if person.resource is None:
        return Step.objects.none()
    own = Q(entity=person.entity, key__in=[*person.keys, ""])
    copies = Q(entity__in=_WITH_LISTS) & _holding(person, ("base", "before", "after"))
    others = ~Q(context={}) & _holding(person, ("context",))
    return as_text(Step.objects.all(), "base", "before", "after", "context").filter(own | copies | others)


def _entry_rows(person: Person) -> QuerySet[AuditEntry]:
    """Audit entries that may hold the person; what was recorded of redactions names nobody."""
    if person.resource is None:
        return AuditEntry.objects.none()
    own = Q(entity=person.entity, key__in=[*person.keys, ""])
    rows = as_text(AuditEntry.objects.exclude(action__startswith="privacy."), "values")
    searched = (Q(key="") | Q(action__startswith=VERDICTS)) & ~Q(values={})
    return rows.filter(own | searched | Q(entity__in=_WITH_LISTS) & _holding(person, ("values",)))


def _steps_in_words(person: Person) -> QuerySet[Step]:
    """Steps with an error message that repeats what tells the person apart."""
    found = Q(pk=None)
    for text in person.told:
        for written in as_written(text):
            found |= Q(error_text__icontains=written)
    return as_text(Step.objects.filter(error__isnull=False), "error").filter(found)


def owns_step(person: Person, step: Step) -> bool:
    """Whether a step is about this record; one that never got a key is, where its values are this person's."""
    if step.entity != person.entity or (step.verb == Verb.CALL and not step.key):
        return False
    return step.key in person.keys if step.key else person.like(step.changes)


def owns_entry(person: Person, entry: AuditEntry) -> bool:
    if entry.entity != person.entity:
        return False
    return entry.key in person.keys if entry.key else person.like(after_of(entry))


def after_of(entry: AuditEntry) -> dict[str, Any]:
    return _part_of(entry, ".after")


def _part_of(entry: AuditEntry, end: str) -> dict[str, Any]:
    return {path.removesuffix(end): item["value"] for path, item in entry.values.items() if path.endswith(end)}


def finished(rows: QuerySet[Step]) -> QuerySet[Step]:
    return rows.filter(phase__job__state__in=FINAL_STATES)


def in_flight(rows: QuerySet[Step]) -> QuerySet[Step]:
    return rows.exclude(phase__job__state__in=FINAL_STATES)


def _holding(person: Person, columns: Iterable[str]) -> Q:
    """The record's address stands in one of these; or, where records come embedded, its number."""
    found, hosts_of = Q(pk=None), hosting(person.entity)
    for column in columns:
        found |= ~Q(entity__in=hosts_of) & any_of(f"{column}_text", person.needles)
        found |= Q(entity__in=hosts_of) & any_of(f"{column}_text", [*person.needles, *person.bare_needles])
    return found


def _lineage(entity: str, key: str) -> frozenset[str]:
    """The keys of one record: what was deleted and created again from the copy is the same person."""
    created = Step.objects.filter(entity=entity, verb=Verb.CREATE, outcome=Outcome.CREATED)
    # The restore of a merge is about several records and says of each new one which it was.
    restored = [
        (key_of_iri(address), new)
        for address, new in created.filter(context__has_key="new_of").values_list("context__new_of", "key")
    ]
    made = created.exclude(phase__job__undo_of=None).exclude(context__has_key="new_of")
    keys, fresh = {key}, {key}
    for _round in range(_LINEAGE):
        later = made.filter(phase__job__undo_of__phases__steps__key__in=fresh).values_list("key", flat=True)
        earlier = made.filter(key__in=fresh).values_list("phase__job__undo_of__phases__steps__key", flat=True)
        again = [new for old, new in restored if old in fresh] + [old for old, new in restored if new in fresh]
        fresh = {found for found in (*later, *earlier, *again) if found} - keys
        if not fresh:
            break
        keys |= fresh
    return frozenset(keys)


def _names(person: Person) -> Iterator[str]:
    """The names that are stored for the record itself."""
    at = {"entity": person.entity, "key__in": person.keys}
    if person.entity == ACCOUNTS:
        for user in User.objects.filter(pk=person.key):
            yield from (user.get_full_name(), user.email)
        return
    yield from Label.objects.filter(**at).values_list("label", flat=True)
    yield from Step.objects.filter(**at).exclude(verb=Verb.CALL).values_list("label", flat=True).distinct()


def _told(person: Person) -> Iterator[str]:
    for step in each(steps_of(person)):
        parts: list[Mapping[str, Any]] = [getattr(step, part) or {} for part in PARTS]
        if step.key and owns_step(person, step):
            for part in parts:
                yield from person.telling(part)
        yield from _told_inside(person, step.entity, [*parts, step.context])
    for entry in each(entries_of(person)):
        values = {path.rpartition(".")[0]: item["value"] for path, item in entry.values.items()}
        if entry.key and owns_entry(person, entry):
            yield folded(entry.label)
            yield from person.telling({p.rpartition(".")[0]: item["value"] for p, item in entry.values.items()})
            yield from person.telling(after_of(entry))
        yield from _told_inside(person, entry.entity, [values])


def _compared(person: Person, known: Iterable[Record]) -> frozenset[str]:
    """By what is known of the record, by what plans and trail tell of it, and by its names."""
    found = {part for text in person.told for part in duplicates.veiling.texts_in(text)}
    if person.resource in duplicates.queued():
        under = duplicates.frozen(person.resource)
        for values in (*(record.values for record in known), *_written(person)):
            plain = {name: value for name, value in values.items() if not is_redacted(value)}
            found |= duplicates.veiling.texts_of(under.record(person.key, plain))
    return frozenset(found)


def _written(person: Person) -> Iterator[Mapping[str, Any]]:
    """What the record held and was given, as far as plans and trail tell."""
    for step in each(steps_of(person)):
        if owns_step(person, step):
            yield from (getattr(step, part) or {} for part in PARTS)
    for entry in each(entries_of(person)):
        if owns_entry(person, entry):
            yield from (_part_of(entry, ".before"), after_of(entry))


def _told_inside(person: Person, entity: str, parts: list[Mapping[str, Any]]) -> Iterator[str]:
    within = hosts(entity)
    for part in parts:
        for name, value in part.items():
            for held in person.embedded_in(value, within=within.get(name, "")):
                yield from person.telling(held)
