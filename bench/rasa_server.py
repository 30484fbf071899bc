"""One Rasa process under measurement: started as the product does it, watched through /proc."""

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from bench.scratch import CannotMeasure
from server.child import BoundedLog, Child
from server.rasa_process import rasa_command, rasa_environment
from server.settings import ROOT, Settings

READY_WITHIN_S = 180.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used so far: seconds of CPU; resident megabytes now and at their highest."""

    cpu_s: float
    rss_mb: float
    peak_mb: float


class RasaServer:
    """`deskhand`'s Rasa with a model of its own, and a client for its gateway."""

    def __init__(self, name: str, *, port: int, actions_url: str, scratch: Path) -> None:
        self.name = name
        self._settings = Settings(
            _env_file=None,
            rasa_url=f"http://127.0.0.1:{port}",
            rasa_token=secrets.token_urlsafe(16),
            internal_url=actions_url,
            internal_token="none",  # noqa: S106 - the bench's action server asks for none
            data_dir=scratch / name,
        )
        self._scratch = scratch / name
        self._child: Child | None = None
        self.http = httpx.AsyncClient(
            base_url=f"{self._settings.rasa_url}/webhooks/gateway",
            headers={"Authorization": f"Bearer {self._settings.rasa_token}"},
            timeout=60.0,
            trust_env=False,
        )

    async def start(self, archive: Path, *, with_patches: bool) -> float:
        """Seconds until the gateway can answer. Raises CannotMeasure."""
        env = rasa_environment(self._settings)  # makes the folder, too
        argv = rasa_command(self._settings, endpoints=self._endpoints(), model=archive)
        if not with_patches:
            at = argv.index("bot")
            argv[at : at + 2] = ["bench.bare_rasa"]
        log = BoundedLog(self._scratch / "rasa.log")
        self._child = Child(argv, env=env, cwd=ROOT, log=log)
        began = time.perf_counter()
        await self._child.start()
        while time.perf_counter() - began < READY_WITHIN_S and self._child.is_running:
            if await self._is_ready():
                return time.perf_counter() - began
            await asyncio.sleep(0.1)
        raise CannotMeasure(f"Rasa with the model {self.name!r} did not start.\n{log.last_lines(15)}")

    async def stop(self) -> None:
        await self.http.aclose()
        if self._child:
            await self._child.stop()

    def used(self) -> Used:
        assert self._child is not None
        process = Path(f"/proc/{self._child.pid}")
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        kilobytes = {name: int(status[name].split()[0]) for name in ("VmRSS", "VmHWM")}
        return Used(
            cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS,
            rss_mb=round(kilobytes["VmRSS"] / 1024, 1),
            peak_mb=round(kilobytes["VmHWM"] / 1024, 1),
        )

    async def _is_ready(self) -> bool:
        try:
            answer = await self.http.get("/health", timeout=2.0)
            return answer.is_success and bool(answer.json()["ready"])
        except (httpx.HTTPError, ValueError):
            return False

    def _endpoints(self) -> Path:
        """The product's, without the model server: the model is given by name."""
        endpoints = yaml.safe_load((ROOT / "bot" / "endpoints.yml").read_text(encoding="utf-8"))
        endpoints.pop("models")
        file = self._scratch / "endpoints.yml"
        file.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        return file
