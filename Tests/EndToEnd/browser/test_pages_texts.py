"""The pages' texts: all in nginx/html/assets/text, complete in every language, one at a time."""

import json
import re
import subprocess
from html.parser import HTMLParser

import pytest
from selenium.webdriver.support.select import Select

from stack.directory import ROOT

HTML = ROOT / "nginx" / "html"
ASSETS = HTML / "assets"
PAGES = sorted(HTML.rglob("*.html"))
SCRIPTS = sorted(ASSETS.glob("*.js"))
LANGUAGES = sorted(file.stem for file in (ASSETS / "text").glob("*.js"))
SPOKEN = {"aria-label", "placeholder", "title", "alt"}
# Not translated: what is shown without JavaScript, and what Intl names.
LEFT_ALONE = {"noscript", "option"}
VOID = {"meta", "link", "img", "input", "br"}

READ = """
const { default: texts } = await import(process.argv[1]);
const categories = new Intl.PluralRules(process.argv[2]).resolvedOptions().pluralCategories;
console.log(JSON.stringify({ texts, categories }));
"""
# "One recording", "two recordings": the number need not stand there as well.
SAID_IN_WORDS = {"zero", "one", "two"}
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
STRINGS = re.compile(r'"([^"\n]*)"|`([^`]*)`')
# Two words, or one that begins like a sentence and is no name of the browser's or HTTP's, or any
# letter that English does not have.
PROSE = re.compile(
    r"^[^#.\[]*[A-Za-z]{2,}[,.!?:]? [A-Za-z]{2,}|^[A-Z][a-z]+[ .!?]?$|(?![A-Za-z])[^\W\d_]"
)
NAMES = {
    "Idempotency-Key",
    "Retry-After",
    "Enter",
    "Space",
    "Files",
    "Escape",
    "GET",
    "POST",
    "DELETE",
    "Apple",
    # The languages, by their own names.
    "English",
    "Deutsch",
    "Español",
    "Português",
    "日本語",
    "العربية",
}
KEY = re.compile(r"^[a-z]\w*(\.\w+)+$")


def read(language):
    command = ["node", "--input-type=module", "-e", READ]
    file = f"file://{ASSETS}/text/{language}.js"
    said = subprocess.run([*command, file, language], check=True, capture_output=True, text=True)
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def english():
    return read("en")["texts"]


