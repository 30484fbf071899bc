"""The five steps in a real browser, visitor and agent side by side, on the embedded default."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.rasa]

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SLOW_MS = 20_000
AXE = Path(__file__).resolve().parents[2] / "web" / "console" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser(chromium):
    """For this module only: while Playwright's own loop runs, no other test can run one."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def pages(browser, desk):
    """Open a page in a browser profile of its own; foreign hosts and errors in scripts fail the test."""
    contexts, faults = [], []

    def open_page(path, **options):
        context = browser.new_context(base_url=desk.url(), **options)
        context.set_default_timeout(SLOW_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: check_host(request.url, desk, faults))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def check_host(url, desk, faults):
    if not url.startswith((desk.url(), desk.url().replace("http", "ws"), "data:", "blob:", "about:")):
        faults.append(f"a request left the installation: {url}")


class Shopper:
    """A visitor of the demo shop, with the widget open."""

    def __init__(self, page):
        self.page = page
        page.get_by_test_id("launcher").click()
        self.chat = page.frame_locator("iframe")
        expect(self.chat.get_by_test_id("composer")).to_be_visible(timeout=SLOW_MS)

    def say(self, text):
        self.chat.get_by_test_id("composer").fill(text)
        self.chat.get_by_test_id("send").click()

    def messages(self, author=None):
        found = self.chat.get_by_test_id("message")
        return self.chat.locator(f"[data-testid=message][data-author={author}]") if author else found

    def hears(self, text, author="bot"):
        heard = self.messages(author).filter(has_text=re.compile(text, re.I)).last
        expect(heard).to_be_visible(timeout=SLOW_MS)
        return heard

    def click(self, label):
        self.chat.get_by_role("button", name=label).last.click()

    def order(self):
        return [int(n) for n in self.messages().evaluate_all("all => all.map(one => one.dataset.seq)") if n]


def sign_in(page, desk, first_name):
    email, password = next(
        (email, password) for email, password in desk.logins().items() if email.startswith(first_name)
    )
    page.get_by_test_id("login-email").fill(email)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("tab-waiting")).to_be_visible(timeout=SLOW_MS)


GO_OFFLINE = """fetch('/api/me/presence', {
  method: 'PUT', headers: {'Content-Type': 'application/json'}, body: '{"status": "offline"}'
}).then(answer => answer.status)"""


def test_1_a_question_gets_an_article_with_its_link_or_an_honest_no(pages, desk):
    alice = Shopper(pages("/"))
    alice.say("my parcel hasn't come")
    answer = alice.chat.locator("[data-testid=message][data-kind=article]").last
    expect(answer).to_be_visible(timeout=SLOW_MS)
    link = answer.get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile(r"/help/"))
    help_page = pages(link.get_attribute("href"))
    expect(help_page.get_by_role("heading", level=1)).to_be_visible()
    alice.say("who won the chess olympiad in 1972?")
    alice.hears("don't know")
    expect(alice.chat.get_by_role("button", name="Leave a ticket").last).to_be_visible()
    expect(alice.chat.get_by_role("button", name="Talk to a person").last).to_be_visible()


def test_2_a_broken_kettle_becomes_one_ticket(pages, desk):
    alice = Shopper(pages("/"))
    alice.say("I want to report a broken kettle")
    alice.hears("what happened")
    alice.say("The lid cracked when I closed it yesterday evening")
    alice.hears("order number")
    alice.say("HH-204211")
    alice.hears("e-mail")
    alice.say("alice@example.com")
    alice.hears("HH-204211")
    alice.say("yes")
    alice.say("yes")
    made = alice.chat.locator("[data-testid=message]").filter(has_text=re.compile(r"T-1\d{3}")).first
    expect(made).to_be_visible(timeout=SLOW_MS)
    number = re.search(r"T-\d+", made.inner_text()).group()
    alice.say(f"What about {number}?")
    alice.hears(f"{number}.*(received|understood)")
    everything = alice.chat.get_by_test_id("log").inner_text()
    assert set(re.findall(r"T-\d{4}", everything)) == {number}


