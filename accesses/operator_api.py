"""The operator's methods, and the deletion of accounts (spec api-access §2.6, §2.12, §2.13)."""

from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseBase

from accesses import operator
from accesses.authenticate import is_operator
from accesses.inputs import AccessMeant, CreateUser, NewInvitations, ServerMeant, TestMail, UserName
from accesses.results import (
    AccessIndexGot,
    CoresGot,
    InvitationsGot,
    InvitationsMade,
    MailSent,
    MailTemplatesGot,
    PlatformChecked,
    ServersGot,
    ServerUsers,
    UserCreated,
    UserDeleted,
    UserFields,
    UserInfoGot,
    UsersGot,
)
from accounts import deletion, invitations, mail, mfa
from accounts.models import Account, Invitation
from pryvsite.api.contract import Bare, Empty, Media
from pryvsite.api.envelope import answer, bare
from pryvsite.api.http import Call, authenticated
from pryvsite.api.platform import public_url
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, InvalidToken, ItemAlreadyExists, UnknownResource
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.results import LegacyProblem


@method(
    "system.createUser",
    ("POST", "system/create-user"),
    input=CreateUser,
    result=UserCreated,
    errors=(ItemAlreadyExists,),
    allow="operator",
    writes=True,
    status=201,
    place="platform",
)
def create_user(_: Actor, given: CreateUser) -> Wire:
    """Create an account of which only the password's hash is known (bcrypt, argon2)."""
    return {"id": str(operator.create_user(given).id)}


@method(
    "system.userInfo",
    ("GET", "system/user-info/{username}"),
    input=UserName,
    result=UserInfoGot,
    allow="operator",
    place="platform",
)
def user_info(_: Actor, target: UserName) -> Wire:
    """Storage and use of an account."""
    return {"userInfo": operator.user_info(target.username)}


@method(
    "system.getAccess",
    ("GET", "system/accesses/{accessId}"),
    input=AccessMeant,
    result=AccessIndexGot,
    allow="operator",
    place="platform",
)
def access_index(_: Actor, target: AccessMeant) -> Wire:
    """Whose an access is."""
    return {"accessIndex": operator.access_index(target.access_id)}


@method("system.users", ("GET", "system/admin/users"), result=UsersGot, allow="operator", place="platform")
def users(_: Actor, __: Nothing) -> Wire:
    """All accounts."""
    return {"users": operator.users()}


@method("system.cores", ("GET", "system/admin/cores"), result=CoresGot, allow="operator", place="platform")
def cores(_: Actor, __: Nothing) -> Wire:
    """The servers that hold accounts: this one."""
    return {"cores": [{"url": f"{public_url()}/"}]}


@method(
    "system.checkPlatformIntegrity",
    ("GET", "system/check-platform-integrity"),
    result=PlatformChecked,
    allow="operator",
    place="platform",
)
def check_integrity(_: Actor, __: Nothing) -> Wire:
    """Whether names and addresses agree with the accounts."""
    return {"checks": operator.integrity_checks()}


@endpoint(
    "system.deactivateMfa",
    "DELETE",
    "system/users/{username}/mfa",
    answers={204: Empty()},
    allow="operator",
    place="platform",
)
def deactivate_mfa(call: Call) -> HttpResponseBase:
    """Turn the second factor of an account off."""
    call.operator()
    mfa.turn_off(operator.account_or_unknown(call.params["username"]).id)
    return HttpResponse(status=204)


@method(
    "system.mailTemplates",
    ("GET", "system/admin/mail/templates"),
    result=MailTemplatesGot,
    allow="operator",
    place="platform",
)
def mail_templates(_: Actor, __: Nothing) -> Wire:
    """The parts of all mails."""
    found = mail.templates()
    return {
        "templates": [
            {"type": kind, "lang": "en", "part": part, "length": len(source)} for kind, part, source in found
        ]
    }


