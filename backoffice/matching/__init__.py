"""Duplicates among records of companies: found, scored, explained. Knows neither Django nor Flowtly.

    found = scan(records)                     # Scan: pairs, statistics, groups()
    explain(a, b, found.statistics)           # Explanation: contributions that sum to the score
    matcher = Matcher(found.statistics, records)
    matcher.look(record)                      # the pairs of one record, at once
    fingerprint(record)                       # changes where an identifying field does

Scores are whole hundredths of log-odds. See docs/matching.md.
"""

from __future__ import annotations

from backoffice.matching.clusters import Group, grouped
from backoffice.matching.matcher import Matcher
from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.pairs import Pair
from backoffice.matching.record import Record, fingerprint
from backoffice.matching.scan import Scan, scan
from backoffice.matching.scoring import Contribution, Explanation, Tier, as_text, explain
from backoffice.matching.statistics import Statistics

__all__ = [
    "Contribution",
    "Explanation",
    "Facts",
    "Group",
    "Matcher",
    "Pair",
    "Record",
    "Scan",
    "Statistics",
    "Tier",
    "as_text",
    "explain",
    "fingerprint",
    "grouped",
    "normalise",
    "scan",
]
