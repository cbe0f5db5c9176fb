"""The rooms and who may enter them: the direction of imports, the packages of the wheel, what is exported."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = ("ontology", "ingest", "queries", "server", "visualizations")

# What each room may import of ivigraph, from the ground up; a module names itself by its first two parts.
GROUND = {"ivigraph.errors", "ivigraph.model", "ivigraph.namespaces", "ivigraph.settings", "ivigraph.terminals"}
MAY_IMPORT = {
    "ontology": GROUND | {"ivigraph.ontology"},
    "ingest": GROUND | {"ivigraph.ontology", "ivigraph.ingest"},
    "queries": GROUND | {"ivigraph.ontology", "ivigraph.queries"},
    "visualizations": GROUND | {"ivigraph.visualizations"},
    "ivigraph/store": GROUND | {"ivigraph.store"},
    "server": GROUND
    | {
        "ivigraph.store",
        "ivigraph.ontology",
        "ivigraph.queries",
        "ivigraph.visualizations",
        "ivigraph.server",
    },
}


def modules(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path):
    """The first two parts of every module of ivigraph that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names = [
                f"{node.module}.{alias.name}" if node.module == "ivigraph" else node.module for alias in node.names
            ]
        yield from (".".join(name.split(".")[:2]) for name in names if name.split(".")[0] == "ivigraph")


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_stands_below_it(room):
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(room)
        for name in imported(path)
        if name not in MAY_IMPORT[room] | {"ivigraph", "ivigraph.__version__"}
    }
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_linked_into_the_package(room):
    assert (ROOT / "ivigraph" / room).resolve() == ROOT / room


def test_every_package_is_listed_for_the_wheel():
    found = {
        f"ivigraph.{str(path.parent.relative_to(ROOT)).replace('/', '.')}"
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
    }
    found |= {"ivigraph", "ivigraph.evaluation", "ivigraph.ledger", "ivigraph.store"}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_data_file_of_a_room_is_listed_for_the_wheel():
    listed = PYPROJECT["tool"]["setuptools"]["package-data"]
    for room in (*ROOMS, "ivigraph"):
        package = "ivigraph" if room == "ivigraph" else f"ivigraph.{room}"
        shipped = {
            path
            for name, patterns in listed.items()
            if name == package or name.startswith(f"{package}.")
            for pattern in patterns
            for path in (ROOT / room).joinpath(*name.removeprefix(package).split(".")).glob(pattern)
        }
        data = {
            path
            for path in (ROOT / room).rglob("*")
            if path.is_file() and path.suffix not in (".py", ".pyc", ".md") and "__pycache__" not in path.parts
        }
        assert data <= shipped, f"not in the wheel: {sorted(map(str, data - shipped))}"


def test_every_module_says_what_it_is_for():
    for folder in (*ROOMS, "ivigraph"):
        for path in modules(folder):
            if path.name != "__main__.py":
                assert ast.get_docstring(ast.parse(path.read_text())), path


def test_a_command_that_reads_nothing_loads_no_rules_and_no_server():
    code = "import sys, ivigraph.cli, ivigraph.assembly; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"ivigraph.ingest.extract", "ivigraph.ingest.rules", "trafilatura", "fastapi"} & set(done.stdout.split())
