"""Local state only: Flowtly's records live in Flowtly, and are read from it."""

from __future__ import annotations

from backoffice.models.audit import AuditEntry, AuditHead
from backoffice.models.connection import ConnectionCheck
from backoffice.models.duplicates import (
    TOLD_APART,
    Block,
    Compared,
    DuplicateGroup,
    GroupMember,
    GroupState,
    Likeness,
    Scan,
    ScanStage,
    ScanState,
    Verdict,
    VerdictKind,
)
from backoffice.models.exports import Export, ExportFormat, ExportState
from backoffice.models.index import ROWS, IndexRow, Snapshot
from backoffice.models.jobs import (
    Approval,
    ApprovalComment,
    Forecast,
    Job,
    JobState,
    Outcome,
    Phase,
    Redacted,
    Runner,
    Step,
    StepState,
    Verb,
)
from backoffice.models.labels import Label, ObservedValue, RecentRecord
from backoffice.models.layouts import ListLayout, SavedView
from backoffice.models.notices import Mail, Notice, NoticeKind
from backoffice.models.privacy import Upkeep
from backoffice.models.selections import SelectedKey, Selection, SelectionState
from backoffice.models.sheets import Sheet, SheetRow, SheetUpload
from backoffice.models.upstream import Upstream
from backoffice.models.users import User

__all__ = [
    "ROWS",
    "TOLD_APART",
    "Approval",
    "ApprovalComment",
    "AuditEntry",
    "AuditHead",
    "Block",
    "Compared",
    "ConnectionCheck",
    "DuplicateGroup",
    "Export",
    "ExportFormat",
    "ExportState",
    "Forecast",
    "GroupMember",
    "GroupState",
    "IndexRow",
    "Job",
    "JobState",
    "Label",
    "Likeness",
    "ListLayout",
    "Mail",
    "Notice",
    "NoticeKind",
    "ObservedValue",
    "Outcome",
    "Phase",
    "RecentRecord",
    "Redacted",
    "Runner",
    "SavedView",
    "Scan",
    "ScanStage",
    "ScanState",
    "SelectedKey",
    "Selection",
    "SelectionState",
    "Sheet",
    "SheetRow",
    "SheetUpload",
    "Snapshot",
    "Step",
    "StepState",
    "Upkeep",
    "Upstream",
    "User",
    "Verb",
    "Verdict",
    "VerdictKind",
]
