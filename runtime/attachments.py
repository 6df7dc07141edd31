"""What becomes of a file that came with a message: its text, or the reason why there is none. Pure."""

from msgspec.structs import replace

from runtime.records import Attachment


def as_text(attachment: Attachment, content: bytes, cap: int) -> Attachment:
    """With its text, at most `cap` characters of it, and a note of what is missing."""
    text = decoded(content)
    if text is None:
        return unread(attachment, "it is not text")
    if len(text) > cap:
        note = f"only its first {cap:,} characters of {len(text):,} were read"
        return replace(attachment, text=text[:cap], note=note)
    return replace(attachment, text=text)


def unread(attachment: Attachment, why: str) -> Attachment:
    return replace(attachment, text=None, note=f"{attachment.name} was not read: {why}")


def decoded(content: bytes) -> str | None:
    """Text in the encodings that files really have, or None."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        return None
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = sum(character < " " and character not in "\n\r\t\f\x1b" for character in text)
        return text if odd <= len(text) // 100 else None
    return None
