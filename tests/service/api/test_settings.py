"""Settings: where they come from, and what is refused."""

from __future__ import annotations

import pytest

from wherefrom.api.settings import Settings, is_loopback
from wherefrom_indexer.errors import UsageError


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"WHEREFROM_{name.upper()}", raising=False)


def test_the_command_line_comes_before_variables_before_the_file(tmp_path, monkeypatch):
    file = tmp_path / "service.toml"
    file.write_text(
        'port = 1\nwaiting = 2\nburst = 3\nstore = "here"\n[indexes]\nwiki = "w.index"\nbooks = "/data/b"\n'
    )
    monkeypatch.setenv("WHEREFROM_PORT", "4")
    monkeypatch.setenv("WHEREFROM_WAITING", "5")
    settings = Settings.load(file, port=6, host=None)
    assert (settings.port, settings.waiting, settings.burst) == (6, 5, 3)
    assert settings.store == str(tmp_path / "here")
    assert {name: str(path) for name, path in settings.indexes.items()} == {
        "wiki": str(tmp_path / "w.index"),
        "books": "/data/b",
    }


def test_a_url_in_the_file_stays_one(tmp_path):
    file = tmp_path / "service.toml"
    file.write_text('store = "postgresql://db/traces"')
    assert Settings.load(file).store == "postgresql://db/traces"


def test_the_file_may_be_named_by_a_variable(tmp_path, monkeypatch):
    file = tmp_path / "service.toml"
    file.write_text('[projects.chat]\nindexes = ["wiki"]\nretention_days = 3\n')
    monkeypatch.setenv("WHEREFROM_CONFIG", str(file))
    assert Settings.load().projects["chat"].indexes == ("wiki",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = 70000", "port"),
        ("port = 'secret'", "port"),
        ("prot = 1", "prot"),
        ("[indexes]\n'a/b' = 'x'", "indexes"),
        ("not toml", "not TOML"),
        ("deadline_s = nan", "deadline_s"),
        ("[projects.chat]\nindex = 'wiki'", "projects.chat.index"),
    ],
)
def test_what_cannot_be_used_is_told_without_its_value(tmp_path, text, told):
    file = tmp_path / "service.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=told) as caught:
        Settings.load(file)
    assert "secret" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="Cannot read"):
        Settings.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"store = '\xe4'")
    with pytest.raises(UsageError, match="not TOML"):
        Settings.load(tmp_path / "latin.toml")


def test_which_addresses_are_loopback():
    for host in ("127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST.", "::1", "[::1]"):
        assert is_loopback(host), host
    for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.example.org", "127.0.0.1.nip.io", "", "1"):
        assert not is_loopback(host), host
