"""Files that by their names are likely to hold secrets."""

import re
from fnmatch import translate

_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".git-credentials", ".npmrc", ".pypirc", ".pgpass", ".my.cnf",
    ".htpasswd", ".vault-token", "credentials", "credentials.*", "*credentials.json", "secrets", "secrets.*", "secret.*",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx",
    "*.ovpn", "*.tfstate", "*.tfstate.*", "service-account*.json", "service_account*.json", "token.json", "tokens.json",
)  # fmt: skip
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".gcloud", "secrets", "credentials"})
_HARMLESS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
_GIT_FILES = frozenset({"config", "credentials"})
_SECRET = re.compile("|".join(map(translate, _NAMES)))  # one expression: whole workspaces are looked through with it
_OPEN = re.compile("|".join(map(translate, _HARMLESS)))


def looks_secret(path: str) -> bool:
    """Whether a path in a workspace names something that should be read only after a yes. Upper case hides nothing."""
    *folders, name = [part for part in path.casefold().split("/") if part not in ("", ".")] or [""]
    if _FOLDERS.intersection(folders) or (".git" in folders and name in _GIT_FILES):
        return True
    return not _OPEN.match(name) and bool(_SECRET.match(name))


def is_secret_folder(name: str) -> bool:
    """Whether everything in a folder of this name looks secret."""
    return name.casefold() in _FOLDERS


def needs_care(path: str) -> bool:
    """Whether changing what a path names touches secrets, or decides what programs do."""
    return ".git" in path.casefold().split("/") or looks_secret(path)
