"""The pages in the languages that they speak: from right to left, on a narrow phone, in numbers."""

import pytest
from browser import in_both
from states import fill
from test_pages_accessibility import AXE, RUN
from test_pages_texts import HTML, LANGUAGES, read

WORDS = read("ar")["texts"]
WIDTH = 320

# What sticks out on either side; what is there for the ear alone is left out.
STICKS_OUT = """
  const { scrollWidth, clientWidth } = document.documentElement;
  const isOut = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 1 && (left < -0.5 || right > clientWidth + 0.5);
  };
  const out = [...document.body.querySelectorAll("*")].filter(isOut).map((it) => it.outerHTML);
  return scrollWidth > clientWidth ? [scrollWidth, ...out] : out;
"""
# The text with that key, as the page's script says it; a test in Firefox has one of its own.
SAY = """
  const [key, values] = given;
  const { name } = performance.getEntriesByType("resource").find(({ name }) =>
    new URL(name).pathname.endsWith("/text.js"));
  const { text, textsLoaded } = await import(name);
  await textsLoaded;
  return text(key, values);
"""
ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
ALONE = "\u2068{}\u2069"


@pytest.fixture
def done(alice, db, recordings):
    alice.speech = recordings["WebM/Opus"].data
    return fill(alice, db)


def choose(browser, language):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.run(f"localStorage.setItem('speaking-sessions-language', '{language}');")


def make_narrow(browser):
    if hasattr(browser, "cdp"):
        browser.cdp(
            "Emulation.setDeviceMetricsOverride", width=WIDTH, height=700, deviceScaleFactor=1,
            mobile=True,
        )  # fmt: skip
        return
    driver = browser.driver
    driver.browsing_context.set_viewport(
        context=driver.current_window_handle, viewport={"width": WIDTH, "height": 700}
    )


def press(browser, id):
    browser.wait_until_settled()
    browser.by_id(id).click()


def open_loaded(browser, path):
    browser.open(path)
    browser.wait(lambda: browser.state() != "loading", path)


def recording(browser):
    open_loaded(browser, "/session/new")
    browser.by_id("topic").send_keys("The market and the sea")
    press(browser, "start")
    browser.wait_for_state("recording")
    browser.wait(lambda: browser.elapsed() >= 1, "a second")


def kept_of_that(browser):
    press(browser, "stop")
    browser.wait_for_state("stopped")
    press(browser, "keep")
    browser.wait_for_text(WORDS["site.unsent"]["one"])


def stays(browser, door, page):
    """A page that the web server shows in place of another."""
    door.api_order = 200, {"Content-Type": "text/html"}, (HTML / page).read_text()
    browser.open("/api/instead")
    browser.wait(lambda: browser.by_id("languages").text, page)
    door.api_order = None


@in_both
def test_every_page_from_right_to_left(new_browser, door, alice, done):
    browser = new_browser(url=door.url, user=alice.user)
    browser.open("/session/new")
    browser.press("العربية")
    browser.wait_for("button", WORDS["new.start"])
    make_narrow(browser)
    for show, *given in [
        (open_loaded, "/"), (open_loaded, "/session/new"), (open_loaded, f"/session/{done}"),
        (open_loaded, "/session/none"), (recording,), (kept_of_that,),
        (stays, door, "signed-out.html"), (stays, door, "not-found.html"),
        (stays, door, "unavailable.html"),
    ]:  # fmt: skip
        browser.expected = ["status of 404"]
        show(browser, *given)
        place = f"{show.__name__} {given}"
        way = browser.run("return getComputedStyle(document.querySelector('main')).direction;")
        assert way == "rtl", place
        assert browser.run(STICKS_OUT) == [], place
        assert browser.run(AXE + RUN) == [], place


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out_of_a_narrow_phone_in(new_browser, door, alice, done, language):
    browser = new_browser(url=door.url, user=alice.user)
    choose(browser, language)
    make_narrow(browser)
    for path in ("/", "/session/new", f"/session/{done}"):
        open_loaded(browser, path)
        assert browser.run("return document.documentElement.lang;") == language
        assert browser.run(STICKS_OUT) == [], path


