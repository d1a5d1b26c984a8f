"""What a notice says, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats.words import integer
from backoffice.models import Notice, NoticeKind


def sentence(notice: Notice) -> str:
    """One sentence or two, to stand alone."""
    words = _told(notice) % {"who": _who(notice), "plan": notice.job.named}
    return f"{words} {_more(notice)}".strip()


def _who(notice: Notice) -> str:
    return notice.by.get_username() if notice.by else _("Somebody")


def _told(notice: Notice) -> str:
    return {
        NoticeKind.ASKED: _("%(who)s asks for approval of “%(plan)s”."),
        NoticeKind.APPROVED: _("%(who)s approved “%(plan)s”."),
        NoticeKind.REFUSED: _("%(who)s refused “%(plan)s”. Nothing was changed."),
        NoticeKind.EXPIRED: _("Nobody decided about “%(plan)s” in time. Nothing was changed."),
        NoticeKind.COMMENT: _("%(who)s commented on “%(plan)s”."),
        NoticeKind.ENDED: _("“%(plan)s” has ended."),
        NoticeKind.STOPPED: _("“%(plan)s” stopped by itself."),
    }[NoticeKind(notice.kind)]


def _more(notice: Notice) -> str:
    facts = notice.facts
    if notice.kind == NoticeKind.ASKED and notice.settled_at:
        return _("It was decided meanwhile.")
    if notice.kind == NoticeKind.ASKED:
        return _records(facts.get("rows", 0))
    if notice.kind == NoticeKind.APPROVED and (out := facts.get("out", 0)):
        return ngettext("%(n)s record was taken out.", "%(n)s records were taken out.", out) % {"n": integer(out)}
    if notice.kind == NoticeKind.STOPPED:
        return _(notice.job.problem) if notice.job.problem else ""
    return _end(facts) if notice.kind == NoticeKind.ENDED and facts else ""


def _records(rows: int) -> str:
    return ngettext("It changes %(n)s record.", "It changes %(n)s records.", rows) % {"n": integer(rows)}


def _end(facts: Mapping[str, int]) -> str:
    """`facts` as services/endings.py counts them: total, done, and what wants a look."""
    done = _("%(done)s of %(total)s done") % {name: integer(facts.get(name, 0)) for name in ("done", "total")}
    looked = {
        "conflict": _("%(n)s changed elsewhere"),
        "failed": _("%(n)s not done"),
        "unknown": _("%(n)s not known"),
    }
    rest = [text % {"n": integer(facts[name])} for name, text in looked.items() if facts.get(name)]
    return ", ".join([done, *rest]) + "."
