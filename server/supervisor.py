"""Keeps several programs running side by side: started together, watched, restarted, stopped together."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.child import BoundedLog, Child

BACKOFF_S = (2.0, 5.0, 10.0, 30.0)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHOWN_LINES = 12


@dataclass(frozen=True)
class Program:
    """What is started, how it is known to be ready, and what its end means.

    `fatal_lines` maps a part of a log line to the sentence which explains that a start cannot succeed.
    """

    name: str
    title: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    is_ready: Callable[[], Awaitable[bool]]
    restarts: bool = False
    fatal_lines: Mapping[str, str] = field(default_factory=dict)


class Ended(Exception):
    """The run cannot go on; the words say why and what to do."""


class Supervisor:
    """Runs programs until one that cannot be restarted ends, or until somebody asks it to stop."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        log_dir: Path,
        say: Callable[[str], None],
        ready_within_s: float = 120.0,
        backoff_s: Sequence[float] = BACKOFF_S,
        grace_s: float = 8.0,
    ) -> None:
        self.programs, self.log_dir, self.say = programs, log_dir, say
        self.ready_within_s, self.backoff_s, self.grace_s = ready_within_s, backoff_s, grace_s
        self._logs = {program.name: BoundedLog(log_dir / f"{program.name}.log") for program in programs}
        self._children: dict[str, Child] = {}
        self._was_ready: set[str] = set()
        self._stopping = asyncio.Event()
        self._doomed: asyncio.Queue[str] = asyncio.Queue()

    async def run(self, on_ready: Callable[[], None]) -> int:
        """Start everything, call `on_ready` once all of it answers, watch on. Returns the exit code."""
        with self._stop_signals():
            watchers = [asyncio.create_task(self._keep(program)) for program in self.programs]
            for work in (self._fail_on_doom(), self._all_ready(on_ready), self._asked_to_stop()):
                watchers.append(asyncio.create_task(work))
            try:
                await self._until_stopped(watchers)
                self.say("Stopping …")
                return 0
            except Ended as end:
                self.say(str(end))
                return 1
            finally:
                for task in watchers:
                    task.cancel()
                await asyncio.gather(*watchers, return_exceptions=True)
                await self._stop_all()

    def stop(self) -> None:
        """Ask for the end; a second time, for the end without patience."""
        if self._stopping.is_set():
            for child in self._children.values():
                child.kill()
        self._stopping.set()

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items() if child.is_running}

    async def _until_stopped(self, watchers: Sequence[asyncio.Task[None]]) -> None:
        pending = set(watchers)
        while not self._stopping.is_set():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    async def _asked_to_stop(self) -> None:
        await self._stopping.wait()

    async def _keep(self, program: Program) -> None:
        """Run one program again and again; raises Ended where its end is the end of the run."""
        crashes = 0
        while True:
            began = time.monotonic()
            code = await self._run_once(program, again=crashes > 0)
            if not program.restarts or program.name not in self._was_ready:
                raise Ended(self._obituary(program, code))
            if time.monotonic() - began > 2 * self.backoff_s[-1]:
                crashes = 0
            pause = self.backoff_s[min(crashes, len(self.backoff_s) - 1)]
            crashes += 1
            self.say(f"{program.title} ended unexpectedly ({_how(code)}). Starting it again in {pause:g} s.")
            await asyncio.sleep(pause)

    async def _run_once(self, program: Program, *, again: bool) -> int:
        child = Child(
            program.argv,
            env=program.env,
            cwd=program.cwd,
            log=self._logs[program.name],
            on_line=lambda line: self._notice(program, line),
        )
        self._children[program.name] = child
        try:
            await child.start()
        except OSError as error:
            raise Ended(
                f"{program.title} could not be started: {error.strerror}: {program.argv[0]}"
            ) from error
        answering = asyncio.create_task(self._announce_return(program)) if again else None
        try:
            code = await child.wait()
            await child.stop(grace_s=1.0)  # what it started may have outlived it
            return code
        finally:
            if answering is not None:
                answering.cancel()

    async def _all_ready(self, on_ready: Callable[[], None]) -> None:
        began = time.monotonic()

        async def wait_for(program: Program) -> None:
            while not await program.is_ready():
                if time.monotonic() - began > self.ready_within_s:
                    raise Ended(self._silence(program))
                await asyncio.sleep(0.3)
            self._was_ready.add(program.name)
            self.say(f"{program.title} answers ({time.monotonic() - began:.1f} s).")

        await asyncio.gather(*(wait_for(program) for program in self.programs))
        on_ready()

    async def _announce_return(self, program: Program) -> None:
        while not await program.is_ready():  # noqa: ASYNC110 - another process, so no event tells
            await asyncio.sleep(0.5)
        self.say(f"{program.title} answers again.")

    def _notice(self, program: Program, line: str) -> None:
        if program.name in self._was_ready:
            return  # a running program reports its own troubles; only a start is judged by its words
        for part, sentence in program.fatal_lines.items():
            if part in line:
                self._doomed.put_nowait(f"{sentence}\n{self._last_lines(program)}")

    async def _fail_on_doom(self) -> None:
        raise Ended(await self._doomed.get())

    async def _stop_all(self) -> None:
        await asyncio.gather(*(child.stop(self.grace_s) for child in self._children.values()))
        for log in self._logs.values():
            log.close()

    def _obituary(self, program: Program, code: int) -> str:
        when = "" if program.name in self._was_ready else " before it was ready"
        return f"{program.title} ended{when} ({_how(code)}), so the run ends.\n{self._last_lines(program)}"

    def _silence(self, program: Program) -> str:
        return (
            f"{program.title} did not answer within {self.ready_within_s:g} s, so the run ends.\n"
            f"{self._last_lines(program)}"
        )

    def _last_lines(self, program: Program) -> str:
        log = self._logs[program.name]
        lines = log.last_lines(SHOWN_LINES)
        return f"The end of {log.path}:\n{lines}" if lines else f"It wrote nothing to {log.path}."

    @contextlib.contextmanager
    def _stop_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)


def _how(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"signal {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"signal {-code}"
    return f"exit code {code}"