@endpoint(
    "system.mailTemplate",
    "GET",
    "system/admin/mail/templates/{type}/{lang}/{part}",
    answers={200: Media("text/plain")},
    allow="operator",
    place="platform",
)
def mail_template(call: Call) -> HttpResponseBase:
    """The source of a part of a mail, as text."""
    call.operator()
    for kind, part, source in mail.templates():
        if (kind, "en", part) == (call.params["type"], call.params["lang"], call.params["part"]):
            return HttpResponse(source, content_type="text/plain; charset=utf-8")
    raise UnknownResource("mail template", call.params["type"])


@method(
    "system.sendTestMail",
    ("POST", "system/admin/mail/send-test"),
    input=TestMail,
    result=MailSent,
    allow="operator",
    place="platform",
)
def send_test(_: Actor, given: TestMail) -> Wire:
    """Send a mail, to see whether mails arrive."""
    return {"sent": mail.send_test(given.to)}


@endpoint(
    "admin.user",
    "GET",
    "reg/admin/users/{username}",
    answers={200: UserFields, 404: Bare(LegacyProblem)},
    allow="operator",
    place="platform",
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


@method("admin.servers", ("GET", "reg/admin/servers"), result=ServersGot, allow="operator", place="platform")
def servers(_: Actor, __: Nothing) -> Wire:
    """Servers, with how many accounts each holds."""
    return {"servers": {f"{public_url()}/": {"userCount": Account.objects.filter(deleted=None).count()}}}


@method(
    "admin.serverUsers",
    ("GET", "reg/admin/servers/{name}/users"),
    input=ServerMeant,
    result=ServerUsers,
    allow="operator",
    place="platform",
)
def server_users(_: Actor, target: ServerMeant) -> Wire:
    """The accounts of a server, named by its host; others than this one hold none."""
    parts = urlsplit(public_url())
    if target.name not in (parts.netloc, parts.hostname):
        return {"users": []}
    return {"users": [{"username": user["username"]} for user in operator.users()]}


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


@method(
    "admin.invitations",
    ("GET", "reg/admin/invitations"),
    result=InvitationsGot,
    allow="operator",
    place="platform",
)
def list_invitations(_: Actor, __: Nothing) -> Wire:
    """All invitations, the latest first."""
    found = Invitation.objects.order_by("-created", "id")
    return {"invitations": [_shown(invitation) for invitation in found]}


@method(
    "admin.createInvitations",
    ("GET", "reg/admin/invitations/post"),
    input=NewInvitations,
    result=InvitationsMade,
    allow="operator",
    writes=True,
    place="platform",
)
def create_invitations(_: Actor, given: NewInvitations) -> Wire:
    """Make invitations; from the first one on, registration needs one."""
    return {"data": [_shown(made) for made in invitations.create(given.count, given.message)]}


@endpoint(
    "auth.delete",
    "DELETE",
    "users/{username}",
    answers={200: UserDeleted},
    errors=(InvalidToken,),
    allow="operator",
    place="platform",
)
def delete_account(call: Call) -> HttpResponseBase:
    """Delete an account with all that it holds: by the operator or its owner, as the platform allows."""
    username = call.params["username"].lower()
    account = operator.account_or_unknown(username)
    _check_may_delete(call, account)
    deletion.delete_account(account.id)
    return answer(call.request, {"userDeletion": {"username": account.username}})


def _check_may_delete(call: Call, account: Account) -> None:
    """Whether the key or token in the header suffices. Raises UnknownResource, InvalidToken."""
    if not deletion.owner_may_delete():
        if not deletion.operator_may_delete():
            raise UnknownResource
        call.operator()
        return
    given = call.request.headers.get("Authorization", "").strip()
    if deletion.operator_may_delete() and is_operator(given):
        return
    try:
        actor = authenticated(call.request, account.id, account.username, given, "")
    except Forbidden as error:
        raise InvalidToken(error.message) from None
    if not actor.is_personal:
        raise InvalidToken("Only the account's owner can do this.")
