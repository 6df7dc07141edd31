"""Which system calls a sandboxed process is refused, as a seccomp filter; assembled here, for want of a compiler.

Namespaces and Landlock hold what they are there to hold; this takes away the ways around and below them: new namespaces
and mounts, other keyrings, the kernel's own machinery, and sockets where there is no network namespace to be alone in.
"""

import errno
import platform
import struct
from enum import StrEnum

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH = 0, 4
_ARGUMENT = (16, 24)  # the lower half of the first and the second, on little-endian machines
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TYPING_FOR_OTHERS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

# Numbers from 424 on are the same everywhere.
_NEW = {
    "pidfd_getfd": 438, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "quotactl_fd": 443, "open_tree_attr": 467, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "process_madvise": 440,
}  # fmt: skip
_NUMBERS = {
    "x86_64": (0xC000003E, _NEW | {
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "swapon": 167,
        "swapoff": 168, "reboot": 169, "init_module": 175, "delete_module": 176, "finit_module": 313, "kexec_load": 246,
        "kexec_file_load": 320, "add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321,
        "userfaultfd": 323, "open_by_handle_at": 304, "name_to_handle_at": 303, "quotactl": 179, "acct": 163,
        "syslog": 103, "iopl": 172, "ioperm": 173, "settimeofday": 164, "clock_settime": 227, "fanotify_init": 300,
        "kcmp": 312, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "socket": 41, "clone": 56,
        "clone3": 435, "ioctl": 16, "prlimit64": 302,
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "utime": 132, "utimes": 235, "futimesat": 261,
        "fchownat": 260, "fchmodat": 268, "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
        "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "msgget": 68, "msgsnd": 69,
        "msgrcv": 70, "msgctl": 71, "semtimedop": 220, "mq_open": 240, "mq_unlink": 241,
        "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144, "sched_setaffinity": 203, "ioprio_set": 251,
        "migrate_pages": 256, "move_pages": 279, "sched_setattr": 314,
    }),
    "aarch64": (0xC00000B7, _NEW | {
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "swapon": 224,
        "swapoff": 225, "reboot": 142, "init_module": 105, "delete_module": 106, "finit_module": 273, "kexec_load": 104,
        "kexec_file_load": 294, "add_key": 217, "request_key": 218, "keyctl": 219, "perf_event_open": 241, "bpf": 280,
        "userfaultfd": 282, "open_by_handle_at": 265, "name_to_handle_at": 264, "quotactl": 60, "acct": 89,
        "syslog": 116, "settimeofday": 170, "clock_settime": 112, "fanotify_init": 262, "kcmp": 272, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "socket": 198, "clone": 220, "clone3": 435, "ioctl": 29,
    }),
}  # fmt: skip
_UNIX, _CRYPTOGRAPHY, _HYPERVISOR = 1, 38, 40  # address families; the last one is the same in every network namespace
_LOOKED_AT = {"clone", "clone3", "ioctl", "prlimit64"}  # refused by what they are asked for
_TRACES = {"ptrace", "process_vm_readv", "process_vm_writev"}
# What Landlock has no say in, and namespaces answer by themselves: owners, modes and times of files, shared memory, the
# standing of other processes.
_TOUCHES = {"chmod", "fchmod", "fchmodat", "fchmodat2", "utime", "utimes", "futimesat", "utimensat"}
_OWNS = {
    "chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr",
    "lremovexattr", "fremovexattr", "removexattrat",
}  # fmt: skip
_SHARES = {
    "shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open",
    "mq_unlink", "setpriority", "sched_setparam", "sched_setscheduler", "sched_setaffinity", "sched_setattr", "ioprio_set",
    "migrate_pages", "move_pages", "process_madvise",
}  # fmt: skip


class Around(StrEnum):
    """What else holds the process: its own `namespaces`, or nothing that keeps it from the files and processes of its user
    in these respects. There an approved command may `touch` files, set their modes and times, and a strict one may not."""

    NAMESPACES = "namespaces"
    TOUCH = "touch"
    NOTHING = "nothing"


class Sockets(StrEnum):
    """Which a process may make. `alone` is for a network namespace of its own. `outward` has no unix sockets: those of the
    machine that have no path would be in reach."""

    NONE = "none"
    ALONE = "alone"
    OUTWARD = "outward"


def is_known_machine() -> bool:
    """Whether there is a filter for this processor."""
    return platform.machine() in _NUMBERS


def assemble(*, traces: bool, sockets: Sockets, around: Around = Around.NAMESPACES) -> bytes:
    """The filter for this processor. Raises KeyError where it is not known.

    A clone3 is answered as by a kernel that has none: its flags lie where no filter can look, and libraries then use clone.
    """
    arch, numbers = _NUMBERS[platform.machine()]
    spared = _LOOKED_AT | (_TRACES if traces else set()) | ({"socket"} if sockets is not Sockets.NONE else set())
    match around:
        case Around.NAMESPACES:
            spared |= _TOUCHES | _OWNS | _SHARES
        case Around.TOUCH:
            spared |= _TOUCHES
        case Around.NOTHING:
            pass
    refused = sorted(number for name, number in numbers.items() if name not in spared)
    steps = [_load(_ARCH), _unless(_EQUAL, arch, 1, 0), _return(_KILL), _load(_NR)]
    if platform.machine() == "x86_64":
        steps += [_unless(_AT_LEAST, _X32, 0, 1), _refuse(errno.EPERM)]
    for number in refused:
        steps += [_unless(_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    steps += [_unless(_EQUAL, numbers["clone3"], 0, 1), _refuse(errno.ENOSYS)]
    if sockets is not Sockets.NONE:
        families = (_CRYPTOGRAPHY, _HYPERVISOR, *((_UNIX,) if sockets is Sockets.OUTWARD else ()))
        steps += _by_argument(numbers["socket"], 0, families)
    steps += _by_argument(numbers["ioctl"], 1, _TYPING_FOR_OTHERS)
    if around is not Around.NAMESPACES:  # one's own limits are those of process 0
        own = [_load(_ARGUMENT[0]), _unless(_EQUAL, 0, 1, 0), _refuse(errno.EPERM), _return(_ALLOW)]
        steps += [_unless(_EQUAL, numbers["prlimit64"], 0, len(own)), *own]
    steps += [_unless(_EQUAL, numbers["clone"], 0, 4), _load(_ARGUMENT[0]), _unless(_ANY_BIT, _NEW_NAMESPACES, 0, 1)]
    steps += [_refuse(errno.EPERM), _return(_ALLOW)]
    return b"".join([*steps, _return(_ALLOW)])


def _by_argument(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse a call that has one of these values there, and allow it with any other."""
    steps = [_load(_ARGUMENT[argument])]
    for value in values:
        steps += [_unless(_EQUAL, value, 0, 1), _refuse(errno.EPERM)]
    steps.append(_return(_ALLOW))
    return [_unless(_EQUAL, number, 0, len(steps)), *steps]


def _load(offset: int) -> bytes:
    return struct.pack("=HBBI", _LOAD, 0, 0, offset)


def _unless(test: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("=HBBI", test, if_true, if_false, value)


def _return(verdict: int) -> bytes:
    return struct.pack("=HBBI", _RETURN, 0, 0, verdict)


def _refuse(number: int) -> bytes:
    return _return(_REFUSE | number)
