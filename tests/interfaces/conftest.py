"""A real browser, where there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: names under which Chromium is found; LEAKCHECK_BROWSER names another
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium through Playwright; tests are skipped, with the reason, where it is missing.

    Closed after each module: Playwright's loop would be in the way of others.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    named = os.environ.get("LEAKCHECK_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(
            f"no browser found: none of {', '.join(BROWSERS)} is on the path, and "
            "LEAKCHECK_BROWSER names none"
        )
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=found, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a page from the disk; it must not complain, nor ask for anything but itself."""

    @contextmanager
    def open_page(html: str, **options: Any) -> Iterator[Any]:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        page = context.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        try:
            yield page
            assert complaints == []
            assert asked == [path.as_uri()]
        finally:
            context.close()

    return open_page
