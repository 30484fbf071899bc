"""The deployment files: valid, linted, and with the properties that the trust model counts on."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILES = sorted((ROOT / "deploy").glob("*.Dockerfile"))
OURS = ("migrate", "train", "app", "worker", "rasa")


def run(*argv: str | Path) -> None:
    done = subprocess.run([str(part) for part in argv], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_follows_the_compose_schema() -> None:
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_schema_check_finds_faults(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text("services: {app: {image: x, prots: ['80:80']}}")
    with pytest.raises(AssertionError):
        run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", broken)


def test_the_dockerfiles_pass_their_linter() -> None:
    run(BIN / "hadolint", *DOCKERFILES)


def test_the_shell_scripts_pass_their_linter() -> None:
    scripts = [*(ROOT / "scripts").glob("*.sh"), *(ROOT / "deploy").glob("*.sh"), ROOT / ".ci" / "run"]
    run(BIN / "shellcheck", *scripts)


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["${PROXY_PORT:-8080}:8080"]


def test_the_proxy_does_not_know_the_internal_port() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    assert "8001" not in nginx
    assert "location /internal" in nginx


def test_rasa_is_on_a_private_network_only_and_knows_no_database_of_ours() -> None:
    assert SERVICES["rasa"]["networks"] == ["bot"]
    assert COMPOSE["networks"]["bot"]["internal"] is True
    assert "env_file" not in SERVICES["rasa"]
    environment: dict[str, str] = SERVICES["rasa"]["environment"]
    others = {name for name in environment if not name.startswith("RASA_")}
    assert others == {"INTERNAL_TOKEN", "INTERNAL_URL"}
    assert environment["RASA_DB_USER"] == environment["RASA_DB_NAME"] == "rasa"
    assert "POSTGRES_PASSWORD" not in str(environment)
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_rasas_placeholders_are_all_filled_in() -> None:
    environment = {*SERVICES["rasa"]["environment"], "RASA_TRACKER_DB"}
    for name in ("endpoints.yml", "endpoints.production.yml", "credentials.yml"):
        placeholders = set(re.findall(r"\$\{(\w+)\}", (ROOT / "bot" / name).read_text()))
        assert placeholders <= environment, name


@pytest.mark.parametrize("name", [*OURS, "redis", "proxy"])
def test_each_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "build" not in service])
def test_foreign_images_are_pinned_by_tag(name: str) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]
    assert tag
    assert tag != "latest"


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_no_final_image_runs_as_root_or_phones_home(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    stages = ["FROM " + stage for stage in text.split("\nFROM ")[1:]]
    for stage in stages:
        if "\nCMD " in stage and "AS base" not in stage:
            inherits_user = stage.startswith("FROM base")
            assert inherits_user or "\nUSER 10001:10001" in stage, stage.splitlines()[0]
    assert "RASA_TELEMETRY_ENABLED=false" in text


def test_every_package_of_the_program_is_copied_into_the_images() -> None:
    import tomllib

    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    ignored = (ROOT / ".dockerignore").read_text()
    for name in packages:
        assert f"!{name}\n" in ignored, f"{name} is missing in .dockerignore"
        for dockerfile in DOCKERFILES:
            assert f"COPY {name}/ {name}/" in dockerfile.read_text(), (
                f"{name} is missing in {dockerfile.name}"
            )
