"""Forms that add events (ui §4.7). Contents are checked by the operation; forms only gather."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from events import types
from pryvsite.kernel.clock import now

KINDS = {"note": "Note", "number": "Number", "picture": "Picture", "position": "Position"}
INPUT = {"class": "input"}
NEW = "+"  # the choice of a stream that is made first


class ManyFilesInput(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """At least one file."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError("Choose at least one picture.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class EventForm(forms.Form):
    """Fields that all kinds share."""

    stream = forms.CharField(error_messages={"required": "Pick a stream first."})
    new_stream = forms.CharField(required=False, max_length=200)
    time = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={**INPUT, "type": "datetime-local", "step": "1"})
    )
    description = forms.CharField(required=False, widget=forms.TextInput(attrs=INPUT))

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        local = datetime.fromtimestamp(now(), zone).replace(microsecond=0, tzinfo=None)
        self.fields["time"].widget.attrs["value"] = local.isoformat()

    def clean(self) -> dict[str, Any]:
        """A new stream needs a name."""
        data = super().clean() or {}
        if data.get("stream") == NEW and not data.get("new_stream", "").strip():
            self.add_error("new_stream", "Give the new stream a name.")
        return data

    def shared(self) -> dict[str, Any]:
        """The wire fields that all kinds share."""
        data = self.cleaned_data
        wire: dict[str, Any] = {}
        if data["time"]:
            wire["time"] = data["time"].replace(tzinfo=self.zone).timestamp()
        if data["description"]:
            wire["description"] = data["description"]
        return wire

    def events(self) -> list[tuple[dict[str, Any], list[Any]]]:
        """What is to be created: wire events without streams, each with its files."""
        raise TypeError("each kind has its own events")


class NoteForm(EventForm):
    """A note."""

    content = forms.CharField(
        label="Note",
        strip=True,
        error_messages={"required": "Write something first."},
        widget=forms.Textarea(attrs={"class": "area", "rows": 6}),
    )

    def events(self) -> list[tuple[dict[str, Any], list[Any]]]:
        """One note."""
        return [({"type": "note/txt", "content": self.cleaned_data["content"], **self.shared()}, [])]


class NumberForm(EventForm):
    """A measurement."""

    content = forms.FloatField(
        label="Value",
        error_messages={"required": "Give a number.", "invalid": "Give a number."},
        widget=forms.TextInput(attrs={"class": "input input-num", "inputmode": "decimal"}),
    )
    type = forms.ChoiceField(label="What is it", widget=forms.Select(attrs={"class": "select"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [
            (group, [(t, f"{types.name_of(t)} ({types.unit_of(t)})") for t in members])
            for group, members in types.number_types_by_class().items()
        ]
        self.fields["type"].choices = groups  # type: ignore[attr-defined]
        self.fields["type"].initial = "mass/kg"

    def events(self) -> list[tuple[dict[str, Any], list[Any]]]:
        """One number; whole ones stay whole."""
        value = self.cleaned_data["content"]
        content = int(value) if value.is_integer() and abs(value) < 2**53 else value
        return [({"type": self.cleaned_data["type"], "content": content, **self.shared()}, [])]


class PictureForm(EventForm):
    """One picture or several; each becomes an event."""

    pictures = ManyFilesField(
        label="Pictures",
        widget=ManyFilesInput(attrs={"class": "input", "accept": "image/*", "multiple": True}),
    )

    def clean_pictures(self) -> list[Any]:
        """Images only."""
        files: list[Any] = self.cleaned_data["pictures"]
        if any(not str(file.content_type).startswith("image/") for file in files):
            raise forms.ValidationError("Only pictures can be added here.")
        return files

    def events(self) -> list[tuple[dict[str, Any], list[Any]]]:
        """One event per file."""
        return [
            ({"type": "picture/attached", **self.shared()}, [file]) for file in self.cleaned_data["pictures"]
        ]


class PositionForm(EventForm):
    """A place."""

    latitude = forms.FloatField(
        min_value=-90, max_value=90, widget=forms.TextInput(attrs={**INPUT, "inputmode": "decimal"})
    )
    longitude = forms.FloatField(
        min_value=-180, max_value=180, widget=forms.TextInput(attrs={**INPUT, "inputmode": "decimal"})
    )

    def events(self) -> list[tuple[dict[str, Any], list[Any]]]:
        """One position."""
        content = {name: self.cleaned_data[name] for name in ("latitude", "longitude")}
        return [({"type": "position/wgs84", "content": content, **self.shared()}, [])]


FORMS: dict[str, type[EventForm]] = {
    "note": NoteForm,
    "number": NumberForm,
    "picture": PictureForm,
    "position": PositionForm,
}
