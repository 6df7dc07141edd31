"""An answer that is shown while it is written: what of it can be set as Markdown already."""

from runtime.blocks import BETWEEN_BLOCKS, read_blocks


def split_finished(text: str) -> tuple[str, str]:
    """The blocks that look the same whatever comes, and what has to wait: the last one may go on."""
    whole_lines = text[: text.rfind("\n") + 1]
    blocks = read_blocks(whole_lines)
    cuts = (at for at in range(len(blocks.lines) - 1, 0, -1) if blocks.costs[at] == BETWEEN_BLOCKS)
    finished = "".join(blocks.lines[: next(cuts, 0)])
    return finished, text[len(finished) :]
