"""The help centre's own words per language, its dates, and the names of languages and usual categories."""

from collections.abc import Mapping
from datetime import datetime

LANGUAGE_NAMES = {
    "en": "English",
    "zh": "中文",
    "zh-hant": "繁體中文",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
    "pl": "Polski",
    "ja": "日本語",
    "ko": "한국어",
}

_EN = {
    "help": "Help centre",
    "lead": "How can we help?",
    "search": "Search",
    "placeholder": "Describe your question",
    "results": "Search results",
    "results_for": "Results for “{query}”",
    "nothing": "No article fits this question.",
    "nothing_hint": "Try other words, look through the topics, or write to us: a person will help you.",
    "ask": "Type a question, in your own words.",
    "best": "This should answer it",
    "maybe": "These may help",
    "more": "More articles",
    "read": "Read the whole article",
    "all": "All topics",
    "related": "Related articles",
    "updated": "Updated {date}",
    "valid_until": "Valid until {date}",
    "other": "General",
    "articles_one": "1 article",
    "articles": "{count} articles",
    "not_found": "This page is not here",
    "not_found_hint": "The article may have moved or is no longer published. The search may know more.",
    "still": "Didn’t find it?",
    "contact": "Talk to us",
    "empty": "There are no articles here yet.",
    "skip": "Skip to the content",
    "language": "Language",
    "too_many": "That was a lot of searches. Please wait a minute and try again.",
}

_ZH = {
    "help": "帮助中心",
    "lead": "需要什么帮助？",
    "search": "搜索",
    "placeholder": "用自己的话描述问题",
    "results": "搜索结果",
    "results_for": "“{query}”的搜索结果",
    "nothing": "没有文章能回答这个问题。",
    "nothing_hint": "换个说法试试，看看各个主题，或者直接联系我们，会有人帮您。",
    "ask": "请用自己的话输入问题。",
    "best": "这篇应该能回答",
    "maybe": "这些也许有帮助",
    "more": "更多文章",
    "read": "阅读全文",
    "all": "全部主题",
    "related": "相关文章",
    "updated": "更新于{date}",
    "valid_until": "有效期至{date}",
    "other": "其他",
    "articles_one": "1 篇文章",
    "articles": "{count} 篇文章",
    "not_found": "页面不存在",
    "not_found_hint": "文章可能已移动或不再发布。可以试试搜索。",
    "still": "没有找到答案？",
    "contact": "联系我们",
    "empty": "这里还没有文章。",
    "skip": "跳到正文",
    "language": "语言",
    "too_many": "搜索太频繁了，请稍等一分钟再试。",
}

_CATEGORIES_ZH = {
    "account": "账户",
    "delivery": "配送",
    "orders": "订单",
    "payment": "付款",
    "products": "产品",
    "returns": "退换货",
    "safety": "安全",
    "service": "服务",
}

_TEXTS = {"en": _EN, "zh": _ZH}
_MONTHS = "January February March April May June July August September October November December".split()


def texts(locale: str) -> Mapping[str, str]:
    return _TEXTS.get(locale.split("-")[0].lower(), _EN)


def language_name(locale: str) -> str:
    return LANGUAGE_NAMES.get(locale.lower()) or LANGUAGE_NAMES.get(locale.split("-")[0].lower(), locale)


def category_name(category: str, locale: str) -> str:
    """As readers see it; a category that is not a usual one is shown as it was typed."""
    if not category:
        return texts(locale)["other"]
    if locale.split("-")[0].lower() == "zh":
        return _CATEGORIES_ZH.get(category, category)
    return category[:1].upper() + category[1:].replace("-", " ")


def day(moment: datetime, locale: str) -> str:
    if locale.split("-")[0].lower() == "zh":
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
