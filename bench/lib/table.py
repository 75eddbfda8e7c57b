"""Tables in Markdown."""


def table(heads, rows):
    """A Markdown table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def interval(value, low, high, digits=2):
    """`0.84 (0.82 to 0.86)`."""
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def verdict(holds):
    """Whether a bound is held."""
    return "held" if holds else "NOT held"
