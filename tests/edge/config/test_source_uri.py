from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.source_uri import SourceKind, parse_uri
from pain.errors import SourceError
from pain.settings.redact import redact, secrets_of

GOOD = [
    ("clip.mp4", SourceKind.FILE, "clip.mp4", "clip.mp4"),
    ("/a/clip 1.mp4", SourceKind.FILE, "/a/clip 1.mp4", "/a/clip 1.mp4"),
    ("a:b.mp4", SourceKind.FILE, "a:b.mp4", "a:b.mp4"),
    ("file:///a/clip%201.mp4", SourceKind.FILE, "/a/clip 1.mp4", "/a/clip 1.mp4"),
    ("FILE://localhost/a.mp4", SourceKind.FILE, "/a.mp4", "/a.mp4"),
    ("v4l2:///dev/video0", SourceKind.V4L2, "/dev/video0", "/dev/video0"),
    ("rtsp://cam/s", SourceKind.RTSP, "rtsp://cam/s", "rtsp://cam/s"),
    (
        "rtsps://u:pw@10.0.0.7:322/s/1",
        SourceKind.RTSP,
        "rtsps://u:pw@10.0.0.7:322/s/1",
        "rtsps://10.0.0.7:322/s/1",
    ),
    ("rtsp://u:p@[fe80::1]:554/", SourceKind.RTSP, "rtsp://u:p@[fe80::1]:554/", None),
]


@pytest.mark.parametrize(("uri", "kind", "location", "label"), GOOD)
def test_a_source_is_recognised(
    uri: str, kind: SourceKind, location: str, label: str | None
) -> None:
    source = parse_uri(uri)
    assert (source.kind, source.location) == (kind, location)
    assert source.label == (label or "rtsp://[fe80::1]:554/")
    assert source.is_live == (kind is not SourceKind.FILE)
    assert source.needs_network == (kind is SourceKind.RTSP)


BAD = [
    ("http://cam/x.mjpg", "reads no http:// sources; use v4l2://"),
    ("   ", "source is empty"),
    ("file://clip.mp4", "third slash: file:///path/clip.mp4"),
    ("file:///", "names no absolute path"),
    ("v4l2://video0", "third slash: v4l2:///dev/video0"),
    ("v4l2:/dev/video0", "needs two slashes"),
    ("rtsp:cam", "needs two slashes"),
    ("rtsp:///stream", "names no host"),
    ("rtsp://u:secretpw@/stream", "names no host"),
    ("rtsp://u:secretpw@cam:port/stream", "no valid host or port"),
    ("rtsp://u:secretpw@[cam/stream", "no valid host or port"),
    ("rtsp://u:sec/retpw@cam/stream", "%2F"),
    ("rtsp://u:1/secretpw@cam/stream", "%2F"),
    ("rtsp://u:12#secretpw@cam/stream", "%23"),
]


@pytest.mark.parametrize(("uri", "sentence"), BAD)
def test_a_wrong_source_is_refused_with_what_to_do(uri: str, sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_uri(uri)
    assert sentence in str(caught.value)
    assert "secretpw" not in str(caught.value)
    assert "retpw" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "rtsp://cam:554/live?user=nurse&password=secretpw",
        "rtsp://cam:554/user=nurse&password=secretpw&channel=1",
        "rtsp://nurse:secretpw@cam:554/live",
        "rtsp://nurse:s%65cretpw@cam:554/live",
    ],
)
def test_no_way_of_writing_a_password_is_shown(uri: str) -> None:
    source = parse_uri(uri)
    assert "secretpw" not in source.label + repr(source)
    said = redact(f"cannot open {uri}: 'secretpw'" if "@" in uri else uri, secrets_of(uri))
    assert "secretpw" not in said
    assert "s%65cretpw" not in said


WORD = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#@[]%:*"), min_size=4
)


@given(user=WORD, password=WORD)
def test_user_information_never_survives(user: str, password: str) -> None:
    uri = f"rtsp://{user}:{password}@cam/stream"
    secrets = secrets_of(uri)
    assert f"{user}:{password}" not in parse_uri(uri).label
    assert uri.removeprefix("rtsp://") not in redact(f"DESCRIBE {uri} failed", secrets)
    assert password not in redact(f"PLAY failed: {password}", secrets)


def test_a_path_has_no_secrets() -> None:
    assert secrets_of("/videos/clip@home.mp4") == ()
