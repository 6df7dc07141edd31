"""The tools that every agent has."""

from collections.abc import Collection

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.skills.catalogue import Catalogue
from runtime.tools.ask_person import AskPerson
from runtime.tools.edit_file import EditFile
from runtime.tools.http_request import HttpRequest
from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool
from runtime.tools.propose_skill import ProposeSkill
from runtime.tools.read_file import ReadFile
from runtime.tools.read_skill import ReadSkill
from runtime.tools.search_files import SearchFiles
from runtime.tools.search_history import History, SearchHistory
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.write_file import WriteFile


def default_tools(
    shell: ShellExecSafe | None = None,
    *,
    http_allow_hosts: Collection[str] = (),
    history: History | None = None,
    skills: Catalogue | None = None,
    masker: Masker = NOTHING_OF_OURS,
) -> tuple[Tool, ...]:
    """`shell` is the one that an installation has set up for itself. `http_allow_hosts` are private hosts that may be asked.
    Without a `history` there is none to search, and without `skills` none to read."""
    tools: tuple[Tool, ...] = (
        ListFiles(),
        ReadFile(),
        SearchFiles(),
        WriteFile(),
        EditFile(),
        shell or ShellExecSafe(),
    )
    tools += (AskPerson(), HttpRequest(allow_hosts=http_allow_hosts))
    if history is not None:
        tools += (SearchHistory(history, masker),)
    return tools if skills is None else (*tools, ReadSkill(skills, masker), ProposeSkill(skills, masker))
