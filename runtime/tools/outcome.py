"""What the agent is told of a command that has ended."""

import signal

from runtime.records import Observation
from runtime.tools.capture import Capture
from runtime.tools.course import Course

_SHELLS_SIGNAL = 128  # how a shell, and a sandbox, pass on that a signal ended their child


def observation_of_course(course: Course, capture: Capture, limit: int) -> Observation:
    """The output with the way it ended behind it."""
    output = str(capture)
    if output and not output.endswith("\n"):
        output += "\n"
    ok = course.returncode == 0 and not course.timed_out
    error = "" if ok else "timed_out" if course.timed_out else "not_started" if course.error else "exit_status"
    return Observation(
        ok=ok,
        text=f"{output}[{_ending(course, limit)}]",
        error=error,
        metadata={
            "returncode": course.returncode,
            "duration_ms": course.duration_ms,
            "truncated": capture.left_out > 0,
            "max_rss_kb": course.usage.max_rss_kb if course.usage else 0,
            "cpu_ms": course.usage.cpu_ms if course.usage else 0,
        },
    )


def _ending(course: Course, limit: int) -> str:
    words = _outcome(course, limit)
    if course.would_not_end:
        words += f"; {course.would_not_end} of its processes could not be ended"
    return words


def _outcome(course: Course, limit: int) -> str:
    match course:
        case Course(timed_out=True):
            return f"stopped: it was not done after {limit} seconds"
        case Course(error=str(error)) if error:
            return f"it could not be started: {error}"
        case Course(returncode=int(code)) if code < 0:
            return f"ended by {_signal_name(-code)}"
        case Course(returncode=int(code)) if code > _SHELLS_SIGNAL and (name := _known_signal(code - _SHELLS_SIGNAL)):
            return f"exit status {code}, as after {name}"
        case _:
            return f"exit status {course.returncode}"


def _signal_name(number: int) -> str:
    return _known_signal(number) or f"signal {number}"


def _known_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""
