"""The texts of mails, and the operator's own ones (access §2.13)."""

from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts import mail
from accounts.mail_kinds import KINDS, PARTS, built_in, example
from accounts.mail_texts import compose
from accounts.models import Account, MailText
from accounts.placeholders import fill_html, fill_text, html_problems, text_problems
from tests.accounts.test_operator import KEY, operator
from tests.accounts.test_passwords import ask, reset
from tests.cast import Answer, Api

LIST = "/system/admin/mail/templates"
OWN = "Bonjour {{ username }},\n\nVotre lien : {{ link }}\n"


@pytest.fixture(autouse=True)
def operator_key() -> Any:
    with override_settings(ADMIN_ACCESS_KEY=KEY):
        yield


def put(source: Any, kind: str = "reset-password", lang: str = "en", part: str = "text") -> Answer:
    return operator("PUT", f"{LIST}/{kind}/{lang}/{part}", {"pug": source})


def read(kind: str = "reset-password", lang: str = "en", part: str = "text") -> Answer:
    return operator("GET", f"{LIST}/{kind}/{lang}/{part}")


def drop(kind: str = "reset-password", lang: str = "en", part: str = "text") -> Answer:
    return operator("DELETE", f"{LIST}/{kind}/{lang}/{part}")


def listed() -> dict[tuple[str, str, str], int]:
    found = operator("GET", LIST)["templates"]
    return {(one["type"], one["lang"], one["part"]): one["length"] for one in found}


def last_mail() -> EmailMultiAlternatives:
    mail.flush()
    message = outbox.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def asked() -> EmailMultiAlternatives:
    """The mail that Alice gets when she asks for a new password."""
    assert ask().status == 200
    return last_mail()


class TestRoutes:
    def test_all_built_in_texts_are_listed_and_read(self, db: None) -> None:
        found = listed()
        assert found.keys() == {(kind, "en", part) for kind in KINDS for part in PARTS}
        for (kind, lang, part), length in found.items():
            text = read(kind, lang, part)
            assert (text.status, len(text.body.decode())) == (200, length)
            assert text.headers["Content-Type"] == "text/plain; charset=utf-8"

    def test_built_in_texts_can_be_written_back(self, db: None) -> None:
        for kind in KINDS:
            for part in PARTS:
                assert put(read(kind, "en", part).body.decode(), kind, "en", part).status == 204

    def test_written_and_dropped(self, db: None) -> None:
        before = read().body
        answer = put(OWN)
        assert (answer.status, answer.body) == (204, b"")
        assert read().body.decode() == OWN
        assert listed()["reset-password", "en", "text"] == len(OWN)
        assert put(OWN + "!").status == 204
        assert read().body.decode() == OWN + "!"
        for _ in range(2):
            assert drop().status == 204
            assert read().body == before

    def test_another_language(self, db: None) -> None:
        assert read(lang="fr").error == "unknown-resource"
        assert put(OWN, lang="FR").status == 204
        assert read(lang="fr").body.decode() == OWN
        assert ("reset-password", "fr", "text") in listed()
        drop(lang="fr")
        assert read(lang="fr").status == 404

    @pytest.mark.parametrize(
        ("kind", "lang", "part"),
        [("unknown", "en", "text"), ("welcome", "en", "body"), ("welcome", "english", "text"),
         ("welcome", "e", "text"), ("reset_password", "en", "text"), ("welcome", "en", "../text")],
    )  # fmt: skip
    def test_what_no_mail_has(self, db: None, kind: str, lang: str, part: str) -> None:
        for answer in (read(kind, lang, part), put(OWN, kind, lang, part), drop(kind, lang, part)):
            assert (answer.status, answer.error) == (404, "unknown-resource")
        assert not MailText.objects.exists()

    @pytest.mark.parametrize("body", [{}, {"pug": None}, {"pug": 1}, {"pug": OWN, "more": 1}, "[]"])
    def test_malformed_calls(self, db: None, body: Any) -> None:
        answer = operator("PUT", f"{LIST}/reset-password/en/text", body)
        assert (answer.status, answer.error) == (400, "invalid-parameters-format")

    def test_a_test_mail_of_each_kind(self, db: None) -> None:
        put("Salut {{ username }}", "welcome", "fr", "subject")
        for to in ({"to": "me@example.org"}, {"recipient": {"email": "me@example.org", "name": "Me"}},
                   {"recipient": "me@example.org"}):  # fmt: skip
            answer = operator("POST", "/system/admin/mail/send-test", {**to, "type": "welcome", "lang": "fr"})
            assert answer["sent"] is True
            assert (last_mail().to, last_mail().subject) == (["me@example.org"], "Salut ada")
        assert operator("POST", "/system/admin/mail/send-test", {"to": "me@example.org"})["sent"] is True
        assert last_mail().subject == "A test of Pryvsite"
        for wrong in ({}, {"to": ""}, {"recipient": {}}):
            answer = operator("POST", "/system/admin/mail/send-test", wrong)
            assert (answer.status, answer.error) == (400, "invalid-parameters-format")
        unknown = operator("POST", "/system/admin/mail/send-test", {"to": "me@example.org", "type": "x"})
        assert (unknown.status, unknown.error) == (404, "unknown-resource")
        with override_settings(EMAIL_BACKEND="tests.accounts.test_operator.Broken"):
            sent = operator("POST", "/system/admin/mail/send-test", {"to": "me@example.org"})
        assert sent["sent"] is False


