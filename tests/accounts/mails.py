"""Reading the mails that a test made the platform send."""

import re
import socket
import socketserver
import threading
from email import message_from_bytes
from types import TracebackType

from django.core import mail as outbox

from accounts import mail


def mails_to(address: str) -> list[str]:
    """The texts of the mails to an address, in order."""
    mail.flush()
    return [message.body for message in outbox.outbox if message.to == [address]]


def secret_in(text: str, name: str) -> str:
    """The secret in a mail's link."""
    found = re.search(rf"[?&]{name}=(\w+)", text)
    assert found, text
    return found.group(1)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Speaks as much SMTP as a sender needs, over real sockets; keeps the text part of what it gets."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.letters: list[str] = []
        letters = self.letters

        class Conversation(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def handle(self) -> None:
                self.say("220 ready")
                while line := self.rfile.readline().decode().strip():
                    verb = line.split()[0].upper()
                    if verb == "RCPT" and refuse:
                        self.say("550 nobody here")
                    elif verb == "DATA":
                        self.say("354 go on")
                        letters.append(self.letter())
                        self.say("250 kept")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 fine")

            def letter(self) -> str:
                body = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    body += line
                first = next(part for part in message_from_bytes(body).walk() if not part.is_multipart())
                content = first.get_payload(decode=True)
                assert isinstance(content, bytes)
                return content.decode()

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
