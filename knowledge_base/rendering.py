"""Markdown to safe HTML: what an editor or an import wrote can format, and can do nothing else."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": set[str]()}
_SCHEMES = {"http", "https", "mailto", "tel"}


@lru_cache(maxsize=512)
def to_html(markdown: str) -> Markup:
    """The article's body: headings begin below the page's own, links lead nowhere surprising.

    HTML in the source is shown as text, images are left out (the page may load nothing but its own), and
    the result passes a sanitiser that knows only the tags of an article.
    """
    tokens = _MARKDOWN.parse(markdown)
    tops = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = 2 - min(tops) if tops and min(tops) < 2 else 0
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + shift)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
    # A table scrolls by itself on a narrow screen; it takes a focus so that the keyboard can scroll it too.
    wrapped = safe.replace("<table>", '<div class="table" tabindex="0" role="group"><table>')
    return Markup(wrapped.replace("</table>", "</table></div>"))  # noqa: S704 - sanitised above


def summary(text: str, length: int = 160) -> str:
    """The first sentences of a plain text, cut between words where they are too long."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    cut = flat[:length]
    space = cut.rfind(" ")
    return (cut[:space] if space > length // 2 else cut).rstrip(",.;:，。；：") + "…"
