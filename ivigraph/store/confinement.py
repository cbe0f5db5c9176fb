"""What a reader process cannot do, whatever a query makes it try: run on, take more memory, reach the network.

All three are enforced by the kernel on the process itself, because a running query cannot be cancelled and
the engine's own checks sit between its steps.
"""

from __future__ import annotations

import ctypes
import platform
import resource
import signal
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_SYSCALL_SOCKET = {"x86_64": 41, "aarch64": 198}


def end_after(seconds: float) -> None:
    """The process is killed by SIGALRM after so many seconds; 0 takes it back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def accept_deadlines() -> None:
    """Make SIGALRM deadly, even when the parent ignores or blocks it."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})


def leave_no_core() -> None:
    """An end by the limits is no crash to look into, and a core file would hold the graph."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(megabytes: int) -> None:
    """Allow so much more than the process has now; the engine aborts when an allocation fails.

    RLIMIT_DATA counts private memory only, so the files of the store that are mapped do not matter. Where the
    system does not tell the present size (it is Linux that does), only the deadline bounds a query.
    """
    if (present := _data_bytes()) is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = present + megabytes * 1_000_000
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def lift_memory_limit() -> None:
    """Take `limit_memory` back."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def private_megabytes() -> int:
    """The memory that this process holds for itself now; 0 where the system does not tell."""
    # Not getrusage: its peak begins with that of the process that started this one.
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_bytes().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * resource.getpagesize() // 1_000_000


def forbid_network() -> bool:
    """Any later attempt to make a socket kills the process with SIGSYS; False where that cannot be arranged.

    Reading the query decides first whether it asks for the network; this holds even if that were wrong.
    """
    number = _SYSCALL_SOCKET.get(platform.machine())
    if platform.system() != "Linux" or number is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    rules = (_Instruction * 4)(
        _Instruction(0x20, 0, 0, 0),  # load the number of the system call
        _Instruction(0x15, 0, 1, number),  # is it socket(2)?
        _Instruction(0x06, 0, 0, 0x80000000),  # yes: kill the process
        _Instruction(0x06, 0, 0, 0x7FFF0000),  # no: allow it
    )
    program = _Program(len(rules), rules)
    failed: int = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    )
    return failed == 0


class _Instruction(ctypes.Structure):
    """`struct sock_filter` of linux/filter.h."""

    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def _data_bytes() -> int | None:
    """VmData of this process."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return None
