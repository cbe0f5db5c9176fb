"""What setuptools cannot be told in pyproject.toml: the wheel carries the SPARQL editor, which comes from npm.

`IVIGRAPH_EDITOR` decides: `auto` (the default) takes it where npm is there and works, `require` fails without it (so
a released wheel always has it), `skip` leaves it out. Without it the pages offer a plain form.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
EDITOR = ROOT / "server" / "static" / "yasgui"
FILES = ("yasgui.min.js", "yasgui.min.css")
LICENCES = "LICENSES.txt"


class BuildWithEditor(build_py):
    """Bring the editor into the tree before the files of the wheel are listed; git ignores it there."""

    def run(self) -> None:
        wish = os.environ.get("IVIGRAPH_EDITOR", "auto")
        if wish != "skip":
            try:
                fetch_editor()
            except (OSError, subprocess.SubprocessError) as error:
                if wish == "require":
                    raise
                self.announce(f"the SPARQL editor is left out: {error}", level=3)
        super().run()


def fetch_editor() -> None:
    """Install what package-lock.json names into a folder of its own and copy the built files out of it."""
    stamp, lock = EDITOR / "package-lock.json", ROOT / "package-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, folder)
        # the lock file holds the checksum of every package; no script of theirs is run
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True, timeout=300)  # noqa: S603 - nothing in it is given by anybody
        modules = Path(folder) / "node_modules"
        EDITOR.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(modules / "@zazuko" / "yasgui" / "build" / name, EDITOR)
        (EDITOR / LICENCES).write_text(licences(modules), encoding="utf-8")
    shutil.copy(lock, stamp)  # last: only a folder that is whole bears the stamp


def licences(modules: Path) -> str:
    """Name, version and licence of each package in the bundle, with the text of the licence where it brings one."""
    parts = []
    for file in sorted([*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")]):
        package = json.loads(file.read_text(encoding="utf-8"))
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(file.parent.glob("LICEN[CS]E*"))]
        parts.append("\n\n".join([f"{package['name']} {package['version']}: {package.get('license', '?')}", *texts]))
    return f"\n\n{'=' * 80}\n\n".join(parts) + "\n"


setup(cmdclass={"build_py": BuildWithEditor})
