"""The server: to whom it answers, what it gives away, and that it asks nobody else."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clustersim.cli import app as command

pytest.importorskip("solara", reason="needs the extra `app`")

# Refuses, and writes down, whatever the server would say to another computer.
_WATCH = """
import pathlib, sys
def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in (
        "127.0.0.1", "::1", "localhost"
    ):
        with open({log!r}, "a") as file:
            file.write(f"{{args[1]}}\\n")
        raise OSError("no internet")
    if event == "socket.getaddrinfo" and args[0] not in (
        None, "127.0.0.1", b"127.0.0.1", "::1", "localhost", b"localhost"
    ):
        with open({log!r}, "a") as file:
            file.write(f"{{args[0]}}\\n")
        raise OSError("no internet")
sys.addaudithook(watch)
from clustersim.cli import main
sys.argv = ["clustersim", "app", "--no-browser", "--port", {port!r}]
main()
"""


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    folder = tmp_path_factory.mktemp("server")
    log, port = folder / "outside.txt", str(free())
    program = _WATCH.format(log=str(log), port=port)
    out = (folder / "out.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=out,
        stderr=subprocess.STDOUT,
        env={**os.environ, "SOLARA_HOME": str(folder)},
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        if process.poll() is not None or address in (folder / "out.txt").read_text():
            break
        time.sleep(0.1)
    assert process.poll() is None, (folder / "out.txt").read_text()
    yield address, log, folder / "out.txt"
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    out.close()


def ask(address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  # our own server
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def test_the_page_is_made_of_files_of_this_server_alone(served: tuple[str, Path, Path]) -> None:
    address, log, _ = served
    status, text, headers = ask(address + "/")
    assert status == 200
    assert b"cdn.jsdelivr" not in text
    assert "default-src 'self'" in headers["content-security-policy"]
    script = "/_solara/cdn/@widgetti/solara-vuetify-app@10.1.1/dist/solara-vuetify-app8.min.js"
    if script.encode() in text:
        assert ask(address + script)[0] == 200
    assert ask(address + "/_solara/cdn/no-such-package@1.0.0/file.js")[0] == 404
    assert not log.exists(), log.read_text()


@pytest.mark.parametrize(
    "path",
    [
        "/static/public/../page.py",
        "/static/assets/..%2f..%2f..%2fetc/passwd",
        "/_solara/cdn/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/jupyter/nbextensions/..%2f..%2f..%2f..%2fetc/passwd",
        "/static/%2fetc/passwd",
        "/clustersim/app/page.py",
        "/static/public/page.py",
    ],
)
def test_no_file_of_the_server_can_be_read(path: str, served: tuple[str, Path, Path]) -> None:
    _, text, _ = ask(served[0] + path)
    assert b"root:" not in text
    assert b"import solara" not in text


def test_what_is_no_business_of_visitors_is_left_out(served: tuple[str, Path, Path]) -> None:
    for path in ("/resourcez", "/resourcez?verbose"):
        assert b"kernels" not in ask(served[0] + path)[1]


def test_requests_that_name_another_host_are_refused(served: tuple[str, Path, Path]) -> None:
    assert ask(served[0] + "/", Host="evil.example")[0] == 400


def test_pages_of_other_servers_get_no_connection(served: tuple[str, Path, Path]) -> None:
    host = served[0].removeprefix("http://")
    for origin, expected in ((served[0], b"101"), ("http://evil.example", b"403")):
        name, port = host.split(":")
        with socket.create_connection((name, int(port)), timeout=20) as one:
            lines = [
                "GET /jupyter/api/kernels/abc/channels?session_id=x HTTP/1.1",
                f"Host: {host}",
                f"Origin: {origin}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
            ]
            one.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            assert one.recv(200).split()[1] == expected


def test_it_listens_on_this_computer_only(served: tuple[str, Path, Path]) -> None:
    port = int(served[0].rsplit(":", 1)[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        # Finds out an address of this computer in its network; nothing is sent.
        one.connect(("192.0.2.1", 9))
        own = one.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this computer has no other address")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((own, port), timeout=5)


def test_it_says_where_it_is_and_complains_of_nothing(served: tuple[str, Path, Path]) -> None:
    ask(served[0] + "/")
    first, *rest = served[2].read_text().splitlines()
    assert first.startswith("getting ready")
    assert rest == [served[0], "Ctrl-C ends it"]


def test_a_port_that_is_taken_is_passed_over_and_a_strange_host_refused() -> None:
    from clustersim.app.server import PortError, free_port

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        taken = one.getsockname()[1]
        assert taken < free_port("127.0.0.1", taken) <= taken + 10
    with pytest.raises(PortError, match="lets others in"):
        free_port("192.0.2.1", 8765)


@pytest.mark.parametrize("missing", ["solara", "solara.server", "uvicorn", "altair"])
def test_what_is_not_installed_is_told_with_the_remedy(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    done = CliRunner().invoke(command, ["app", "--no-browser", "--port", "8700"])
    assert done.exit_code == 2, done.output
    assert "install it by `pip install 'clustersim[app]'`" in done.stderr
