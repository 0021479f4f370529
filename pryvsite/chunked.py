"""Bodies that come in chunks, without announcing their length (RFC 9112 §7.1).

Clients that stream send them: Node.js does for each body whose length isn't told. Django reads as many
bytes as `Content-Length` says, so to it they are empty.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest


class ChunkedBody:
    """The body as the server puts it together; its end is known once it is reached."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def read(self, size: int = -1) -> bytes:
        """So many bytes; fewer only at the end. Raises OSError for a body that is broken or breaks off."""
        try:
            found: bytes = self.source.read(size)
        except Exception as error:  # servers have errors of their own for chunks that aren't
            raise OSError("The chunks of the body are broken.") from error
        return found

    def close(self) -> None:
        """Nothing is held here: the connection is the server's."""


class Request(WSGIRequest):
    """A request whose body may be chunked, where the server knows its end."""

    chunks: ChunkedBody | None = None

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        coding = environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if "chunked" in coding and environ.get("wsgi.input_terminated"):
            self.chunks = ChunkedBody(environ["wsgi.input"])
            self._stream: Any = self.chunks
