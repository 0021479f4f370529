"""Pages of an account's data."""

from django.urls import path

from events import views
from events.keeping import add, change, comfort, detail, download, live, many, sample
from events.tree import views as tree
from events.tree.arrange import arrange, pin
from events.tree.charts import chart_settings

HOME, ENTRY = "u/<str:username>", "u/<str:username>/event/<str:event_id>"

urlpatterns = [
    path("u/colours.css", views.colours),
    path(f"{HOME}/streams/new", tree.create, name="stream-new"),
    path(f"{HOME}/streams/arrange", arrange),
    path(f"{HOME}/streams/<str:stream_id>/edit", tree.edit, name="stream-edit"),
    path(f"{HOME}/streams/<str:stream_id>/move", tree.move),
    path(f"{HOME}/streams/<str:stream_id>/pin", pin),
    path(f"{HOME}/streams/<str:stream_id>/trash", tree.trash),
    path(f"{HOME}/streams/<str:stream_id>/delete", tree.delete, name="stream-delete"),
    path(f"{HOME}/chart", chart_settings, name="chart-settings"),
    path(f"{HOME}/places", views.places, name="places"),
    path(f"{HOME}/tile", views.tile, name="tile"),
    path(f"{HOME}/", views.dashboard, name="dashboard"),
    path(HOME, views.dashboard),
    path(f"{HOME}/add", add.add, name="add"),
    path(f"{HOME}/add/look", add.look),
    path(f"{HOME}/add/done", add.done),
    path(f"{HOME}/entries", detail.entries, name="entries"),
    path(f"{HOME}/entries/batch", many.batch),
    path(f"{HOME}/export", download.ask, name="export"),
    path(f"{HOME}/export.csv", download.as_csv),
    path(f"{HOME}/export.json", download.as_json),
    path(f"{HOME}/settings", comfort.display, name="display"),
    path(f"{HOME}/first-steps", comfort.first_steps),
    path(f"{HOME}/keys", comfort.keys, name="keys"),
    path(f"{HOME}/sample", sample.sample),
    path(f"{HOME}/live", live.changes),
    path(f"{HOME}/trash", many.trash_page, name="trash"),
    path(f"{HOME}/undo/<str:key>", many.take_back),
    path(f"{ENTRY}.json", detail.as_json),  # before the next, whose id would hold the ending
    path(ENTRY, detail.entry, name="event"),
    path(f"{ENTRY}/places", detail.places),
    path(f"{ENTRY}/edit", change.edit, name="event-edit"),
    path(f"{ENTRY}/trash", change.trash, name="event-trash"),
    path(f"{ENTRY}/delete", change.delete),
    path(f"{ENTRY}/stop", change.stop),
    path(f"{ENTRY}/copy", change.copy),
    path(f"{ENTRY}/files", change.add_files),
    path(f"{ENTRY}/files/<str:file_id>/remove", change.remove_file),
    path(f"{ENTRY}/versions/<int:number>", change.restore_version),
    path(f"{HOME}/picture/<str:event_id>", views.picture, name="event-picture"),
    path(f"{HOME}/file/<str:event_id>/<str:file_id>", views.file, name="event-file"),
]
