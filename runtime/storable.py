"""What the world sends, as everything behind the door can hold it: half a surrogate pair is no character."""

from msgspec.structs import replace

from runtime.records import IncomingMessage


def utf8(text: str) -> str:
    """The text with halves of surrogate pairs joined where they meet, and replaced where they stand alone."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def well_formed(message: IncomingMessage) -> IncomingMessage:
    """The message with every text in it made whole."""
    if not message.attachments and message.text.isascii() and message.author_name.isascii():
        return message
    files = tuple(
        replace(file, name=utf8(file.name), media_type=utf8(file.media_type), source=utf8(file.source))
        for file in message.attachments
    )
    return replace(message, text=utf8(message.text), author_name=utf8(message.author_name), attachments=files)
