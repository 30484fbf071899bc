"""The supervisor: everything started ends, crashes are told and answered, nothing is left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parents[2]

# A program that writes its pid and one of a grandchild, says that it is ready, and waits.
FAMILY = """
    import pathlib, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    pathlib.Path({pids!r}).write_text(str(child.pid))
    print("ready", flush=True)
    time.sleep(60)
"""
# The same, deaf to polite words, as is its grandchild.
DEAF = """
    import pathlib, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    pathlib.Path({pids!r}).write_text(str(child.pid))
    time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def until(condition: Callable[[], bool], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


def exists(path: Path) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return path.exists() and bool(path.read_text())

    return check


async def never() -> bool:
    return False


def program(
    tmp_path: Path,
    source: str,
    *,
    name: str = "app",
    is_ready: Callable[[], Awaitable[bool]] = never,
    restarts: bool = False,
    fatal_lines: dict[str, str] | None = None,
) -> Program:
    return Program(
        name=name,
        title=f"The {name}",
        argv=[sys.executable, "-S", "-c", textwrap.dedent(source)],
        env=dict(os.environ),
        cwd=tmp_path,
        is_ready=is_ready,
        restarts=restarts,
        fatal_lines=fatal_lines or {},
    )


class Said(list[str]):
    """What the supervisor told its operator."""

    def mentions(self, words: str) -> bool:
        return any(words in sentence for sentence in self)


async def test_a_stop_ends_every_program_and_what_it_started(tmp_path: Path) -> None:
    pids, said = tmp_path / "pids", Said()
    family = program(tmp_path, FAMILY.format(pids=str(pids)), is_ready=exists(pids))
    supervisor = Supervisor([family], log_dir=tmp_path, say=said.append)

    code = await supervisor.run(on_ready=lambda: supervisor.stop())

    assert code == 0
    assert not is_alive(int(pids.read_text()))
    assert supervisor.pids() == {}


async def test_a_deaf_program_is_killed_with_its_grandchild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids, said = tmp_path / "pids", Said()
    deaf = program(tmp_path, DEAF.format(pids=str(pids)), is_ready=exists(pids))
    supervisor = Supervisor([deaf], log_dir=tmp_path, say=said.append, grace_s=0.3)

    await supervisor.run(on_ready=lambda: supervisor.stop())

    assert not is_alive(int(pids.read_text()))


async def test_a_crash_of_the_app_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    flag, said = tmp_path / "flag", Said()
    app = program(
        tmp_path,
        f"""
        import pathlib, time
        pathlib.Path({str(flag)!r}).write_text("up"); time.sleep(0.5)
        print("out of cheese", flush=True); raise SystemExit(3)
        """,
        is_ready=exists(flag),
    )
    pids = tmp_path / "pids"
    other = program(
        tmp_path, FAMILY.format(pids=str(pids)), name="rasa", is_ready=exists(pids), restarts=True
    )

    code = await Supervisor([app, other], log_dir=tmp_path, say=said.append).run(on_ready=lambda: None)

    assert code == 1
    assert said.mentions("The app ended (exit code 3)")
    assert said.mentions("out of cheese")
    assert not is_alive(int(pids.read_text()))


async def test_a_crashed_assistant_comes_back_with_growing_pauses(tmp_path: Path) -> None:
    starts, said = tmp_path / "starts", Said()
    crashing = program(
        tmp_path,
        f"""
        import pathlib, time
        with pathlib.Path({str(starts)!r}).open("a") as file: file.write("x")
        time.sleep(0.3); raise SystemExit(1)
        """,
        name="rasa",
        is_ready=exists(starts),
        restarts=True,
    )
    supervisor = Supervisor([crashing], log_dir=tmp_path, say=said.append, backoff_s=(0.1, 0.2, 60.0))
    run = asyncio.create_task(supervisor.run(on_ready=lambda: None))

    await until(lambda: said.mentions("Starting it again in 60 s"))
    supervisor.stop()

    assert await run == 0
    assert len(starts.read_text()) == 3
    pauses = [sentence.rpartition(" in ")[2] for sentence in said if "Starting it again" in sentence]
    assert pauses == ["0.1 s.", "0.2 s.", "60 s."]
    assert said.mentions("The rasa answers again.")


async def test_a_program_that_ends_before_it_is_ready_ends_the_run(tmp_path: Path) -> None:
    said = Said()
    broken = program(tmp_path, "raise SystemExit('no such model')", name="rasa", restarts=True)

    code = await Supervisor([broken], log_dir=tmp_path, say=said.append).run(on_ready=lambda: None)

    assert code == 1
    assert said.mentions("The rasa ended before it was ready (exit code 1)")
    assert said.mentions("no such model")


async def test_a_line_that_dooms_the_start_ends_it_at_once(tmp_path: Path) -> None:
    said = Said()
    broken = program(
        tmp_path,
        "import time; print('ERROR Failed to update model.', flush=True); time.sleep(60)",
        fatal_lines={"Failed to update model": "Train a new one."},
    )
    began = time.monotonic()

    code = await Supervisor([broken], log_dir=tmp_path, say=said.append).run(on_ready=lambda: None)

    assert code == 1
    assert said.mentions("Train a new one.")
    assert time.monotonic() - began < 10


async def test_silence_ends_the_start(tmp_path: Path) -> None:
    said = Said()
    mute = program(tmp_path, "import time; time.sleep(60)")
    supervisor = Supervisor([mute], log_dir=tmp_path, say=said.append, ready_within_s=0.5)

    assert await supervisor.run(on_ready=lambda: None) == 1
    assert said.mentions("did not answer within 0.5 s")


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = Said()
    missing = Program("app", "The app", ["/nowhere/deskhand"], {}, tmp_path, never)

    assert await Supervisor([missing], log_dir=tmp_path, say=said.append).run(on_ready=lambda: None) == 1
    assert said.mentions("/nowhere/deskhand")


async def test_logs_are_bounded(tmp_path: Path) -> None:
    from server.child import BoundedLog

    log = BoundedLog(tmp_path / "app.log", max_bytes=1000, keep=2)
    for number in range(100):
        log.write(f"{number:04d} {'x' * 94}\n".encode())
    log.close()

    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(sizes) == {"app.log", "app.log.1", "app.log.2"}
    assert max(sizes.values()) <= 1100
    assert log.tail[-1].startswith("0099")


SUPERVISE = """
    import asyncio, os, pathlib, sys
    from server.supervisor import Program, Supervisor
    pids = pathlib.Path(sys.argv[1])
    async def ready(): return pids.exists()
    argv = [sys.executable, "-S", "-c", sys.argv[2]]
    program = Program("app", "The app", argv, dict(os.environ), pids.parent, ready)
    supervisor = Supervisor([program], log_dir=pids.parent, say=print)
    def on_ready(): pathlib.Path(sys.argv[3]).write_text(str(supervisor.pids()["app"]))
    raise SystemExit(asyncio.run(supervisor.run(on_ready)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_whatever_ends_the_supervisor_its_programs_end_too(
    tmp_path: Path, number: signal.Signals
) -> None:
    pids, ready = tmp_path / "pids", tmp_path / "ready"
    argv = [sys.executable, "-c", textwrap.dedent(SUPERVISE), str(pids)]
    source = textwrap.dedent(FAMILY.format(pids=str(pids)))
    supervisor = subprocess.Popen([*argv, source, str(ready)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        await until(lambda: ready.exists() and bool(ready.read_text()))
        supervisor.send_signal(number)
        await asyncio.to_thread(supervisor.wait, 15)
        child = int(ready.read_text())
        await until(lambda: not is_alive(child))
        if number != signal.SIGKILL:
            assert supervisor.returncode == 0
            assert not is_alive(int(pids.read_text()))
    finally:
        supervisor.kill()
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int(pids.read_text()), signal.SIGKILL)
