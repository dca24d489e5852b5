"""inspector.py URL KEY SNAPSHOT [FOLDER]: the inspector in Chromium. SNAPSHOT is where a snapshot is saved and taken
in again; screenshots go to FOLDER. MEMT_CHROMIUM names the browser, /usr/bin/chromium without it."""

import json
import os
import sys
import urllib.request
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

url, key, snapshot = sys.argv[1:4]
pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
SENTENCES = [
    *[f"The boiler valve in flat {flat} was replaced on {day}" for flat in range(1, 5) for day in ["Monday", "Tuesday"]],
    *[f"Ida plays the {what} in the orchestra" for what in ["cello", "violin", "harp", "flute", "viola", "oboe"]],
    *[f"The {what} in the garden need water" for what in ["tomatoes", "beans", "roses", "apples", "plums", "pears"]],
    HOSTILE,
]


def post(path, body):
    request = urllib.request.Request(
        url + path,
        json.dumps(body).encode(),
        {"Authorization": f"Token {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


for number, text in enumerate(SENTENCES):
    messages = [{"role": "user", "content": text}]
    post("/v3/memories/add/", {"messages": messages, "user_id": "ann" if number % 3 else "bob", "infer": False})


def picture(page, name):
    if pictures:
        page.screenshot(path=pictures / f"{name}.png", full_page=True)


def check(page):
    page.goto(url)
    expect(page).to_have_url(f"{url}/inspector")
    # Without the key nothing is shown.
    page.locator("#keys").wait_for(state="visible")
    page.fill("#key", key)
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).not_to_be_visible()

    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("when did we fix the heating?")
    page.keyboard.press("Enter")
    first = page.locator("#hits .item").first
    expect(first).to_contain_text("boiler valve")
    width = first.locator(".total .fill, .fill.total").first.evaluate("bar => bar.offsetWidth")
    assert width > 10, width
    picture(page, "search")
    page.locator("#search form button").focus()
    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    details = page.locator("#details")
    # The first description encodes all words of the model.
    expect(details).to_be_visible(timeout=60_000)
    expect(details).to_contain_text("boiler")
    expect(details).to_contain_text("stands for")
    assert details.locator(".track").count() >= 8
    picture(page, "details")
    page.keyboard.press("Escape")
    expect(details).not_to_be_visible()

    page.keyboard.press("2")
    expect(page.locator("#memories .item")).to_have_count(len(SENTENCES))
    page.fill("#list input[name=text]", "garden")
    page.locator("#list form button").click()
    expect(page.locator("#memories .item")).to_have_count(6)
    page.fill("#list input[name=text]", "")
    page.fill("#owner", "bob")
    page.locator("#owner").press("Enter")
    expect(page.locator("#memories .item")).to_have_count(7)
    page.fill("#list input[name=text]", "<script>")
    page.fill("#owner", "")
    page.locator("#list form button").click()
    expect(page.locator("#memories .item")).to_have_count(1)
    expect(page.locator("#memories .item").first).to_contain_text("<script>")
    assert page.title() == "memt", page.title()
    picture(page, "list")

    page.locator("h1").click()
    page.keyboard.press("3")
    expect(page.locator("#legend li").first).to_be_visible()
    for colour in ["owner", "strength", "age", "cluster"]:
        page.select_option("#map select", colour)
        expect(page.locator("#legend li").first).to_be_visible()
    page.locator("#plane").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pointed")).not_to_be_empty()
    picture(page, "map")
    page.keyboard.press("Enter")
    expect(details).to_be_visible()
    page.keyboard.press("Escape")

    page.locator("h1").click()
    page.keyboard.press("4")
    page.fill("#owner", "ann")
    page.fill("#trace input", "The boiler valve in flat 2 was replaced on Friday")
    page.keyboard.press("Enter")
    expect(page.locator("#traces svg").first).to_be_visible()
    expect(page.locator("#traces table").first).to_contain_text("margin")
    picture(page, "trace")
    page.fill("#owner", "")

    page.locator("h1").click()
    page.keyboard.press("5")
    expect(page.locator("#statistics")).to_contain_text(str(len(SENTENCES)))
    with page.expect_download() as download:
        page.locator("#export").click()
    download.value.save_as(snapshot)
    page.set_input_files("#import", snapshot)
    expect(page.locator("#message")).to_contain_text(f"{len(SENTENCES)} were there")
    picture(page, "bank")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page scrolls sideways"


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("MEMT_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
    )
    for name, settings in {
        "light": {"color_scheme": "light", "viewport": {"width": 1100, "height": 800}},
        "phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 800}, "has_touch": True},
    }.items():
        page = browser.new_page(**settings)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.on("request", lambda request: request.url.startswith((url, "blob:", "data:")) or problems.append(request.url))
        page_pictures, pictures = pictures, pictures and pictures / name
        check(page)
        pictures = page_pictures
        # The first questions are refused for want of a key, which the browser notes.
        problems = [problem for problem in problems if "401" not in problem]
        assert not problems, problems
    print("Chromium", browser.version, "is content")
    browser.close()
