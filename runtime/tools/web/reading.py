"""What a page says, for a reader who sees no page: HTML without what nobody would see. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from runtime.tools.web.kinds import Kind

_UNREAD = ("script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed", "head")
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0(?:\.0*)?(?:;|$)|font-size:0|"
    r"(?:text-indent|left|top|right):-\d{3,}|clip:rect\(0|(?:^|;)(?:max-)?(?:height|width):0(?:px)?(?:;|$)"
)


def read_html(kind: Kind, content: bytes, base: str) -> str:
    """A page as Markdown: what is hidden or runs is left out, links lead where they lead from `base`."""
    soup = BeautifulSoup(content, "html.parser", from_encoding=kind.charset or None)
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for unread in soup.find_all(_UNREAD):
        unread.decompose()
    for hidden in list(_hidden_in(soup)):
        if not hidden.decomposed:
            hidden.decompose()
    _straighten_links(soup, base)
    try:
        text = MarkdownConverter(heading_style="ATX", strip=["img", "input", "button"]).convert_soup(soup)
    except RecursionError:  # nested deeper than any page that people wrote
        text = soup.get_text("\n")
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()
    return f"Title: {' '.join(title.split())}\n\n{body}" if title else body


def _hidden_in(soup: BeautifulSoup) -> Iterator[Tag]:
    for tag in soup.find_all(True):
        style = "".join(str(tag.get("style", "")).lower().split())
        if tag.has_attr("hidden") or str(tag.get("aria-hidden", "")).lower() == "true" or _HIDING.search(style):
            yield tag


def _straighten_links(soup: BeautifulSoup, base: str) -> None:
    """Links of a page lead somewhere without it; what is no address of the web leads nowhere."""
    for link in soup.find_all("a", href=True):
        try:
            href = urljoin(base, str(link["href"]).strip())
        except ValueError:
            href = ""
        if href.startswith(("http://", "https://")) and not str(link["href"]).startswith("#"):
            link["href"] = href
        else:
            del link["href"]
