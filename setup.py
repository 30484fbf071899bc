"""Refuses to build a wheel: Deskhand runs from its checkout, where wording, migrations and web builds are."""

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class RefusedWheel(bdist_wheel):
    """An editable install makes its own, tiny wheel without this command, and so goes on working."""

    def run(self) -> None:
        raise SystemExit(
            "Deskhand is not built as a wheel: it would lack the migrations, the wording and the web builds. "
            "Use a checkout and `make setup`, or the Dockerfiles in deploy/."
        )


setup(cmdclass={"bdist_wheel": RefusedWheel})
