"""`deskhand run` with the real app and a real Rasa: it comes up, survives a crash of Rasa, leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PORT, INTERNAL_PORT, RASA_PORT = 15330, 15331, 15332


def processes(data_dir: Path) -> list[int]:
    """Living processes that were started for this installation: its folder is in their environment."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA_DIR={data_dir}\0".encode() in environ.read_bytes() + b"\0":
                found.append(int(environ.parent.name))
            elif f"RASA_TRACKER_DB={data_dir}/".encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


class Run:
    """One `deskhand run` in a folder of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.output = data_dir, data_dir / "run.out"
        env = os.environ | {
            "DATA_DIR": str(data_dir),
            "PORT": str(PORT),
            "INTERNAL_PORT": str(INTERNAL_PORT),
            "RASA_URL": f"http://127.0.0.1:{RASA_PORT}",
            "DATABASE_URL": "",
            "REDIS_URL": "",
        }
        deskhand = str(Path(sys.executable).with_name("deskhand"))
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [deskhand, "run", "--demo"], cwd=ROOT, env=env, stdout=out, stderr=out
            )

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, words: str, within: float) -> None:
        until(lambda: words in self.text() or self.process.poll() is not None, within, self.text)
        assert words in self.text(), self.text()


def until(condition: Callable[[], bool], within: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    if run.process.poll() is None:
        run.process.kill()
    for pid in processes(tmp_path):
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)


@pytest.mark.rasa
@pytest.mark.timeout(600)
def test_everything_comes_up_survives_a_crash_of_rasa_and_leaves_nothing(run: Run) -> None:
    run.wait_for("Ctrl-C stops everything.", within=400)
    for path in ("/", "/console", "/help", "/readyz"):
        assert httpx.get(f"http://127.0.0.1:{PORT}{path}", follow_redirects=True).status_code == 200, path
    logins = run.data_dir / "demo-logins.txt"
    assert logins.stat().st_mode & 0o077 == 0
    assert logins.read_text().splitlines()[0].strip() in run.text()

    rasa = [
        pid for pid in processes(run.data_dir) if b"bot\0run" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(rasa[0], signal.SIGKILL)
    run.wait_for("Starting it again in 2 s.", within=10)
    run.wait_for("The assistant answers again.", within=120)

    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 0
    until(lambda: processes(run.data_dir) == [], 5, lambda: str(processes(run.data_dir)))
    for port in (PORT, INTERNAL_PORT, RASA_PORT):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=1)
