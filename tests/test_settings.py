"""Settings are tried as an operator meets them: in a new process, by the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCTION = {
    "BACKOFFICE_ENV": "production",
    "BACKOFFICE_SECRET_KEY": "k8d-Fq2!vZp0_rT7uY4wN1sX6bM9cJ3hL5gQe0aRzWvBnKtHyPd",
    "BACKOFFICE_AUDIT_KEY": "T7uY4wN1sX6bM9cJ3hL5gQe0aRzWvBnKt",
    "BACKOFFICE_ALLOWED_HOSTS": "backoffice.example.com",
    "FLOWTLY_API_URL": "https://api.flowtly.example",
    "FLOWTLY_API_TOKEN": "token-of-a-test",
}


def manage(*words: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | {"BACKOFFICE_DATA_DIR": str(tmp_path)} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_the_deployment_check_without_a_warning(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKOFFICE_SECRET_KEY", ""),
        ("BACKOFFICE_SECRET_KEY", "django-insecure-" + "x1y2z3" * 10),
        ("BACKOFFICE_SECRET_KEY", "short"),
        ("BACKOFFICE_AUDIT_KEY", ""),
        ("BACKOFFICE_DEBUG", "1"),
        ("BACKOFFICE_DEMO", "1"),
        ("FLOWTLY_API_URL", ""),
        ("FLOWTLY_API_URL", "http://127.0.0.1:8000"),
        ("BACKOFFICE_SANDBOX", "1"),
        ("BACKOFFICE_ALLOWED_HOSTS", ""),
        ("FLOWTLY_API_TOKEN", ""),
        ("FLOWTLY_TIMEOUT", "soon"),
        ("FLOWTLY_MAX_CONNECTIONS", "0"),
        ("FLOWTLY_MERGE_PATH_ID", "other"),
        ("BACKOFFICE_ENV", "staging"),
        ("DATABASE_URL", "nonsense"),
        ("TASKS_ENGINE", "celery"),
        ("REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("APPROVAL_REQUIRED_ABOVE", "many"),
        ("APPROVAL_SENSITIVE", "perhaps"),
        ("REASON_REQUIRED_ABOVE", "-1"),
        ("DUPLICATES_SCAN", "sometimes"),
        ("MERGE_APPROVAL", "sometimes"),
        ("MERGE_APPROVAL", "clients>1,clients>2"),
        ("MERGE_APPROVAL", "score>1"),
        ("BACKOFFICE_URL", "backoffice.example.com"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_its_variable(name: str, value: str, tmp_path: Path) -> None:
    done = manage("check", tmp_path=tmp_path, **(PRODUCTION | {name: value}))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert ("FLOWTLY_API_URL" if name == "BACKOFFICE_SANDBOX" else name) in last
    if value and "KEY" in name:
        assert value not in done.stderr


def test_redis_as_engine_needs_an_address(tmp_path: Path) -> None:
    rq = PRODUCTION | {"TASKS_ENGINE": "rq"}
    without = manage("check", tmp_path=tmp_path, **rq)
    assert without.returncode != 0
    assert "REDIS_URL" in without.stderr.strip().splitlines()[-1]
    given = manage("check", "--deploy", tmp_path=tmp_path, **rq, REDIS_URL="redis://127.0.0.1:6379/0")
    assert given.returncode == 0, given.stderr


def test_mail_needs_to_know_where_its_links_lead(tmp_path: Path) -> None:
    mail = {"EMAIL_URL": "smtp://mail.example.com:25"}
    done = manage("check", tmp_path=tmp_path, **PRODUCTION, **mail)
    assert done.returncode != 0
    assert "BACKOFFICE_URL" in done.stderr.strip().splitlines()[-1]
    address = {"BACKOFFICE_URL": "https://backoffice.example.com"}
    assert manage("check", tmp_path=tmp_path, **PRODUCTION, **mail, **address).returncode == 0


def test_who_has_to_agree_by_default(tmp_path: Path) -> None:
    names = ["APPROVAL_REQUIRED_ABOVE", "APPROVAL_SENSITIVE", "APPROVAL_EXPIRES_DAYS", "REASON_REQUIRED_ABOVE"]
    code = f"from django.conf import settings; print([getattr(settings, name) for name in {names}])"
    for env, expected in ((PRODUCTION, "[500, True, 7, 50]"), ({}, "[None, False, 7, 50]")):
        done = manage("shell", "--no-imports", "-c", code, tmp_path=tmp_path, **env)
        assert expected in done.stdout, done.stderr
