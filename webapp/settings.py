"""Every setting, read from the environment; see `.env.example` for what can be set."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from webapp import environment as env
from webapp.embedded import paths

BASE_DIR = Path(__file__).resolve().parent.parent
PUPIL_HOME = env.folder("PUPIL_HOME", BASE_DIR / "var")
DEBUG = env.flag("PUPIL_DEBUG", default=False)

# --- Who may talk to us -------------------------------------------------------------------------
SECRET_KEY_IS_GIVEN = bool(env.text("PUPIL_SECRET_KEY"))
SECRET_KEY = env.text("PUPIL_SECRET_KEY") or paths.secret_key(PUPIL_HOME)
PUBLIC_URL = env.text("PUPIL_PUBLIC_URL").rstrip("/")
_IS_HTTPS = PUBLIC_URL.startswith("https://")
# With a public address, no other is believed: mails would carry links to wherever a request says.
_OWN_HOSTS = f"{urlsplit(PUBLIC_URL).hostname},localhost,127.0.0.1,[::1]" if PUBLIC_URL else "*"
# Probes ask on the machine itself.
ALLOWED_HOSTS = [*env.words("PUPIL_ALLOWED_HOSTS", _OWN_HOSTS), "localhost"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _IS_HTTPS else None
# Browsers keep cookies by host, whatever the port: two homes on one machine need two names.
_COOKIE_SUFFIX = hashlib.sha256(SECRET_KEY.encode()).hexdigest()[:8]
SESSION_COOKIE_NAME = f"pupil_session_{_COOKIE_SUFFIX}"
CSRF_COOKIE_NAME = f"pupil_csrf_{_COOKIE_SUFFIX}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
CSRF_COOKIE_HTTPONLY = True  # scripts read it from the page
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if _IS_HTTPS else 0
# Told by `check --deploy`, but for the owner of a domain to say, or for the proxy to do.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- The app ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "ninja",
    "pgvector.django",
    "webapp",
]
MIDDLEWARE = [
    "webapp.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "webapp.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.uploads.upload_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "webapp.api.middleware.api_middleware",
    "webapp.middleware.AwayMiddleware",
]
ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
ASGI_APPLICATION = "webapp.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.signup.signup",
            ],
        },
    },
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "webapp.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
SIGNUP = env.choice("PUPIL_SIGNUP", "open", "invited", "closed")  # who may make an account
ACCOUNT_ADAPTER = "webapp.signup.AccountAdapter"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = env.text("PUPIL_EMAIL_VERIFICATION", "none")
# Wrong passwords lock an address out for a while, by the visitor's network address and by e-mail.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pupil"
MFA_TOTP_TOLERANCE = 1  # phones are half a minute wrong at times
MFA_ALLOW_UNVERIFIED_EMAIL = True  # small installations send no mails
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("PUPIL_TRUSTED_PROXIES", 0)
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if env.text('EMAIL_HOST') else 'console'}.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("PUPIL_EMAIL_FROM") or "Pupil <pupil@localhost>"

# Requests that one web process answers at a time. A long slow upload holds a thread as long as it
# lasts, so there are more than cores can use; each keeps a connection to the database.
WEB_THREADS = env.integer("PUPIL_WEB_THREADS", 32, minimum=1)

# --- Database and queue: embedded ones in PUPIL_HOME unless told of real ones --------------------
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
DATABASES = {
    "default": {
        **env.database(DATABASE_URL or paths.database_url(PUPIL_HOME)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
}
VALKEY_URL = REDIS_URL or paths.valkey_url(PUPIL_HOME)
# Pictures that are only looked at pass through this one: it should keep nothing on disk.
SCRATCH_URL = env.text("PUPIL_SCRATCH_URL") or REDIS_URL or paths.scratch_url(PUPIL_HOME)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "OPTIONS": {
            "serializer": "webapp.caching.JSONSerializer",
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
        },
    },
}
# Whose live version is answered by workers of its own, by project: `12=rex,20=fruit`.
SERVE_ROUTES = env.routes("PUPIL_SERVE_ROUTES")
CELERY_BROKER_URL = REDIS_URL or paths.broker_url(PUPIL_HOME)

# --- Pictures and artifacts ---------------------------------------------------------------------
S3_BUCKET = env.text("PUPIL_S3_BUCKET")
STORAGES = {
    "default": (
        {
            "BACKEND": "webapp.buckets.BucketStorage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.text("PUPIL_S3_ENDPOINT_URL") or None,
                "querystring_auth": True,
            },
        }
        if S3_BUCKET
        else {
            "BACKEND": "webapp.storage.DurableFileStorage",
            "OPTIONS": {"location": PUPIL_HOME / "storage"},
        }
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "webapp.uploads.CappedUploadHandler",
]
STATIC_URL = "static/"
STATIC_ROOT = env.folder("PUPIL_STATIC_ROOT", PUPIL_HOME / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- Logs: one line each, to standard output; who runs us keeps them ----------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "webapp.logs.LineFormatter"},
        "json": {"()": "webapp.logs.JsonFormatter"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("PUPIL_LOG_FORMAT", "line", "json"),
        }
    },
    "root": {"handlers": ["stdout"], "level": env.text("PUPIL_LOG_LEVEL", "INFO")},
    # Each wake-up of a worker would be two lines.
    "loggers": {
        name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.worker.strategy")
    },
}

# --- Who looks inside ---------------------------------------------------------------------------
METRICS_TOKEN = env.text("PUPIL_METRICS_TOKEN")
OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT")  # where traces go; empty: nowhere
METRICS_PORT = env.integer("PUPIL_METRICS_PORT", 0)  # of a worker; 0: it serves none

# --- Learning -----------------------------------------------------------------------------------
BACKBONE = env.text("PUPIL_BACKBONE")  # empty: the default of `training`
# Of open_clip, as it spells it: hf-hub:ORG/MODEL or local-dir:FOLDER; empty: words find tags alone.
TEXT_IMAGE_MODEL = env.text("PUPIL_TEXT_IMAGE_MODEL")
LEARNING_CACHE = PUPIL_HOME / "cache"
# Not a cache: vectors made with a background are of no use with another.
LEARNING_BACKGROUNDS = PUPIL_HOME / "backgrounds"
LEARNING_THREADS = env.integer("PUPIL_LEARNING_THREADS", 0)  # 0: as many as there are cores
# Batches that the networks work on side by side: one is answered soonest, several get more done.
LEARNING_STREAMS = env.integer("PUPIL_LEARNING_STREAMS", 1, minimum=1)

# --- Limits -------------------------------------------------------------------------------------
MAX_IMAGE_BYTES = env.integer("PUPIL_MAX_IMAGE_MEGABYTES", 50, minimum=1) * 2**20
# Of the files of one request together: a slightly too large one is refused by name, beside others.
MAX_REQUEST_BYTES = max(500 * 2**20, 2 * MAX_IMAGE_BYTES)
MAX_IMPORT_BYTES = env.integer("PUPIL_MAX_IMPORT_GIGABYTES", 20, minimum=1) * 2**30
MAX_CONCEPTS_PER_PROJECT = env.integer("PUPIL_MAX_CONCEPTS_PER_PROJECT", 1000, minimum=1)
# Pictures and their originals' bytes that are kept; 0: as many as the disk holds. Staff may allow a
# person or a project more, or less.
MAX_PICTURES = {
    "installation": env.integer("PUPIL_MAX_PICTURES", 0),
    "person": env.integer("PUPIL_MAX_PICTURES_PER_PERSON", 0),
    "project": env.integer("PUPIL_MAX_PICTURES_PER_PROJECT", 0),
}
MAX_BYTES = {
    "installation": env.integer("PUPIL_MAX_GIGABYTES", 0) * 2**30,
    "person": env.integer("PUPIL_MAX_GIGABYTES_PER_PERSON", 0) * 2**30,
    "project": env.integer("PUPIL_MAX_GIGABYTES_PER_PROJECT", 0) * 2**30,
}
# Of a person, to a project, in all, over the API; 0: as many as they like. Signing in is limited in
# any case. Picture files are counted apart: a page of thumbnails is hundreds of them.
REQUESTS_PER_MINUTE = env.integer("PUPIL_REQUESTS_PER_MINUTE", 0)
REQUESTS_PER_MINUTE_PER_PROJECT = env.integer("PUPIL_REQUESTS_PER_MINUTE_PER_PROJECT", 0)
REQUESTS_PER_MINUTE_IN_ALL = env.integer("PUPIL_REQUESTS_PER_MINUTE_IN_ALL", 0)
PICTURE_FILES_PER_MINUTE = env.integer("PUPIL_PICTURE_FILES_PER_MINUTE", 0)
FETCH_ALLOW_PRIVATE = env.flag("PUPIL_FETCH_ALLOW_PRIVATE", default=False)
