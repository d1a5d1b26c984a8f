"""The whole URLconf on one screen."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, register_converter

from backoffice.converters import KeyConverter, ResourceConverter
from backoffice.views import (
    accounts,
    branding,
    connection,
    enrichment,
    errors,
    exports,
    health,
    history,
    home,
    joblist,
    jobs,
    privacy,
    records,
    search,
    transfer,
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
    path("jobs/<uuid:job_id>/undo/", jobs.job_undo, name="job_undo"),
    path("selections/<uuid:selection_id>/enrichment/", enrichment.enrich_selection, name="enrich_selection"),
    path("selections/<uuid:selection_id>/export/", records.export_selection, name="export_selection"),
    path("sheets/<uuid:upload_id>/", transfer.sheet_found, name="sheet_found"),
    path("sheets/<uuid:upload_id>/problems/", transfer.sheet_problems, name="sheet_problems"),
    path("sheets/<uuid:upload_id>/plan/", transfer.sheet_plan, name="sheet_plan"),
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
