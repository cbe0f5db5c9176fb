import pytest

from ivigraph import settings
from ivigraph.errors import SettingsError


def load(flags=None, environ=None, config=None):
    return settings.load(flags, environ=environ or {}, config=config)


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "ivigraph.toml"
        path.write_text(text)
        return path

    return write


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(toml):
    file = toml("port = 1\nreaders = 3\nhost = '0.0.0.0'")
    values = load({"port": 3}, {"IVIGRAPH_PORT": "2", "IVIGRAPH_READERS": "4"}, file)
    assert (values.port, values.readers, values.host, values.query_timeout) == (3, 4, "0.0.0.0", 30.0)
    assert values.origins["port"] == "flag"
    assert values.origins["readers"] == "environment (IVIGRAPH_READERS)"
    assert values.origins["host"] == str(file)
    assert values.origins["query_timeout"] == "default"


def test_a_flag_that_was_not_given_changes_nothing():
    assert load({"port": None}).origins["port"] == "default"


def test_a_secret_is_never_shown():
    values = load(environ={"IVIGRAPH_TOKEN": "s3cret"})
    assert values.token == "s3cret"
    assert "s3cret" not in values.shown("token")


def test_an_unknown_setting_in_a_file_is_refused_with_the_known_ones(toml):
    with pytest.raises(SettingsError, match=r"unknown setting 'prot'.*port"):
        load(config=toml("prot = 1"))


@pytest.mark.parametrize(
    ("name", "raw"),
    [("PORT", "many"), ("PORT", "-1"), ("QUERY_TIMEOUT", "nan"), ("BASE_IRI", "no iri"), ("READERS", "-1")],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_place(name, raw):
    with pytest.raises(SettingsError, match=f"IVIGRAPH_{name}|setting {name.lower()}"):
        load(environ={f"IVIGRAPH_{name}": raw})


def test_a_file_that_is_no_toml_is_refused_with_its_name(toml):
    with pytest.raises(SettingsError, match=r"ivigraph\.toml.*cannot be read"):
        load(config=toml("port = = 1"))


def test_a_table_is_no_value(toml):
    with pytest.raises(SettingsError, match="no value"):
        load(config=toml("[port]\nnumber = 1"))


def test_the_file_in_the_working_directory_is_found(toml, tmp_path, monkeypatch):
    toml("port = 4321")
    monkeypatch.chdir(tmp_path)
    assert load().port == 4321
