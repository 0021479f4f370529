"""Pages of an account's data."""

from django.urls import path

from events import views
from events.keeping import views as keeping

urlpatterns = [
    path("u/<str:username>/", views.dashboard, name="dashboard"),
    path("u/<str:username>", views.dashboard),
    path("u/<str:username>/add", keeping.add, name="add"),
    path("u/<str:username>/event/<str:event_id>", keeping.event, name="event"),
    path("u/<str:username>/event/<str:event_id>/trash", keeping.trash, name="event-trash"),
    path("u/<str:username>/picture/<str:event_id>", views.picture, name="event-picture"),
    path("u/<str:username>/file/<str:event_id>/<str:file_id>", views.file, name="event-file"),
]
