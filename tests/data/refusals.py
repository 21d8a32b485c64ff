"""What a refusal says."""

import re

import pytest

from leakcheck.exceptions import ValidationError


def message(call, *args, **kwargs) -> str:
    """The message of the error that a call must raise: an argument in backticks, sentences."""
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    text = str(caught.value)
    assert re.search(r"`[^`]+`", text), text
    assert text.endswith((".", "?")), text
    return text