class Texts(HTMLParser):
    """What a page says: (text, its key or None) of elements and attributes."""

    def __init__(self, page):
        super().__init__()
        self.said, self._open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in SPOKEN & attributes.keys():
            self.said.append((attributes[name], attributes.get(f"data-text-{name}")))
        if tag not in VOID:
            self._open.append((tag, attributes.get("data-text")))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        words = " ".join(data.split())
        if words and not LEFT_ALONE & {tag for tag, _ in self._open}:
            self.said.append((words, self._open[-1][1]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_say_what_the_english_texts_say(page, english):
    said = [
        (words, key) for words, key in Texts(page.read_text()).said if re.search("[a-z]", words)
    ]
    assert len(said) > 5
    assert [(words, key) for words, key in said if english.get(key) != words] == []


def strings(script):
    found = STRINGS.findall(COMMENTS.sub("", script))
    return [plain or re.sub(r"\$\{[^}]*\}", "…", template) for plain, template in found]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_hold_no_texts(script):
    prose = [words for words in strings(script.read_text()) if PROSE.search(words)]
    assert [words for words in prose if words not in NAMES and not words.endswith("Error")] == []


def test_prose_would_be_found():
    script = 'a("Hello"); b(`You have ${n} of them`); c("aria-label"); d("#level span"); // A word'
    script += '\ne("número"); f("録音"); g(" · "); h("تسجيل")'
    assert [words for words in strings(script) if PROSE.search(words)] == [
        "Hello", "You have … of them", "número", "録音", "تسجيل",
    ]  # fmt: skip


def test_every_text_is_used_and_every_key_is_there(english):
    used, begun = set(), set()
    for script in SCRIPTS:
        for words in strings(script.read_text()):
            if KEY.match(words) and not words.endswith((".js", ".webmanifest")):
                used.add(words)
            elif re.match(r"[a-z]+\.…$", words) and words != "recording.…":
                begun.add(words.removesuffix("…"))
    for page in PAGES:
        used |= set(re.findall(r'data-text[a-z-]*="([^"]+)"', page.read_text()))
    assert used - english.keys() == set()
    assert begun == {
        "state.", "status.", "progress.", "severity.", "server.", "blocked.",
    }  # fmt: skip
    assert {key for key in english.keys() - used if not key.startswith(tuple(begun))} == set()


def values_in(form):
    """The names in it; a number in braces is only written as the language does."""
    return {name for name in re.findall(r"\{(\w+)\}", form) if not name.isdecimal()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_complete(language, english):
    texts, categories = read(language).values()
    assert texts.keys() == english.keys()
    for key, entry in texts.items():
        counts = isinstance(english[key], dict)
        assert isinstance(entry, dict) == counts, key
        wanted = values_in(english[key]["other"] if counts else english[key])
        forms = entry if counts else {"": entry}
        assert forms.keys() == (set(categories) if counts else {""}), key
        for category, form in forms.items():
            assert form.strip() == form != "", key
            assert values_in(form) == wanted or (
                category in SAID_IN_WORDS and values_in(form) == wanted - {"count"}
            ), key


def test_every_language_can_be_chosen():
    listed = re.search(
        r"pageLanguages = \{(.*?)\}", (ASSETS / "language.js").read_text(), re.DOTALL
    )
    assert sorted(re.findall(r"(\w+): \"", listed[1])) == LANGUAGES


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda sheet: sheet.name)
def test_styles_know_no_left_and_right(sheet):
    styles = sheet.read_text()
    assert re.findall(r"[^\n]*\b(?:left|right)\b[^\n]*", styles) == []
    four_sides = re.findall(
        r"(?:margin|padding|inset|width|radius): ([\w.]+) ([\w.]+) ([\w.]+) ([\w.]+);", styles
    )
    assert [sides for sides in four_sides if sides[1] != sides[3]] == []


def test_every_text_of_arabic_begins_in_arabic():
    """What has dir="auto" takes its direction from there."""
    begins = re.compile(r"[^\w{]*[{\u0600-\u06ff]")
    forms = [
        form
        for entry in read("ar")["texts"].values()
        for form in (entry.values() if isinstance(entry, dict) else [entry])
    ]
    assert [form for form in forms if " " in form and not begins.match(form)] == []


# In the browser

LOADED = """
  return performance.getEntriesByType("resource")
    .map((entry) => entry.name.match(/text\\/(\\w+)\\.js$/)?.[1]).filter(Boolean);
"""


@pytest.fixture
def client(new_client):
    return new_client()


def direction(browser):
    return browser.run("const { lang, dir } = document.documentElement; return [lang, dir];")


def test_language_is_the_browsers_until_another_is_chosen(new_browser, client):
    browser = new_browser(user=client.user, arguments=["--accept-lang=xx,de-AT,en"])
    id = client.upload(topic="Auf See", duration="65", language="nl")
    browser.open("/")
    browser.wait_for_text("Niederländisch")
    assert "Hochgeladen" in browser.text()
    assert browser.driver.title == "Meine Sprechübungen"
    assert direction(browser) == ["de", "ltr"]
    assert set(browser.run(LOADED)) == {"de"}
    browser.open(f"/session/{id}")
    browser.wait_for_text("Die Niederschrift beginnt meist in 30 Sekunden.")
    browser.open("/session/new")
    browser.wait_for_state("idle")
    language = Select(browser.wait_for("field", "Sprache"))
    assert language.first_selected_option.text == "Englisch"
    assert language.options[0].text == "Arabisch"
    browser.press("English")
    browser.wait_for("button", "Start Speaking Session")
    browser.open("/")
    browser.wait_for_text("Dutch")
    assert direction(browser) == ["en", "ltr"]
    assert set(browser.run(LOADED)) == {"en"}


def test_language_whose_texts_do_not_come_is_english(new_browser):
    browser = new_browser(arguments=["--accept-lang=de"])
    browser.expected = ["text/de.js"]
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*/text/de.js"])
    browser.open("/session/new")
    browser.wait_for("button", "Start Speaking Session")
    assert direction(browser) == ["en", "ltr"]


@pytest.mark.parametrize("path", ["/", "/session/new", "/session/csomething"])
def test_page_whose_texts_do_not_come_says_so(new_browser, door, path):
    door.files["/assets/text/en.js"] = 'throw new Error("cut off");'
    browser = new_browser(url=door.url)
    browser.expected += ["cut off", "status of 404"]
    browser.open(path)
    [notice] = browser.driver.find_elements("css selector", ".incomplete")
    browser.wait(notice.is_displayed, "the notice")
    assert "did not come whole" in notice.text
    assert browser.text() == "", "a page of which nothing works"
    door.files.clear()
    browser.open(path)
    browser.wait(browser.text, "the page")


@pytest.mark.parametrize("language, way", [("de", "ltr"), ("ar", "rtl"), ("ja", "ltr")])
def test_english_is_not_shown_first_where_another_language_is_wanted(new_browser, language, way):
    texts = read(language)["texts"]
    browser = new_browser(arguments=[f"--accept-lang={language}"])
    browser.before_pages(
        """window.shown = new Set();
        new MutationObserver(() => {
          const title = document.querySelector("h1");
          const { visibility, direction } = document.body ? getComputedStyle(document.body) : {};
          if (title && visibility === "visible") shown.add(`${direction} ${title.textContent}`);
        }).observe(document, { childList: true, subtree: true, attributes: true });"""
    )
    browser.open("/session/new")
    browser.wait_for("button", texts["new.start"])
    assert browser.run("return [...shown];") == [f"{way} {texts['new.title']}"]
    assert set(browser.run(LOADED)) == {language}
