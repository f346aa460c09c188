"""The configuration: files and overrides, errors that name the key, and a hidden secret."""

import traceback
from pathlib import Path

import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Config, load_config
from jobs.errors import ConfigError

SECRET = "s3cret"
DSN = f"postgresql://job:{SECRET}@db.example/interest"


@pytest.fixture(autouse=True)
def no_dsn(monkeypatch):
    monkeypatch.delenv("INTERESTREAM_DSN", raising=False)
    monkeypatch.delenv("INTERESTREAM_KAFKA_PROPERTIES", raising=False)


def from_toml(folder: Path, text: str, *overrides: str) -> Config:
    file = folder / "job.toml"
    file.write_text(text)
    return load_config(file, overrides)


def error_of(folder: Path, text: str, *overrides: str) -> str:
    """The message of the ConfigError for a configuration that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        from_toml(folder, text, *overrides)
    return str(caught.value)


def test_without_a_file_and_overrides_the_defaults_apply():
    assert load_config() == Config()
    assert load_config().actions == DEFAULT_ACTIONS


def test_overrides_replace_the_keys_of_a_file(tmp_path):
    text = "[batching]\nbuckets = 8\nbatch_ms = 50\n[interest.half_lives_s]\nhour = 3600\n"
    config = from_toml(tmp_path, text, "batching.batch_ms=20", "sources.root=/data/streams")
    assert (config.batching.buckets, config.batching.batch_ms) == (8, 20)
    assert config.interest.half_lives_s == {"hour": 3600.0}
    assert config.sources.root == Path("/data/streams")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("database.synchronous_commit=off", "off"),
        ('database.synchronous_commit="off"', "off"),
        ("database.dsn=host=db password=a=b", "host=db password=a=b"),
    ],
)
def test_an_override_may_be_json_or_any_text(override, value):
    database = load_config(overrides=[override]).database
    assert value in (database.synchronous_commit, database.dsn.get_secret_value())


def test_a_new_action_is_added_to_the_default_ones(tmp_path):
    config = from_toml(tmp_path, "[actions.bookmark]\nweight = 4\n")
    assert config.actions.keys() == DEFAULT_ACTIONS.keys() | {"bookmark"}
    assert (config.actions["bookmark"].weight, config.actions["bookmark"].sign) == (4.0, 1)


def test_changing_one_key_of_an_action_leaves_its_other_keys(tmp_path):
    config = load_config(overrides=["actions.dislike.weight=2", "actions.rating.weight=8"])
    assert (config.actions["dislike"].weight, config.actions["dislike"].sign) == (2.0, -1)
    assert (config.actions["rating"].scale, config.actions["rating"].value_range) == (
        "signed",
        (0, 2.5, 5),
    )
    assert from_toml(tmp_path, "[actions.search]\nweight = 1\n").actions["search"].text == "wanted"


def test_an_action_may_undo_another_one(tmp_path):
    config = from_toml(tmp_path, '[actions.unrate]\nweight = 0\nundoes = "rating"\n')
    assert config.actions["unrate"].undoes == "rating"


def test_a_rating_replaces_the_one_before_and_no_other_action_does():
    replacing = {name for name, action in DEFAULT_ACTIONS.items() if action.repeat == "replace"}
    assert replacing == {"rating"}


def test_what_a_repeated_event_does_can_be_chosen_by_action(tmp_path):
    text = '[actions.rating]\nweight = 2\n[actions.vote]\nweight = 1\nrepeat = "replace"\n'
    actions = from_toml(tmp_path, text, "actions.dwell.repeat=replace").actions
    assert [actions[name].repeat for name in ("rating", "vote", "dwell")] == ["replace"] * 3
    assert load_config(overrides=["actions.rating.repeat=add"]).actions["rating"].repeat == "add"


def test_any_half_life_window_may_be_written_at_once(tmp_path):
    names = ("day", "month", "topics", "dislikes")
    text = f"[interest]\nat_once = {list(names)}\n"
    assert from_toml(tmp_path, text).interest.at_once == names


def test_every_part_of_the_interest_can_be_switched_off(tmp_path):
    text = (
        "[interest]\nlast_n = 0\nhalf_lives_s = {}\ntopics_half_life_s = 0\n"
        "dislikes_half_life_s = 0\nundo_last_n = 0\nslow_delay_s = 0\nrelations = false\n"
    )
    interest = from_toml(tmp_path, text).interest
    assert (interest.last_n, interest.half_lives_s, interest.relations) == (0, {}, False)
    assert interest.topics_half_life_s == interest.dislikes_half_life_s == 0


@pytest.mark.parametrize(
    ("text", "half_life_ms"),
    [
        ("", 365 * 86_400_000),
        ("half_life_s = 3600\n", 3_600_000),
        ("half_life_s = 0\n", None),
        ("horizons = {all = [7200, 60]}\n", None),
    ],
)
def test_all_time_has_a_half_life_unless_another_horizon_has_its_name(tmp_path, text, half_life_ms):
    assert from_toml(tmp_path, f"[trends]\n{text}").trends.half_life_ms == half_life_ms


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[batching]\nbuckets = 0\n", "batching.buckets"),
        ("[batching]\nbuckets = 2.5\n", "batching.buckets"),
        ("[batching]\nbucket = 4\n", "batching.bucket"),
        ("[batchings]\nbuckets = 4\n", "batchings"),
        ("batching = 4\n", "batching"),
        ("database = 4\n", "database"),
        ("actions = 4\n", "actions"),
        ("actions.like = 4\n", "actions.like"),
        ("[actions.hide]\nsign = -1\n", "actions.hide.weight"),
        ("[actions.hide]\nweight = -1\n", "actions.hide.weight"),
        ("[actions.hide]\nweight = inf\n", "actions.hide.weight"),
        ("[actions.hide]\nweight = 1\nsign = 2\n", "actions.hide.sign"),
        ('[actions.hide]\nweight = 1\nscale = "linear"\n', "actions.hide"),
        (
            '[actions.hide]\nweight = 1\nscale = "linear"\nvalue_range = [1, 1]\n',
            "actions.hide",
        ),
        (
            '[actions.hide]\nweight = 1\nscale = "signed"\nvalue_range = [0, 5]\n',
            "actions.hide",
        ),
        ("[trends]\nhalf_life_s = -1\n", "trends.half_life_s"),
        ("[trends]\nhalf_life_s = 60\n", "trends"),
        ("[interest]\nhalf_lives_s = {day = 0}\n", "interest.half_lives_s.day"),
        ("[interest]\nhalf_lives_s = {day = -1}\n", "interest.half_lives_s.day"),
        ("[interest]\nhalf_lives_s = {day = nan}\n", "interest.half_lives_s.day"),
        ("[interest]\nhalf_lives_s = {recent = 5}\n", "interest.half_lives_s"),
        ("[interest]\nhalf_lives_s = {dislikes = 5}\n", "interest.half_lives_s"),
        ("[interest]\nhalf_lives_s = {topics = 5}\n", "interest.half_lives_s"),
        ("[interest]\nlast_n = -1\n", "interest.last_n"),
        ("[interest]\nlast_n = 257\n", "interest.last_n"),
        ("[interest]\ntopics_half_life_s = -1\n", "interest.topics_half_life_s"),
        ("[interest]\ndislikes_half_life_s = inf\n", "interest.dislikes_half_life_s"),
        ("[interest]\nundo_last_n = -1\n", "interest.undo_last_n"),
        ("[interest]\nslow_delay_s = -1\n", "interest.slow_delay_s"),
        ("[interest]\nslow_delay_s = 3601\n", "interest.slow_delay_s"),
        ('[interest]\nat_once = ["recent"]\n', "interest"),
        ('[interest]\nat_once = ["month"]\nhalf_lives_s = {day = 1}\n', "interest"),
        ("[interest]\nslow_share = -0.1\n", "interest.slow_share"),
        ("[retention]\nuser_ttl_s = 0\n", "retention.user_ttl_s"),
        ("[retention]\nduplicate_last_n = 0\n", "retention.duplicate_last_n"),
        ('[actions.hush]\nweight = 0\nundoes = "levitate"\n', "actions"),
        ('[actions.hush]\nweight = 0\nundoes = "unlike"\n', "actions"),
        ('[actions.hush]\nweight = 1\nundoes = "like"\n', "actions"),
        ('[actions.hush]\nweight = 0\nundoes = "comment"\n', "actions"),
        ('[actions.hush]\nweight = 0\nundoes = "search"\n', "actions"),
        ('[actions.like]\nrepeat = "never"\n', "actions.like.repeat"),
        ('[actions.comment]\nrepeat = "replace"\n', "actions.comment"),
        ('[actions.unlike]\nrepeat = "replace"\n', "actions.unlike"),
        ("[interest]\nsession_gap_s = inf\n", "interest.session_gap_s"),
        ("[retention]\nduplicate_ttl_s = 0\n", "retention.duplicate_ttl_s"),
        ('[encoder]\nprovider = "tpu"\n', "encoder.provider"),
    ],
)
def test_an_unusable_value_is_named_by_its_key(tmp_path, text, key):
    assert f"  {key}: " in error_of(tmp_path, text)


def test_one_error_names_every_bad_key(tmp_path):
    message = error_of(tmp_path, "[batching]\nbuckets = 0\nbatch_ms = 1\n", "limits.max_id_chars=0")
    for key in ("batching.buckets", "batching.batch_ms", "limits.max_id_chars"):
        assert f"  {key}: " in message


def test_an_unreadable_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        load_config(tmp_path / "missing.toml")
    (tmp_path / "job.toml").write_bytes(b"[batching")
    with pytest.raises(ConfigError, match=r"job\.toml.*table declaration"):
        load_config(tmp_path / "job.toml")
    (tmp_path / "job.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match=r"job\.toml"):
        load_config(tmp_path / "job.toml")


@pytest.mark.parametrize("override", ["batching.buckets", "buckets=4", "=4", ""])
def test_an_invalid_override_is_answered_with_the_right_form(override):
    with pytest.raises(ConfigError, match=r"section\.key=value"):
        load_config(overrides=[override])


@pytest.mark.parametrize(
    "overrides", [["batching=4", "batching.buckets=4"], ["batching.buckets.x=4"]]
)
def test_an_override_within_a_value_names_the_key(tmp_path, overrides):
    text = "" if len(overrides) == 2 else "[batching]\nbuckets = 2\n"
    last = overrides[-1].partition("=")[0]
    with pytest.raises(ConfigError, match="batching"):
        from_toml(tmp_path, text, *overrides)
    assert last


def test_the_connection_string_comes_from_the_environment_by_default(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERESTREAM_DSN", DSN)
    assert load_config().database.dsn.get_secret_value() == DSN
    config = from_toml(tmp_path, '[database]\ndsn = "host=other"\n')
    assert config.database.dsn.get_secret_value() == "host=other"


def test_the_connection_string_is_in_no_representation():
    config = load_config(overrides=[f"database.dsn={DSN}"])
    for text in (repr(config), str(config), repr(config.database), config.model_dump_json()):
        assert SECRET not in text


@pytest.mark.parametrize(
    "override",
    [
        f"database.dns={DSN}",
        f'database.dsn=["{DSN}"]',
        f"database.retry_max_wait_s={DSN}",
        f"dsn={DSN}",
        DSN,
        f"{DSN}?sslmode=require",
    ],
)
def test_the_connection_string_is_in_no_error(override):
    with pytest.raises(ConfigError) as caught:
        load_config(overrides=[override])
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_the_configuration_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_config().batching.buckets = 9  # type: ignore[misc]


def test_topics_of_kafka_need_brokers_and_have_no_files_to_remove(tmp_path):
    kafka = '[sources]\nkind = "kafka"\n'
    assert "kafka.bootstrap: the brokers" in error_of(tmp_path, kafka)
    brokers = "sources.kafka.bootstrap=b:9092"
    assert from_toml(tmp_path, kafka, brokers).sources.kafka.start == "earliest"
    kept = (brokers, "sources.keep_s=60", "checkpoints.directory=/c")
    assert "a topic has its own retention" in error_of(tmp_path, kafka, *kept)
    assert "sources.kafka.events" in error_of(tmp_path, kafka, brokers, "sources.kafka.events=a;b")
    same = (brokers, "sources.kafka.events=items")
    assert "must be three topics" in error_of(tmp_path, kafka, *same)


def test_properties_of_kafka_are_read_with_and_without_quotes_and_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv(
        "INTERESTREAM_KAFKA_PROPERTIES",
        f'# a comment\nsasl.jaas.config=x password="{SECRET}";\n\nclient.id = theirs\n',
    )
    text = (
        '[sources.kafka.properties]\n"security.protocol" = "SASL_SSL"\n'
        'sasl.mechanism = "PLAIN"\n"client.id" = "ours"\ncheck.crcs = true\nmax.poll.records = 7\n'
    )
    config = from_toml(tmp_path, text)
    given = {
        key: value.get_secret_value() for key, value in config.sources.kafka.properties.items()
    }
    assert given == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "client.id": "ours",
        "check.crcs": "true",
        "max.poll.records": "7",
        "sasl.jaas.config": f'x password="{SECRET}";',
    }
    assert SECRET not in repr(config)
    assert SECRET not in str(config.sources)
    assert "is set by sources.kafka.group" in error_of(
        tmp_path, "", 'sources.kafka.properties={"group.id": "g"}'
    )


def test_a_broken_line_of_properties_is_told_without_its_text(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERESTREAM_KAFKA_PROPERTIES", SECRET)
    message = error_of(tmp_path, "")
    assert "INTERESTREAM_KAFKA_PROPERTIES has a line that is not KEY=VALUE" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("kind=kafka", "kafka.bootstrap=b:9", "kafka.dead_letters=items"), "would read them agai"),
        (("kafka.dead_letters=shop.dead",), "kafka.dead_letters needs kind 'kafka'"),
        (("kind=kafka", "kafka.bootstrap=b:9", "kafka.dead_letters=a b"), "should match pattern"),
    ],
)
def test_a_topic_of_dead_letters_that_cannot_be_used_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        load_config(None, [f"sources.{setting}" for setting in settings])


def test_a_topic_of_dead_letters_is_none_unless_it_is_named():
    assert load_config().sources.kafka.dead_letters == ""
    named = ["kind=kafka", "kafka.bootstrap=b:9", "kafka.dead_letters=shop.dead"]
    found = load_config(None, [f"sources.{setting}" for setting in named])
    assert found.sources.kafka.dead_letters == "shop.dead"


def test_rows_of_users_do_not_go_before_their_state(tmp_path):
    ttl = "retention.user_ttl_s=1000"
    assert "users_s (999) must be 0, or at least user_ttl_s (1000)" in error_of(
        tmp_path, "", ttl, "retention.users_s=999"
    )
    for users_s in (0, 1000):
        config = from_toml(tmp_path, "", ttl, f"retention.users_s={users_s}")
        assert config.retention.users_s == users_s


def test_a_negative_retention_is_refused(tmp_path):
    assert "retention.dead_letters_s" in error_of(tmp_path, "", "retention.dead_letters_s=-1")


def test_an_impression_has_no_weight_or_is_none(tmp_path):
    weighed = "[actions.impression]\nweight = 0.1\n"
    assert "set feedback.enabled to false" in error_of(tmp_path, weighed)
    for other in ("feedback.enabled=false", "feedback.action=glimpse"):
        assert from_toml(tmp_path, weighed, other).actions["impression"].weight == 0.1
