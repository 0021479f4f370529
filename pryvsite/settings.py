"""All settings, each from one environment variable; docs/settings.md lists them."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from pryvsite import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# --- where the platform lives ---
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, 1, 65535)
PUBLIC_URL = env.url("PUBLIC_URL", f"http://{HOST if HOST not in ('0.0.0.0', '::') else '127.0.0.1'}:{PORT}")  # noqa: S104
_public = urlsplit(PUBLIC_URL)
IS_LOCAL = _public.hostname in ("localhost", "127.0.0.1", "::1")
USER_DOMAIN = env.text("USER_DOMAIN").lower()  # {username}.<domain> also reaches an account
DEBUG = False
SECRET_KEY = env.secret("SECRET_KEY", VAR_DIR / "secret.key")
ALLOWED_HOSTS = [
    str(_public.hostname),
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([HOST] if HOST not in ("0.0.0.0", "::") else []),  # noqa: S104
    *([f".{USER_DOMAIN}"] if USER_DOMAIN else []),
    *env.words("ALLOWED_HOSTS", []),
]

# --- the platform as its users see it ---
PLATFORM_NAME = env.text("PLATFORM_NAME", "Pryvsite")
HOME_URL = env.link("HOME_URL")
SUPPORT_URL = env.link("SUPPORT_URL")
TERMS_URL = env.link("TERMS_URL")
API_VERSION = "2.0.0"
SERVICE_SERIAL = env.text("SERVICE_SERIAL", "2026112301")
DEFAULT_LANGUAGE = env.text("DEFAULT_LANGUAGE", "en")
SERVICE_INFO = env.json_value("SERVICE_INFO", None)  # what the operator adds to service information
LOGO_FILE = env.file("LOGO_FILE")  # an SVG, PNG, JPEG or WebP picture in place of the mark
STYLE_FILE = env.file("STYLE_FILE")  # a style sheet after ours: other colours, other type
HOSTINGS = env.hostings("HOSTINGS")  # regions → zones → hostings; None: this server only

# --- accounts and accesses ---
SESSION_MAX_AGE = env.integer("SESSION_MAX_AGE", 14 * 86400, 60)  # seconds without a call
ACCESS_REQUEST_MAX_AGE = env.integer("ACCESS_REQUEST_MAX_AGE", 3600, 60)  # seconds
# Apps that may take passwords over the API, as appId@origin. Production names them.
_local_apps = (
    ["*@http://localhost:*", "*@http://127.0.0.1:*", "*@https://*.backloop.dev:*"] if IS_LOCAL else []
)
TRUSTED_APPS = [f"*@{PUBLIC_URL}", *_local_apps, *env.words("TRUSTED_APPS", [])]
FETCH_HOSTS = env.words("FETCH_HOSTS", [])  # host:port in the own network that the generator may ask
TRUSTED_AUTH_URLS = env.links("TRUSTED_AUTH_URLS")
INVITATION_TOKENS = env.tokens("INVITATION_TOKENS")  # None: open, []: closed, or a list
MAX_EMAILS = env.integer("MAX_EMAILS", 5, 1, 20)  # addresses of an account
EMAIL_VERIFICATION_MAX_AGE = env.integer("EMAIL_VERIFICATION_MAX_AGE", 86400, 60)  # seconds
EMAIL_RESEND_COOLDOWN = env.integer("EMAIL_RESEND_COOLDOWN", 300)  # seconds
EMAIL_VERIFICATION_PAGE = env.link("EMAIL_VERIFICATION_PAGE") or f"{PUBLIC_URL}/verify-email"
PASSWORD_RESET_MAX_AGE = env.integer("PASSWORD_RESET_MAX_AGE", 3600, 60)  # seconds
PASSWORD_RESET_PAGE = env.link("PASSWORD_RESET_PAGE") or f"{PUBLIC_URL}/reset-password"
PASSWORD_MIN_LENGTH = env.integer("PASSWORD_MIN_LENGTH", 0, 0, 100)
PASSWORD_MIN_CATEGORIES = env.integer("PASSWORD_MIN_CATEGORIES", 0, 0, 4)  # lower, upper, digit, other
PASSWORD_HISTORY = env.integer("PASSWORD_HISTORY", 0, 0, 24)  # passwords that can't be used again
PASSWORD_MIN_AGE_DAYS = env.integer("PASSWORD_MIN_AGE_DAYS", 0)  # days before it may change; 0: at once
PASSWORD_MAX_AGE_DAYS = env.integer("PASSWORD_MAX_AGE_DAYS", 0)  # days until it must change; 0: never
# totp: apps that make codes; single, challenge-verify: codes by a message service, or such an app.
MFA_MODE = env.choice("MFA_MODE", "totp", ("disabled", "totp", "single", "challenge-verify"))
MFA_ENDPOINTS = env.json_value("MFA_ENDPOINTS", {})  # of the message service: single, challenge, verify
MFA_MAX_AGE = env.integer("MFA_MAX_AGE", 1800, 60)  # seconds for the second step
USERNAME_CHANGES = env.integer("USERNAME_CHANGES", 2, 0, 100)  # of an account, in all
RESERVED_USERNAMES = frozenset(
    {
        "access",
        "access-token",
        "account",
        "accounts",
        "admin",
        "administrator",
        "app-web",
        "app-web-access",
        "assets",
        "audit",
        "backloop",
        "change-password",
        "cmc-accept",
        "cmc-scope-update",
        "event-types",
        "events",
        "favicon",
        "health",
        "login",
        "logout",
        "mfa-challenge",
        "oauth2",
        "oauth2-authorize",
        "profile",
        "register",
        "reset-password",
        "root",
        "service",
        "signin",
        "signout",
        "socket",
        "socket-io",
        "static",
        "streams",
        "support",
        "system",
        "token",
        "users",
        "verify-email",
        "webmaster",
    }
)
# --- how often something may be tried: number/time, or off ---
RATE_LIMITS = env.boolean("RATE_LIMITS", True)  # off: none of them
LIMIT_SIGN_IN_ACCOUNT = env.limit("LIMIT_SIGN_IN_ACCOUNT", "10/15m")  # wrong passwords
LIMIT_SIGN_IN_ADDRESS = env.limit("LIMIT_SIGN_IN_ADDRESS", "50/15m")
LIMIT_MFA_ACCOUNT = env.limit("LIMIT_MFA_ACCOUNT", "10/30m")  # wrong codes
LIMIT_MFA_ADDRESS = env.limit("LIMIT_MFA_ADDRESS", "50/30m")
LIMIT_CODES_ACCOUNT = env.limit("LIMIT_CODES_ACCOUNT", "20/1h")  # codes sent by the message service
LIMIT_RESET_ACCOUNT = env.limit("LIMIT_RESET_ACCOUNT", "5/1h")  # links to set a new password
LIMIT_RESET_ADDRESS = env.limit("LIMIT_RESET_ADDRESS", "30/1h")
LIMIT_CONFIRM_ACCOUNT = env.limit("LIMIT_CONFIRM_ACCOUNT", "20/1h")  # links to confirm an address
LIMIT_CONFIRM_MAILBOX = env.limit("LIMIT_CONFIRM_MAILBOX", "5/1h")
LIMIT_LINKS_ACCOUNT = env.limit("LIMIT_LINKS_ACCOUNT", "100/1h")  # wrong secrets of mailed links
LIMIT_LINKS_ADDRESS = env.limit("LIMIT_LINKS_ADDRESS", "50/1h")
LIMIT_TOKENS_ACCOUNT = env.limit("LIMIT_TOKENS_ACCOUNT", "1000/1h")  # different wrong tokens
LIMIT_TOKENS_ADDRESS = env.limit("LIMIT_TOKENS_ADDRESS", "100/1h")
LIMIT_LOOKUPS_ADDRESS = env.limit("LIMIT_LOOKUPS_ADDRESS", "300/5m")  # of names and addresses
LIMIT_REGISTRATION_ADDRESS = env.limit("LIMIT_REGISTRATION_ADDRESS", "60/1h")
LIMIT_OPERATOR_ADDRESS = env.limit("LIMIT_OPERATOR_ADDRESS", "20/1h")  # wrong operator keys
KNOWN_PLACE_MAX_AGE = env.integer("KNOWN_PLACE_MAX_AGE", 90 * 86400, 60)  # seconds without a sign-in
CONSENT_CHOICE = env.boolean("CONSENT_CHOICE", True)  # owners may grant less than an app asks for
ADMIN_ACCESS_KEY = env.key("ADMIN_ACCESS_KEY", 20)  # of the operator's routes; none: there are none
ACCOUNT_DELETION = env.some_of("ACCOUNT_DELETION", ["adminToken"], ("adminToken", "personalToken"))
# Days between an owner's wish to delete the account and its end; 0: at once; off: only the operator deletes.
ACCOUNT_DELETION_GRACE_DAYS = env.days_or_off("ACCOUNT_DELETION_GRACE_DAYS", 7)
FORCE_KEEP_HISTORY = env.boolean("FORCE_KEEP_HISTORY", False)
DELETION_MODE = env.choice(
    "DELETION_MODE", "keep-nothing", ("keep-nothing", "keep-authors", "keep-everything")
)
UPDATES_IGNORE_PROTECTED = env.boolean("UPDATES_IGNORE_PROTECTED", False)
LIVE_STREAMS = env.integer("LIVE_STREAMS", 32, 0, 1000)  # pages of a worker that hear of changes at once
SHARED_CACHE = env.boolean("SHARED_CACHE", True)  # off where several machines share a database
ACCESS_TRACKING = env.boolean("ACCESS_TRACKING", True)
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 500 * 2**20, 1, 2**40)  # files of one call
DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 2**20  # JSON bodies
DATA_UPLOAD_MAX_NUMBER_FILES = 200

# --- Django ---
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",  # of operators; owners of accounts sign in elsewhere
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_linear_migrations",
    "django_htmx",
    "template_partials",
    "csp",
    "accounts",
    "streams",
    "events",
    "accesses",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "pryvsite.middleware.PlatformMiddleware",
    "pryvsite.middleware.ApiMiddleware",  # calls below an account's name end here
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pryvsite.web.requests.WebMiddleware",
]
ROOT_URLCONF = "pryvsite.urls"
WSGI_APPLICATION = "pryvsite.wsgi.application"
APPEND_SLASH = False
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
                "pryvsite.web.context.platform",
            ]
        },
    }
]
DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
PREVIEWS_DIR = VAR_DIR / "previews"
PREVIEW_MAX_PIXELS = env.integer("PREVIEW_MAX_PIXELS", 64_000_000, 1)
STATIC_ROOT = VAR_DIR / "static"
# Only the files of django-leaflet: as an app it would bring the admin of GIS, which needs GDAL.
_leaflet = find_spec("leaflet")
_leaflet_files = [
    Path(place) / "static" for place in (_leaflet and _leaflet.submodule_search_locations) or ()
]
STATICFILES_DIRS = [BASE_DIR / "static", *_leaflet_files]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "media"},
    },
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "media", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "accounts.hashers.BcryptFromElsewhere",  # of accounts that came from elsewhere
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

# --- cookies and headers ---
_https = _public.scheme == "https"
SESSION_ENGINE = "pryvsite.web.sessions"
# Browsers send cookies to every port of a host: each local server has its own, so that none signs out those
# of another. Under https the prefix keeps other hosts of the domain from setting them.
_prefix, _port = "__Host-" if _https else "", f"_{_public.port}" if _public.port and not _https else ""
SESSION_COOKIE_NAME = f"{_prefix}pryvsite_session{_port}"
CSRF_COOKIE_NAME = f"{_prefix}pryvsite_csrf{_port}"
KNOWN_COOKIE_NAME = f"{_prefix}pryvsite_known{_port}"
SESSION_COOKIE_AGE = SESSION_MAX_AGE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "pryvsite.views.csrf_failed"
BEHIND_PROXY = env.boolean("BEHIND_PROXY", False)  # one that sets X-Forwarded-Proto and -For
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https and env.boolean("HSTS_SUBDOMAINS", False)
SECURE_SSL_REDIRECT = _https and env.boolean("HTTPS_REDIRECT", False)
# Nothing goes to other sites; forms of our own keep the Origin header that CSRF checks need.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # the app that opened the consent popup watches its closing
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        # The consent form's answer redirects to the app's own return address, which the browser
        # counts as a form target too.
        "form-action": ["'self'", "https:", "http://localhost:*", "http://127.0.0.1:*"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- mail ---
MAIL_WELCOME = env.boolean("MAIL_WELCOME", True)
MAIL_NEW_ACCESS = env.boolean("MAIL_NEW_ACCESS", True)
MAIL_PASSWORD_RESET = env.boolean("MAIL_PASSWORD_RESET", True)
MAIL_EMAIL_VERIFICATION = env.boolean("MAIL_EMAIL_VERIFICATION", True)
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"{PLATFORM_NAME} <no-reply@{_public.hostname}>")
EMAIL_HOST = env.text("MAIL_HOST")
EMAIL_PORT = env.integer("MAIL_PORT", 587, 1, 65535)
EMAIL_HOST_USER = env.text("MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("MAIL_PASSWORD")
EMAIL_USE_TLS = env.boolean("MAIL_TLS", True)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

DEFAULT_EXCEPTION_REPORTER = "pryvsite.reports.BareReporter"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no-keys": {"()": "pryvsite.logs.WithoutKeys"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no-keys"]}},
    # Its debugging writes whole contexts of pages, with tokens that are shown once.
    "loggers": {"django.template": {"level": "INFO"}},
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", "WARNING", LOG_LEVELS)},
}
# Whether sub-domains and plain HTTP are the operator's can't be known here; HSTS_SUBDOMAINS, HTTPS_REDIRECT.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
