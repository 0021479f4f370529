"""A screen as a full page, or as one of its partials for htmx."""

from collections.abc import Mapping
from typing import Any

from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from pryvsite.web.requests import WebRequest


def screen(
    request: WebRequest, template: str, part: str, context: Mapping[str, Any], status: int = 200
) -> TemplateResponse:
    """Render `template`, or only its partial `part` when htmx asks for a piece.

    The server chooses the part, never the client.
    """
    htmx = request.htmx
    fragment = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    name = f"{template}#{part}" if fragment and part else template
    response = TemplateResponse(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "Cookie"])
    response["Cache-Control"] = "no-store"
    return response
