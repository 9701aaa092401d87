"""The page in a real browser: every control, every lesson, downloads, two visitors, a telephone.

The first test takes part in the usual run; all of them: ``pytest tests/app/test_browser.py -m ""``.
They need Chromium: one that is installed, or the path in CLUSTERSIM_CHROMIUM, which has to start.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clustersim.app.blows import BUTTONS
from clustersim.app.controls import SWITCHES, sliders
from clustersim.app.lessons import read_lessons

pytest.importorskip("solara", reason="needs the extra `app`")
playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

CHROMIUM = os.environ.get("CLUSTERSIM_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.filterwarnings("ignore"),
]
WAIT = 30_000
"""Milliseconds that a busy machine may take."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    out = tmp_path_factory.mktemp("app") / "out.txt"
    with out.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "clustersim", "app", "--no-browser", "--port", str(port)],
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        for _ in range(3000):
            if process.poll() is not None or "http://" in out.read_text():
                break
            time.sleep(0.1)
        assert process.poll() is None, out.read_text()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert "Traceback" not in out.read_text(), out.read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        try:
            found = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except playwright.Error as error:
            if os.environ.get("CLUSTERSIM_CHROMIUM"):
                raise
            # Some systems have a program of that name that only says how to install it.
            pytest.skip(f"{CHROMIUM} does not start: {error.message.splitlines()[0]}")
        yield found
        found.close()


Opening = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opening]:
    """Open pages; at the end none may have complained, or asked for anything elsewhere."""
    contexts, complaints = [], []

    def told(message: Any) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def requested(request: Any) -> None:
        if not request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
            complaints.append(f"asks {request.url}")

    def answered(response: Any) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def open_page(wide: int = 1280, high: int = 900) -> Any:
        context = browser.new_context(viewport={"width": wide, "height": high})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", requested)
        page.on("response", answered)
        page.on("requestfailed", lambda request: complaints.append(f"failed {request.url}"))
        page.goto(address)
        page.wait_for_selector(".cs-network canvas")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def press(page: Any, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def choose(page: Any, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).click(force=True)
    page.locator(".menuable__content__active .v-list-item").filter(has_text=value).first.click()
    page.wait_for_timeout(150)


def clock(page: Any) -> str:
    return str(page.locator(".cs-clock").inner_text())


def run_to(page: Any, year: int) -> None:
    choose(page, "Speed", "a year at a time")
    press(page, "▶")
    page.wait_for_function(
        f"parseInt(document.querySelector('.cs-clock').innerText) >= {year}", timeout=4 * WAIT
    )
    if page.get_by_role("button", name="❚❚").count():
        press(page, "❚❚")


def begin_anew(page: Any) -> None:
    press(page, "Begin anew")
    page.get_by_text("Settings have changed").wait_for(state="hidden")


def picture(page: Any) -> str:
    return str(page.evaluate("document.querySelector('.cs-network canvas').toDataURL()"))


def picture_that(page: Any, holds: Callable[[str], bool]) -> str:
    """Wait for a picture."""
    for _ in range(WAIT // 100):
        now = picture(page)
        if holds(now):
            return now
        page.wait_for_timeout(100)
    raise AssertionError("another picture of the network was awaited")


def test_a_world_runs_pauses_steps_and_begins_again(opened: Opening) -> None:
    page = opened()
    assert clock(page) == "1990, quarter 1 of 2030"
    first = picture(page)
    press(page, "Step")
    page.get_by_text("1990, quarter 2 of 2030").wait_for()
    press(page, "▶")
    page.get_by_text(re.compile("1992, quarter")).wait_for()
    press(page, "❚❚")
    page.get_by_role("button", name="▶").wait_for()
    page.wait_for_timeout(600)
    stopped = clock(page)
    page.wait_for_timeout(600)
    assert clock(page) == stopped
    assert picture(page) != first
    assert page.locator(".cs-life svg").count() >= 2
    press(page, "Reset")
    page.get_by_text("1990, quarter 1 of 2030").wait_for()
    picture_that(page, lambda now: now == first)  # it comes after the clock


@pytest.mark.slow
def test_every_setting_does_something(opened: Opening) -> None:
    page = opened()
    press(page, "▸ Parameters")
    thumbs = page.get_by_role("slider")
    thumbs.last.wait_for(state="attached")
    assert thumbs.count() == len(sliders())
    for number in range(thumbs.count()):
        thumbs.nth(number).press("ArrowRight")
    page.get_by_text("Settings have changed").wait_for()
    page.get_by_role("button", name="What is known about: New firms").click()
    page.get_by_text("In the European Union about one firm in ten").first.wait_for()
    press(page, "▸ Mechanisms")
    for one in SWITCHES:
        page.get_by_role("switch", name=one.label, exact=True).press("Space")
    page.get_by_role("switch", name="network (from 2000 to 2015)").press("Space")
    page.get_by_role("switch", name="vouchers (from 2000 to 2015)").press("Space")
    choose(page, "Budget of vouchers, planned €0.60 m a year", "double")
    seed = page.get_by_label("Seed (number of the luck)")
    seed.fill("42")
    seed.press("Enter")
    page.wait_for_timeout(500)
    begin_anew(page)
    press(page, "▾ Policies")
    with page.expect_download() as download:
        press(page, "Scenario file")
    text = Path(download.value.path()).read_text()
    assert "\nseed: 42\n" in text
    assert "entry.spin_offs: false" in text
    assert "entry.start_up_rate: 0.18" in text
    assert "distance_decay: false" in text
    assert re.search(r"name: vouchers(.|\n)*enabled: true", text)
    press(page, "Step")
    page.get_by_text("1990, quarter 2 of 2030").wait_for()


@pytest.mark.slow
def test_every_shock_strikes_and_is_drawn(opened: Opening) -> None:
    page = opened()
    for one in BUTTONS:
        press(page, one.label)
        press(page, "Step")
        page.wait_for_timeout(300)
    assert page.locator(".cs-life g title").count() >= len(BUTTONS) - 1
    assert page.locator(".cs-marks li").count() >= len(BUTTONS)


@pytest.mark.slow
def test_colours_lines_and_actors(opened: Opening) -> None:
    page = opened()
    seen = {picture(page)}
    for colour in ("stage of the cluster", "sector"):
        choose(page, "Colour", colour)
        seen.add(picture_that(page, lambda now: now not in seen))
    choose(page, "Lines", "key suppliers")
    picture_that(page, lambda now: now not in seen)
    box = page.locator(".cs-network canvas").bounding_box()
    for share in (0.05, 0.1, 0.15, 0.5, 0.6):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.35 * box["height"])
        page.wait_for_timeout(200)
        if page.get_by_text("jobs, ").count() and page.get_by_text("years old").count():
            break
    assert page.get_by_text("years old").count() == 1


@pytest.mark.slow
def test_twin_worlds_run_on_the_same_luck(opened: Opening) -> None:
    page = opened()
    choose(page, "Worlds", "two worlds")
    begin_anew(page)
    assert page.locator(".cs-network canvas").count() == 2
    run_to(page, 2004)
    page.get_by_text("What evaluators would say").wait_for()
    assert page.locator("[aria-label^='Difference between both worlds']").count() == 1
    assert page.get_by_text("Before and after").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", read_lessons())
def test_every_lesson_begins_and_runs(name: str, opened: Opening) -> None:
    lesson = read_lessons()[name]
    page = opened()
    choose(page, "Lesson", lesson.title)
    page.get_by_text(lesson.question).wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".cs-network canvas").count() == (2 if lesson.twin else 1)
    assert page.get_by_text(lesson.look[0].split(".")[0]).count() == 0  # students guess first
    press(page, "▸ What to look for")
    page.get_by_text(lesson.look[0].split(".")[0]).first.wait_for()
    run_to(page, 2006)
    press(page, "▸ Afterwards")
    page.get_by_text(lesson.discuss[0].split(".")[0]).first.wait_for()


