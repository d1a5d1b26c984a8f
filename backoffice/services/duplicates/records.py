"""From rows of the index to what is compared, and what a scan was made under.

A relation (the country of a client) is compared by its code, and what the collection leaves out is not compared:
else a record would look changed as soon as somebody opens it. Both are kept with the scan, so that a record is
read the same way until the next.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backoffice import matching
from backoffice.models import Scan, ScanState
from backoffice.resources import PAGES, Field, Kind, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services import index, reading
from backoffice.services.duplicates import veiling

_CODE = 2  # letters


@dataclass(frozen=True)
class Context:
    """`codes`: slug -> key -> code, of the short lists that compared fields refer to. `unknown`: fields that the
    collection leaves out."""

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unknown: Sequence[str] = ()


@dataclass(frozen=True)
class Frozen:
    """What records are read and compared under from one full scan to the next."""

    resource: Resource
    context: Context = field(default_factory=Context)
    statistics: matching.Statistics = field(default_factory=matching.Statistics)
    scan: UUID | None = None

    @cached_property
    def fields(self) -> list[Field]:
        """The fields that are compared."""
        return [item for item in self.resource.fields if item.matchable and item.name not in self.context.unknown]

    def names(self) -> set[str]:
        """The fields of matching.Record that can be told: neither left out when this was made, nor by now."""
        left_out = index.left_out(self.resource)
        blind = {item.matchable for item in self.fields if item.name in left_out}
        return {item.matchable for item in self.fields} - blind

    def told_by(self, name: str) -> list[Field]:
        """The fields that a field of matching.Record is filled from."""
        return [item for item in self.fields if item.matchable == name]

    def tells_all(self, name: str) -> bool:
        """Whether none of them is left out."""
        return self.told_by(name) == [item for item in self.resource.fields if item.matchable == name]

    def codes_of(self, name: str) -> Mapping[str, Mapping[str, str]]:
        """The codes by which it is read."""
        slugs = {item.references for item in self.resource.fields if item.matchable == name and item.references}
        return {slug: self.context.codes.get(slug, {}) for slug in slugs}

    def record(self, key: str, values: Mapping[str, Any]) -> matching.Record:
        found: dict[str, str] = {}
        for item in self.fields:
            text = self._text(item, values.get(item.name))
            if item.matchable == "street":
                text = f"{found.get('street', '')} {text}".strip()
            if text and (item.matchable == "street" or item.matchable not in found):
                found[item.matchable] = text
        return matching.Record(id=key, **found)  # type: ignore[arg-type]  # e-mails are no field of ours

    def _text(self, item: Field, value: Any) -> str:
        text = "" if value is None else str(value).strip()
        if item.kind is not Kind.REFERENCE or not text:
            return text
        key = key_of_iri(text)
        known = self.context.codes.get(item.references, {}).get(key, "")
        return known or (key.upper() if _is_code(key) else "")

    def held(self, keys: Sequence[str] | None = None) -> Generator[tuple[matching.Record, str]]:
        """Records in the index, all or those with these keys, with the digest of their row; constant memory."""
        for row in index.held(self.resource, [item.name for item in self.fields], keys):
            yield self.record(row.key, row.values), row.digest

    def records(self, keys: Sequence[str]) -> dict[str, matching.Record]:
        return {record.id: record for record, _digest in self.held(keys)}

    def scores(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Of those pairs whose records the index holds, likely or not."""
        held = self.records(sorted({key for pair in pairs for key in pair}))
        return {
            (a, b): matching.explain(held[a], held[b], self.statistics).score
            for a, b in pairs
            if a in held and b in held
        }


def queued() -> list[Resource]:
    """The entities whose duplicates are looked for: those with a name to compare."""
    return [resource for resource in PAGES.values() if any(item.matchable == "name" for item in resource.fields)]


def context_now(resource: Resource) -> Context:
    """For a new scan. A code that was known once stays known, should Flowtly not give the list today."""
    before = frozen(resource).context.codes
    slugs = {item.references for item in resource.fields if item.matchable and item.references}
    codes = {slug: {**before.get(slug, {}), **_codes(slug)} for slug in sorted(slugs)}
    return Context(codes, sorted(index.left_out(resource)))


def _codes(slug: str) -> dict[str, str]:
    # Of a list that is not given nothing but keys is known, and a key is no code.
    return {key_of_iri(iri): code for iri, code in reading.codes(slug).items() if _is_code(code)}


def _is_code(text: str) -> bool:
    return len(text) == _CODE and text.isalpha()


def as_json(context: Context) -> dict[str, Any]:
    return asdict(context)


def in_force(resource: Resource) -> Scan | None:
    """The scan whose statistics hold: the latest that is done."""
    return _done(resource).first()


def _done(resource: Resource) -> QuerySet[Scan]:
    found = Scan.objects.filter(entity=resource.slug, state=ScanState.DONE).order_by("-finished_at")
    return found.defer("statistics", "context")


def frozen(resource: Resource) -> Frozen:
    """As of the scan in force; of no records where there is none."""
    found = _done(resource).values_list("pk", "finished_at").first()
    return _frozen(resource.slug, *found) if found else Frozen(resource)


@lru_cache(maxsize=8)
def _frozen(slug: str, number: UUID, finished_at: datetime) -> Frozen:
    # Statistics of a scan that is done never change: a process reads them once.
    statistics, context = Scan.objects.values_list("statistics", "context").get(pk=number)
    return Frozen(PAGES[slug], Context(**context), veiling.read(statistics), number)


def record_of(resource: Resource, key: str, values: Mapping[str, Any]) -> matching.Record:
    """What is compared of a record with these values."""
    return frozen(resource).record(key, values)


def record_in_index(resource: Resource, keys: Sequence[str]) -> dict[str, matching.Record]:
    """What is compared of these records, as the index holds them; what it does not hold is left out."""
    return frozen(resource).records(keys)
