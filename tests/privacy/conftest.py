"""A contact with a life: changed, refused, and standing in her client."""

from __future__ import annotations

import pytest

from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.privacy.cast import ANNA, OLD
from tests.records.pages import form_of, submit


@pytest.fixture
def anna(sandbox: SandboxServer) -> SandboxServer:
    """A contact whose client is shown with its contacts whole."""
    sandbox.set_profile(embed_contacts=True)
    sandbox.patch_row("client-contacts", 1, {**ANNA, **OLD})
    return sandbox


@pytest.fixture
def lived(anna: SandboxServer, login: Login) -> SandboxServer:
    """The contact was changed and her client too; one more with her name was refused by Flowtly."""
    steward = login("steward")
    steward.get("/contacts/1/")
    submit(steward, "/clients/1/edit/", dueDays="33")
    anna.fault("status", method="POST", path="/client-contacts", status=422, times=1, body="problem")
    address = "/contacts/new/?client=/clients/1"
    steward.post(address, {**form_of(steward, address), **ANNA, "type": "invoice"})
    submit(steward, "/contacts/1/edit/", **{k: v for k, v in ANNA.items() if k in OLD})
    return anna
