"""A real installation for tests: real processes on free ports, in a folder of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
DESKHAND = Path(sys.executable).with_name("deskhand")
START_S = 150


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Stack:
    """Processes by name, started and killed one by one; `stop` leaves nothing behind."""

    folder: Path
    database_url: str = ""
    redis_url: str = ""
    settings: dict = field(default_factory=dict)
    processes: dict = field(default_factory=dict)
    ports: dict = field(default_factory=dict)

    def __post_init__(self):
        self.ports["rasa"] = free_port()
        self.ports["internal"] = free_port()

    @property
    def rasa_url(self):
        return f"http://127.0.0.1:{self.ports['rasa']}"

    @property
    def data_dir(self):
        return self.folder / "data"

    def url(self, name="app"):
        return f"http://127.0.0.1:{self.ports[name]}"

    def environment(self, **more):
        passed_on = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        return {
            **passed_on,
            "DESKHAND_ENV": "test",
            "DESKHAND_TEST_CLOCK": "1",
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "BUS_PREFIX": f"test-{self.ports['internal']}",
            "RASA_URL": self.rasa_url,
            "INTERNAL_PORT": str(self.ports["internal"]),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            **self.settings,
            **more,
        }

    def command(self, *arguments):
        """Run a command of the product to its end; its output if it went well."""
        done = subprocess.run(
            [DESKHAND, *arguments],
            env=self.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, f"deskhand {arguments[0]}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def prepare(self):
        for step in ("migrate", "demo", "train"):
            self.command(step)

    def start(self, name, *arguments, **environment):
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [DESKHAND, *arguments],
            env=self.environment(**environment),
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def start_app(self, name="app", **environment):
        self.ports[name] = free_port()
        internal = self.ports["internal"] if name == "app" else free_port()
        self.start(name, "app", PORT=str(self.ports[name]), INTERNAL_PORT=str(internal), **environment)

    def start_rasa(self):
        self.start("rasa", "rasa", INTERNAL_URL=f"http://127.0.0.1:{self.ports['internal']}")

    def wait_for_app(self, name="app"):
        self._wait(name, lambda: httpx.get(f"{self.url(name)}/readyz", timeout=2).status_code == 200)

    def wait_for_rasa(self):
        self._wait("rasa", self.is_rasa_ready)

    def is_rasa_ready(self):
        headers = {"Authorization": f"Bearer {self.secret('RASA_TOKEN')}"}
        answer = httpx.get(f"{self.rasa_url}/webhooks/gateway/health", headers=headers, timeout=2)
        return answer.status_code == 200 and answer.json()["ready"]

    def _wait(self, name, ready):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.processes[name].poll() is None, f"{name} has ended:\n{self.log(name)[-3000:]}"
            with contextlib.suppress(httpx.HTTPError):
                if ready():
                    return
            time.sleep(0.2)
        raise AssertionError(f"{name} is not ready after {START_S} s:\n{self.log(name)[-3000:]}")

    def secret(self, name):
        lines = (self.data_dir / "secrets.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[name]

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def logins(self):
        """e-mail → password of the demo's people."""
        lines = (self.data_dir / "demo-logins.txt").read_text().splitlines()
        return {line.split()[1]: line.split()[2] for line in lines}

    def kill(self, name, number=signal.SIGKILL):
        """End a process and its children; one that does not obey a polite signal is killed."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)

    def stop(self):
        for name in list(self.processes):
            self.kill(name, signal.SIGTERM)