REFUSED = {
    "nothing": ("", "A text is needed"),
    "blank": (" \n\t ", "A text is needed"),
    "an unknown value": ("{{ link }} {{ password }}", "There is no value password"),
    "an attribute": ("{{ link }} {{ username.__class__ }}", "no value username.__class__"),
    "a setting": ("{{ link }} {{ settings.SECRET_KEY }}", "no value settings.SECRET_KEY"),
    "a tag": ("{{ link }} {% load static %}", "not understood"),
    "an include": ("{{ link }} {% include '/etc/passwd' %}", "not understood"),
    "a comment": ("{{ link }} {# hidden #}", "not understood"),
    "a filter": ("{{ link|safe }} {{ link }}", "not understood"),
    "a call": ("{{ link }} {{ link.upper() }}", "not understood"),
    "an expression": ("{{ link }} {{ 7*7 }}", "not understood"),
    "half a value": ("{{ link }} {{ username", "not understood"),
    "a value in a value": ("{{ link }} {{ {{ link }} }}", "not understood"),
    "Pug": ("{{ link }} #{username}", "not understood"),
    "raw Pug": ("{{ link }} !{username}", "not understood"),
    "no link": ("Your password", "needs one of: link, RESET_LINK, RESET_TOKEN"),
    "a control character": ("{{ link }} \x07", "Control characters"),
    "too much": ("{{ link }}" + "x" * 20_000, "20000 characters at most"),
}
LINKED = '<p><a href="{{ link }}">x</a></p>'
REFUSED_HTML = {
    "no HTML": ("{{ link }}", "no HTML"),
    "a script": (LINKED + "<script>alert(1)</script>", "<script> is not allowed"),
    "a picture": (LINKED + '<img src="https://example.org/x.png">', "<img> is not allowed"),
    "a style sheet": (LINKED + '<link rel="stylesheet" href="https://example.org/x.css">', "<link> is not"),
    "a style element": (LINKED + "<style>@import url(x)</style>", "<style> is not allowed"),
    "a frame": (LINKED + '<iframe src="https://example.org"></iframe>', "<iframe> is not allowed"),
    "a form": (LINKED + '<form action="https://example.org"></form>', "<form> is not allowed"),
    "a drawing": (LINKED + "<svg onload=alert(1)></svg>", "<svg> is not allowed"),
    "a listener": ('<p onclick="alert(1)"><a href="{{ link }}">x</a></p>', "attribute onclick"),
    "a background": ('<table background="https://example.org/x"></table>' + LINKED, "attribute background"),
    "a fetching style": ('<p style="background:url(https://example.org)">x</p>' + LINKED, "can't fetch"),
    "an escaped style": ('<p style="background:u\\72l(x)">x</p>' + LINKED, "can't fetch"),
    "a script link": (LINKED + '<a href="javascript:alert(1)">x</a>', "A link is an address"),
    "an encoded script link": (LINKED + '<a href="java&#115;cript:alert(1)">x</a>', "A link is an address"),
    "a data link": (LINKED + '<a href="data:text/html,x">x</a>', "A link is an address"),
    "a name as link": (LINKED + '<a href="{{ username }}">x</a>', "A link is an address"),
    "a link that tells": (LINKED + '<a href="https://spy.example.org/?{{ link }}">x</a>', "A link is an"),
    "a value in a style": (LINKED + '<p style="{{ username }}">x</p>', "attribute style"),
    "a comment": (LINKED + "<!--[if mso]><img src=x><![endif]-->", "omments are not allowed"),
    "a whole page": ("<!doctype html><html><body>" + LINKED + "</body></html>", "inside of <body>"),
    "an open element": (LINKED + "<p><strong>x</p>", "</p> closes nothing"),
    "an open end": (LINKED + "<p>x", "<p> is not closed"),
    "half a tag": (LINKED + '<a href="', "an element ends in >"),
    "a bare <": (LINKED + "<p>1 < 2</p>", "is written &lt;"),
    "an unquoted value": ("<p><a href={{ link }}onclick=alert(1)>x</a></p>", "A link is an address"),
}


