"""Pages."""

from django.http import HttpResponse

from pryvsite.web.requests import WebRequest


def home(request: WebRequest) -> HttpResponse:
    """Home."""
    return HttpResponse("Pryv API")
