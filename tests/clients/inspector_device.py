"""inspector_device.py URL KEY SNAPSHOT [FOLDER]: the inspector's view of a connected device in Chromium. SNAPSHOT is
where the device's snapshot is saved; screenshots go to FOLDER. MEMT_CHROMIUM names the browser, /usr/bin/chromium
without it."""

import os
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

url, key, snapshot = sys.argv[1:4]
pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None


def check(page, name, taken):
    page.goto(url)
    page.locator("#keys").wait_for(state="visible")
    page.fill("#key", key)
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).not_to_be_visible()

    # The view is there only where a device is.
    expect(page.locator("#tab-device")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("6")
    expect(page.locator("#device-state")).to_contain_text("200")
    expect(page.locator("#device-state")).to_contain_text("tcp:127.0.0.1")
    page.fill("#device input[name=query]", "is the boiler valve a text?")
    page.keyboard.press("Enter")
    hits = page.locator("#device-hits .item")
    expect(hits.first).to_contain_text("boiler valve")
    assert hits.first.locator(".track").count() >= 4
    expect(page.locator("#device-hits")).to_contain_text("<img src=x")
    page.locator("#device form button").focus()
    page.keyboard.press("j")
    expect(hits.first).to_be_focused()
    page.keyboard.press("j")
    expect(hits.nth(1)).to_be_focused()
    with page.expect_download() as download:
        page.locator("#device-export").click()
    download.value.save_as(snapshot)
    page.locator("#device-take").click()
    expect(page.locator("#message")).to_contain_text(taken)
    assert page.title() == "memt", page.title()
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page scrolls sideways"
    if pictures:
        page.screenshot(path=pictures / f"device-{name}.png", full_page=True)


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("MEMT_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
    )
    for name, taken, settings in [
        ("light", "3 memories", {"color_scheme": "light", "viewport": {"width": 1100, "height": 800}}),
        ("phone", "3 were there", {"color_scheme": "dark", "viewport": {"width": 390, "height": 800}, "has_touch": True}),
    ]:
        page = browser.new_page(**settings)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        check(page, name, taken)
        # The first questions are refused for want of a key, which the browser notes.
        problems = [problem for problem in problems if "401" not in problem]
        assert not problems, problems
    print("Chromium", browser.version, "shows the device")
    browser.close()