@in_both
def test_what_learners_wrote_keeps_its_direction(new_browser, door, alice, db):
    id = alice.upload(topic="A walk (by the sea).", duration="8", language="en")
    arabic = alice.upload(topic="يوم في السوق", duration="8", language="ar")
    browser = new_browser(url=door.url, user=alice.user)
    choose(browser, "ar")
    read_title = """
      const title = document.querySelector(given[0]);
      const { direction, textAlign } = getComputedStyle(title);
      return [title.textContent, title.lang, direction, textAlign];
    """
    topics = {id: ["A walk (by the sea).", "en", "ltr"], arabic: ["يوم في السوق", "ar", "rtl"]}
    open_loaded(browser, "/")
    assert browser.by_id("search-topic").value_of_css_property("direction") == "rtl"
    for session, told in topics.items():
        row = f"a[href$='{session}'] .topic"
        assert browser.run(read_title, row) == [*told, "right"]
    for session, told in topics.items():
        open_loaded(browser, f"/session/{session}")
        assert browser.run(read_title, "#topic") == [*told, "right"]
    assert browser.driver.title == f"{ALONE.format('يوم في السوق')} · {WORDS['session.title']}"
    open_loaded(browser, "/session/new")
    topic = browser.by_id("topic")
    assert topic.value_of_css_property("direction") == "rtl"
    topic.send_keys("A day")
    assert topic.get_attribute("lang") == "en"
    assert topic.value_of_css_property("direction") == "ltr"


def test_unsent_takes_have_their_language(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    browser.by_id("topic").send_keys("Auf See")
    browser.run("document.getElementById('language').value = 'de';")
    browser.record_here(1.5)
    browser.press("Keep It and Record Another")
    row = "#unsent-list .topic"
    topic = browser.wait(lambda: browser.driver.find_element("css selector", row), "the take")
    assert [topic.get_attribute("lang"), topic.get_attribute("dir")] == ["de", "auto"]


def test_sound_and_clocks_run_one_way(browser):
    choose(browser, "ar")
    recording(browser)
    first, last = browser.run(
        """
        const bars = [...document.querySelectorAll("#level span")];
        return [bars.at(0), bars.at(-1)].map((bar) => bar.getBoundingClientRect().x);
        """
    )
    assert first < last


@in_both
def test_arabic_has_six_plurals_and_the_digits_of_its_region(browser):
    choose(browser, "ar")
    browser.open("/session/new")
    browser.wait_for("button", WORDS["new.start"])
    said = [browser.run(SAY, "session.words", {"count": count}) for count in (0, 1, 2, 3, 11, 100)]
    assert said == ["بلا كلمات", "كلمة واحدة", "كلمتان", "3 كلمات", "11 كلمة", "100 كلمة"]
    browser.before_pages(
        "Object.defineProperty(navigator, 'languages', { value: ['ar-EG', 'en'] });"
    )
    browser.open("/session/new")
    browser.wait_for("button", WORDS["new.start"])
    assert browser.by_id("timer").text == "0:00".translate(ARABIC)
    thirty = "30".translate(ARABIC)
    assert f" {thirty} " in browser.run(SAY, "progress.UPLOADED", {})
    assert browser.run(SAY, "list.page", {"page": 1, "pages": 12}) == "الصفحة 1 من 12".translate(
        ARABIC
    )


def test_values_stand_apart_where_they_run_the_other_way(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    about = {"name": "تسجيل.mp3", "size": "1 KiB"}
    said = browser.run(SAY, "state.readyToUpload", about)
    assert said == f"{ALONE.format('تسجيل.mp3')} (1 KiB): ready to upload."
