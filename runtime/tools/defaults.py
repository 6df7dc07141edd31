"""The tools that every agent has."""

from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool
from runtime.tools.read_file import ReadFile
from runtime.tools.search_files import SearchFiles
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.write_file import WriteFile


def default_tools(shell: ShellExecSafe | None = None) -> tuple[Tool, ...]:
    """`shell` is the one that an installation has set up for itself."""
    return (ListFiles(), ReadFile(), SearchFiles(), WriteFile(), shell or ShellExecSafe())
