"""Wild input in the forms of contacts, notes and counterparties: no 500, nothing lost, nothing sent unasked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import form_of, read

KEYS = {"contacts": "1", "notes": "018cc0de-0000-7000-8000-000000000001", "counterparties": "1"}
TYPED = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", " ", "0", "false", "true", "null", "1e9", "١٢", "\x00", "\u202e", "🙂" * 300, "[]", "/x/1"]
    ),
)


@pytest.mark.parametrize("slug", KEYS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_form_breaks_or_sends_what_was_not_typed(
    data: st.DataObject, sandbox: SandboxServer, login: Login, slug: str
) -> None:
    client, url = login("editor"), f"/{slug}/{KEYS[slug]}/edit/"
    form = form_of(client, url)
    names = [item.name for item in PAGES[slug].editable_fields if item.name in form]
    typed = data.draw(st.dictionaries(st.sampled_from(names), TYPED, min_size=1, max_size=4))
    sandbox.clear_log()
    response = client.post(url, {**form, **typed})
    assert response.status_code in (303, 422)
    sent = [set(entry["body"]) for entry in sandbox.requests if entry["method"] == "PATCH"]
    assert all(body <= set(typed) for body in sent)
    if response.status_code == 422:
        shown = read(response).fields
        untouched = {name: text for name, text in form.items() if name in names and name not in typed}
        assert {name: shown.get(name) for name in untouched} == untouched
