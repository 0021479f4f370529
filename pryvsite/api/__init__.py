"""The wire protocol: registry, parsing, envelope, HTTP, batch."""
