"""The tutorial over the API: consent token, data of every kind, an access for Doctor Tom."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Api


def test_data_of_the_tutorial(alice: Api) -> None:
    heart = {"streamId": "heart", "defaultName": "Heart", "level": "manage"}
    app = alice.share(heart, type="app", name="app-web-access-test")
    assert app.get("streams")["streams"][0]["name"] == "Heart"
    density = app.event("heart", type="density/kg-m3", content=850, time=1589358119.329)
    pressure = app.event("heart", type="blood-pressure/mmhg-bpm", content={"systolic": 120, "diastolic": 80})
    picture = SimpleUploadedFile("meal1.jpg", b"jpeg", content_type="image/jpeg")
    event = json.dumps({"streamIds": ["heart"], "type": "picture/attached"})
    attached = app.form("events", {"event": event, "file": picture})
    assert attached.status == 201
    assert attached["event"]["attachments"][0]["fileName"] == "meal1.jpg"
    note = app.event("heart", content="Felt fine")
    series = app.event("heart", type="series:position/wgs84", content=None)
    points = {
        "format": "flatJSON",
        "fields": ["deltaTime", "latitude", "longitude"],
        "points": [[0, 46.5, 6.6]],
    }
    assert app.post(f"events/{series['id']}/series", points).status == 200
    assert app.get(f"events/{series['id']}/series")["points"] == [[0.0, 46.5, 6.6]]
    ids = {event["id"] for event in app.get("events")["events"]}
    assert ids == {density["id"], pressure["id"], attached["event"]["id"], note["id"], series["id"]}


def test_access_for_doctor_tom(alice: Api) -> None:
    for stream_id in ("allergen-exposure-app", "health-profile", "doctor-feedback"):
        alice.stream(stream_id)
    tom = alice.share(
        {"streamId": "allergen-exposure-app", "level": "read"},
        {"streamId": "health-profile", "level": "manage"},
        {"streamId": "doctor-feedback", "level": "manage"},
        name="For Doctor Tom",
    )
    alice.event("allergen-exposure-app", type="density/kg-m3", content=12)
    assert len(tom.get("events")["events"]) == 1
    tom.event("doctor-feedback", content="Keep the windows shut")
    assert tom.post("streams", {"name": "Comment", "parentId": "doctor-feedback"}).status == 201
    refused = {"streamIds": ["allergen-exposure-app"], "type": "note/txt", "content": "x"}
    assert tom.post("events", refused).error == "forbidden"
    assert tom.get('events?streams=["diary"]').error == "forbidden"
    assert tom.delete("streams/allergen-exposure-app").error == "forbidden"
