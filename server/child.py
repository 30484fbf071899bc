"""A child process in a group of its own: its output kept in a bounded log, stopped with its offspring."""

import asyncio
import contextlib
import ctypes
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

TAIL_LINES = 200
_PR_SET_PDEATHSIG = 1
_ERROR = re.compile(r"[\w.]+(?:Error|Exception|NotFound)\b")


class BoundedLog:
    """A file that is turned over when it grows past `max_bytes`: `app.log`, `app.log.1`, `app.log.2`.

    Also remembers its last lines, so that a failure can be shown without reading the file again.
    """

    def __init__(self, path: Path, *, max_bytes: int = 5_000_000, keep: int = 2) -> None:
        self.path, self.max_bytes, self.keep = path, max_bytes, keep
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._open_line = b""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("ab")

    def write(self, chunk: bytes) -> list[str]:
        """Append `chunk`; returns the lines that it completed."""
        self._file.write(chunk)
        self._file.flush()
        *lines, self._open_line = (self._open_line[-self.max_bytes :] + chunk).split(b"\n")
        texts = [line.decode(errors="replace") for line in lines]
        self.tail.extend(texts)
        if self._file.tell() >= self.max_bytes:
            self._turn_over()
        return texts

    def last_lines(self, count: int) -> str:
        """The end of the log, indented, for showing it under a sentence; long lines are cut.

        Of tracebacks only the errors are shown, and the first one too: it is the cause. Python's own
        warnings are left out.
        """
        errors = [line for line in self.tail if _ERROR.match(line)]
        told = [line for line in self.tail if not line.startswith(("  ", "Traceback"))]
        shown = [line for line in told if "Warning: " not in line][-count:]
        causes = [line for line in errors if line not in shown]
        return "\n".join(f"  | {line[:300]}" for line in [*causes[-count:], *shown] if line.strip())

    def close(self) -> None:
        self._file.close()

    def _turn_over(self) -> None:
        self._file.close()
        for number in range(self.keep, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
        self._file = self.path.open("ab")


def _ignore(line: str) -> None:
    """Default of a child's `on_line`."""


class Child:
    """One program and everything it starts, as one process group."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: BoundedLog,
        on_line: Callable[[str], None] = _ignore,
    ) -> None:
        self.argv, self.env, self.cwd, self.log, self.on_line = list(argv), dict(env), cwd, log, on_line
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"  # noqa: S101 - a bug of the caller, not of the user
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def kill(self) -> None:
        """End the whole group at once, without asking."""
        if self._process is not None:
            self._signal(signal.SIGKILL)

    async def start(self) -> None:
        """Start the program. Raises OSError where it is not there or may not be run."""
        self.cwd.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *self.argv,
            env=self.env,
            cwd=self.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self._pump = asyncio.create_task(self._forward())

    async def wait(self) -> int:
        """The exit code, once the program itself has ended. What it started may still live: see `stop`."""
        assert self._process is not None, "not started"  # noqa: S101
        return await self._process.wait()

    async def stop(self, grace_s: float = 8.0) -> None:
        """Ask the whole group to end, and kill what has not ended after `grace_s` seconds."""
        if self._process is None:
            return
        for sent, patience in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 3.0)):
            if not self._signal(sent):
                break
            await self._gone_within(patience)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 3.0)
        if self._pump is not None:
            # A grandchild that left the group could hold the pipe open for ever.
            await asyncio.wait([self._pump], timeout=1.0)
            self._pump.cancel()
        self._process = None

    async def _gone_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while _lives(self.pid):  # noqa: ASYNC110 - nothing tells when a foreign process has ended
                    await asyncio.sleep(0.05)

    def _signal(self, number: int) -> bool:
        """Signal the group; false where nothing of it is left."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:  # macOS, for a group of zombies
            return False
        return True

    async def _forward(self) -> None:
        assert self._process is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        while chunk := await self._process.stdout.read(65536):
            for line in self.log.write(chunk):
                self.on_line(line)


def _lives(group: int) -> bool:
    """Whether a process of the group still runs; a zombie that nobody has fetched yet does not."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if not Path("/proc/self/stat").exists():
        return True
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


# Loaded here, not after the fork: between fork and exec only the bare call is safe.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Let Linux end the child when the supervisor is killed so hard that it cannot do so itself."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
