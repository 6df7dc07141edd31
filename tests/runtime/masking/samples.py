"""Invented secrets of every shape, and ordinary things that look a little like them. Put together from parts, so that
nobody's scanner takes this file for a leak."""

import base64
import hashlib
import json
import uuid


def _key(kind: str, lines: int = 5, *, headers: str = "") -> str:
    body = "\n".join(
        base64.b64encode(hashlib.sha512(f"{kind}{n}".encode()).digest()[:48]).decode() for n in range(lines)
    )
    return f"-----BEGIN {kind}-----\n{headers}{body}\nqL3t==\n-----END {kind}-----"


def _jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "name": "Jane"})
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{claims}.{_word(43)}"


def _word(length: int, alphabet: str = "aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2") -> str:
    return (alphabet * 8)[:length]


_HEX = hashlib.sha256(b"mallard").hexdigest()

SECRETS: dict[str, str] = {
    "GitHub": "gh" + "p_" + _word(36),
    "GitHub, fine-grained": "github" + "_pat_" + _word(22) + "_" + _word(59),
    "GitHub, of a server": "gh" + "s_" + _word(36),
    "GitLab": "gl" + "pat-" + _word(20),
    "AWS": "AK" + "IA" + "IOSFODNN7EXAMPL3",
    "Slack, of a bot": "xo" + "xb-1234567890-0987654321-" + _word(24),
    "Slack, of an app": "xa" + "pp-1-A012345-0987654321-" + _HEX,
    "Slack, refreshed": "xo" + "xe.xo" + "xp-1-" + _word(60),
    "Discord": "MT" + "A4MjE0NjY1NTY3NDU2MDIx" + ".Gh8x3Q." + _word(38),
    "Stripe": "sk" + "_live_" + _word(24),
    "Stripe, of tests": "rk" + "_test_" + _word(24),
    "OpenAI": "sk" + "-proj-" + _word(48),
    "OpenAI, older": "sk" + "-" + _word(20) + "T3Blbk" + "FJ" + _word(20),
    "Anthropic": "sk" + "-ant-api03-" + _word(60),
    "Google": "AI" + "za" + _word(35),
    "Hugging Face": "hf" + "_" + _word(34, "aBcDeFgHiJkLmNoPqRsTuVwXyZ"),
    "npm": "np" + "m_" + _word(36),
    "PyPI": "py" + "pi-AgEIcHlwaS5vcmc" + _word(80),
    "SendGrid": "SG" + "." + _word(22) + "." + _word(43),
    "Telegram": "123456789" + ":AA" + _word(33),
    "DigitalOcean": "do" + "p_v1_" + _HEX,
    "Vault": "hv" + "s." + _word(30),
    "Twilio": "SK" + _HEX[:32],
    "Mailchimp": _HEX[:32] + "-us12",
    "Square": "sq0" + "csp-" + _word(43),
    "age": "AGE-SECRET" + "-KEY-1" + _word(50, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "session token": _jwt(),
    "private key": _key("RSA PRIV" + "ATE KEY"),
    "private key, encrypted": _key(
        "EC PRIV" + "ATE KEY", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n"
    ),
    "private key of OpenSSH": _key("OPENSSH PRIV" + "ATE KEY", 7),
    "private key of PGP": _key("PGP PRIV" + "ATE KEY BLOCK", headers="Version: GnuPG v2\n\n"),
    "private key in JSON": json.dumps(_key("PRIV" + "ATE KEY"))[1:-1],
}

# The secret, and a text that it stands in: only the words around tell that it is one.
IN_CONTEXT: dict[str, tuple[str, str]] = {
    "password in an address": ("hunter2-and-more", "clone https://alice:hunter2-and-more@example.com/repo.git now"),
    "password of a database": ("s3cr3t!", "DATABASE_URL=postgres://app:s3cr3t!@db.internal:5432/app"),
    "AWS, the secret half": (_word(40), f"aws_secret_access_key = {_word(40)}"),
    "AWS, exported": (_word(40), f'export AWS_SECRET_ACCESS_KEY="{_word(40)}"'),
    "header": (_word(32), f"curl -H 'Authorization: Bearer {_word(32)}' https://api.example.com"),
    "header in JSON": (_word(32), f'{{"headers": {{"Authorization":"token {_word(32)}"}}}}'),
    "npmrc": (_word(36), f"//registry.example.com/:_authToken={_word(36)}"),
    "Slack's hook": (
        "T01234567/B01234567/" + _word(24),
        "https://hooks.slack.com/services/T01234567/B01234567/" + _word(24),
    ),
    "Cloudant": (_HEX, f'cloudant_password = "{_HEX}"'),
    "IBM": (_word(44), f'ibm_cloud_api_key: "{_word(44)}"'),
    "Softlayer": (_HEX, f"SOFTLAYER_API_KEY={_HEX}"),
    "Azure": (_word(86) + "==", f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={_word(86)}=="),
}

ORDINARY: dict[str, str] = {
    "git": "commit 3f786850e387550fdab836ed7e6dc881de23001b (HEAD -> main), parent 89e6c98d92887913cadf06b2adb97f26cde4849b",
    "git, short": "ir a1b2c3d fixes 9f86d08",
    "digest": f"sha256:{_HEX} and SHA-512 {hashlib.sha512(b'x').hexdigest()}",
    "integrity": "sha512-" + base64.b64encode(hashlib.sha512(b"y").digest()).decode(),
    "lock file": f"detect-secrets==1.5.0 --hash=sha256:{_HEX}",
    "uuid": f"{uuid.UUID(int=7**40)} and {uuid.UUID(int=5**50)}",
    "picture": "![x](data:image/png;base64," + base64.b64encode(hashlib.shake_256(b"z").digest(3_000)).decode() + ")",
    "source map": "//# sourceMappingURL=data:application/json;base64,"
    + base64.b64encode(json.dumps({"version": 3, "sources": ["a.js"] * 20}).encode()).decode(),
    "public key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + _word(43) + " alice@example.com",
    "certificate": _key("CERTIFICATE"),
    "code": "password = get_password(); token: str = settings.api_token  # secret_key=os.environ['KEY']",
    "settings": "api_key: ${API_KEY}\npassword: changeme\nsecret: true",
    "addresses": "http://127.0.0.1:11434/v1 ws://host:8080/a?b=c ssh://git@github.com:22/a/b mailto:a@b.c",
    "placeholder in an address": "https://$USER:$TOKEN@example.com and https://{user}:{password}@example.com",
    "image of a registry": f"docker://registry:5000/team/app@sha256:{_HEX}",
    "prose": "A key begins with -----BEGIN RSA PRIV" + "ATE KEY----- and ends with -----END RSA PRIV" + "ATE KEY-----.",
    "header in prose": "The Authorization: basic understanding of it is enough. Authorization: Bearer $TOKEN",
    "slug": "see sk-learn-is-not-a-key-but-a-name-of-a-library and risk-assessment-of-the-year",
    "times": "2026-01-31T10:00:00.123456Z 1700000000000000 12345678:AB",
    "ids": "slack:T0123456789/U0123456789 discord:81384788765712384 C0123456789.1700000000.123456",
    "paths": "/usr/lib/python3.11/site-packages/pydantic_settings/sources/providers/dotenv.py",
    "versions": "python@3.11.7 node@v20.11.1-alpine3.19 MODEL_NT-4.0.1234.567890",
    "locale": "LC_ALL=en_US.UTF-8 lang=en-us content-language: en-us1",
    "dotted names": "MainApplicationFactoryBuilder.Config.AbstractSingletonProxyFactoryBean",
    "hidden already": "••••••• 40 characters, 3f9a1c and ••••••• value of MALLARD_SLACK_BOT_TOKEN",
}
