"""Statements of the shell: lists, pipelines, loops, conditions, groups."""

from runtime.shell.arithmetic import question_arithmetic
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.conditions import question_condition
from runtime.shell.grammar import Node, text_of
from runtime.shell.loops import read_case, read_counting_loop, read_for, read_if, read_while
from runtime.shell.redirects import REDIRECTS, question_redirect
from runtime.shell.scope import Scope
from runtime.shell.simple import read_assignment, read_command
from runtime.shell.substitution import MOST_DEPTH

_SEPARATORS = frozenset({";", "\n", "comment"})
_NOT_READ = {
    "function_definition": "it defines a function, which can stand for any other command",
    "declaration_command": "it declares or exports variables, which can change what programs do",
    "unset_command": "it removes variables or functions",
}


def walk(node: Node, scope: Scope) -> None:
    """Read a statement. Whatever is wrong with it, or not understood, is in the findings afterwards."""
    try:
        _walk(node, scope)
    except NotUnderstood as error:
        scope.findings.add(Concern(str(error)))


def walk_all(nodes: list[Node], scope: Scope) -> None:
    """Read statements one after the other."""
    count = 0
    for node in nodes:
        if node.type == "&":
            scope.findings.add(Concern("`&` leaves a command running in the background"))
        elif node.type not in _SEPARATORS:
            walk(node, scope)
            count += 1
    if count > 1:
        scope.yields = ""


def _walk(node: Node, scope: Scope) -> None:
    if scope.depth > MOST_DEPTH:
        raise NotUnderstood("it is nested too deeply")
    match node.type:
        case "comment":
            pass
        case "command":
            read_command(node, scope)
        case "list":
            _walk_list(node, scope)
        case "pipeline":
            _walk_pipeline(node, scope)
        case "redirected_statement":
            _walk_redirected(node, scope)
        case "negated_command":
            walk_all([child for child in node.children if child.type != "!"], scope)
        case "subshell":
            inner = scope.fork()
            walk_all(_inside(node, "(", ")"), inner)
            scope.yields = inner.yields
        case "compound_statement":
            _walk_group(node, scope)
        case "variable_assignment":
            read_assignment(node, scope)
        case "variable_assignments":
            for child in node.children:
                read_assignment(child, scope)
        case "test_command":
            if text_of(node).startswith("(("):
                question_arithmetic(text_of(node), scope)
            else:
                question_condition(node, scope)
        case "if_statement":
            read_if(node, scope, walk_all)
        case "for_statement":
            read_for(node, scope, walk_all)
        case "c_style_for_statement":
            read_counting_loop(node, scope, walk_all)
        case "while_statement":
            read_while(node, scope, walk_all)
        case "case_statement":
            read_case(node, scope, walk_all)
        case "file_redirect":  # $(< file)
            question_redirect(node, scope)
        case kind:
            raise NotUnderstood(
                _NOT_READ.get(kind) or f"{show(text_of(node))} is a kind of statement that is not read here"
            )


def _walk_list(node: Node, scope: Scope) -> None:
    parts = [child for child in node.children if child.type not in _SEPARATORS]
    if len(parts) != 3:
        raise NotUnderstood(f"{show(text_of(node))} is a kind of list that is not read here")
    left, operator, right = parts
    folders = scope.folders
    walk(left, scope)
    after = scope.fork()
    if operator.type == "&&" and left.type == "command" and text_of(left).startswith("cd "):
        after.folders = tuple(folder for folder in scope.folders if folder not in folders) or scope.folders
    elif operator.type == "||":
        after.folders = tuple(dict.fromkeys((*folders, *scope.folders)))
    after.depth = scope.depth
    walk(right, after)
    scope.merge(after)
    scope.yields = ""


def _walk_pipeline(node: Node, scope: Scope) -> None:
    """Each part in a subshell of its own, with what the one before prints."""
    stdin, yields = scope.stdin, ""
    for child in node.children:
        if child.type in ("|", "|&", "comment", "\n"):
            continue
        inner = scope.fork()
        inner.stdin, inner.yields = stdin, ""
        walk(child, inner)
        stdin = yields = inner.yields
    scope.yields = yields


def _walk_redirected(node: Node, scope: Scope) -> None:
    body = node.child_by_field_name("body")
    more = []
    reads_file = False
    for child in node.children:
        if child.type in REDIRECTS:
            more += question_redirect(child, scope)
            reads_file = reads_file or "<" in text_of(child)
        elif body is None or child.id != body.id:
            raise NotUnderstood(f"{show(text_of(child))} stands beside a redirection where it is not read")
    inner = scope.stdin
    scope.stdin = "" if reads_file else inner
    if body is not None and body.type == "command":
        read_command(body, scope, more)
    elif more:
        raise NotUnderstood(f"{show(text_of(node))} holds words behind a redirection")
    elif body is not None:
        walk(body, scope)
    scope.stdin = inner


def _walk_group(node: Node, scope: Scope) -> None:
    if text_of(node).startswith("(("):
        question_arithmetic(text_of(node), scope)
    else:
        walk_all(_inside(node, "{", "}"), scope)


def _inside(node: Node, start: str, end: str) -> list[Node]:
    return [child for child in node.children if child.type not in (start, end)]
