"""/: the user's sessions, newest first."""

from urllib.parse import urlsplit


def topics(browser):
    rows = browser.driver.find_elements("css selector", "#sessions .topic")
    return [row.text for row in rows]


def test_nobody_has_sessions_at_first(browser):
    browser.open("/")
    browser.wait_for_text("Nothing here yet")
    browser.follow("Record Your First Session")
    browser.wait_for("button", "Start Speaking Session")


def test_pages_of_ten_newest_first(browser, client):
    for number in range(1, 24):
        client.upload(topic=f"Topic {number}")
    browser.open("/")
    browser.wait_for_text("Page 1 of 3")
    assert topics(browser) == [f"Topic {number}" for number in range(23, 13, -1)]
    assert browser.find("link", "Newer") is None
    browser.follow("Older")
    browser.wait_for_text("Page 2 of 3")
    browser.follow("Older")
    browser.wait_for_text("Page 3 of 3")
    assert topics(browser) == ["Topic 3", "Topic 2", "Topic 1"]
    assert browser.find("link", "Older") is None
    browser.follow("Newer")
    browser.wait_for_text("Page 2 of 3")
    assert urlsplit(browser.driver.current_url).query == "page=2"
    browser.open("/?page=9")
    browser.wait_for_text("No sessions on this page")
    browser.follow("Go to the newest")
    browser.wait_for_text("Page 1 of 3")


def test_row_says_what_it_is_and_leads_there(browser, client, db):
    id = client.upload(topic="A day at sea", duration="65", language="nl")
    db.execute("UPDATE speaking_sessions SET status = 'ANALYZING' WHERE id = %s", [id])
    browser.open("/")
    for text in ("A day at sea", "1:05", "Dutch", "Analyzing"):
        browser.wait_for_text(text)
    browser.driver.find_element("css selector", "#sessions a").click()
    assert browser.wait_for_session() == id


def test_server_that_is_down(new_browser, sites):
    site = sites.client("lister-in-bad-times")
    browser = new_browser(url=site.url, user=site.user)
    browser.expected = ["status of 502", "status of 503"]
    site.responder.terminate()
    browser.open("/")
    browser.wait_for_text("Your sessions cannot be shown")
    browser.wait_for_text("The service is not available")
    site.responder.start()
    assert site.responder.wait_until_ready(20)
    browser.press("Try Again")
    browser.wait_for_text("Nothing here yet")


def test_page_of_some_network_in_the_servers_place(new_browser, door):
    browser = new_browser(url=door.url)
    door.api_order = 200, {"Content-Type": "text/html"}, "<p>Sign in to this network</p>"
    browser.open("/")
    browser.wait_for_text("Something else answered in the server's place.")
    door.api_order = None
    browser.press("Try Again")
    browser.wait_for_text("Nothing here yet")
