"""Numbers of related records as the addresses that Flowtly gave them; a number that nobody has is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from backoffice.resources import REGISTRY, Field, Kind, Resource
from backoffice.services import fresh, reading
from backoffice.services.exports.cells import is_short
from backoffice.services.transfer.lines import Line

_AT_ONCE = 500


def resolve(resource: Resource, lines: Sequence[Line]) -> None:
    """Put addresses in place of the numbers. Raises the errors of the API client for those that are not known."""
    for item in resource.editable_fields:
        if item.kind is Kind.REFERENCE and not is_short(item) and not item.author:
            _resolve(item, [line for line in lines if line.changes.get(item.name)])


def _resolve(item: Field, lines: Sequence[Line]) -> None:
    target = REGISTRY[item.references]
    found = addresses(target, dict.fromkeys(str(line.changes[item.name]) for line in lines))
    for line in lines:
        key = str(line.changes[item.name])
        if key in found:
            line.changes[item.name] = found[key]
            if item.same(line.base.get(item.name), found[key]):  # another notation of what stood there
                del line.changes[item.name]
                line.base.pop(item.name, None)
        else:
            line.problems[item.name] = _("There is no %(entity)s with the number %(number)s.") % {
                "entity": target.label,
                "number": key[:60],
            }


def addresses(target: Resource, keys: Iterable[str]) -> dict[str, str]:
    """The addresses of these records by key, as last read; those that were never read are asked for."""
    wanted, found = list(keys), dict[str, str]()
    for start in range(0, len(wanted), _AT_ONCE):
        known = reading.known(slug=target.slug, keys=wanted[start : start + _AT_ONCE])
        found |= {key: iri for key, (iri, _name) in known.items()}
    unknown = [key for key in wanted if key not in found]
    if not unknown:
        return found
    there = fresh.records(resource=target, keys=unknown, gone=[], listed=True)
    return found | {record.key: record.iri for record in there}
