"""Work in processes of their own: a process that dies costs its task, and the others keep their order."""

import importlib
import sys

import pytest

from ivigraph import work

STEPS = """
import os, signal

def make():
    return step

def step(task):
    yield f"{task} begun"
    if task.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.startswith("leaving"):
        os._exit(7)
    yield f"{task} done"
"""
TASKS = ["one", "deadly two", "three", "leaving four", "five", "six"]


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """A module that other processes can import."""
    (tmp_path / "steps_of_work.py").write_text(STEPS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("steps_of_work")
    del sys.modules["steps_of_work"]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_process_that_dies_costs_its_task_alone(steps, ordered):
    found = list(work.results(TASKS, steps.make, 2, ordered=ordered))
    told = {task: [item for t, item in found if t == task] for task in TASKS}
    for task in ("one", "three", "five", "six"):
        assert told[task] == [f"{task} begun", f"{task} done"]
    for task, reason in (("deadly two", "ended by SIGKILL"), ("leaving four", "ended with status 7")):
        begun, died = told[task]
        assert begun == f"{task} begun"
        assert isinstance(died, work.Died)
        assert reason in died.reason
    if ordered:
        assert list(dict.fromkeys(task for task, _ in found)) == TASKS


def test_without_processes_all_is_done_in_this_one(steps):
    assert [item for _, item in work.results(["one", "six"], steps.make, 0)][-1] == "six done"
