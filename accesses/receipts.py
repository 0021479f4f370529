"""Receipts of consent: what was shown, what was answered (ui §3.8)."""

from collections.abc import Mapping, Sequence
from typing import Any

from accesses.models import ConsentReceipt
from accesses.requests import AccessRequest
from accesses.sentences import Line
from pryvsite.kernel.clock import now
from pryvsite.kernel.ids import new_id

REFUSALS_KEPT = 30 * 86400  # seconds
SHAPE = 1  # of the content

Content = Mapping[str, Any]


def content_of(
    request: AccessRequest, lines: Sequence[Line], granted: Sequence[Mapping[str, Any]], app: Content
) -> dict[str, Any]:
    """What a receipt keeps: the request, the sentences as they were shown, and what was granted."""
    state = request.state
    return {
        "shape": SHAPE,
        "appId": state["requestingAppId"],
        "app": dict(app),
        "requestedPermissions": state["requestedPermissions"],
        "grantedPermissions": list(granted),
        "sentences": [
            {"can": line.sentence, "more": line.more, "cannot": line.cannot, "note": line.chip}
            for line in lines
        ],
        "clientData": state.get("clientData"),
        "deviceName": state.get("deviceName"),
        "origin": state.get("origin") or None,
        "language": state["lang"],
    }


def record(
    account_id: int, outcome: str, content: Content, *, access_id: str = "", expires: float | None = None
) -> None:
    """Keep a receipt; inside the transaction of the answer."""
    moment = now()
    ConsentReceipt.objects.filter(keep_until__lte=moment).delete()
    ConsentReceipt.objects.create(
        account_id=account_id,
        id=new_id(),
        access_id=access_id,
        outcome=outcome,
        content={**content, "expires": expires},
        created=moment,
        keep_until=moment + REFUSALS_KEPT if outcome == "refused" else None,
    )


def of_access(account_id: int, access_id: str) -> list[ConsentReceipt]:
    """The receipts of an access, the newest first."""
    rows = ConsentReceipt.objects.filter(account_id=account_id, access_id=access_id)
    return list(rows.order_by("-created"))


def find(account_id: int, receipt_id: str) -> ConsentReceipt | None:
    """One receipt of an account."""
    return ConsentReceipt.objects.filter(account_id=account_id, id=receipt_id).first()
