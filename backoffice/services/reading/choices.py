"""What a form offers: short lists by name, values seen, and type-ahead over long lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import get_language

from backoffice.flowtly import errors
from backoffice.models import Label, ObservedValue
from backoffice.resources import REGISTRY, Record, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services.reading.capabilities import capabilities
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.labels import known_iri, remember, walked
from backoffice.services.reading.records import get_record
from backoffice.services.upstream import client, current

KEEP = 10 * 60  # seconds a short list is kept
_ASKED = 20  # names that Flowtly is asked for while somebody waits
_LOOKED_THROUGH = 20  # records that hold such a name
_AT_ONCE = 500


@dataclass(frozen=True)
class Choice:
    """`value` is sent (an IRI for a record), `label` is shown."""

    value: str
    label: str


@dataclass(frozen=True)
class _Entry:
    iri: str
    code: str
    name: str


def choices(slug: str) -> list[Choice]:
    """A short list by name, sorted; countries and currencies are named by Babel in the active language.

    Where the server has no such list, the records that were seen pointing into it are offered by their number.
    """
    locale = _locale()
    found = [Choice(entry.iri, _name(slug, entry, locale)) for entry in _entries(slug)]
    return sorted(found, key=lambda choice: choice.label.casefold())


def codes(slug: str) -> dict[str, str]:
    """The code of each record of a short list by its IRI ("/countries/2": "DK"); none where it cannot be read."""
    try:
        return {entry.iri: entry.code.upper() for entry in _entries(slug)}
    except errors.FlowtlyError:
        return {}


def addresses_of(slug: str, text: str) -> list[str]:
    """The records that a person may mean by an address, a number, a code ("DK") or a name: any number."""
    wanted, short = text.strip().casefold(), REGISTRY[slug].short
    if "/" in text:
        return [text.strip()]
    if short:
        entries, names = _entries(slug), {choice.value: choice.label for choice in choices(slug)}
        for told in (
            lambda e: e.code,
            lambda e: key_of_iri(e.iri),
            lambda e: names.get(e.iri, ""),
            lambda e: e.name,
        ):
            if found := [entry.iri for entry in entries if told(entry).casefold() == wanted]:
                return found
        return []
    if wanted.isdecimal():
        return [known_iri(slug=slug, key=wanted) or get_record(resource=REGISTRY[slug], key=wanted).iri]
    return [choice.value for choice in called(resource=REGISTRY[slug], names=[text])[text]]


def _entries(slug: str) -> list[_Entry]:
    name = f"choices:{current().pk}:{settings.FLOWTLY_API_URL}:{slug}"
    kept: list[_Entry] | None = cache.get(name)
    if kept is None:
        kept = _read(REGISTRY[slug])
        cache.set(name, kept, KEEP)
    return kept


def _read(resource: Resource) -> list[_Entry]:
    try:
        records = [decoded(resource, member) for member in client().walk(resource.path)]
    except (errors.NotFound, errors.RouteMissing, errors.Forbidden, errors.BadResponse):
        return [_Entry(iri, key_of_iri(iri), "") for iri in _seen_references(resource.slug)]
    return [_entry(record) for record in records]


def _entry(record: Record) -> _Entry:
    name = str(record.values.get("name") or record.resource.label_of(record.values))
    return _Entry(record.iri, str(record.values.get("code") or record.key), name)


def _seen_references(slug: str) -> list[str]:
    fields = [
        (resource.slug, item.name)
        for resource in REGISTRY.values()
        for item in resource.fields
        if item.references == slug
    ]
    rows = ObservedValue.objects.filter(
        upstream=current(), entity__in={s for s, _ in fields}, field__in={f for _, f in fields}
    )
    return sorted(set(rows.values_list("value", flat=True)))


def _locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _name(slug: str, entry: _Entry, locale: Locale) -> str:
    code = entry.code.upper()
    if slug == "countries":
        return locale.territories.get(code) or entry.name or entry.code
    if slug == "currencies":
        long = locale.currencies.get(code) or entry.name
        return f"{code} – {long}" if long and long != code else code
    return entry.name or entry.code


def observed(resource: Resource, field_name: str) -> list[str]:
    """Known values of an open field: those of Flowtly's API document in its order, then others seen."""
    rows = ObservedValue.objects.filter(upstream=current(), entity=resource.slug, field=field_name)
    documented = rows.filter(documented=True).order_by("pk").values_list("value", flat=True)
    seen = rows.filter(documented=False).order_by("value").values_list("value", flat=True)
    return list(dict.fromkeys([*documented, *seen]))


def keep_documented(values: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """Replace what the API document was known to allow; `values` by the slug of an entity and its field."""
    with transaction.atomic():
        ObservedValue.objects.filter(upstream=current(), documented=True).delete()
        ObservedValue.objects.bulk_create(
            ObservedValue(upstream=current(), entity=slug, field=name, value=value, documented=True)
            for (slug, name), allowed in values.items()
            for value in allowed
        )


def suggest(*, resource: Resource, text: str, limit: int = 20) -> list[Choice]:
    """Records whose name holds `text`: the local names, and the API where it filters by name."""
    text = text.replace("\x00", "").strip()
    _warm(resource)
    records = _ask(resource, text, limit)
    remember(records)
    found = {record.iri: record.label for record in records if text.casefold() in record.label.casefold()}
    rows = Label.objects.filter(upstream=current(), entity=resource.slug, label__icontains=text)
    for iri, label in rows.order_by("label").values_list("iri", "label")[:limit]:
        found.setdefault(iri, label)
    ranked = sorted(found.items(), key=lambda item: (not item[1].casefold().startswith(text.casefold()), item[1]))
    return [Choice(iri, label) for iri, label in ranked[:limit]]


def called(*, resource: Resource, names: Iterable[str]) -> dict[str, list[Choice]]:
    """The records of exactly these names, capitals aside, by name as given: none, one, or several that share it.

    The local names are looked through; Flowtly is asked for the first 20 that those lack.
    """
    wanted = {name: name.replace("\x00", "").strip() for name in names}
    _warm(resource)
    found = _held(resource, {text.casefold()[:500] for text in wanted.values()})
    asked = [text for text in wanted.values() if text and text.casefold() not in found][:_ASKED]
    for text in asked:
        records = _ask(resource, text, _LOOKED_THROUGH)
        remember(records)
        found[text.casefold()] = [
            Choice(record.iri, record.label) for record in records if record.label.casefold() == text.casefold()
        ]
    return {name: found.get(text.casefold(), []) for name, text in wanted.items()}


def _held(resource: Resource, folded: Iterable[str]) -> dict[str, list[Choice]]:
    """The records known here by their names without capitals."""
    texts, found = sorted(folded), defaultdict[str, list[Choice]](list)
    for start in range(0, len(texts), _AT_ONCE):
        rows = Label.objects.filter(
            upstream=current(), entity=resource.slug, folded__in=texts[start : start + _AT_ONCE]
        )
        for name, iri, label in rows.values_list("folded", "iri", "label"):
            found[name].append(Choice(iri, label))
    return dict(found)


def _warm(resource: Resource) -> None:
    """Read a list of moderate length once in KEEP seconds: the API may not filter by a part of a name."""
    if cache.add(f"warm:{current().pk}:{settings.FLOWTLY_API_URL}:{resource.slug}", True, KEEP):
        remember(walked(resource))


def _ask(resource: Resource, text: str, limit: int) -> list[Record]:
    name = resource.label_field
    if not text or name not in capabilities(resource).filters:
        return []
    page = client().page(resource.path, {name: text}, page_size=limit)
    return [decoded(resource, member) for member in page.members]