@pytest.mark.slow
def test_what_is_taken_home_repeats_the_run(opened: Opening, tmp_path: Path) -> None:
    page = opened()
    press(page, "Close the anchor firm")
    run_to(page, 1993)
    files = {}
    for label in ("Scenario file", "Table (CSV)", "All tables (Parquet)", "Figure (PNG)"):
        with page.expect_download() as download:
            press(page, label)
        files[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[label])
        assert files[label].stat().st_size > 500
    out = tmp_path / "out"
    command = ["run", str(files["Scenario file"]), "--out", str(out), "--no-plot", "--alone"]
    subprocess.run([sys.executable, "-m", "clustersim", *command], check=True)
    from clustersim.store import read_run

    stored = read_run(out).arrays("clusters")["jobs"].tolist()
    rows = files["Table (CSV)"].read_text(encoding="utf-8-sig").splitlines()
    column = rows[0].split(",").index("jobs")
    jobs = [float(row.split(",")[column]) for row in rows[1:]]
    assert jobs == stored[: len(jobs)]


@pytest.mark.slow
def test_two_visitors_do_not_disturb_each_other(opened: Opening) -> None:
    one, two = opened(), opened()
    press(one, "▶")
    one.get_by_text(re.compile("1991, quarter")).wait_for()
    assert clock(two) == "1990, quarter 1 of 2030"
    press(two, "Pandemic")
    choose(two, "Scenario", "(base)")
    two.get_by_text("1990, quarter 1 of 2050").wait_for()
    press(one, "❚❚")
    assert one.locator(".cs-marks").count() == 0
    assert clock(one).endswith("of 2030")


@pytest.mark.slow
def test_a_large_world_with_entries_and_exits_is_drawn_while_it_runs(opened: Opening) -> None:
    page = opened()
    choose(page, "Scenario", "(base)")
    page.get_by_text("1990, quarter 1 of 2050").wait_for()
    begun = time.monotonic()
    press(page, "▶")
    page.get_by_text(re.compile("1992, quarter")).wait_for()
    assert time.monotonic() - begun < 30
    words = page.locator(".cs-network canvas").get_attribute("aria-label")
    assert int(words.split()[2].replace(",", "")) > 6000


@pytest.mark.slow
def test_a_telephone_shows_all_of_it_without_sideways_scrolling(opened: Opening) -> None:
    page = opened(390, 844)
    press(page, "Step")
    page.get_by_text("1990, quarter 2 of 2030").wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.cs-page *')]"
        ".map(one => one.getBoundingClientRect().right))"
    )
    assert widest <= 391


@pytest.mark.slow
def test_it_can_be_used_by_keyboard_alone(opened: Opening) -> None:
    page = opened()
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.innerText"))
        if seen[-1].strip() == "Step":
            break
    assert seen[-1].strip() == "Step", seen
    page.keyboard.press("Enter")
    page.get_by_text("1990, quarter 2 of 2030").wait_for()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)


@pytest.mark.slow
def test_night_colours(opened: Opening) -> None:
    page = opened()
    page.get_by_role("button").filter(
        has=page.locator(".mdi-weather-night, .mdi-brightness-auto, .mdi-weather-sunny")
    ).first.click()
    page.wait_for_timeout(500)
    assert page.locator(".cs-network canvas").count() == 1
