"""Whose certificates are believed is read once for each place that they are read from."""

from pathlib import Path

import certifi
import pytest

from runtime.tls import trust


def test_what_is_believed_is_read_once_and_anew_where_the_environment_names_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    usual = trust()
    elsewhere = tmp_path / "certificates.pem"
    elsewhere.write_bytes(Path(certifi.where()).read_bytes())

    assert trust() is usual
    monkeypatch.setenv("SSL_CERT_FILE", str(elsewhere))
    assert trust() is not usual
