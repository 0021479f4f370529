"""Pages of the API's description."""

from django.urls import path
from django.views.generic import RedirectView

from pryvsite.reference import views

urlpatterns = [
    path("api", RedirectView.as_view(url="/api/")),
    path("api/", views.reference, name="reference"),
    path("api/run", views.run, name="reference-run"),
]