def test_3_a_person_takes_over_and_hands_back(pages, desk):
    console = pages("/console", viewport={"width": 1440, "height": 900})
    sign_in(console, desk, "mila")
    alice = Shopper(pages("/"))
    alice.say("My air fryer smells of burnt plastic after the third use")
    expect(alice.messages("bot").last).to_be_visible(timeout=SLOW_MS)
    alice.say("I want to talk to someone")
    alice.hears("queue", author="system")
    console.get_by_test_id("tab-waiting").click()
    item = console.get_by_test_id("conversation-item").first
    expect(item).to_be_visible(timeout=SLOW_MS)
    item.click()
    expect(console.get_by_test_id("packet").first).to_contain_text("burnt plastic")
    console.get_by_test_id("claim").click()
    alice.hears("Mila Verhoeven has joined", author="system")
    console.get_by_test_id("composer").fill(
        "Hello, this is Mila. I read what you wrote. Is it the Hollow Fry 5?"
    )
    console.get_by_test_id("send").click()
    alice.hears("Is it the Hollow Fry 5", author="agent")
    before = alice.messages("bot").count()
    alice.say("Yes, how long is the warranty?")
    expect(
        console.locator("[data-testid=message][data-author=customer]").filter(
            has_text="how long is the warranty"
        )
    ).to_be_visible(timeout=SLOW_MS)
    alice.page.wait_for_timeout(2500)
    assert alice.messages("bot").count() == before, "the bot must be silent while a person owns"
    console.get_by_test_id("composer").fill("Two years. I am handing you back to the assistant now.")
    console.get_by_test_id("send").click()
    alice.hears("Two years", author="agent")
    console.get_by_test_id("more-actions").click()
    console.get_by_test_id("return-to-bot").click()
    confirm = console.get_by_role("dialog").get_by_role("button").last
    if confirm.count():
        confirm.click()
    alice.hears("assistant again", author="system")
    alice.say("how do I descale a kettle?")
    expect(alice.chat.locator("[data-testid=message][data-kind=article]").last).to_be_visible(timeout=SLOW_MS)
    assert console.evaluate(GO_OFFLINE) == 200


def test_4_reload_and_a_lost_network_lose_and_repeat_nothing(pages, desk):
    page = pages("/")
    alice = Shopper(page)
    alice.say("hello")
    expect(alice.messages("bot").last).to_be_visible(timeout=SLOW_MS)
    page.reload()
    alice = Shopper(page)
    expect(alice.messages("bot").last).to_be_visible(timeout=SLOW_MS)
    page.context.set_offline(True)
    alice.say("written without a network, one")
    alice.say("written without a network, two")
    expect(alice.chat.get_by_test_id("banner")).to_be_visible(timeout=SLOW_MS)
    page.wait_for_timeout(4000)
    page.context.set_offline(False)
    for word in ("one", "two"):
        sent = alice.messages("customer").filter(has_text=f"without a network, {word}")
        expect(sent).to_have_count(1, timeout=SLOW_MS)
        expect(sent).to_have_attribute("data-seq", re.compile(r"\d+"), timeout=SLOW_MS)
    page.wait_for_timeout(2500)
    page.reload()
    alice = Shopper(page)
    for word in ("one", "two"):
        expect(alice.messages("customer").filter(has_text=f"without a network, {word}")).to_have_count(1)
    order = alice.order()
    assert order == sorted(set(order))
    assert order == list(range(1, len(order) + 1))


def test_5_without_rasa_the_desk_still_answers(pages, desk):
    alice = Shopper(pages("/"))
    alice.say("hello")
    alice.hears("assistant")
    desk.kill("rasa")
    try:
        alice.say("my parcel hasn't come")
        alice.hears("technical problem|can't answer")
        alice.click("Leave a ticket")
        form = alice.chat.get_by_test_id("form").last
        form.locator("textarea").fill("The parcel never came")
        form.locator("input[type=email]").fill("alice@example.com")
        alice.chat.get_by_test_id("form-send").last.click()
        expect(
            alice.chat.locator("[data-testid=message]").filter(has_text=re.compile(r"T-\d{4}")).last
        ).to_be_visible(timeout=SLOW_MS)
        for count in range(5):
            alice.say(f"is there news of parcel {count}?")
            expect(alice.messages("customer").last).to_have_attribute(
                "data-seq", re.compile(r"\d+"), timeout=SLOW_MS
            )
            alice.page.wait_for_timeout(1500)
        alice.say("how long does a refund take?")
        expect(alice.chat.locator("[data-testid=message][data-kind=article]").last).to_be_visible(
            timeout=SLOW_MS
        )
    finally:
        desk.start_rasa()
        desk.wait_for_rasa()
    alice.page.wait_for_timeout(4000)
    alice.say("are you a robot?")
    alice.hears("program|assistant")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_have_no_accessibility_faults(pages, desk, scheme, width):
    options = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme, "bypass_csp": True}
    shop = pages("/", **options)
    assert faults_of(shop.main_frame) == []
    alice = Shopper(shop)
    alice.say("my parcel hasn't come")
    expect(alice.messages("bot").last).to_be_visible(timeout=SLOW_MS)
    inner = next(frame for frame in shop.frames if "/widget/" in frame.url)
    assert faults_of(inner) == []
    assert faults_of(pages("/help", **options).main_frame) == []
    console = pages("/console", **options)
    expect(console.get_by_test_id("login-email")).to_be_visible()
    assert faults_of(console.main_frame) == []
    sign_in(console, desk, "ines")
    assert faults_of(console.main_frame) == []


def faults_of(frame):
    frame.evaluate(AXE.read_text())
    found = frame.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
