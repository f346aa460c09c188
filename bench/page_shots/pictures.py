"""Takes the pictures with Chromium, and makes them small."""

import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

WIDTH, HEIGHT = 1280, 900
LONGEST = 1_700
"""Pixels of a picture's height; what lies below is cut off."""
COLOURS = 128
DRAWN = {
    "/user": "[data-testid=history]",
    "/map": "#map[data-drawn]",
    "/": ".checks",
}
"""By path, what a page shows once all that it loads by itself is there."""


class BrowserMissingError(Exception):
    """There is no Chromium on this machine."""


def take_pictures(address: str, pages: Mapping[str, str], folder: Path) -> dict[str, int]:
    """Write `folder`/NAME.png for each page of `pages` (by name, its path); return their bytes.

    Raises BrowserMissingError.
    """
    program = shutil.which("chromium")
    if program is None:
        raise BrowserMissingError("chromium is missing (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        for name, path in pages.items():
            dark = name.endswith("-dark")
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                color_scheme="dark" if dark else "light",
            )
            page = context.new_page()
            page.goto(address + path)
            _wait(page, path)
            sizes[name] = _write(page.screenshot(full_page=True), folder / f"{name}.png")
            context.close()
        browser.close()
    return sizes


def _wait(page: Page, path: str) -> None:
    selector = DRAWN.get(path.partition("?")[0])
    if selector is not None:
        page.wait_for_selector(selector, state="attached")
    page.wait_for_timeout(1_000)  # charts are drawn with the next frame


def _write(png: bytes, path: Path) -> int:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, LONGEST)))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size
