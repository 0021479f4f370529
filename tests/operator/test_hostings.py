"""Hostings, name, links and logo that the operator enters: in the admin or by commands."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from accesses.hosting import residence
from accounts.models import Account, Hosting, Identity
from tests.accesses.test_pages import text
from tests.cast import PASSWORD
from tests.operator.test_operator_side import operator

__all__ = ["operator"]

ALPINE = {
    "key": "alpine",
    "region": "Europe",
    "zone": "Switzerland",
    "name": "Alpine",
    "description": "Green power",
    "available": "on",
    "position": "0",
    "translations": '{"fr": {"zone": "Suisse"}}',
}
DOCUMENT = {
    "regions": {
        "eu": {
            "name": "Europe",
            "zones": {
                "ch": {
                    "name": "Switzerland",
                    "localizedName": {"fr": "Suisse"},
                    "hostings": {
                        "alpine": {"name": "Alpine", "available": True},
                        "lake": {"name": "Lake", "description": "Full", "available": False},
                    },
                }
            },
        }
    }
}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Uploads go into a folder of the test."""
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    yield


def told() -> dict[str, Any]:
    regions: dict[str, Any] = Client().get("/reg/hostings").json()["regions"]
    return regions


class TestHostings:
    def test_this_server_where_nothing_is_said(self, db: None) -> None:
        assert told()["default"]["zones"]["default"]["hostings"]["default"]["available"] is True

    def test_entered_in_the_admin(self, operator: Client) -> None:
        answer = operator.post("/admin/accounts/hosting/add/", ALPINE)
        assert answer.status_code == 302, text(answer)
        zone = told()["europe"]["zones"]["switzerland"]
        assert zone["localizedName"] == {"fr": "Suisse"}
        assert zone["hostings"]["alpine"] == {
            "name": "Alpine",
            "description": "Green power",
            "url": "",
            "available": True,
            "availableCore": "http://testserver/",
        }
        assert "Your data stays in Switzerland" in text(Client().get("/register"))
        assert residence("alpine") == "Switzerland, Europe"

    def test_changes_count_at_once(self, operator: Client) -> None:
        operator.post("/admin/accounts/hosting/add/", ALPINE)
        operator.post("/admin/accounts/hosting/add/", {**ALPINE, "key": "lake", "name": "Lake"})
        page = Client().get("/register").content.decode()
        assert '<optgroup label="Europe">' in page
        changed = {name: value for name, value in ALPINE.items() if name not in ("key", "available")}
        operator.post("/admin/accounts/hosting/lake/change/", {**changed, "name": "Lake"})
        full = Client().post("/register", {"username": "paul-k", "password": PASSWORD, "hosting": "lake"})
        assert "takes no new accounts" in text(full)
        operator.post("/admin/accounts/hosting/", {"action": "delete_selected", "post": "yes",
                                                   "_selected_action": ["alpine", "lake"]})  # fmt: skip
        assert list(told()) == ["default"]

    def test_rows_replace_those_of_the_settings(self, db: None, settings: Any) -> None:
        settings.HOSTINGS = DOCUMENT
        assert list(told()) == ["eu"]
        Hosting.objects.create(key="one", region="Asia", zone="Japan", name="One")
        assert list(told()) == ["asia"]
        Hosting.objects.all().delete()
        assert list(told()) == ["eu"]

    @pytest.mark.parametrize(
        "wrong", ["[1]", '{"fr": "Suisse"}', '{"fr": {"colour": ""}}', '{"fr": {"zone": 1}}']
    )
    def test_translations_are_checked(self, operator: Client, wrong: str) -> None:
        answer = operator.post("/admin/accounts/hosting/add/", {**ALPINE, "translations": wrong})
        assert "region, zone, name or description" in text(answer)
        assert not Hosting.objects.exists()

    def test_remembered(self, db: None, django_assert_num_queries: Any) -> None:
        told()
        with django_assert_num_queries(0):
            told()

    @pytest.mark.django_db(transaction=True)
    def test_remembered_until_a_commit(self, django_assert_num_queries: Any) -> None:
        told()
        Hosting.objects.create(key="one", region="Asia", zone="Japan", name="One")
        with django_assert_num_queries(1):
            assert list(told()) == ["asia"]
        with django_assert_num_queries(0):
            told()

    def test_account_keeps_where_it_lives(self, db: None) -> None:
        Hosting.objects.create(key="one", region="Asia", zone="Japan", name="One")
        Client().post("/register", {"username": "paul-k", "password": PASSWORD, "hosting": "one"})
        assert Account.objects.get().hosting == "one"


class TestHostingsCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
        call_command("hostings", *arguments)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["regions"]
        return found

    def test_round_trip(self, db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "hostings.json"
        file.write_text(json.dumps(DOCUMENT))
        loaded = self.run(capsys, "--load", str(file))
        zone = loaded["europe"]["zones"]["switzerland"]
        assert zone["localizedName"] == {"fr": "Suisse"}
        assert [h["available"] for h in zone["hostings"].values()] == [True, False]
        file.write_text(json.dumps({"regions": loaded}))
        assert self.run(capsys, "--load", str(file)) == loaded == told()
        assert list(self.run(capsys, "--clear")) == ["default"]

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ("{", "is no JSON"),
            ("[]", "are expected"),
            ('{"regions": {}}', "are expected"),
            (json.dumps(DOCUMENT).replace("description", "colour"), "colour"),
            (json.dumps(DOCUMENT).replace('"lake"', '"no key"'), "valid"),
        ],
    )
    def test_wrong_ones_change_nothing(self, db: None, tmp_path: Path, given: str, reason: str) -> None:
        Hosting.objects.create(key="one", region="Asia", zone="Japan", name="One")
        file = tmp_path / "hostings.json"
        file.write_text(given)
        with pytest.raises(CommandError, match=reason):
            call_command("hostings", load=str(file))
        assert list(told()) == ["asia"]

    def test_no_file(self, db: None) -> None:
        with pytest.raises(CommandError, match="can't be read"):
            call_command("hostings", load="/nowhere.json")


class TestIdentity:
    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = Client().get("/reg/service/info").json()
        return found

    def test_entered_in_the_admin(self, operator: Client) -> None:
        given = {"name": "Orchard", "terms": "https://orchard.example.org/terms",
                 "logo": SimpleUploadedFile("logo.svg", SVG)}  # fmt: skip
        answer = operator.post("/admin/accounts/identity/add/", given)
        assert answer.status_code == 302, text(answer)
        assert (self.info()["name"], self.info()["terms"]) == ("Orchard", given["terms"])
        assert self.info()["support"] == "http://testserver/p/help"
        page = Client().get("/register").content.decode()
        assert "<title>Create your account – Orchard</title>" in page
        source = page.partition('src="/p/logo')[2].partition('"')[0]
        shown = Client().get(f"/p/logo{source}")
        assert shown.headers["Content-Type"] == "image/svg+xml"
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert b"".join(shown.streaming_content) == SVG  # type: ignore[attr-defined]
        assert operator.get("/admin/accounts/identity/add/").status_code == 403  # there is one
        operator.post("/admin/accounts/identity/1/delete/", {"post": "yes"})
        assert self.info()["name"] == "Pryvsite"
        assert 'src="/p/logo' not in Client().get("/register").content.decode()

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("logo.svg", b"<html>", "no SVG"),
            ("logo.png", b"GIF", "no picture"),
            ("logo.html", SVG, "not allowed"),
            ("logo.png", b"x" * 600_000, "512 KiB"),
        ],
    )
    def test_logo_is_checked(self, operator: Client, name: str, content: bytes, reason: str) -> None:
        answer = operator.post("/admin/accounts/identity/add/", {"logo": SimpleUploadedFile(name, content)})
        assert reason in text(answer)
        assert not Identity.objects.exists()

    def test_by_command(self, db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        logo = tmp_path / "mark.png"
        Image.new("RGB", (20, 20)).save(logo)
        call_command("platform_identity", name="Orchard", logo=str(logo))
        assert "name: Orchard" in capsys.readouterr().out
        assert Client().get("/p/logo").headers["Content-Type"] == "image/png"
        call_command("platform_identity", logo="", name="")
        assert "name: Pryvsite" in capsys.readouterr().out
        assert Client().get("/p/logo").status_code == 404
        with pytest.raises(CommandError, match="terms"):
            call_command("platform_identity", terms="javascript:alert(1)")
        with pytest.raises(CommandError, match="can't be read"):
            call_command("platform_identity", logo=str(tmp_path / "none.svg"))
        call_command("platform_identity", clear=True)
        assert not Identity.objects.exists()

    def test_a_lost_file_is_no_failure(self, db: None) -> None:
        Identity.objects.create(logo="platform/gone.svg")
        assert Client().get("/p/logo").status_code == 404
        assert Client().get("/signin").status_code == 200


def test_texts_by_command(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "terms.md"
    file.write_text("# Be kind", encoding="utf-8")
    call_command("write_page", "terms", str(file), title="Our terms")
    page = text(Client().get("/p/terms"))
    assert "Our terms" in page
    assert "Be kind" in page
    monkeypatch.setattr("sys.stdin", io.StringIO("# Be kinder"))
    call_command("write_page", "terms", "-")
    assert "Be kinder" in text(Client().get("/p/terms"))
    with pytest.raises(CommandError, match="can't be read"):
        call_command("write_page", "help", str(tmp_path / "none.md"))
