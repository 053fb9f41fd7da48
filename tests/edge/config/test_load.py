"""What a person who writes a config file is told."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config.load import load_config
from pain.errors import ConfigError, ConfigErrors

GOOD = """\
site: rosenhof
mqtt:
  host: localhost
rooms:
  - id: room-1
    camera:
      uri: rtsp://camera/stream
"""

SECRET = "hunter2-Xyzzy"  # noqa: S105  (the tests look for it where it must not be)


@pytest.fixture
def write(tmp_path: Path):
    def write_config(text: str | bytes) -> Path:
        path = tmp_path / "room.yaml"
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    return write_config


def refusal(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return caught.value


def problems(error: ConfigError) -> list[ConfigError]:
    return list(error.errors) if isinstance(error, ConfigErrors) else [error]


def test_a_good_file_is_read(write):
    config = load_config(write(GOOD))
    assert config.site == "rosenhof"
    assert config.rooms[0].camera.uri == "rtsp://camera/stream"
    assert config.alarms.pain_moderate.level == 3.0


def test_a_byte_order_mark_does_no_harm(write):
    assert load_config(write(b"\xef\xbb\xbf" + GOOD.encode())).site == "rosenhof"


def test_anchors_and_aliases_work(write):
    text = GOOD.replace("camera:\n      uri", "camera: &camera\n      uri")
    config = load_config(write(text + "  - id: room-2\n    camera: *camera\n"))
    assert config.rooms[1].camera == config.rooms[0].camera


@pytest.mark.parametrize(
    ("find", "put", "line", "key", "message"),
    [
        ("  host", "  hots", 3, "mqtt.hots", "did you mean 'host'"),
        ("      uri:", "      url:", 7, "rooms[0].camera.url", "did you mean 'uri'"),
        ("      uri:", "      URI:", 7, "rooms[0].camera.URI", "did you mean 'uri'"),
        ("localhost", "a\n  fps-limit: 3", 4, "mqtt.fps-limit", "unknown key"),
        ("localhost", "a\n  fps_limit: 3", 4, "mqtt.fps_limit", "belongs to rooms[].camera"),
        ("site: rosenhof\n", "", 1, "site", "is missing: Short name of the care home"),
        ("  host: localhost", "  port: 1883", 2, "mqtt.host", "is missing"),
        ("rosenhof", "Rosenhof", 1, "site", "lower-case letters"),
        ("rosenhof", "a b", 1, "site", "lower-case letters"),
        ("rosenhof", "12", 1, "site", "put it in quotes"),
        ("rosenhof", "yes", 1, "site", "put it in quotes"),
        ("localhost", "a\n  port: '1883'", 4, "mqtt.port", "must be a whole number"),
        ("localhost", "a\n  port: 18.83", 4, "mqtt.port", "must be a whole number"),
        ("localhost", "a\n  port: true", 4, "mqtt.port", "must be a whole number"),
        ("localhost", "a\n  port: 0", 4, "mqtt.port", "greater than or equal to 1"),
        ("localhost", "a\n  port:", 4, "mqtt.port", "must be a whole number"),
        ("localhost", "a\n  plaintext: 1", 4, "mqtt.plaintext", "must be true or false"),
        ("localhost", "a\n  protocol: 5", 4, "mqtt.protocol", "put it in quotes"),
        ("localhost", "a\n  password_file: 5", 4, "mqtt.password_file", "must be text"),
        ("localhost", "a\n  password_file: ~nobody-/x", 4, "mqtt.password_file", "no home folder"),
        ("localhost", f"a\n  password_file: {'x' * 300}", 4, "mqtt.password_file", "too long"),
        ("stream", "s\n      fps_limit: .nan", 8, "rooms[0].camera.fps_limit", "finite"),
        ("stream", "s\n      fps_limit: .inf", 8, "rooms[0].camera.fps_limit", "finite"),
        ("stream", "s\n      fps_limit: fast", 8, "rooms[0].camera.fps_limit", "must be a number"),
        ("stream", "s\n      fps_limit: 0", 8, "rooms[0].camera.fps_limit", "greater than 0"),
        ("stream", "s\n    zone: [[0, 0], [1, 1]]", 8, "rooms[0].zone", "at least three points"),
        ("stream", "s\n    zone: [[0, 0], [1, 1], [2, 0]]", 8, "rooms[0].zone[2][0]", "equal to 1"),
        ("stream", "s\n    masks: 3", 8, "rooms[0].masks", "must be a list"),
        ("rtsp://", "http://", 7, "rooms[0].camera.uri", "reads no http:// sources"),
        ("rtsp://camera", "rtsp://", 7, "rooms[0].camera.uri", "names no host"),
        ("rtsp://camera", "~nobody-", 7, "rooms[0].camera.uri", "no home folder is known for ~nob"),
        ("rtsp://camera/stream", "[a]", 7, "rooms[0].camera.uri", "must be text"),
        ("rtsp://camera/stream", "''", 7, "rooms[0].camera.uri", "at least 1 character"),
        ("camera:\n      uri: rtsp://camera/stream", "camera:", 6, "rooms[0].camera", "is empty"),
        ("mqtt:\n  host: localhost", "mqtt: localhost", 2, "mqtt", "must be a section"),
        ("rooms:\n  - ", "rooms:\n    ", 4, "rooms", "must be a list"),
        ("stream\n", "stream\nscoring: {provider: cdua}\n", 8, "scoring.provider", "mean 'cuda'"),
        ("stream\n", "stream\nscoring: {provider: CUDA}\n", 8, "scoring.provider", "mean 'cuda'"),
        (
            "stream\n",
            "stream\nscoring:\n  builtin: landmarks-v0\n",
            9,
            "scoring.builtin",
            "removed; name 'mesh-v1' or 'mobilenetv3s-v1' or 'landmarks-v1' instead",
        ),
        ("stream\n", "stream\nsite: other\n", 8, "site", "a second time (first in line 1)"),
        ("stream\n", "s\n      uri: b\n", 8, "rooms[0].camera.uri", "(first in line 7)"),
        ("rosenhof", "!name rosenhof", 1, "site", "tags"),
        ("rosenhof\n", "rosenhof\n? [a]\n: 1\n", 2, None, "a key must be a word"),
        (
            "stream\n",
            "stream\nalarms:\n  pain_severe: {level: 2}\n",
            8,
            "alarms",
            "pain_severe.level must be above",
        ),
        (
            "stream\n",
            "stream\n  - id: room-1\n    camera: {uri: 'v4l2:///dev/video0'}\n",
            4,
            "rooms",
            "two rooms have the id 'room-1'",
        ),
        ("id: room-1\n    camera:\n      uri", "*rooms\n#", 5, None, "undefined alias"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(  # noqa: PLR0917  (columns of the table)
    write, find, put, line, key, message
):
    assert find in GOOD
    path = write(GOOD.replace(find, put, 1))
    found = problems(refusal(path))
    matching = [error for error in found if message in error.message]
    assert matching, [str(error) for error in found]
    assert matching[0].file == str(path)
    assert matching[0].line == line
    assert matching[0].key == key
    assert matching[0].exit_code == 2
    assert str(matching[0]).startswith(f"{path}:{line}: ")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(write):
    error = refusal(
        write("""\
        site: Rosenhof
        mqtt: {hots: a}
        rooms: [{id: room-1, camera: {uri: 3}}]
        smoothing: {window_s: -1}
        """)
    )
    # The misspelt host is told once, not again as a host that is missing.
    lines = [problem.line for problem in problems(error)]
    assert lines == [1, 2, 3, 4]
    assert str(error).splitlines()[0] == "4 things are wrong:"
    assert len(str(error).splitlines()) == 5


def test_a_wrong_value_is_shown_as_it_was_written(write):
    error = refusal(write(GOOD + "smoothing: {window_s: -1.5}\n"))
    assert error.value == -1.5
    assert "smoothing.window_s = -1.5: must be greater than 0" in str(error)


def test_a_long_value_is_cut(write):
    assert len(str(refusal(write(GOOD.replace("rosenhof", "x" * 5000))))) < 400


class TestWholeFile:
    @pytest.mark.parametrize(
        ("content", "message", "line"),
        [
            (b"", "the file is empty", None),
            (b"# nothing but words\n", "the file is empty", None),
            (b"- a\n- b\n", "must be a list of keys with values", 1),
            (b"words\n", "must be a list of keys with values", 1),
            (b"site: x\n\tmqtt: y\n", "indent with spaces", 2),
            (b"site: x\nmqtt: {host: a\nrooms: []\n", "not valid YAML", 3),
            (b"site: 'x\n", "not valid YAML", 2),
            (b"site: x\n---\nsite: y\n", "not valid YAML", 2),
            (b"site: x\nmqtt: \xff\xfe\n", "not UTF-8", 2),
            (b"site: \x00\n", "not allowed in YAML", None),
            (b"site: x\nrooms: &r [*r]\n", "must not contain itself", 2),
            (b"[" * 5000, "nested too deeply", None),
        ],
    )
    def test_that_cannot_be_read_says_why(self, write, content, message, line):
        error = refusal(write(content))
        assert message in str(error)
        assert error.line == line

    def test_that_is_absent(self, tmp_path):
        error = refusal(tmp_path / "none.yaml")
        assert "no such file" in str(error)
        assert error.exit_code == 2

    def test_that_is_a_folder(self, tmp_path):
        assert "is a folder" in str(refusal(tmp_path))

    def test_below_a_file(self, write):
        assert "cannot be read" in str(refusal(write(GOOD) / "room.yaml"))

    def test_that_never_ends(self, write):
        layers = [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 20)]
        error = refusal(write("\n".join(("a0: &a0 [1, 2, 3, 4]", *layers))))
        assert "alias" in str(error)


class TestFiles:
    def test_relative_paths_start_at_the_folder_of_the_file(self, write, tmp_path, monkeypatch):
        for name in ("clip.mp4", "ca.crt", "pw", "face.task"):
            (tmp_path / name).write_text("x")
        (tmp_path / "bundle").mkdir()
        monkeypatch.chdir("/")
        path = write("""\
        site: rosenhof
        mqtt: {host: a, tls: {ca_file: ca.crt}, password_file: ./pw}
        rooms: [{id: a, camera: {uri: clip.mp4}}]
        scoring: {bundle: bundle}
        tracking: {landmarker: face.task}
        """)
        config = load_config(path)
        assert config.rooms[0].camera.uri == str(tmp_path / "clip.mp4")
        assert config.mqtt.tls.ca_file == tmp_path / "ca.crt"
        assert config.mqtt.password_file == tmp_path / "pw"
        assert config.scoring.bundle == tmp_path / "bundle"
        assert config.tracking.landmarker == tmp_path / "face.task"

    def test_the_folder_may_be_relative_itself(self, write, tmp_path, monkeypatch):
        (tmp_path / "clip.mp4").write_text("x")
        write(GOOD.replace("rtsp://camera/stream", "clip.mp4"))
        monkeypatch.chdir(tmp_path)
        config = load_config(Path("room.yaml"))
        assert config.rooms[0].camera.uri == str(tmp_path / "clip.mp4")

    def test_home_is_known(self, write, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "pw").write_text("x")
        config = load_config(write(GOOD.replace("localhost", "a\n  password_file: ~/pw")))
        assert config.mqtt.password_file == tmp_path / "pw"

    @pytest.mark.parametrize(
        "uri", ["rtsp://user:pw@host/stream", "rtsps://host/a", "v4l2:///dev/video0"]
    )
    def test_cameras_are_left_as_they_are_and_may_be_absent(self, write, uri):
        config = load_config(write(GOOD.replace("rtsp://camera/stream", uri)))
        assert config.rooms[0].camera.uri == uri

    @pytest.mark.parametrize(
        ("addition", "key"),
        [
            ("scoring: {bundle: nowhere}", "scoring.bundle"),
            ("tracking: {landmarker: nowhere}", "tracking.landmarker"),
            ("  - {id: b, camera: {uri: nowhere.mp4}}", "rooms[1].camera.uri"),
            ("  - {id: b, camera: {uri: 'file:///nowhere.mp4'}}", "rooms[1].camera.uri"),
        ],
    )
    def test_an_absent_file_is_told_at_its_key(self, write, addition, key):
        error = refusal(write(GOOD + addition + "\n"))
        assert "no such" in str(error)
        assert (error.line, error.key, error.exit_code) == (8, key, 2)

    @pytest.mark.parametrize(
        "key", ["password_file", "ca_file", "client_cert_file", "client_key_file"]
    )
    def test_an_absent_secret_or_certificate_is_told_at_its_key(self, write, tmp_path, key):
        for name in ("client_cert_file", "client_key_file"):
            (tmp_path / name).write_text("x")
        (tmp_path / key).unlink(missing_ok=True)
        mqtt = f"{{host: a, {key}: {key}}}"
        if key != "password_file":
            both = "client_cert_file: client_cert_file, client_key_file: client_key_file"
            mqtt = f"{{host: a, tls: {{{both if 'client' in key else 'ca_file: ca_file'}}}}}"
        error = refusal(write(GOOD.replace("\n  host: localhost", f" {mqtt}")))
        assert str(tmp_path / key) in str(error)
        assert error.line == 2
        assert error.key in {f"mqtt.{key}", f"mqtt.tls.{key}"}

    def test_the_folder_of_engines_is_made_when_needed_and_may_be_absent(self, write, tmp_path):
        config = load_config(write(GOOD + "scoring: {engines: engines}\n"))
        assert config.scoring.engines == tmp_path / "engines"

    def test_a_file_is_no_bundle_and_a_folder_no_clip(self, write, tmp_path):
        (tmp_path / "clip.mp4").mkdir()
        (tmp_path / "bundle").write_text("x")
        text = GOOD.replace("rtsp://camera/stream", "clip.mp4") + "scoring: {bundle: bundle}\n"
        messages = [str(error) for error in problems(refusal(write(text)))]
        assert "is not a file" in messages[0]
        assert "is not a folder" in messages[1]

    def test_a_file_that_may_not_be_read(self, write, tmp_path, monkeypatch):
        (tmp_path / "pw").write_text("x")
        # Tests may run as root, to whom every file is readable: the answer is put in by hand.
        monkeypatch.setattr(os, "access", lambda *_: False)
        error = refusal(write(GOOD.replace("localhost", "a\n  password_file: pw")))
        assert "may not be read by this user" in str(error)


class TestSecrets:
    @pytest.mark.parametrize(
        ("find", "put"),
        [
            ("localhost", f"a\n  pasword: {SECRET}"),
            ("localhost", f"a\n  password: [{SECRET}]"),
            ("localhost", f"a\n  password: {{x: {SECRET}}}"),
            ("localhost", f"a\n  password: !{SECRET} x"),
            ("localhost", f"a\n  password: *{SECRET}"),
            ("localhost", f"a\n  password: '{SECRET}"),
            ("localhost", f"a\n  password: {SECRET}\n  password: {SECRET}"),
            ("localhost", f"a\n  password: {SECRET}\n  password_file: {SECRET}x\n  port: x"),
            ("localhost", f"a\n\tpassword: {SECRET}"),
            ("localhost", f"a\n  password: {SECRET}: x"),
            ("rtsp://camera/stream", f"rtsp://user:{SECRET}@host:port/stream"),
            ("rtsp://camera/stream", f"rtsp://user:{SECRET}@"),
            ("rtsp://camera/stream", f"http://user:{SECRET}@host/stream"),
            ("rtsp://camera/stream", f"rtsp://user:{SECRET}/x@host/stream"),
            ("\n      uri: rtsp://camera/stream", f" rtsp://user:{SECRET}@host/stream"),
            ("rosenhof", f"rtsp://user:{SECRET}@host/stream"),
            ("mqtt:\n  host: localhost", f"mqtt: mqtts://user:{SECRET}@host"),
        ],
    )
    def test_are_in_no_message(self, write, find, put):
        error = refusal(write(GOOD.replace(find, put, 1)))
        chained = (str(error), repr(error), str(error.value), str(error.__cause__))
        assert not any(SECRET in text for text in chained), chained

    def test_a_numeric_password_is_hidden_too(self, write):
        error = refusal(write(GOOD.replace("localhost", "a\n  password: 918273645")))
        assert "mqtt.password = '***'" in str(error)
        assert "918273645" not in str(error)

    def test_a_good_config_does_not_show_its_password(self, write):
        config = load_config(write(GOOD.replace("localhost", f"a\n  password: {SECRET}")))
        assert SECRET not in repr(config)
        assert config.mqtt.password is not None
        assert config.mqtt.password.get_secret_value() == SECRET


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_whatever_stands_in_the_file_the_answer_is_a_config_error(tmp_path, text):
    path = tmp_path / "fuzz.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    refusal(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ("site", "mqtt", "rooms", "host", "camera", "uri", "zone", "alarms", "tls", "x")
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_structure_it_has_the_answer_names_the_file(tmp_path, data):
    import json

    path = tmp_path / "fuzz.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    for error in problems(refusal(path)):
        assert error.file == str(path)
        assert error.message
