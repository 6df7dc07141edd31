"""What secrets look like: the patterns of detect-secrets, and some that it lacks or draws too narrowly for texts.

Each comes with literals, one of which is in every text that it finds something in: looking for those is what makes
looking cheap. Left out are the library's guesses by entropy and by words like "password", which would mask digests,
git's names of commits and ordinary code, and its public IP addresses, which are no secrets.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from msgspec import Struct


class _Shape(Struct, frozen=True):
    """`pattern` finds a secret: its last group that took part, where it has groups, else all of it."""

    literals: tuple[str, ...]
    pattern: str
    named: bool = True


_KEY_BEGINS = r"-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
_KEY_ENDS = r"-----END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
_LINE = r"[A-Za-z0-9+/=]"
_BETWEEN = r"""(?:\\[nrt]|[\s"',>|\\])"""  # the lines of a key: as they are, in JSON, in code, quoted in a message
_HEADERS = rf"(?:{_BETWEEN}*(?:Proc-Type|DEK-Info|Version|Comment|Charset):[^\n\\]{{0,200}})*"
_LAST_LINES = rf"(?:(?:{_BETWEEN}*{_LINE}+){{0,2}}(?={_BETWEEN}*-----END))?"
_NO_LETTER_BEFORE = r"(?<![A-Za-z0-9])"

_OURS = (
    _Shape(
        ("PRIVATE KEY",),
        rf"{_KEY_BEGINS}{_HEADERS}(?:{_BETWEEN}*{_LINE}{{20,}})+{_LAST_LINES}(?:{_BETWEEN}*{_KEY_ENDS})?",
    ),
    # A key whose beginning was cut off. Bounded, because it is tried at every long word.
    _Shape(
        ("PRIVATE KEY",),
        rf"(?<!{_LINE})(?>{_LINE}{{20,}}(?:{_BETWEEN}+{_LINE}+){{0,120}}){_BETWEEN}*{_KEY_ENDS}",
    ),
    _Shape(("PuTTY-User-Key-File",), r"Private-Lines: \d+\s+([A-Za-z0-9+/=\s]{20,})"),
    _Shape(("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    # GitHub: also its newer tokens, and any that was cut.
    _Shape(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _NO_LETTER_BEFORE + r"gh[pousr]_[A-Za-z0-9_]{16,}"),
    _Shape(("github_pat_",), r"github_pat_[A-Za-z0-9_]{16,}"),
    # Slack: the library knows six kinds, and none of an app.
    _Shape(("xox",), _NO_LETTER_BEFORE + r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}"),
    _Shape(("xapp-",), _NO_LETTER_BEFORE + r"xapp-[A-Za-z0-9-]{10,}"),
    _Shape(("hooks.slack.com/",), r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/-]{20,})"),
    # Discord: longer than the library believes. A token begins with a number in base64, and so with one of these.
    _Shape(
        ("MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"),
        r"(?<![\w.-])[MNO][DTjz][\w-]{21,26}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])",
    ),
    _Shape(("/webhooks/",), r"/webhooks/\d{15,20}/([\w-]{60,})"),
    # Models and clouds.
    _Shape(("sk-",), _NO_LETTER_BEFORE + r"sk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{32,}"),
    _Shape(("AIza",), _NO_LETTER_BEFORE + r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _Shape(("GOCSPX-",), r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    _Shape(("ya29.",), _NO_LETTER_BEFORE + r"ya29\.[A-Za-z0-9_-]{20,}"),
    _Shape(("hf_",), r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}"),
    _Shape(("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{40,}"),
    _Shape(("hvs.", "hvb."), _NO_LETTER_BEFORE + r"hv[sb]\.[A-Za-z0-9_-]{24,}"),
    _Shape(
        ("aws", "AWS", "Aws"),
        r"""(?i:aws_?secret_?(?:access_?)?key)["']?\s*[:=]\s*["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])""",
    ),
    _Shape(("AccountKey=", "SharedAccessKey="), r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/=]{40,})"),
    # Payment: the library knows live keys of one length.
    _Shape(("k_live_", "k_test_"), _NO_LETTER_BEFORE + r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _Shape(("whsec_",), r"whsec_[A-Za-z0-9+/=]{24,}"),
    _Shape(("AC", "SK"), _NO_LETTER_BEFORE + r"(?:AC|SK)[a-f0-9]{32}(?![A-Za-z0-9])"),
    # Packages, chats, sessions, addresses.
    _Shape(("npm_",), _NO_LETTER_BEFORE + r"npm_[A-Za-z0-9]{36}"),
    _Shape(("_auth",), r""":_auth(?:Token)?\s*=\s*["']?([^\s"'$]{8,})"""),
    _Shape((":AA",), r"(?<![\w:])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])"),
    _Shape(("eyJ",), r"(?<![\w-])eyJ[\w=-]{10,}(?:\.[\w=-]{4,}){1,4}"),
    _Shape(
        ("uthorization", "UTHORIZATION"),
        r"""(?i:authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token))\s+(?=\S*\d)([\w.~+/=-]{16,})""",
    ),
    _Shape(("://",), r"""://[^\s:/?#\[\]@"'<>]*:(?![${<])([^\s/?#\[\]@"'<>•]{3,})@(?=[\w\[])"""),
)


class _Plugin(Struct, frozen=True):
    """A plugin of the library, as it is. `named`: its patterns find a name as well; the secret is a group."""

    module: str
    name: str
    literals: tuple[str, ...]
    named: bool = False


_GITLABS = (
    "glpat-",
    "gldt-",
    "glft-",
    "glsoat-",
    "glrt-",
    "GR1348941",
    "glcbt-",
    "glimt-",
    "glptt-",
    "glagent-",
    "gloas-",
)

_MAILCHIMPS = tuple(f"-us{digit}" for digit in range(1, 10))

_LIBRARYS = (
    _Plugin("aws", "AWSKeyDetector", ("AKIA", "ASIA", "ABIA", "ACCA", "A3T")),
    _Plugin("cloudant", "CloudantDetector", ("cloudant", "CLOUDANT"), named=True),
    _Plugin("gitlab_token", "GitLabTokenDetector", _GITLABS),
    _Plugin("ibm_cloud_iam", "IbmCloudIamDetector", ("ibm_", "ibm-", "IBM_", "IBM-"), named=True),
    _Plugin("ibm_cos_hmac", "IbmCosHmacDetector", ("cos_hmac", "cos-hmac", "COS_HMAC"), named=True),
    _Plugin("mailchimp", "MailchimpDetector", _MAILCHIMPS),
    _Plugin("openai", "OpenAIDetector", ("T3BlbkFJ",)),
    _Plugin("pypi_token", "PypiTokenDetector", ("pypi-Ag",)),
    _Plugin("sendgrid", "SendGridDetector", ("SG.",)),
    _Plugin("softlayer", "SoftlayerDetector", ("softlayer", "SOFTLAYER"), named=True),
    _Plugin("square_oauth", "SquareOAuthDetector", ("sq0csp",)),
)

LITERALS = tuple(dict.fromkeys(literal for each in (*_OURS, *_LIBRARYS) for literal in each.literals))
SHORTEST_WORD = 12  # one of the literals, or what it is known by, is in a word of this length or longer
SPACED_LITERALS = tuple(literal for literal in LITERALS if " " in literal)

_KEY_BEGUN = re.compile(_KEY_BEGINS)
_KEY_ABOUT_TO_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}-{0,5}\Z")
_KEY_DONE = re.compile(_KEY_ENDS)
_STILL_A_KEY = re.compile(r"""[\s"',:>|\\A-Za-z0-9+/=-]*\Z""")


def find_shapes(text: str) -> Iterator[tuple[int, int]]:
    """Where something stands that looks like a secret; places may overlap."""
    for shape in (*_OURS, *_LIBRARYS):
        if any(literal in text for literal in shape.literals):
            for pattern in _patterns_of(shape):
                for found in pattern.finditer(text):
                    yield found.span((found.lastindex or 0) if shape.named else 0)


def open_key_in(text: str) -> int | None:
    """Where a private key begins whose end has not come yet; None where there is none."""
    start = None
    if "-----BEGIN " in text:
        if (beginning := _KEY_ABOUT_TO_BEGIN.search(text)) is not None:
            return beginning.start()
        for found in _KEY_BEGUN.finditer(text):
            start = found.start()
            if _KEY_DONE.search(text, found.end()) or not _STILL_A_KEY.match(text, found.end()):
                start = None
    return start


def prepare() -> None:
    """Load the library and compile what is ours: a moment that nobody should have to wait for later. Safe in a thread."""
    for shape in (*_OURS, *_LIBRARYS):
        _patterns_of(shape)


@cache
def _patterns_of(shape: _Shape | _Plugin) -> tuple[re.Pattern[str], ...]:
    """Of the library its patterns alone: not what it does with files, nor with the networks that it asks about a secret."""
    if isinstance(shape, _Shape):
        return (re.compile(shape.pattern),)
    return tuple(getattr(import_module(f"detect_secrets.plugins.{shape.module}"), shape.name).denylist)