class TestRefusals:
    @pytest.mark.parametrize("name", REFUSED)
    @pytest.mark.parametrize("part", ["text", "html"])
    def test_texts(self, db: None, name: str, part: str) -> None:
        source, message = REFUSED[name]
        if part == "html" and source.strip() and name != "too much":
            source = f"<p>{source}</p>"
        answer = put(source if name != "too much" else source * 3, part=part)
        assert (answer.status, answer.error) == (400, "invalid-parameters-format")
        assert answer.data[0]["path"] == "#/pug"
        if name != "too much":
            assert message in answer.data[0]["message"]
        assert not MailText.objects.exists()

    @pytest.mark.parametrize("name", REFUSED_HTML)
    def test_html(self, db: None, name: str) -> None:
        source, message = REFUSED_HTML[name]
        answer = put(source, part="html")
        assert (answer.status, answer.error) == (400, "invalid-parameters-format")
        assert message in " ".join(entry["message"] for entry in answer.data)
        assert read(part="html").body.decode() == built_in("reset-password", "html")

    def test_subjects_are_one_short_line(self, db: None) -> None:
        for wrong in ("a\nBcc: everybody@example.org", "a\r\nb", "x" * 201, " "):
            assert put(wrong, part="subject").status == 400
        assert put("Neues Passwort für {{ username }}", part="subject").status == 204

    def test_each_fault_is_told(self, db: None) -> None:
        answer = put('<img src="x"><p onclick="y">{{ link }}</p>', part="html")
        assert len(answer.data) == 2

    def test_what_is_fine(self, db: None) -> None:
        for fine in (
            '<h1 style="color: #345">Hi</h1>' + LINKED,
            '<table width="100%"><tr><td align="center">{{ RESET_LINK }}</td></tr></table>',
            '<p><a href="{{ RESET_URL }}?resetToken={{ RESET_TOKEN }}">x</a><br/>Tom &amp; Co: 1 &lt; 2</p>',
            LINKED + '<a href="mailto:help@example.org">help</a> <a href="https://example.org/a?b=c">x</a>',
        ):
            assert put(fine, part="html").status == 204, read(part="html").body


