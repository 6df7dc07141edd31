"""The tools that every agent has."""

from collections.abc import Collection

from runtime.tools.ask_person import AskPerson
from runtime.tools.edit_file import EditFile
from runtime.tools.http_request import HttpRequest
from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool
from runtime.tools.read_file import ReadFile
from runtime.tools.search_files import SearchFiles
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.write_file import WriteFile


def default_tools(*, http_allow_hosts: Collection[str] = ()) -> tuple[Tool, ...]:
    """`http_allow_hosts` are private hosts that may be asked."""
    tools: tuple[Tool, ...] = (ListFiles(), ReadFile(), SearchFiles(), WriteFile(), EditFile(), ShellExecSafe())
    return (*tools, AskPerson(), HttpRequest(allow_hosts=http_allow_hosts))
