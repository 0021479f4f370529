"""The operator's methods of the registry: accounts, servers, invitations (spec api-access §2.6)."""

from urllib.parse import urlsplit

from django.http import HttpResponseBase

from accesses import operator
from accesses.operator_inputs import NewInvitations, ServerMeant, ServersMeant
from accesses.operator_results import (
    InvitationsGot,
    InvitationsMade,
    ServerRenamed,
    ServersGot,
    ServerUsers,
    UserFields,
)
from accounts import invitations
from accounts.models import Account, Invitation
from pryvsite.api.contract import Bare
from pryvsite.api.envelope import answer, bare
from pryvsite.api.http import Call
from pryvsite.api.platform import public_url
from pryvsite.api.registry import Wire, operator_endpoint, operator_method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidOperation, UnknownResource
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.results import LegacyProblem


@operator_endpoint(
    "admin.user",
    "GET",
    "reg/admin/users/{username}",
    answers={200: UserFields, 404: Bare(LegacyProblem)},
)
def user_fields(call: Call) -> HttpResponseBase:
    """Unique and indexed fields of an account."""
    call.operator()
    try:
        account = operator.account_or_unknown(call.params["username"])
    except UnknownResource:
        return bare(call.request, {"error": {"id": "unknown-user", "message": "Unknown username."}}, 404)
    fields = {
        "username": account.username,
        "email": account.email,
        "language": account.language,
        "appId": account.app_id,
        "invitationToken": account.invitation_token,
        "referer": account.referer or None,
    }
    return answer(call.request, fields)


@operator_method("admin.servers", ("GET", "reg/admin/servers"), result=ServersGot)
def servers(_: Actor, __: Nothing) -> Wire:
    """Servers, with how many accounts each holds."""
    return {"servers": {f"{public_url()}/": {"userCount": Account.objects.filter(deleted=None).count()}}}


@operator_method(
    "admin.serverUsers",
    ("GET", "reg/admin/servers/{name}/users"),
    input=ServerMeant,
    result=ServerUsers,
)
def server_users(_: Actor, target: ServerMeant) -> Wire:
    """The accounts of a server, named by its host; others than this one hold none."""
    if not _is_this(target.name):
        return {"users": []}
    return {"users": [{"username": user["username"]} for user in operator.users()]}


def _is_this(name: str) -> bool:
    """Whether a server name is this server's."""
    parts = urlsplit(public_url())
    return name.lower() in (parts.netloc, parts.hostname)


@operator_method(
    "admin.renameServer",
    ("GET", "reg/admin/servers/{src}/rename/{dst}"),
    input=ServersMeant,
    result=ServerRenamed,
    errors=(InvalidOperation,),
)
def rename_server(_: Actor, target: ServersMeant) -> Wire:
    """Put the accounts of a server under its new name. There is one server, named by the setting PUBLIC_URL,
    and accounts don't note it: they follow the setting by themselves, none is left to be renamed."""
    if _is_this(target.src) and not _is_this(target.dst):
        raise InvalidOperation("This server is renamed by its setting PUBLIC_URL.", {"dst": target.dst})
    return {"count": 0}


def _shown(invitation: Invitation) -> Wire:
    wire: Wire = {
        "id": invitation.id,
        "createdAt": round(invitation.created * 1000),
        "createdBy": invitation.created_by,
        "description": invitation.description,
    }
    if invitation.consumed_at is not None:
        wire |= {"consumedAt": round(invitation.consumed_at * 1000), "consumedBy": invitation.consumed_by}
    return wire


@operator_method(
    "admin.invitations",
    ("GET", "reg/admin/invitations"),
    result=InvitationsGot,
)
def list_invitations(_: Actor, __: Nothing) -> Wire:
    """All invitations, the latest first."""
    found = Invitation.objects.order_by("-created", "id")
    return {"invitations": [_shown(invitation) for invitation in found]}


@operator_method(
    "admin.createInvitations",
    ("GET", "reg/admin/invitations/post"),
    input=NewInvitations,
    result=InvitationsMade,
    writes=True,
)
def create_invitations(_: Actor, given: NewInvitations) -> Wire:
    """Make invitations; from the first one on, registration needs one."""
    return {"data": [_shown(made) for made in invitations.create(given.count, given.message)]}
