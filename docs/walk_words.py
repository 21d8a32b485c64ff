"""Count what a newcomer reads between the README and the first verdict.

`docs/generate.py` calls `table` with the README and the transcript of the walk as they are now.
"""

import re

#: words a minute of an adult who reads English silently (Brysbaert 2019)
SPEED = 238
#: step -> where its words end in the README, and what is typed then
README_STEPS = {
    'README, to "Use it"': ("## Use it", "`pip install .` in the clone"),
    'README, "Use it", to the command line': ("$ leakcheck gate", "`leakcheck audit own.csv`"),
}
#: what a message, or the report, is answered with
ANSWERS = ("`--celltype tissue`", "`--loci region`", "`--train` with other names", "")


def table(readme: str, transcript: str) -> str:
    """The steps with their words, and the minutes that reading takes."""
    rows, begin = [], 0
    for title, (end, typed) in README_STEPS.items():
        place = readme.index(end)
        rows.append((title, readme[begin:place], typed))
        begin = place
    answers = answers_of(transcript)
    if len(answers) != len(ANSWERS):
        raise SystemExit(f"the walk has {len(answers)} answers; docs/walk_words.py {len(ANSWERS)}")
    for text, typed in zip(answers, ANSWERS, strict=True):
        rows.append(("a message" if text.startswith("Error") else "the report", text, typed))
    lines = ["| step | read | words of text | of code | typed then |"]
    lines.append("|---|---|---|---|---|")
    sums = [0, 0]
    for step, (title, text, typed) in enumerate(rows, start=1):
        counts = words(text) if step <= len(README_STEPS) else split_report(text)
        sums = [one + other for one, other in zip(sums, counts, strict=True)]
        lines.append(f"| {step} | {title} | {counts[0]:,} | {counts[1]:,} | {typed} |")
    lines.append(f"| | **all** | {sums[0]:,} | {sums[1]:,} | |")
    minutes = f"{sums[0] / SPEED:.1f} minutes for the text, {sum(sums) / SPEED:.1f} for all of it"
    return "\n".join(lines) + f"\n\nAt {SPEED} words a minute: {minutes}.\n"


def words(markdown: str) -> tuple[int, int]:
    """Words of the sentences of a page, and of its blocks of code and output."""
    fence = re.compile(r"^```.*?^```$|^```.*\Z", flags=re.DOTALL | re.MULTILINE)
    shown = re.sub(r"^```.*", "", "\n".join(fence.findall(markdown)), flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)|<!--.*?-->", " ", fence.sub(" ", markdown))
    return count(text), count(shown)


def split_report(text: str) -> tuple[int, int]:
    """Words of a message or report, and of the table in it."""
    rows = [line for line in text.splitlines() if re.search(r"\S {2,}\S.* {2,}\S", line.strip())]
    inside = count(" ".join(rows))
    return count(text) - inside, inside


def answers_of(transcript: str) -> list[str]:
    """What each command of the transcript printed."""
    return [part.partition("\n")[2].strip() for part in transcript.split("$ leakcheck ")[1:]]


def count(text: str) -> int:
    """Words: runs of signs with a letter or a digit in them."""
    return sum(bool(re.search(r"\w", one)) for one in text.split())
