"""Limits that a process puts on itself before it reads what a stranger made."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _PROCESS_TIME = 0x2
    _ACTIVE_PROCESS = 0x8
    _PROCESS_MEMORY = 0x100
    _EXTENDED = 9  # JobObjectExtendedLimitInformation

    class _Basic(ctypes.Structure):
        _fields_ = (
            ("per_process_user_time", ctypes.c_int64),  # of 100 ns
            ("per_job_user_time", ctypes.c_int64),
            ("flags", wintypes.DWORD),
            ("minimum_working_set", ctypes.c_size_t),
            ("maximum_working_set", ctypes.c_size_t),
            ("active_processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority_class", wintypes.DWORD),
            ("scheduling_class", wintypes.DWORD),
        )

    class _Limits(ctypes.Structure):
        _fields_ = (
            ("basic", _Basic),
            ("io", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process_memory", ctypes.c_size_t),
            ("peak_job_memory", ctypes.c_size_t),
        )

    def confine(memory: int, seconds: int) -> None:
        """Let this process use so many bytes and seconds of processor, and start no other.

        Past them the system ends it. Raises OSError when the system refuses to set the limits.
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
        limits = _Limits()
        limits.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY
        limits.basic.per_process_user_time = seconds * 10_000_000
        limits.basic.active_processes = 1
        limits.process_memory = memory
        itself = wintypes.HANDLE(kernel.GetCurrentProcess())
        done = (
            job.value
            and kernel.SetInformationJobObject(
                job, _EXTENDED, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            and kernel.AssignProcessToJobObject(job, itself)
        )
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())

else:
    import resource

    def confine(memory: int, seconds: int) -> None:
        """Let this process use so many bytes and seconds of processor, and leave no core dump.

        Past them the system ends it. Raises OSError or ValueError when the system refuses.
        """
        for what, limit in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(what)
            wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(what, (wanted, wanted))
