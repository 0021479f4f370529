"""The apps that the operator registered (ui §3.3)."""

from typing import Any

from accounts.models import RegisteredApp


def registered_app(app_id: str) -> RegisteredApp | None:
    """What the operator knows of an app."""
    return RegisteredApp.objects.filter(id=app_id).first()


def registered_apps(app_ids: set[str]) -> dict[str, RegisteredApp]:
    """The registered ones of these apps, by id."""
    return RegisteredApp.objects.in_bulk(list(app_ids))


def present_app(app: RegisteredApp) -> dict[str, Any]:
    """An app as the catalogue of apps tells it; what is not known is left out."""
    told = {
        "id": app.id,
        "displayName": app.name,
        "publisher": app.publisher,
        "description": app.description,
        "url": app.website,
        "privacyUrl": app.privacy,
        "verified": app.verified,
    }
    return {name: value for name, value in told.items() if value != ""}
