"""The operator's methods about mails (spec api-access §2.13)."""

from django.http import HttpResponse, HttpResponseBase

from accounts import mail, mail_texts
from accounts.inputs import MailTextPut, Recipient, TestMail
from accounts.mail_kinds import KINDS
from accounts.results import MailSent, MailTemplatesGot
from pryvsite.api.bodies import whole_body
from pryvsite.api.contract import Empty, Media
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json, parse
from pryvsite.api.registry import Wire, operator_endpoint, operator_method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidParameters, UnknownResource
from pryvsite.kernel.inputs import Nothing, UnsetType

PATH = "system/admin/mail/templates/{type}/{lang}/{part}"


@operator_method("system.mailTemplates", ("GET", "system/admin/mail/templates"), result=MailTemplatesGot)
def mail_templates(_: Actor, __: Nothing) -> Wire:
    """The parts of all mails: subject, text and html, built in or written by the operator."""
    return {
        "templates": [
            {"type": kind, "lang": language, "part": part, "length": len(source)}
            for kind, language, part, source in mail_texts.listed()
        ]
    }


def _place(call: Call) -> tuple[str, str, str]:
    return call.params["type"], call.params["lang"], call.params["part"]


@operator_endpoint("system.mailTemplate", "GET", PATH, answers={200: Media("text/plain")})
def mail_template(call: Call) -> HttpResponseBase:
    """The source of a part of a mail, as text."""
    call.operator()
    return HttpResponse(mail_texts.read(*_place(call)), content_type="text/plain; charset=utf-8")


@operator_endpoint("system.setMailTemplate", "PUT", PATH, answers={204: Empty()}, body=MailTextPut)
def set_mail_template(call: Call) -> HttpResponseBase:
    """Write a part of a mail: words with `{{ name }}` for values, in any language. A text that could not be
    sent, as one without the link that its mail is about, is refused."""
    call.operator()
    given = parse(MailTextPut, decode_json(whole_body(call.request) or b"{}"))
    mail_texts.write(*_place(call), given.pug)
    return HttpResponse(status=204)


@operator_endpoint("system.deleteMailTemplate", "DELETE", PATH, answers={204: Empty()})
def delete_mail_template(call: Call) -> HttpResponseBase:
    """Go back to the built-in part of a mail, or to that of another language."""
    call.operator()
    mail_texts.drop(*_place(call))
    return HttpResponse(status=204)


@operator_method(
    "system.sendTestMail",
    ("POST", "system/admin/mail/send-test"),
    input=TestMail,
    result=MailSent,
    errors=(UnknownResource,),
)
def send_test(_: Actor, given: TestMail) -> Wire:
    """Send a mail, the one that only tests or another with made-up values, to see whether mails arrive."""
    if given.type not in KINDS:
        raise UnknownResource("mail template", given.type)
    return {"sent": mail.send_test(_address(given), given.type, given.lang)}


def _address(given: TestMail) -> str:
    to = given.recipient if isinstance(given.to, UnsetType) else given.to
    if isinstance(to, UnsetType):
        message = "Missing required property: to"
        entry = {
            "code": "OBJECT_MISSING_REQUIRED_PROPERTY",
            "params": ["to"],
            "message": message,
            "path": "#/",
        }
        raise InvalidParameters(message, [entry])
    return to.email if isinstance(to, Recipient) else to
