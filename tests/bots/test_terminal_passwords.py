"""Who asks for a password at a terminal is answered once, in time or not at all."""

import asyncio

from bots.terminal.passwords import TerminalPasswords


async def test_a_question_is_taken_by_who_reads_the_keyboard_and_answered() -> None:
    passwords = TerminalPasswords()
    asking = asyncio.ensure_future(passwords.ask("apt update"))
    await passwords.until_asked()
    question = passwords.take()
    assert question is not None
    assert question.command == "apt update"

    question.give(bytearray(b"quack"))

    assert await asking == bytearray(b"quack")


async def test_where_nobody_reads_the_keyboard_in_time_there_is_no_password() -> None:
    passwords = TerminalPasswords(patience=0)

    assert await passwords.ask("apt update") is None
    assert passwords.take() is None


async def test_who_is_stopped_waits_no_more_and_a_password_that_comes_too_late_is_wiped() -> None:
    passwords, told = TerminalPasswords(), asyncio.Event()
    asking = asyncio.ensure_future(passwords.ask("apt update"))
    await passwords.until_asked()
    question = passwords.take()
    assert question is not None
    question.closed = told.set

    asking.cancel()
    await told.wait()
    late = bytearray(b"quack")
    question.give(late)

    assert late == bytearray(5)


async def test_several_questions_are_answered_one_after_the_other() -> None:
    passwords = TerminalPasswords()
    asking = [asyncio.ensure_future(passwords.ask(command)) for command in ("one", "two", "three")]
    await passwords.until_asked()
    first = passwords.take()
    assert first is not None
    first.give(None)
    asking[1].cancel()
    assert await asking[0] is None

    await passwords.until_asked()
    third = passwords.take()

    assert third is not None
    assert third.command == "three"
    third.give(bytearray(b"quack"))
    assert await asking[2] == bytearray(b"quack")


async def test_a_password_that_comes_while_its_asker_is_being_stopped_is_wiped() -> None:
    passwords = TerminalPasswords()
    asking = asyncio.ensure_future(passwords.ask("apt update"))
    await passwords.until_asked()
    question = passwords.take()
    assert question is not None
    password = bytearray(b"quack")

    question.give(password)
    asking.cancel()
    await asyncio.wait({asking})

    assert asking.cancelled()
    assert password == bytearray(5)
