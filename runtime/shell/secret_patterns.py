"""Which names and patterns of names mean a file that holds secrets."""

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from runtime.tools.secret_names import looks_secret

# Names that a pattern must not be able to mean.
_SAMPLES = (
    ".env", ".env.local", ".env.production", ".envrc", ".netrc", ".npmrc", ".pypirc", ".pgpass", ".git-credentials",
    ".my.cnf", ".htpasswd", ".vault-token", ".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", "prod.env",
    "credentials", "credentials.json", "secrets", "secrets.yaml", "secrets.json", "secret.json", "id_rsa", "id_dsa",
    "id_ecdsa", "id_ed25519", "server.pem", "server.key", "server.p12", "zz.pfx", "zz.jks", "zz.keystore",
    "passwords.kdbx", "client.ovpn", "terraform.tfstate", "service-account.json", "token.json",
)  # fmt: skip
_STEMS = (
    "env",
    "secret",
    "cred",
    "key",
    "token",
    "pass",
    "rsa",
    "dsa",
    "25519",
    "pem",
    "netrc",
    "ssh",
    "aws",
    "tfstate",
)
_NO_WILDCARDS = str.maketrans("", "", "*?[]")
_CREDENTIALS = re.compile(
    r"akia|private key|api.?key|secret|passw|aws_|bearer|credential|auth.?token|access.?token|ghp_|xox[bp]", re.I
)


@lru_cache(maxsize=4096)
def is_secret(path: str) -> bool:
    """By name: the file itself, or a folder that holds secrets."""
    return looks_secret(path) or looks_secret(path + "/x") or "/.git/config" in f"/{path}"


def may_mean_secret(pattern: str) -> bool:
    """Whether a pattern (with * ? [ as usual) names secrets on purpose. A bare `*` does not: what that matches here and
    now is looked at."""
    if is_secret(pattern):
        return True
    loose = pattern.rstrip("/").rsplit("/", 1)[-1].casefold()
    if "[" in loose:
        loose = loose[: loose.index("[")] + "*"
    said = loose.translate(_NO_WILDCARDS)
    open_ended = loose[:1] in ("*", "?", "") or (not loose.startswith(".") and len(said) < 3)
    if open_ended and not any(stem in said for stem in _STEMS):
        return False
    return any(fnmatchcase(sample, loose) for sample in _SAMPLES)


def looks_for_secrets(pattern: str) -> bool:
    """Whether somebody who searches for this searches for passwords and keys."""
    return _CREDENTIALS.search(pattern) is not None
