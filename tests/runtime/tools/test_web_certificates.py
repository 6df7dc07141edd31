"""An address is connected to, and still the name is what is asked for and what the certificate must be for."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.tools.http_request import HttpRequest
from tests.fakes.website import Website, answer
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.http_request.names import Names, is_public


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=HttpRequest(resolve=Names(), is_public=is_public), workspace=workspace_at(tmp_path))


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """What a server shows that is `name`, and the file of whoever vouches for it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context, str(certificate)


async def test_the_name_is_told_to_the_server_and_its_certificate_is_for_it(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, vouching = certified(tmp_path, "pond.example")
    told: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", vouching)

    async with Website(certificate=context, pages={"/": answer("safe")}) as site:
        found = await bench.do(url=f"https://pond.example:{site.port}/")

    assert found.text.endswith("safe")
    assert told == ["pond.example"]
    assert site.asked[0].headers["host"] == f"pond.example:{site.port}"


@pytest.mark.parametrize("trusted", [True, False], ids=["for another name", "vouched for by nobody"])
async def test_a_certificate_that_proves_nothing_ends_it_before_anything_is_sent(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    context, vouching = certified(tmp_path, "pond.example")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", vouching)
    host = "lake.example" if trusted else "pond.example"

    async with Website(certificate=context, pages={"/": answer("unsafe")}) as site:
        found = await bench.do(url=f"https://{host}:{site.port}/", method="POST", body="secret")

    assert found.error == "unreachable"
    assert "CERTIFICATE_VERIFY_FAILED" in found.text
    assert site.asked == []
