"""Settings come from the environment and one file, and a mistake is named with its remedy."""

import re
import stat
from pathlib import Path

import pytest

from civicline.config import conf
from civicline.config.options import Configuration, options


def _problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(conf.ConfigurationError) as error:
        conf.load(environment)
    return error.value.problems


def test_with_nothing_set_a_town_runs_on_sqlite_on_this_machine_only() -> None:
    found = conf.load({"CIVICLINE_CONFIG": ""})
    assert found.is_sqlite
    assert found.sqlite_file == Path("var/civicline.sqlite3")
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert found.wants_demo


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text('port = 9000\nlanguages = ["tr", "en"]\n[town]\nname = "Denizli"\n', encoding="utf-8")
    found = conf.load({"CIVICLINE_CONFIG": str(file), "CIVICLINE_PORT": "9001"})
    assert found.port == 9001
    assert found.town_name == "Denizli"
    assert found.languages == ("tr", "en")


def test_a_value_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("k" * 40 + "\n", encoding="utf-8")
    assert conf.load({"CIVICLINE_SECRET_KEY_FILE": str(secret)}).secret_key == "k" * 40
    assert _problems({"CIVICLINE_SECRET_KEY_FILE": str(tmp_path / "none")}) == [
        f"CIVICLINE_SECRET_KEY cannot be read from {tmp_path / 'none'} (No such file or directory); "
        "correct CIVICLINE_SECRET_KEY_FILE."
    ]


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "80000", "CIVICLINE_PORT must be a whole number from 0 to 65535, not '80000'."),
        ("PORT", "http", "CIVICLINE_PORT must be a whole number from 0 to 65535, not 'http'."),
        ("LANGUAGES", "de", "CIVICLINE_LANGUAGES knows en, es, fr, ar, tr, but not 'de'."),
        ("LANGUAGES", "", "CIVICLINE_LANGUAGES needs at least one of en, es, fr, ar, tr."),
        (
            "DATABASE_URL",
            "mysql://x/y",
            "CIVICLINE_DATABASE_URL must begin with postgresql:// or postgres:// or sqlite://, not 'mysql://x/y'.",
        ),
        (
            "TOWN_REFERENCE_PREFIX",
            "S1",
            "CIVICLINE_TOWN_REFERENCE_PREFIX must be two to four letters A-Z such as SM, not 'S1'.",
        ),
        (
            "TOWN_TIME_ZONE",
            "Mars/Olympus",
            "CIVICLINE_TOWN_TIME_ZONE must be a time zone such as Europe/London, not 'Mars/Olympus'.",
        ),
        (
            "EMBED_ORIGINS",
            "www.example.org",
            "CIVICLINE_EMBED_ORIGINS takes origins such as https://www.example.org, not 'www.example.org'.",
        ),
        (
            "TRUSTED_PROXIES",
            "lb",
            "CIVICLINE_TRUSTED_PROXIES takes addresses such as 10.0.0.5 or networks such as 10.0.0.0/8, not 'lb'.",
        ),
        ("LOG_LEVEL", "loud", "CIVICLINE_LOG_LEVEL must be one of debug, info, warning, error, not 'loud'."),
        (
            "SECRET_KEY",
            "short",
            "CIVICLINE_SECRET_KEY must have 32 characters or more; leave it out and Civicline makes one and keeps it.",
        ),
        ("OIDC", '[{"id": "town"}]', "CIVICLINE_OIDC needs name for each provider."),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(variable: str, value: str, sentence: str) -> None:
    assert _problems({f"CIVICLINE_{variable}": value}) == [sentence]


def test_a_misspelt_setting_is_named_with_the_right_one(tmp_path: Path) -> None:
    assert _problems({"CIVICLINE_PROT": "1"}) == [
        "CIVICLINE_PROT is not a setting; write CIVICLINE_PORT if you meant that."
    ]
    file = tmp_path / "c.toml"
    file.write_text('[town]\nnmae = "X"\n[quux]\nzzz = 1\n', encoding="utf-8")
    assert _problems({"CIVICLINE_CONFIG": str(file)}) == [
        f"town.nmae in {file} is not a setting; write town.name if you meant that.",
        f"quux.zzz in {file} is not a setting; docs/operate/settings.md lists all of them.",
    ]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(_problems({"CIVICLINE_PORT": "x", "CIVICLINE_LOG_LEVEL": "x", "CIVICLINE_NONSENSE": "x"})) == 3


def test_a_file_that_is_no_toml_or_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("port = = 1", encoding="utf-8")
    assert _problems({"CIVICLINE_CONFIG": str(file)})[0].startswith(f"{file} is not valid TOML")
    assert _problems({"CIVICLINE_CONFIG": "nowhere.toml"}) == [
        "CIVICLINE_CONFIG names nowhere.toml, which does not exist; write that file or leave the variable out."
    ]


def test_the_secret_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    found = Configuration(var=tmp_path / "var")
    key = conf.secret_key(found)
    assert len(key) >= 43  # 256 bits and more in base64
    assert conf.secret_key(found) == key
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600


def test_a_var_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(conf.ConfigurationError) as error:
        conf.secret_key(Configuration(var=tmp_path / "file" / "var"))
    assert error.value.problems == [
        f"The folder {tmp_path}/file/var cannot be used (Not a directory): give this account the right to write "
        "there, or name another one with CIVICLINE_VAR."
    ]


def test_the_demo_town_never_opens_its_doors_to_others() -> None:
    assert not conf.load({"CIVICLINE_PUBLIC_URL": "https://contact.example.org"}).wants_demo
    assert not conf.load({"CIVICLINE_HOST": "0.0.0.0"}).wants_demo  # noqa: S104 -- that is the case
    assert conf.load({"CIVICLINE_HOST": "0.0.0.0", "CIVICLINE_DEMO": "yes"}).wants_demo  # noqa: S104 -- as above


def test_every_setting_is_documented_in_a_sentence() -> None:
    for one in options():
        assert re.match(r"[A-Z].*\.$|postgresql://|redis://", one.doc, re.S), f"{one.name}: {one.doc}"
