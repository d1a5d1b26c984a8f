"""Every setting, from the environment or `.env`; a wrong value stops the start and names its variable.

`BACKOFFICE_ENV` is the switch: `demo` (the default), `production` or `test`. docs/configuration in README.md
lists each variable; a test compares that table with this file.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from backoffice import __version__
from backoffice.environment import env, flag, merge_approval, more_than, number, secret

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.str("BACKOFFICE_ENV", default="test" if "pytest" in sys.modules else "demo")
if ENVIRONMENT not in ("demo", "production", "test"):
    raise ImproperlyConfigured(f"BACKOFFICE_ENV is {ENVIRONMENT!r}; it must be demo, production or test.")
PRODUCTION = ENVIRONMENT == "production"

DATA_DIR = Path(env.str("BACKOFFICE_DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = flag("BACKOFFICE_DEBUG", False)

# --- Flowtly
FLOWTLY_API_URL = env.str("FLOWTLY_API_URL", default="").rstrip("/")
FLOWTLY_API_TOKEN = env.str("FLOWTLY_API_TOKEN", default="")
FLOWTLY_USERNAME = env.str("FLOWTLY_USERNAME", default="")
FLOWTLY_PASSWORD = env.str("FLOWTLY_PASSWORD", default="")
FLOWTLY_INSTANCE = env.str("FLOWTLY_INSTANCE", default="")
FLOWTLY_TIMEOUT = number("FLOWTLY_TIMEOUT", 30, 0.1)
FLOWTLY_MAX_CONNECTIONS = int(number("FLOWTLY_MAX_CONNECTIONS", 8, 1))
FLOWTLY_PAGE_SIZE = int(number("FLOWTLY_PAGE_SIZE", 100, 1))
FLOWTLY_SEARCH_PARAM = env.str("FLOWTLY_SEARCH_PARAM", default="search")
FLOWTLY_MERGE_BODY = env.str("FLOWTLY_MERGE_BODY", default="")
FLOWTLY_MERGE_PATH_ID = env.str("FLOWTLY_MERGE_PATH_ID", default="survivor")
if FLOWTLY_MERGE_PATH_ID not in ("survivor", "source"):
    raise ImproperlyConfigured("FLOWTLY_MERGE_PATH_ID must be survivor or source.")
FLOWTLY_COUNTERPARTY_PATHS = env.str("FLOWTLY_COUNTERPARTY_PATHS", default="auto")
if FLOWTLY_COUNTERPARTY_PATHS not in ("auto", "plural", "singular"):
    raise ImproperlyConfigured("FLOWTLY_COUNTERPARTY_PATHS must be auto, plural or singular.")
# Seconds between the two reads that settle a write whose answer was lost.
FLOWTLY_SETTLE_SECONDS = number("FLOWTLY_SETTLE_SECONDS", 3, 0)
# Minutes after which the worker reads all records into the index again; 0 is only when somebody asks for it.
FLOWTLY_INDEX_MINUTES = number("FLOWTLY_INDEX_MINUTES", 15, 0)
# Days after which a file that somebody had made of a list is deleted.
KEEP_EXPORTS_DAYS = number("BACKOFFICE_KEEP_EXPORTS_DAYS", 2, 0.01)
KEEP_SHEETS_DAYS = number("BACKOFFICE_KEEP_SHEETS_DAYS", 30, 0.01)
# Whether the worker compares all records by itself (at first, and when there are 5 % more), or only when asked.
DUPLICATES_SCAN = env.str("DUPLICATES_SCAN", default="manual" if ENVIRONMENT == "test" else "auto")
if DUPLICATES_SCAN not in ("auto", "manual"):
    raise ImproperlyConfigured("DUPLICATES_SCAN must be auto or manual.")
# Whether this start talks to the sandbox that `make run` began; the runner says so, never an operator.
SANDBOX = flag("BACKOFFICE_SANDBOX", False)
if FLOWTLY_API_URL and urlsplit(FLOWTLY_API_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured(f"FLOWTLY_API_URL is {FLOWTLY_API_URL!r}; it must begin with http:// or https://.")
if FLOWTLY_API_URL and not (FLOWTLY_API_TOKEN or (FLOWTLY_USERNAME and FLOWTLY_PASSWORD)):
    raise ImproperlyConfigured(
        "FLOWTLY_API_URL is set without FLOWTLY_API_TOKEN, or FLOWTLY_USERNAME and FLOWTLY_PASSWORD."
    )

# --- Demo and secrets
DEMO = flag("BACKOFFICE_DEMO", SANDBOX or (ENVIRONMENT == "demo" and not FLOWTLY_API_URL))

_SECRETS = None if PRODUCTION else DATA_DIR
SECRET_KEY = secret("BACKOFFICE_SECRET_KEY", folder=_SECRETS, minimum=50)
AUDIT_KEY = secret("BACKOFFICE_AUDIT_KEY", folder=_SECRETS)
# Entries between two anchors written to the log and to the data folder.
AUDIT_ANCHOR_EVERY = int(number("AUDIT_ANCHOR_EVERY", 25, 1))

LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104 - a list to refuse, not to bind
if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("BACKOFFICE_DEBUG must be off in production.")
    if SANDBOX or not FLOWTLY_API_URL or urlsplit(FLOWTLY_API_URL).hostname in LOOPBACK:
        raise ImproperlyConfigured("FLOWTLY_API_URL must name the real Flowtly in production, not a sandbox.")
    if DEMO:
        raise ImproperlyConfigured("BACKOFFICE_DEMO must be off in production.")

# --- How long personal data is kept, in days (docs/privacy.md)
KEEP_STEP_VALUES_DAYS = number("BACKOFFICE_KEEP_STEP_VALUES_DAYS", 365, 1)
KEEP_AUDIT_VALUES_DAYS = number("BACKOFFICE_KEEP_AUDIT_VALUES_DAYS", 1825, 1)
KEEP_NAMES_DAYS = number("BACKOFFICE_KEEP_NAMES_DAYS", 365, 1)
KEEP_OPENED_DAYS = number("BACKOFFICE_KEEP_OPENED_DAYS", 90, 1)
KEEP_SIGN_INS_DAYS = number("BACKOFFICE_KEEP_SIGN_INS_DAYS", 90, 1)
KEEP_NOTICES_DAYS = number("BACKOFFICE_KEEP_NOTICES_DAYS", 90, 1)


# --- When a second person has to agree (docs/operations.md). A demo can be tried by one person.
APPROVAL_REQUIRED_ABOVE = more_than("APPROVAL_REQUIRED_ABOVE", "500" if PRODUCTION else "never")
APPROVAL_SENSITIVE = flag("APPROVAL_SENSITIVE", PRODUCTION)
MERGE_APPROVAL = merge_approval("MERGE_APPROVAL", "clients>10" if PRODUCTION else "never")
APPROVAL_EXPIRES_DAYS = number("APPROVAL_EXPIRES_DAYS", 7, 0.01)
REASON_REQUIRED_ABOVE = more_than("REASON_REQUIRED_ABOVE", "50")

# --- Django
ALLOWED_HOSTS = env.list(
    "BACKOFFICE_ALLOWED_HOSTS",
    default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"],
)
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "BACKOFFICE_ALLOWED_HOSTS must name the host people use, e.g. backoffice.example.com."
    )
CSRF_TRUSTED_ORIGINS = env.list("BACKOFFICE_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
AUTH_USER_MODEL = "backoffice.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "backoffice",
    "backoffice.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
    "django_tasks",
    "django_tasks_db",  # its table is there whatever engine is in use, so that changing it is a setting alone
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backoffice.middleware.FlowtlyErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.context.shell",
            ],
        },
    }
]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _database_file() -> Path:
    """One database for each upstream, so that a plan made on one can never run on another."""
    if SANDBOX or not FLOWTLY_API_URL:
        return DATA_DIR / "backoffice-sandbox.sqlite3"
    address = urlsplit(FLOWTLY_API_URL)
    return DATA_DIR / f"backoffice-{_slug(f'{address.netloc}{address.path} {FLOWTLY_INSTANCE}')}.sqlite3"


try:
    DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{_database_file()}")}
except (ValueError, KeyError):
    DATABASES = {"default": {}}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read; it looks like postgres://user:password@host:5432/name."
    )
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # two writers queue instead of one failing half-way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    # A file, because threads share it; one for each process, so that two runs do not meet.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds; each thread keeps its connection between requests

# --- Who wakes the workers (docs/operations.md); what is to be done stands in the database in either case
TASKS_ENGINE = env.str("TASKS_ENGINE", default="database")
REDIS_URL = env.str("REDIS_URL", default="")
if TASKS_ENGINE not in ("database", "rq"):
    raise ImproperlyConfigured(f"TASKS_ENGINE is {TASKS_ENGINE!r}; it must be database or rq.")
if TASKS_ENGINE == "rq":
    if urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured(
            "REDIS_URL must name a Redis, e.g. redis://127.0.0.1:6379/0, for TASKS_ENGINE=rq."
        )
    INSTALLED_APPS += ["django_rq"]
    # A queue for each database: two back offices may share a Redis and must not take each other's tasks.
    _database = "/".join(str(DATABASES["default"].get(part, "")) for part in ("HOST", "PORT", "NAME"))
    TASKS_QUEUE = f"backoffice-{hashlib.sha256(_database.encode()).hexdigest()[:12]}"
    TASKS = {"default": {"BACKEND": "django_tasks_rq.RQBackend", "QUEUES": [TASKS_QUEUE]}}
    RQ_QUEUES = {TASKS_QUEUE: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 3600}}
    RQ_SHOW_ADMIN_LINK = False
else:
    if REDIS_URL:
        raise ImproperlyConfigured("REDIS_URL is set, but TASKS_ENGINE is not rq; set both or neither.")
    TASKS_QUEUE = "default"
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": [TASKS_QUEUE]}}

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# The tests read static files where they lie, so that they need no collectstatic.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("da", _("Danish"))]
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("BACKOFFICE_TIME_ZONE", default="Europe/Copenhagen")
FORMAT_MODULE_PATH = ["backoffice.formats"]

# --- Signing in
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "backoffice.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_FAILURE_LIMIT = int(number("LOGIN_FAILURE_LIMIT", 5, 1))
AXES_COOLOFF_TIME = number("LOGIN_COOLOFF_MINUTES", 15, 1) / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "backoffice.views.accounts.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username"]
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = None

SESSION_COOKIE_AGE = int(number("SESSION_HOURS", 10, 0.01) * 3600)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_NAME = "backoffice_session"
CSRF_COOKIE_NAME = "backoffice_csrf"
LANGUAGE_COOKIE_NAME = "backoffice_language"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "backoffice.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- HTTPS and headers
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = flag("BACKOFFICE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    if flag("BACKOFFICE_BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Preloading binds a whole domain for years and is the domain owner's decision, not an application's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
MOST_UPLOAD_BYTES = 20 * 2**20  # a sheet of 20,000 clients with all fields has about 4 MB
# Files go to the disk, none into memory; one that is too large is dropped while it comes in.
FILE_UPLOAD_HANDLERS = [
    "backoffice.forms.uploads.Bounded",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Mail
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("BACKOFFICE_MAIL_FROM", default="backoffice@localhost")
EMAIL_TIMEOUT = 20  # seconds
# Notices are sent by mail where a mail server is named. The worker sends them, which knows no request to take the
# address of this back office from.
NOTICES_BY_MAIL = bool(env.str("EMAIL_URL", default=""))
BACKOFFICE_URL = env.str("BACKOFFICE_URL", default="" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if BACKOFFICE_URL and urlsplit(BACKOFFICE_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured(f"BACKOFFICE_URL is {BACKOFFICE_URL!r}; it must begin with http:// or https://.")
if NOTICES_BY_MAIL and not BACKOFFICE_URL:
    raise ImproperlyConfigured("BACKOFFICE_URL must say where people open this back office: EMAIL_URL is set.")

# --- Logging
VERSION = __version__
_shared: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer() if PRODUCTION else structlog.dev.ConsoleRenderer(colors=False),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "backoffice": {
            "level": env.str("BACKOFFICE_LOG_LEVEL", default="WARNING" if ENVIRONMENT == "test" else "INFO")
        },
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
