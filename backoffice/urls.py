"""The whole URLconf on one screen."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, register_converter

from backoffice.converters import KeyConverter, ResourceConverter
from backoffice.views import (
    accounts,
    approvals,
    branding,
    changing,
    conflicts,
    connection,
    doubts,
    enrichment,
    errors,
    exports,
    grid,
    health,
    history,
    home,
    joblist,
    jobs,
    notices,
    plans,
    privacy,
    records,
    reports,
    search,
    steering,
    transfer,
    undoing,
)

register_converter(ResourceConverter, "resource")
register_converter(KeyConverter, "key")

account_urls = [
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("preferences/", accounts.preferences, name="preferences"),
    path("preferences/employee/", accounts.employee, name="employee"),
    path("preferences/set/", accounts.preference_set, name="preference_set"),
    path("password/", accounts.password_change, name="password_change"),
    path("password/done/", accounts.password_change_done, name="password_change_done"),
    path("password/reset/", accounts.password_reset, name="password_reset"),
    path("password/reset/sent/", accounts.password_reset_done, name="password_reset_done"),
    path("password/reset/done/", accounts.password_reset_complete, name="password_reset_complete"),
    path(
        "password/reset/<uidb64>/<token>/",
        accounts.password_reset_confirm,
        name="password_reset_confirm",
    ),
]

record_urls = [
    path("", records.record_list, name="list"),
    path("new/", records.create, name="create"),
    path("filter/", records.add_filter, name="add_filter"),
    path("export/", records.export_list, name="export_list"),
    path("sheet/", transfer.sheet, name="sheet"),
    path("refresh/", records.refresh, name="refresh"),
    path("columns/", records.columns, name="columns"),
    path("page-size/", records.page_size, name="page_size"),
    path("views/", records.views, name="views"),
    path("views/default/", records.default_view, name="default_view"),
    path("views/<int:view_id>/", records.view, name="view"),
    path("views/<int:view_id>/overwrite/", records.overwrite_view, name="overwrite_view"),
    path("views/<int:view_id>/delete/", records.delete_view, name="delete_view"),
    path("selection/", records.select, name="select"),
    path("selection/all/", records.select_all, name="select_all"),
    path("selection/none/", records.select_none, name="select_none"),
    path("selection/paste/", transfer.paste, name="paste"),
    path("selection/export/", records.export_selected, name="export_selected"),
    path("selection/sheet/", records.edit_selected, name="edit_selected"),
    path("selection/enrichment/", enrichment.enrich_selected, name="enrich_selected"),
    path("selection/change/", changing.change_selected, name="change_selected"),
    path("selection/grid/", grid.grid_selected, name="grid_selected"),
    path("suggest/", records.suggest, name="suggest"),
    path("check-tax/", records.check_tax, name="check_tax"),
    path("<key:key>/", records.detail, name="detail"),
    path("<key:key>/edit/", records.edit, name="edit"),
    path("<key:key>/delete/", records.delete, name="delete"),
    path("<key:key>/history/", records.record_history, name="record_history"),
    path("<key:key>/<slug:tab>/", records.tab, name="tab"),
    path("<key:key>/<slug:tab>/move/", records.move, name="move"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("history/", history.history, name="history"),
    path("history/export/", history.history_export, name="history_export"),
    path("refresh/", home.refresh, name="refresh_all"),
    path("branding/", branding.branding, name="branding"),
    path("jobs/", joblist.joblist, name="jobs"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/undo/", undoing.job_undo, name="job_undo"),
    path("jobs/<uuid:job_id>/retry/", steering.retry, name="job_retry"),
    path("jobs/<uuid:job_id>/conflicts/", conflicts.job_conflicts, name="job_conflicts"),
    path("jobs/<uuid:job_id>/rows/<int:number>/", doubts.job_row, name="job_row"),
    path("jobs/<uuid:job_id>/report/", reports.job_report, name="job_report"),
    *(
        path(f"jobs/<uuid:job_id>/{deed}/", steering.steer, {"deed": deed}, name=f"job_{deed}")
        for deed in ("begin", "call-off", "pause", "go-on", "stop", "close")
    ),
    path("jobs/<uuid:job_id>/rows/", plans.plan_rows, name="plan_rows"),
    path("jobs/<uuid:job_id>/preview/", plans.plan_preview, name="plan_preview"),
    path("jobs/<uuid:job_id>/preview/file/", plans.plan_file, name="plan_file"),
    path("jobs/<uuid:job_id>/arrivals/", plans.plan_arrivals, name="plan_arrivals"),
    path("jobs/<uuid:job_id>/confirm/", plans.plan_confirm, name="plan_confirm"),
    path("jobs/<uuid:job_id>/discard/", plans.plan_discard, name="plan_discard"),
    path("selections/<uuid:selection_id>/", changing.selection_records, name="selection_records"),
    path("selections/<uuid:selection_id>/change/", changing.change_selection, name="change_selection"),
    path("jobs/<uuid:job_id>/approval/approve/", approvals.approve, name="approval_approve"),
    path("jobs/<uuid:job_id>/approval/rows/", approvals.rows, name="approval_rows"),
    path("jobs/<uuid:job_id>/approval/refuse/", approvals.refuse, name="approval_refuse"),
    path("jobs/<uuid:job_id>/approval/comment/", approvals.comment, name="approval_comment"),
    path("jobs/<uuid:job_id>/approval/withdraw/", approvals.withdraw, name="approval_withdraw"),
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("selections/<uuid:selection_id>/enrichment/", enrichment.enrich_selection, name="enrich_selection"),
    path("selections/<uuid:selection_id>/export/", records.export_selection, name="export_selection"),
    path("sheets/<uuid:upload_id>/", transfer.sheet_found, name="sheet_found"),
    path("sheets/<uuid:upload_id>/problems/", transfer.sheet_problems, name="sheet_problems"),
    path("sheets/<uuid:upload_id>/plan/", transfer.sheet_plan, name="sheet_plan"),
    path("selections/<uuid:selection_id>/grid/", grid.grid, name="grid"),
    path("selections/<uuid:selection_id>/grid/names/", grid.grid_names, name="grid_names"),
    path("counterparties/<key:key>/enrich/", enrichment.enrich, name="enrich"),
    path("exports/", exports.export_index, name="exports"),
    path("exports/<uuid:export_id>/", exports.export, name="export"),
    path("exports/<uuid:export_id>/file/", exports.export_file, name="export_file"),
    path("exports/<uuid:export_id>/stop/", exports.export_stop, name="export_stop"),
    path("exports/<uuid:export_id>/delete/", exports.export_delete, name="export_delete"),
    path("connection/", connection.connection, name="connection"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/<slug:entity>/<key:key>/", privacy.person, name="privacy_person"),
    path("search/", search.search, name="search"),
    path("labels/", records.labels, name="labels"),
    path("admin/", admin.site.urls),
    path("", include(account_urls)),
    path("<resource:resource>/", include(record_urls)),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