class TestSending:
    def test_the_operators_words_are_sent(self, alice: Api) -> None:
        put(OWN)
        put("Für {{ username }} bei {{ service.name }}", part="subject")
        message = asked()
        assert message.subject == "Für alice bei Pryvsite"
        assert message.body.startswith(
            "Bonjour alice,\n\nVotre lien : http://testserver/reset-password?reset"
        )
        token = message.body.partition("resetToken=")[2].strip()
        assert reset(token).status == 200
        drop()
        assert "somebody, most likely you" in asked().body

    def test_html_follows_the_text(self, alice: Api) -> None:
        put(OWN)
        message = asked()
        html = html_of(message)
        link = message.body.partition(" : ")[2].strip()
        assert "<p>Bonjour alice,</p>" in html
        assert f'href="{link}"' in html
        put('<p class="x">Ciao <a href="{{ link }}">qui</a></p>'.replace(' class="x"', ""), part="html")
        assert "<p>Ciao <a href=" in html_of(asked())

    def test_the_language_of_the_reader(self, alice: Api) -> None:
        put(OWN, lang="fr")
        put("Mot de passe", lang="fr", part="subject")
        assert asked().subject == "Set a new password"
        for language in ("fr", "fr-CH", "FR"):
            Account.objects.update(language=language)
            message = asked()
            assert (message.subject, message.body[:7]) == ("Mot de passe", "Bonjour")
            assert '<html lang="fr">' in html_of(message)
        put(OWN.replace("Bonjour", "Adieu"), lang="fr-ch")
        Account.objects.update(language="fr-CH")
        assert asked().body.startswith("Adieu")
        Account.objects.update(language="it")
        assert asked().subject == "Set a new password"
        with override_settings(DEFAULT_LANGUAGE="fr"):
            assert asked().subject == "Mot de passe"

    def test_built_in_mails_are_whole(self, db: None) -> None:
        for kind in KINDS:
            letter = compose(kind, "en", example(kind))
            for words in (letter.subject, letter.text, letter.html):
                assert words
                assert "{{" not in words
            assert letter.html.startswith('<!doctype html><html lang="en">')
            links = {str(value) for value in KINDS[kind].example.values() if str(value).startswith("https:")}
            assert not links or any(link in letter.text and link in letter.html for link in links)

    @pytest.mark.parametrize("app", ["https://evil.example.org/", "evil.example.com", "a@evil.example.org"])
    def test_what_others_chose_is_no_link(self, db: None, app: str) -> None:
        """Neither an app's name nor that of a stream it asked for, where HTML is made of the text."""
        for part, source in (
            ("text", "{{ app }} ({{ app }}) https://x.example.org/{{ app }}\n{{ sentences }}\n<{{ link }}>."),
            ("subject", "x"),
        ):
            assert put(source, kind="access-granted", lang="fr", part=part).status == 204
        values = {**example("access-granted"), "app": app, "sentences": [f"See {app}"]}
        html = compose("access-granted", "fr", values).html.partition("</strong></p>")[2].partition("foot")[0]
        assert html.count("<a ") == 1
        assert '<a href="https://example.org/end"' in html
        assert html.count(app) == 4

    def test_a_link_of_two_values_and_the_operators_own(self, db: None) -> None:
        put("{{ RESET_URL }}?resetToken={{ RESET_TOKEN }}\n\nhttps://own.example.org, us@example.org")
        html = compose("reset-password", "fr", example("reset-password")).html
        assert '<a href="https://example.org/reset?resetToken=abc">' in html
        assert '<a href="https://own.example.org"' in html
        assert '<a href="mailto:us@example.org">' in html

    def test_names_begin_no_lines(self, db: None) -> None:
        """A stream named over several lines can't say something in the platform's name."""
        values = {**example("access-granted"), "sentences": ["See x\n\nYour account is locked:\r\nevil.org"]}
        letter = compose("access-granted", "en", values)
        assert "\n- See x Your account is locked: evil.org\n" in letter.text

    def test_a_line_without_value_is_left_out(self, db: None) -> None:
        values = {**example("welcome"), "region": ""}
        letter = compose("welcome", "en", values)
        assert "lives in" not in letter.text + letter.html
        assert "Your API address: https://example.org/ada/\n\nSign in" in letter.text
        assert "lives in: Switzerland" in compose("welcome", "en", example("welcome")).text

    def test_lists(self, db: None) -> None:
        values = {**example("access-granted"), "sentences": ["See <all>", "Add"]}
        letter = compose("access-granted", "en", values)
        assert "It may:\n- See <all>\n- Add\n" in letter.text
        assert "<ul><li>See &lt;all&gt;</li><li>Add</li></ul>" in letter.html

    def test_stored_html_is_cleaned_all_the_same(self, db: None) -> None:
        """Should a text get into the database by another way."""
        source = '<p onclick="x">{{ link }}</p><script>x</script><img src="https://example.org/x">'
        MailText.objects.create(kind="test", language="en", part="html", source="<b>x</b>", changed=0)
        MailText.objects.filter(kind="test").update(source=source.replace("{{ link }}", "{{ username }}"))
        inside = compose("test", "en", example("test")).html
        assert "<p>ada</p>" in inside
        assert not any(word in inside for word in ("onclick", "script", "img"))

    def test_a_text_with_a_name_that_is_gone_fails_no_call(self, alice: Api, caplog: Any) -> None:
        MailText.objects.create(
            kind="reset-password", language="en", part="text", source="{{ gone }}", changed=0
        )
        assert ask().status == 200
        assert "A mail could not be written" in [record.message for record in caplog.records]


NASTY = st.text(alphabet=st.sampled_from("<>&\"'{}%#!= \n/abonclick:javsrpt"), max_size=60)


@given(NASTY)
def test_values_stay_values(value: str) -> None:
    """Whatever somebody calls their app: no element, no attribute, no other value comes of it."""
    values = {**KINDS["access-granted"].example, "app": value, "link": "https://example.org/secret"}
    html = fill_html("<p>{{ app }}</p>", values)
    assert html.count("<") == (2 if value else 0)
    assert "secret" not in html
    assert fill_text("{{ app }}", values) == " ".join(value.split())


@given(NASTY)
def test_whatever_passes_can_be_sent(source: str) -> None:
    values = {"username": "ada", **dict.fromkeys("abc", "")}
    if not text_problems(source, values):
        fill_text(source, values)
    if not html_problems(source, values):
        assert "<script" not in fill_html(source, values)
