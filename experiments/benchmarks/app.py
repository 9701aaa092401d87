"""How fast the page for teaching is, for one visitor and for a class.

For one visitor a real Chromium looks at the page: seconds to the first picture, and quarters a
second while a world of about 500 and one of about 2,000 actors runs and is drawn in every quarter.

A class has a computer for each browser, which this one cannot stand for. Its visitors are programs
that say to the server what a browser says and take what it sends: all open the page at once, all
press Step at once, then all let their worlds run and all press Pause at once; and one more visitor
comes with Chromium while they all run. The time until the server has answered is taken.

The memory of the server is that of its process: before anybody has come; after a first visitor who
has used each thing once, with Chromium; then with a class, and half a minute after it has left,
class after class. From the root of the checkout::

    python -m experiments.benchmarks.app                   # 30 visitors
    python -m experiments.benchmarks.app --visitors 10 --json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from websockets.asyncio.client import connect

from clustersim.app.downloads import DOWNLOADS

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PLACES = {
    "Valley": {"instruments": 1400, "components": 700, "services": 600},
    "City": {"instruments": 700, "components": 900, "services": 3500},
    "Plain": {"instruments": 250, "components": 800, "services": 900},
}
SECONDS = 10.0
"""For which quarters are counted."""
LEFT = 35.0
"""Seconds from when visitors leave until their memory has been given back."""
WAIT = 120_000
"""Milliseconds after which a page that does not answer is given up."""
CLOCK = "document.querySelector('.cs-clock').innerText"


def scenario(share: float) -> str:
    """Return the world of the classroom with more or fewer jobs."""
    sized = {r: {s: round(n * share) for s, n in jobs.items()} for r, jobs in PLACES.items()}
    regions = "\n".join(
        f"    - name: {region}\n      jobs: {json.dumps(jobs)}" for region, jobs in sized.items()
    )
    head = "schema_version: 1\nextends: classroom\ntitle: Sized\nshocks: []\nworld:\n  regions:\n"
    return f"{head}{regions}\n"


@contextmanager
def served(*arguments: str) -> Iterator[tuple[str, int]]:
    """Start a server; yield its address and process."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "clustersim", "app", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603  # this program
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101  # a pipe, as asked for
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError("the server did not start")
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def megabytes(pid: int) -> float:
    """Return the resident memory of a process, or NaN where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    return float(text.split("VmRSS:")[1].split()[0]) / 1024.0


async def opened(browser: Browser, address: str) -> tuple[Page, float]:
    """Open the page in a context of its own; return it and the seconds to the first picture."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(WAIT)
    begun = time.perf_counter()
    await page.goto(address)
    await page.wait_for_selector(".cs-network canvas")
    return page, time.perf_counter() - begun


async def pressed(page: Page, label: str, then: str) -> float:
    """Press a button; return the seconds until something holds on the page."""
    begun = time.perf_counter()
    await page.get_by_role("button", name=label, exact=True).click()
    await page.wait_for_function(then)
    return time.perf_counter() - begun


async def pace(browser: Browser, address: str) -> dict[str, float]:
    """Return what one visitor sees: first picture, actors, and quarters a second."""
    page, first = await opened(browser, address)
    words = await page.locator(".cs-network canvas").get_attribute("aria-label")
    await page.get_by_label("Speed", exact=True).click(force=True)
    await page.locator(".menuable__content__active .v-list-item").filter(has_text="fast").click()
    await page.evaluate(
        """() => { window.seen = new Set();
        new MutationObserver(() => window.seen.add(document.querySelector('.cs-clock').innerText))
        .observe(document.querySelector('.cs-bar'),
                 {subtree: true, childList: true, characterData: true}); }"""
    )
    await page.get_by_role("button", name="▶").click()
    await page.wait_for_timeout(1000)
    before = await page.evaluate("window.seen.size")
    begun = time.perf_counter()
    await page.wait_for_timeout(SECONDS * 1000)
    quarters = await page.evaluate("window.seen.size") - before
    seconds = time.perf_counter() - begun
    await page.context.close()
    actors = sum(int(one.replace(",", "")) for one in (words or "").split() if one[0].isdigit())
    ties = int((words or "").split(" ties")[0].split()[-1].replace(",", ""))
    year = int((words or "0").split()[-1].partition(".")[0])
    return {
        "first_picture": first,
        "actors": actors - ties - year,
        "quarters_a_second": quarters / seconds,
    }


