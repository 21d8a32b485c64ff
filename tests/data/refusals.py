"""What a refusal says."""

import re

import pytest

from leakcheck.checks import REFUSALS
from leakcheck.exceptions import ValidationError, read_more


def message(call, *args, **kwargs) -> str:
    """The message of the error that a call must raise: an argument in backticks, sentences.

    Where the error has a page, the message says how to read it at its end; that part is left out.
    """
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    text, code = str(caught.value), caught.value.code
    if code:
        assert code in REFUSALS
        assert text.endswith(f" {read_more(code)}"), text
        text = text.removesuffix(f" {read_more(code)}")
    assert re.search(r"`[^`]+`", text), text
    assert text.endswith((".", "?")), text
    return text
