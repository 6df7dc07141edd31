"""What is taken for a secret, and what is not."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.masking import Masker, holds_marks
from tests.runtime.masking.samples import IN_CONTEXT, ORDINARY, SECRETS

NAME, VALUE = "MALLARD_SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"
ODD_NAME, ODD = "MALLARD_MODEL_API_KEY", 'pa ss/wö"rd+\\42=?&x'
MASKER = Masker({NAME: VALUE, ODD_NAME: ODD})
WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
LEAVES = WORDS | st.integers(-(2**53), 2**53) | st.none() | st.booleans()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(kind: str) -> None:
    secret = SECRETS[kind]
    for text in (
        secret,
        f"it is {secret}.",
        f'token="{secret}"',
        f"KEY={secret}\nNEXT=1",
        f"({secret})",
        f"`{secret}`",
    ):
        masked = MASKER.mask(text)
        assert not any(part in masked for part in secret.split() if len(part) > 7 and "-----" not in part)
        assert holds_marks(masked)
        assert MASKER.mask(masked) == masked


@pytest.mark.parametrize("kind", IN_CONTEXT)
def test_what_only_its_surroundings_tell_is_masked_alone(kind: str) -> None:
    secret, text = IN_CONTEXT[kind]
    (found,) = MASKER.find(text)
    assert text[found.start : found.end] == secret
    assert MASKER.mask(text) == text.replace(secret, MASKER.mark(text, found))


@pytest.mark.parametrize("kind", ORDINARY)
def test_what_is_no_secret_stays_as_it_is(kind: str) -> None:
    assert MASKER.mask(ORDINARY[kind]) == ORDINARY[kind]


def test_a_mark_says_how_long_the_secret_is_and_tells_it_from_others() -> None:
    one, other = SECRETS["GitHub"], SECRETS["GitHub, of a server"]
    first, second, again = (MASKER.mask(text) for text in (one, other, one))
    assert first.startswith("••••••• 40 characters, ")
    assert first == again != second


def test_the_hash_of_a_mark_is_of_no_use_to_who_does_not_know_our_secrets() -> None:
    text = IN_CONTEXT["password of a database"][1]
    assert Masker({NAME: VALUE}).mask(text) != Masker({NAME: VALUE[::-1]}).mask(text) != Masker().mask(text)


@pytest.mark.parametrize(("name", "value"), [(NAME, VALUE), (ODD_NAME, ODD)])
@pytest.mark.parametrize(
    "written",
    [
        str,
        lambda value: json.dumps(value)[1:-1],
        lambda value: orjson.dumps(value).decode()[1:-1],
        lambda value: quote(value, safe=""),
        lambda value: quote(value, safe="").lower() if value == VALUE else quote(value),
        lambda value: value.encode().hex(),
        lambda value: value.encode().hex().upper(),
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
        lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
        lambda value: base64.b64encode(f"longer-user:{value}@host".encode()).decode(),
        lambda value: base64.b64encode(f"user2:{value}\n".encode()).decode(),
    ],
)
def test_a_value_of_our_own_settings_is_found_in_every_form(
    name: str, value: str, written: Callable[[str], str]
) -> None:
    masked = MASKER.mask(f"x={written(value)};y")
    assert f"••••••• value of {name}" in masked
    core = written(value)[4:-6]
    assert core not in masked


def test_a_value_that_was_cut_in_the_middle_is_found_by_either_end_of_it() -> None:
    assert MASKER.mask(f"see {VALUE[:20]}") == f"see ••••••• value of {NAME}"
    assert MASKER.mask(f"see {VALUE[:20]}\n[… 9 characters left out …]\nx") == (
        f"see ••••••• value of {NAME}\n[… 9 characters left out …]\nx"
    )
    assert MASKER.mask(f"x\n{VALUE[-15:]}.") == f"x\n••••••• value of {NAME}."
    assert MASKER.mask(f"{VALUE[-20:]} is what I saw") == f"••••••• value of {NAME} is what I saw"


def test_a_setting_that_is_an_ordinary_word_is_not_looked_for() -> None:
    masker = Masker({"A": "ollama", "B": "lm-studio", "C": "x", "D": "", "E": "          "})
    assert masker.mask("ollama and lm-studio run x") == "ollama and lm-studio run x"
    assert Masker({"A": "abc12345"}).mask("it is abc12345!") == "it is ••••••• value of A!"


@given(st.sampled_from(sorted(SECRETS)), st.text(" \n\t,;()[]{}\"'`|", min_size=1, max_size=3), WORDS, WORDS)
def test_whatever_stands_around_a_secret_it_is_masked(kind: str, between: str, before: str, after: str) -> None:
    masked = MASKER.mask(f"{before}{between}{SECRETS[kind]}{between}{after}")
    assert SECRETS[kind] not in masked


@given(WORDS, WORDS, st.sampled_from([VALUE, ODD]))
def test_whatever_stands_around_a_value_of_ours_it_is_masked(before: str, after: str, value: str) -> None:
    assert value not in MASKER.mask(before + value + after)


@given(VALUES)
def test_a_value_without_secrets_is_written_as_it_is(value: object) -> None:
    assert MASKER.write_json({"a": value}) == orjson.dumps({"a": value})


@given(st.sampled_from([*SECRETS.values(), VALUE, ODD]), st.data())
def test_a_secret_anywhere_in_a_json_value_is_masked(secret: str, data: st.DataObject) -> None:
    value: object = f"see {secret} there"
    for _ in range(data.draw(st.integers(0, 4))):
        wrap = data.draw(st.sampled_from(["list", "value", "name"]))
        value = [1, value] if wrap == "list" else {"a": value} if wrap == "value" else {f"<{secret}>": value}
    written = MASKER.write_json({"body": value}).decode()
    assert secret not in written
    assert json.dumps(secret)[1:-1] not in written
    assert orjson.dumps(secret).decode()[1:-1] not in written


@pytest.mark.parametrize("kind", [*SECRETS])
def test_what_was_masked_in_a_request_can_be_put_back_into_a_call(kind: str) -> None:
    request = f"write {SECRETS[kind]} into a file"
    planned = {"content": ["KEY=" + MASKER.mask(request).removeprefix("write ").removesuffix(" into a file")]}
    assert MASKER.restore(planned, (request,)) == ({"content": ["KEY=" + SECRETS[kind]]}, True)
    assert MASKER.restore(planned, ("nothing of that",)) == (planned, False)


def test_a_value_of_ours_is_never_put_back() -> None:
    request = f"write {VALUE} into a file"
    planned = {"content": MASKER.mask(VALUE)}
    assert MASKER.restore(planned, (request,)) == (planned, False)
    assert MASKER.find_ours(planned) == MASKER.find_ours({"a": [{"b": VALUE}]}) == NAME


def test_whoever_may_see_everything_sees_no_value_of_ours() -> None:
    text = f"{SECRETS['Stripe']} {VALUE}"
    assert MASKER.mask_ours(text) == f"{SECRETS['Stripe']} ••••••• value of {NAME}"


@given(st.sampled_from(sorted(SECRETS)), st.integers(0, 9_000))
def test_a_long_text_that_held_no_secret_says_nothing_of_one_of_the_same_length_that_does(kind: str, at: int) -> None:
    innocent, secret = "a word, " * 1_500, SECRETS[kind]
    masker = Masker()
    assert masker.mask(innocent) == masker.mask(innocent) == innocent

    masked = masker.mask(f"{innocent[:at]} {secret} {innocent[at + len(secret) + 2 :]}")

    assert secret not in masked
    assert holds_marks(masked)


def test_a_long_text_is_not_kept_by_whoever_looked_for_secrets_in_it() -> None:
    masker, text = Masker({NAME: VALUE}), "What was said of the heron by the pond is forgotten by now. " * 200

    assert masker.mask(text) == text

    assert text not in repr(vars(masker))


def test_a_megabyte_made_to_be_slow_is_masked_all_the_same() -> None:
    hard = ("A" * 21 + " ") * 20_000 + "PRIV" + "ATE KEY " + "://a:" * 20_000 + "eyJ" * 20_000 + "\\n" * 20_000
    assert isinstance(MASKER.mask(hard), str)
