"""The connection check: what we expect of Flowtly, held against the server that is there.

It never writes to Flowtly. What it finds is kept as codes with values and put into words for each reader.
"""

from __future__ import annotations

from backoffice.services.contract.check import inspect, last, run, run_when_due
from backoffice.services.contract.findings import Finding, Report, Severity
from backoffice.services.contract.words import Line, Section, sections, summary

__all__ = [
    "Finding",
    "Line",
    "Report",
    "Section",
    "Severity",
    "inspect",
    "last",
    "run",
    "run_when_due",
    "sections",
    "summary",
]
