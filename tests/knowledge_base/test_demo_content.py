"""The demo company's articles: complete, coherent across languages, and short enough to be quoted."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DEMO = Path(__file__).parents[2] / "server" / "demo"
QUESTIONS = Path(__file__).with_name("demo_questions.yml")
LOCALES = ("en", "zh")
REQUIRED = {"slug", "locale", "title", "category", "tags", "questions", "codes", "updated"}
OPTIONAL = {"valid_from", "valid_until"}
CATEGORIES = {"delivery", "orders", "returns", "payment", "account", "service", "products", "safety"}
MIN_ARTICLES = {"en": 44, "zh": 16}
MIN_ASKED = {"en": (160, 60), "zh": (60, 25)}  # (with an answer, out of scope)
# Right in Chinese only: emergency calls, months written in digits, hours in Beijing.
LOCAL_NUMBERS = {
    "contact-and-hours": {"4", "12", "20"},
    "delivery-times": {"11", "12"},
    "kettle-leaking": {"120"},
    "swollen-battery": {"119"},
}
HAN = re.compile(r"[\u3400-\u9fff]")
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")

Article = tuple[dict[str, Any], str]


def read(path: Path) -> Article:
    start, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert start == "", f"{path}: does not begin with its front matter"
    return yaml.safe_load(front), body.strip()


def articles(locale: str) -> dict[str, Article]:
    return {path.stem: read(path) for path in sorted((DEMO / "articles" / locale).glob("*.md"))}


def length(locale: str, text: str) -> int:
    """Words in English, Han characters in Chinese."""
    return len(text.split()) if locale == "en" else len(HAN.findall(text))


def asked(locale: str) -> list[dict[str, Any]]:
    return [entry for entry in yaml.safe_load(QUESTIONS.read_text("utf-8")) if entry["locale"] == locale]


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_enough_articles(locale: str) -> None:
    assert len(articles(locale)) >= MIN_ARTICLES[locale]


@pytest.mark.parametrize("locale", LOCALES)
def test_front_matter_is_complete(locale: str) -> None:
    for name, (front, _) in articles(locale).items():
        assert REQUIRED <= front.keys() <= REQUIRED | OPTIONAL, name
        assert front["slug"] == name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert front["locale"] == locale, name
        assert front["category"] in CATEGORIES, name
        assert front["title"].strip() == front["title"] != "", name
        assert isinstance(front["updated"], datetime.date), name
        for field in ("tags", "questions", "codes"):
            values = front[field]
            assert all(isinstance(value, str) and value for value in values), f"{name}: {field}"
            assert len(values) == len(set(values)), f"{name}: {field}"
        assert front["tags"], name
        assert 5 <= len(front["questions"]) <= 8, name


@pytest.mark.parametrize("locale", LOCALES)
def test_titles_and_questions_belong_to_one_article_only(locale: str) -> None:
    seen: dict[str, str] = {}
    for name, (front, _) in articles(locale).items():
        for text in [front["title"], *front["questions"]]:
            known = seen.setdefault(text.casefold().rstrip("?？"), name)
            assert known == name, f"{text!r} stands in {known} and {name}"


@pytest.mark.parametrize("locale", LOCALES)
def test_validity_is_a_span_of_days(locale: str) -> None:
    for name, (front, _) in articles(locale).items():
        assert ("valid_from" in front) == ("valid_until" in front), name
        if "valid_from" in front:
            assert front["valid_from"] <= front["updated"] < front["valid_until"], name


def test_each_translation_has_its_english_original() -> None:
    english, chinese = articles("en"), articles("zh")
    assert chinese.keys() <= english.keys()
    for name, (front, _) in chinese.items():
        for field in ("category", "codes", "valid_from", "valid_until"):
            assert front.get(field) == english[name][0].get(field), f"{name}: {field}"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_first_paragraph_is_an_answer_of_its_own(locale: str) -> None:
    low, high = {"en": (20, 60), "zh": (30, 120)}[locale]
    for name, (_, body) in articles(locale).items():
        first = body.split("\n\n", 1)[0]
        assert low <= length(locale, first) <= high, name
        assert not first.startswith(("#", "-", "1.")), name
        assert not LINK.search(first), f"{name}: an answer is quoted without its links"


@pytest.mark.parametrize("locale", LOCALES)
def test_bodies_are_neither_stubs_nor_essays(locale: str) -> None:
    low, high = {"en": (120, 350), "zh": (150, 700)}[locale]
    for name, (_, body) in articles(locale).items():
        assert low <= length(locale, body) <= high, name


@pytest.mark.parametrize("locale", LOCALES)
def test_links_lead_to_other_articles(locale: str) -> None:
    # A translation may point to an article that exists in English only; the page says so.
    known = articles("en").keys()
    for name, (_, body) in articles(locale).items():
        for target in LINK.findall(body):
            assert target in known, f"{name}: {target}"
            assert target != name, f"{name}: links to itself"


def test_a_translation_keeps_the_numbers_of_its_original() -> None:
    # A price or a term that was changed in one language only is the dearest kind of mistake.
    english, chinese = articles("en"), articles("zh")
    for name, (_, body) in chinese.items():
        amounts = set(re.findall(r"\d+(?:[.,]\d+)?", body))
        original = set(re.findall(r"\d+(?:[.,]\d+)?", english[name][1]))
        allowed = LOCAL_NUMBERS.get(name, set())
        assert amounts - original - allowed == set(), name


@pytest.mark.parametrize("locale", LOCALES)
def test_questions_are_enough_and_lead_to_articles(locale: str) -> None:
    answered, out_of_scope = MIN_ASKED[locale]
    entries = asked(locale)
    slugs = [entry["slug"] for entry in entries]
    assert all(entry.keys() == {"question", "locale", "slug"} for entry in entries)
    assert sum(slug is not None for slug in slugs) >= answered
    assert slugs.count(None) >= out_of_scope
    assert {slug for slug in slugs if slug} == articles(locale).keys(), "every article is asked for"


@pytest.mark.parametrize("locale", LOCALES)
def test_questions_are_not_copied_from_the_articles(locale: str) -> None:
    def plain(text: str) -> str:
        return re.sub(r"[^\w\s]", "", text).casefold().strip()

    written = {
        plain(text)
        for front, _ in articles(locale).values()
        for text in [front["title"], *front["questions"]]
    }
    mine = [plain(entry["question"]) for entry in asked(locale)]
    assert not written & set(mine)
    assert len(mine) == len(set(mine)), "a question is asked twice"
