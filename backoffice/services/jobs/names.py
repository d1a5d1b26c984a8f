"""What a job is called by whoever reads it."""

from __future__ import annotations

from django.utils.translation import ngettext

from backoffice.formats import words
from backoffice.models import Job
from backoffice.resources import REGISTRY, Resource


def counted(resource: Resource, number: int) -> str:
    """ "1,102 clients", in the language of whoever reads it now."""
    one, many = "%(number)s %(entity)s", "%(number)s %(entities)s"
    said = {"number": words.integer(number), "entity": resource.label, "entities": resource.label_plural}
    return ngettext(one, many, number) % said


def name_of(job: Job) -> str:
    """Its title; of a job of many how many records it is about, in the reader's language and not its author's."""
    rows, resource = job.spec.get("rows"), REGISTRY.get(job.entity)
    return counted(resource, rows) if rows and resource and job.title else job.named
