"""Files that by their names are likely to hold secrets."""

from fnmatch import fnmatchcase

_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".git-credentials", ".npmrc", ".pypirc", ".pgpass", ".my.cnf",
    ".htpasswd", ".vault-token", "credentials", "credentials.*", "*credentials.json", "secrets", "secrets.*", "secret.*",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx",
    "*.ovpn", "*.tfstate", "*.tfstate.*", "service-account*.json", "service_account*.json", "token.json", "tokens.json",
)  # fmt: skip
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".gcloud", "secrets", "credentials"})
_HARMLESS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
_GIT_FILES = frozenset({"config", "credentials"})


def looks_secret(path: str) -> bool:
    """Whether a path in a workspace names something that should be read only after a yes. Upper case hides nothing."""
    *folders, name = [part for part in path.casefold().split("/") if part not in ("", ".")] or [""]
    if _FOLDERS.intersection(folders) or (".git" in folders and name in _GIT_FILES):
        return True
    if any(fnmatchcase(name, pattern) for pattern in _HARMLESS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _NAMES)


def needs_care(path: str) -> bool:
    """Whether changing what a path names touches secrets, or decides what programs do."""
    return ".git" in path.casefold().split("/") or looks_secret(path)
