"""Cuts an article into what is searched: title, questions, and passages short enough for a chat answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base.models import UnitKind
from knowledge_base.words import HAN, terms

PASSAGE_SIZE = 48
"""Words of a passage at most, two Han characters counted as one word: a bot message has 60, link included."""

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])\s*|\n")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Passage:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchText:
    """One thing to be found: what is shown, the terms it is found by, and the text that is encoded."""

    kind: UnitKind
    heading: str
    text: str
    terms: tuple[str, ...]
    meaning: str


def search_texts(title: str, questions: Sequence[str], body: str) -> list[SearchText]:
    """Title first, then the questions, then the passages of the body.

    A passage is encoded under its title and heading, for few passages say by themselves what they are about;
    its terms are its own and its heading's.
    """
    found = [SearchText("title", "", title, tuple(terms(title)), title)]
    found += [SearchText("question", "", one, tuple(terms(one)), one) for one in questions]
    for passage in split(body):
        own = "\n".join(filter(None, (passage.heading, passage.text)))
        found.append(SearchText("body", passage.heading, passage.text, tuple(terms(own)), f"{title}\n{own}"))
    return found


def size(text: str) -> float:
    """Length in words; two Han characters count as one."""
    han = len(HAN.findall(text))
    return len(HAN.sub(" ", text).split()) + han / 2


def split(markdown: str) -> list[Passage]:
    """Passages of an article in order: whole blocks under one heading, long blocks cut between sentences."""
    passages: list[Passage] = []
    heading, lines = "", list[str]()

    def close() -> None:
        if lines:
            passages.append(Passage(heading, "\n".join(lines)))
            lines.clear()

    for under, text in _blocks(markdown):
        for piece in _pieces(text):
            if under != heading or sum(map(size, lines)) + size(piece) > PASSAGE_SIZE:
                close()
                heading = under
            lines.append(piece)
    close()
    return passages


def plain(markdown: str) -> str:
    """The readable text of a Markdown document, one block a line."""
    return "\n".join(text for _, text in _blocks(markdown))


def _blocks(markdown: str) -> Iterator[tuple[str, str]]:
    """(heading, text) of each paragraph, list item and table row."""
    heading, marker, row = "", "", list[str]()
    lists: list[int | None] = []
    tokens = _MARKDOWN.parse(markdown)
    for i, token in enumerate(tokens):
        match token.type:
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                marker = "- " if number is None else f"{number}. "
                lists[-1] = number and number + 1
            case "tr_open":
                row = []
            case "tr_close":
                yield heading, " | ".join(cell for cell in row if cell)
            case "fence" | "code_block":
                yield heading, token.content.strip()
            case "html_block":
                if text := " ".join(_TAG.sub(" ", token.content).split()):
                    yield heading, text
            case "inline":
                text = _text(token)
                opened = tokens[i - 1].type
                if opened == "heading_open":
                    heading = text
                elif opened in ("th_open", "td_open"):
                    row.append(text)
                elif text:
                    yield heading, marker + text
                    marker = ""


def _text(inline: Token) -> str:
    parts = []
    for child in inline.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _pieces(text: str) -> Iterator[str]:
    """The text whole where it fits, else as runs of sentences that fit; a sentence is never torn."""
    if size(text) <= PASSAGE_SIZE:
        yield text
        return
    piece = ""
    for sentence in filter(None, (part.strip() for part in _SENTENCE_END.split(text))):
        glue = "" if HAN.match(sentence) else " "
        if piece and size(piece) + size(sentence) > PASSAGE_SIZE:
            yield piece
            piece = sentence
        else:
            piece = f"{piece}{glue}{sentence}" if piece else sentence
    if piece:
        yield piece
