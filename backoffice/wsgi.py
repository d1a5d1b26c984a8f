"""What gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

application = get_wsgi_application()


def _start() -> None:
    """Refuses what must not serve a single request: another Flowtly's database, or demo accounts in production."""
    from backoffice.services.upstream import claim_upstream, refuse_demo_accounts

    claim_upstream()
    refuse_demo_accounts()


_start()
