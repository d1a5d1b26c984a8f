"""A submission survives the sign-in whole, and nothing else does."""

from __future__ import annotations

from unittest import mock

import pytest
from django.core import signing
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from backoffice.forms.resume import MAX_AGE, SALT, Submission, kept_fields, pack_submission, unpack_submission

FIELDS = st.dictionaries(
    st.text(min_size=1, max_size=20).filter(lambda name: "password" not in name.lower()),
    st.lists(st.text(max_size=60), min_size=1, max_size=3),
    max_size=6,
)


@given(fields=FIELDS)
def test_every_value_of_every_field_comes_back(fields: dict[str, list[str]]) -> None:
    posted = QueryDict(mutable=True)
    for name, values in fields.items():
        posted.setlist(name, values)
    request = RequestFactory().post("/clients/7/edit/?tab=1")
    request.POST = posted
    assert unpack_submission(pack_submission(request)) == Submission("/clients/7/edit/?tab=1", fields)


def test_passwords_and_the_token_are_never_kept() -> None:
    posted = QueryDict("name=Acme&csrfmiddlewaretoken=t&password=p&new_Password1=q")
    assert kept_fields(posted) == {"name": ["Acme"]}


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "\x00"])
def test_what_was_not_signed_here_is_nothing(value: str) -> None:
    assert unpack_submission(value) is None


def test_an_altered_submission_is_nothing() -> None:
    packed = pack_submission(RequestFactory().post("/clients/7/edit/", {"dueDays": "14"}))
    assert unpack_submission(packed[:-1] + ("A" if packed[-1] != "A" else "B")) is None


def test_a_submission_of_yesterday_is_nothing() -> None:
    packed = pack_submission(RequestFactory().post("/clients/7/edit/", {"dueDays": "14"}))
    with mock.patch("django.core.signing.time.time", return_value=signing.time.time() + MAX_AGE + 5):
        assert unpack_submission(packed) is None


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "clients/", "/\\evil.example", ""])
def test_a_submission_never_leads_off_this_site(path: str) -> None:
    assert unpack_submission(signing.dumps({"path": path, "fields": {}}, salt=SALT)) is None
