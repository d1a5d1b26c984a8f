"""The web server, here and in production; the command line overrides each of these.

WEB_CONCURRENCY (gunicorn's own variable) sets the number of processes.
"""

from __future__ import annotations

import os

wsgi_app = "backoffice.wsgi:application"
bind = f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
# Pages wait for Flowtly most of the time: threads, so that one slow answer holds up nobody else.
threads = 16
# A page may need two calls of FLOWTLY_TIMEOUT (30 s) each.
timeout = 90
graceful_timeout = 5
keepalive = 5
# Requests are logged by the application, without query strings (they hold names of people).
accesslog = None
control_socket_disable = True
