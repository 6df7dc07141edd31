"""The tools that every agent has."""

from runtime.tools.ask_person import AskPerson
from runtime.tools.edit_file import EditFile
from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool
from runtime.tools.read_file import ReadFile
from runtime.tools.search_files import SearchFiles
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.write_file import WriteFile


def default_tools() -> tuple[Tool, ...]:
    return (ListFiles(), ReadFile(), SearchFiles(), WriteFile(), EditFile(), ShellExecSafe(), AskPerson())
