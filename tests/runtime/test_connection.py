"""Whether a platform and we can hear each other, in words; and what no log may show."""

import logging
import re

import pytest

from runtime.connection import ConnectionState, Health
from runtime.redaction import library_logger, redacted

SECRET = re.compile(r"key-\w+")


def state() -> ConnectionState:
    return ConnectionState("Pond", redacted=lambda text: redacted(text, SECRET))


def test_health_says_what_is_wrong_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    pond = state()

    assert pond.health() == Health(ok=False, words="Pond: not connected (no answer yet)")
    pond.connect()
    assert pond.health() == Health(ok=True, words="Pond: connected")
    pond.disconnect("key-123 was refused")
    assert pond.health() == Health(ok=False, words="Pond: not connected (*** was refused)")
    assert "key-123" not in caplog.text


def test_an_ending_is_for_good(caplog: pytest.LogCaptureFixture) -> None:
    pond = state()

    pond.end("key-123 was taken back")
    pond.connect()

    assert pond.ended == "*** was taken back"
    assert pond.health() == Health(ok=False, words="Pond: *** was taken back")
    assert "key-123" not in caplog.text


def test_whoever_leaves_warns_nobody_of_it(caplog: pytest.LogCaptureFixture) -> None:
    pond, winter = state(), state()
    winter.end("it is winter")
    caplog.clear()

    for each in (pond, winter):
        each.connect()
        each.stop()

    assert pond.health() == Health(ok=False, words="Pond: not connected (stopped)")
    assert winter.health() == Health(ok=False, words="Pond: it is winter")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_same_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    pond = state()

    for _ in range(3):
        pond.disconnect("it is winter")

    assert caplog.text.count("it is winter") == 1


@pytest.mark.mistake(33)
def test_a_library_logs_no_secret_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    logger = library_logger("tests.pond.library", SECRET)
    assert library_logger("tests.pond.library", SECRET).filters == logger.filters

    try:
        raise OSError("key-123")
    except OSError:
        logger.exception("no water at %s", "wss://pond/?key-456")

    assert caplog.messages == ["no water at wss://pond/?*** (OSError)"]
    assert "Traceback" not in caplog.text
    assert not logger.isEnabledFor(logging.INFO)
