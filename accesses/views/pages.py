"""The operator's texts, logo and style sheet."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponseBase
from django.views.decorators.cache import cache_control

from accesses.markdown import safe_markdown
from accounts import identity
from accounts.models import SitePage
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

LONGEST = 100_000  # characters
PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp")


def page(request: WebRequest, slug: str) -> HttpResponseBase:
    """Help, terms or privacy; where the operator wrote nothing, that is said."""
    if slug not in SitePage.SLUGS:
        raise Http404
    found = SitePage.objects.filter(slug=slug).first()
    context = {
        "title": found.title if found else SitePage.SLUGS[slug],
        "html": safe_markdown(found.text, LONGEST) if found else None,
        "changed": found.changed if found else None,
    }
    return screen(request, "accesses/page.html", "", context)


@cache_control(max_age=3600)
def logo(request: WebRequest) -> HttpResponseBase:
    """The operator's logo."""
    found = identity.logo()
    if found is None or found[1] not in PICTURES:
        raise Http404
    response = FileResponse(found[0], content_type=found[1])
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@cache_control(max_age=3600)
def style(request: WebRequest) -> HttpResponseBase:
    """The operator's style sheet."""
    if settings.STYLE_FILE is None:
        raise Http404
    return FileResponse(settings.STYLE_FILE.open("rb"), content_type="text/css; charset=utf-8")