class Seat:
    """A visitor without a browser: says what Solara's page says, and counts what comes back."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session, self.kernel, self.control = (str(uuid.uuid4()) for _ in range(3))
        self.buttons: dict[str, str] = {}
        self.clock = ""
        self.drawn = 0
        self._news = asyncio.Event()

    async def open(self) -> float:
        """Open the page; return the seconds until the first picture has come."""
        begun = time.perf_counter()
        await asyncio.to_thread(_load, self.address)
        where = f"{self.address.replace('http', 'ws')}/jupyter/api/kernels/{self.kernel}/channels"
        self.socket = await connect(f"{where}?session_id={self.session}", max_size=None)
        self.reader = asyncio.create_task(self._read())
        await self._say("kernel_info_request", {})
        opening = {"comm_id": self.control, "target_name": "solara.control", "data": {}}
        await self._say("comm_open", opening)
        arguments = {"path": "/", "dark": False, "themes": {}, "appName": None}
        data = {"method": "run", "args": arguments}
        await self._say("comm_msg", {"comm_id": self.control, "data": data})
        await self.wait(lambda: self.drawn > 0 and "Step" in self.buttons and bool(self.clock))
        return time.perf_counter() - begun

    async def press(self, label: str, then: Callable[[], bool]) -> float:
        """Press a button; return the seconds until something holds."""
        begun = time.perf_counter()
        data = {"method": "custom", "content": {"event": "click", "data": {}}}
        await self._say("comm_msg", {"comm_id": self.buttons[label], "data": data})
        await self.wait(then)
        return time.perf_counter() - begun

    async def wait(self, then: Callable[[], bool]) -> None:
        """Wait until something holds, looking at each message."""
        async with asyncio.timeout(WAIT / 1000):
            while not then():
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        """Leave, as a page does that is closed."""
        closing = f"{self.address}/_solara/api/close/{self.kernel}?session_id={self.session}"
        await asyncio.to_thread(_load, closing, b"")
        await self.socket.close()
        self.reader.cancel()

    async def _say(self, kind: str, content: dict[str, Any]) -> None:
        header = {
            "msg_id": str(uuid.uuid4()),
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "version": "5.2",
            "date": "2000-01-01T00:00:00.000Z",
        }
        message = {
            "buffers": [],
            "channel": "shell",
            "content": content,
            "header": header,
            "metadata": {},
            "parent_header": {},
        }
        await self.socket.send(json.dumps(message))

    async def _read(self) -> None:
        async for text in self.socket:
            if isinstance(text, str):
                content = json.loads(text).get("content", {})
                self._take(content.get("comm_id", ""), content.get("data", {}))
            self._news.set()

    def _take(self, identity: str, data: Any) -> None:
        """Note what a widget shows."""
        state = data.get("state", {}) if isinstance(data, dict) else {}
        children = state.get("children")
        if isinstance(children, list) and len(children) == 1 and isinstance(children[0], str):
            old = [label for label, known in self.buttons.items() if known == identity]
            for label in old:
                del self.buttons[label]
            self.buttons[children[0]] = identity
        self.drawn += "picture" in state
        shown = json.dumps(state)
        found = re.search(r"(\d{4}), quarter (\d)", shown) if "cs-clock" in shown else None
        if found:
            self.clock = found[0]


def _load(address: str, data: bytes | None = None) -> None:
    """Load what is at an address of our own server."""
    with urllib.request.urlopen(address, data, timeout=WAIT / 1000) as answer:  # noqa: S310
        answer.read()


async def first_visitor(browser: Browser, address: str) -> None:
    """Use each thing once: a lesson of two worlds, a shock, a run to its end, every download."""
    page, _ = await opened(browser, address)
    for what, which in (("Lesson", "A policy that works"), ("Speed", "a year at a time")):
        await chosen(page, what, which)
    await page.wait_for_function("document.querySelectorAll('.cs-network canvas').length === 2")
    await page.get_by_role("button", name="Pandemic", exact=True).click()
    for shown in ("stage of the cluster", "sector", "kind of actor"):
        await chosen(page, "Colour", shown)
    for fold in ("Parameters", "Mechanisms", "Afterwards"):
        await page.get_by_role("button", name=f"▸ {fold}").click()
    await pressed(page, "▶", f"{CLOCK}.includes('end')")
    for one in DOWNLOADS:
        await taken_home(page, one.label)
    await page.context.close()


async def chosen(page: Page, label: str, value: str) -> None:
    """Choose from a list."""
    await page.get_by_label(label, exact=True).click(force=True)
    entry = page.locator(".menuable__content__active .v-list-item").filter(has_text=value)
    await entry.first.click()
    await page.wait_for_timeout(300)


async def taken_home(page: Page, label: str) -> None:
    """Download a file."""
    async with page.expect_download() as download:
        await page.get_by_role("button", name=label, exact=True).click()
    await (await download.value).path()


async def lesson_hour(browser: Browser, address: str, visitors: int, pid: int) -> dict[str, Any]:
    """Return what a class sees, and the memory of the server with it and after it."""
    seats = [Seat(address) for _ in range(visitors)]
    opening = await asyncio.gather(*(one.open() for one in seats))
    # What is not seen at first is still coming.
    await asyncio.sleep(SECONDS)
    step = await asyncio.gather(
        *(one.press("Step", lambda one=one: one.clock.endswith("quarter 2")) for one in seats)
    )
    await asyncio.gather(*(one.press("▶", lambda one=one: "❚❚" in one.buttons) for one in seats))
    before, begun = [one.drawn for one in seats], time.perf_counter()
    await asyncio.sleep(SECONDS)
    pictures = [one.drawn - early for one, early in zip(seats, before, strict=True)]
    seconds = time.perf_counter() - begun
    page, one_more = await opened(browser, address)
    its_step = await pressed(page, "Step", f"{CLOCK}.includes('quarter 2')")
    await page.context.close()
    pause = await asyncio.gather(
        *(one.press("❚❚", lambda one=one: "▶" in one.buttons) for one in seats)
    )
    memory = {"with": megabytes(pid)}
    await asyncio.gather(*(one.close() for one in seats))
    await asyncio.sleep(LEFT)
    memory["after"] = megabytes(pid)
    return {
        "visitors": visitors,
        "first_picture_all_at_once": _spread(opening),
        "step_all_at_once": _spread(step),
        "pictures_a_second_each_while_all_run": median(pictures) / seconds,
        "browser_while_all_run": {"first_picture": one_more, "step": its_step},
        "pause_all_at_once": _spread(pause),
        "megabytes": memory,
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "most": max(values)}


async def measure(visitors: int, classes: int) -> dict[str, Any]:
    """Measure everything."""
    chromium = os.environ.get("CLUSTERSIM_CHROMIUM") or shutil.which("chromium")
    found: dict[str, Any] = {"machine": f"{platform.machine()}, {os.cpu_count()} processors"}
    async with async_playwright() as started:
        browser = await started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        with TemporaryDirectory() as folder:
            for name, share in (("500", 0.31), ("2000", 1.45)):
                file = Path(folder) / f"w{name}.yaml"
                file.write_text(scenario(share), encoding="utf-8")
                with served(str(file)) as (address, _):
                    found[f"one_visitor_{name}"] = await pace(browser, address)
        with served() as (address, pid):
            memory = {"before": megabytes(pid)}
            await first_visitor(browser, address)
            await asyncio.sleep(LEFT)
            memory["after_the_first"] = megabytes(pid)
            found["megabytes"] = memory
            for number in range(1, classes + 1):
                found[f"class_{number}"] = await lesson_hour(browser, address, visitors, pid)
        await browser.close()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--classes", type=int, default=2, help="classes, one after the other")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = asyncio.run(measure(given.visitors, given.classes))
    if given.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    for what, value in found.items():
        sys.stdout.write(f"{what}: {json.dumps(value)}\n")


if __name__ == "__main__":
    main()
