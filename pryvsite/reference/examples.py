"""What the forms of the API's description begin with: calls that work on a new account and are worth a try.

What isn't listed begins with what its schema asks for. Ids of things to change or delete stay empty: nobody
loses anything by a click.
"""

from collections.abc import Mapping
from typing import Any

QUERIES: Mapping[str, Mapping[str, str]] = {
    "events.get": {"limit": "5"},
    "streams.get": {"state": "all"},
}
PATHS: Mapping[str, Mapping[str, str]] = {"auth.usernameCheck": {"username": "a-free-name"}}
BODIES: Mapping[str, Any] = {
    "callBatch": [
        {"method": "streams.get", "params": {}},
        {"method": "events.get", "params": {"types": ["note/txt"], "limit": 3}},
    ],
    "streams.create": {"id": "weight", "name": "Weight", "parentId": None},
    "streams.update": {"name": "Body weight", "clientData": {"pryv-browser:bgColor": "#1f8a70"}},
    "events.create": {"streamIds": ["diary"], "type": "note/txt", "content": "Written with the API."},
    "events.update": {"description": "A word about it."},
    "series.write": {
        "format": "flatJSON",
        "fields": ["deltaTime", "value"],
        "points": [[0, 71.2], [60, 71.3]],
    },
    "series.batch": {"format": "seriesBatch", "data": []},
    "accesses.create": {"name": "For Doctor Tom", "permissions": [{"streamId": "diary", "level": "read"}]},
    "accesses.update": {"name": "For Doctor Tom"},
    "accesses.checkApp": {
        "requestingAppId": "my-app",
        "requestedPermissions": [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}],
    },
}


def minimal(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    """The least that a schema accepts, for people to fill in."""
    if "$ref" in schema:
        return minimal(named[schema["$ref"].rsplit("/", 1)[-1]], named)
    if "anyOf" in schema:
        return minimal(schema["anyOf"][0], named)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: minimal(properties.get(name, {}), named) for name in schema.get("required", ())}
    if kind == "array":
        return [minimal(schema["items"], named)] if schema.get("minItems") and "items" in schema else []
    return {"number": 0, "integer": 0, "boolean": True, "string": "", "null": None}.get(str(kind), "")
