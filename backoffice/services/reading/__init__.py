"""Reading Flowtly: records, collections, names, and the short lists that forms choose from."""

from __future__ import annotations

from backoffice.services.reading.capabilities import Capabilities, capabilities, capabilities_at_once
from backoffice.services.reading.choices import (
    Choice,
    addresses_of,
    called,
    choices,
    codes,
    keep_documented,
    observed,
    suggest,
)
from backoffice.services.reading.employees import Employee, EmployeesHidden, employees, suggested
from backoffice.services.reading.labels import (
    fill_names,
    forget_labels,
    known,
    known_iri,
    known_label,
    named_like,
    names,
    remember,
    unlearn,
)
from backoffice.services.reading.opened import recent, remember_opened
from backoffice.services.reading.records import (
    SEARCH_MINIMUM,
    Asked,
    ListQuery,
    RecordPage,
    get_record,
    list_at_once,
    list_records,
    read_quietly,
)
from backoffice.services.reading.related import (
    Referrers,
    Related,
    below,
    children_at_hand,
    children_of,
    referrers_of,
)

__all__ = [
    "SEARCH_MINIMUM",
    "Asked",
    "Capabilities",
    "Choice",
    "Employee",
    "EmployeesHidden",
    "ListQuery",
    "RecordPage",
    "Referrers",
    "Related",
    "addresses_of",
    "below",
    "called",
    "capabilities",
    "capabilities_at_once",
    "children_at_hand",
    "children_of",
    "choices",
    "codes",
    "employees",
    "fill_names",
    "forget_labels",
    "get_record",
    "keep_documented",
    "known",
    "known_iri",
    "known_label",
    "list_at_once",
    "list_records",
    "named_like",
    "names",
    "observed",
    "read_quietly",
    "recent",
    "referrers_of",
    "remember",
    "remember_opened",
    "suggest",
    "suggested",
    "unlearn",
]
