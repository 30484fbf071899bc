"""What can happen to an article: typed, past tense, all in one file."""

from dataclasses import dataclass

from knowledge_base.models import Article


@dataclass(frozen=True, slots=True)
class ArticlePublished:
    """From now on customers are answered from this version."""

    article: Article
    version: int


@dataclass(frozen=True, slots=True)
class ArticleWithdrawn:
    """The article answers nobody any more: unpublished or archived."""

    article: Article
    version: int
