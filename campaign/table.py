"""The tables of a campaign, from its rows alone."""

from math import comb

OUTCOMES = ("fail", "pass", "inconclusive", "invalid", "not_applicable", "broken")


def written(rows, cases):
    """Markdown: one table for each commit and length of the tests, newest first."""
    text = "# Campaign: what the suite finds, and what it does not\n\n"
    text += "Made by `python3 campaign/run.py --show` from the rows beside this page. *Found* is the share of\n"
    text += "runs that end as `fail`: with a fault that is a detection, without one a false alarm. Intervals\n"
    text += "are 95 % (Clopper and Pearson). No run is left out. Turns are those of loads; a test that asks by single\n"
    text += "clients alone has 0.\n"
    groups = {}
    for row in rows:
        groups.setdefault((row["machine"]["commit"], row["short"], row["machine"]["build"]), []).append(row)
    newest = sorted(groups.items(), key=lambda group: max(row["at"] for row in group[1]), reverse=True)
    for (commit, short, build), group in newest:
        text += f"\n## {commit}, {'short' if short else 'full'} tests, {build} build\n\n"
        text += about(group) + "\n\n" + table(group, cases)
    if not groups:
        text += "\nNothing was run yet.\n"
    return text


def about(rows):
    machine = rows[0]["machine"]
    load = sorted(row["load_before"] for row in rows)[len(rows) // 2]
    changed = ", with changes that are not committed" if any(row["machine"]["changed"] for row in rows) else ""
    return (
        f"{machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; {machine['victor']}"
        f"{changed}. {min(row['at'] for row in rows)} to {max(row['at'] for row in rows)}; median load "
        f"average before a run {load:.1f}."
    )


def table(rows, cases):
    text = "| fault | test | runs | found | 95 % | otherwise | turns | median time |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    for name, test in cases:
        own = [row for row in rows if (row["case"], row["test"]) == (name, test)]
        text += line(name, test.rpartition("::")[2], own)
    return text


def line(name, test, rows):
    runs = len(rows)
    if not runs:
        return f"| {name} | `{test}` | 0 | | | not run | | |\n"
    found = sum(row["outcome"] == "fail" for row in rows)
    low, high = share(found, runs)
    others = []
    for outcome in OUTCOMES[1:]:
        count = sum(row["outcome"] == outcome for row in rows)
        if count:
            others.append(f"{count} {outcome.replace('_', ' ')}")
    seconds = sorted(row["seconds"] for row in rows)[runs // 2]
    turns = sum(row["turns"] for row in rows)
    interval = f"{100 * low:.0f} to {100 * high:.0f} %"
    return (
        f"| {name} | `{test}` | {runs} | {found} | {interval} | {', '.join(others)} | {turns} "
        f"| {seconds:.0f} s |\n"
    )


def share(found, runs):
    """Clopper and Pearson's 95 % interval of a share, by bisection of the binomial tail."""

    def at_least(count, p):
        return sum(comb(runs, k) * p**k * (1 - p) ** (runs - k) for k in range(count, runs + 1))

    def solved(of, wanted):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if of(middle) < wanted else (low, middle)
        return low

    low = 0.0 if found == 0 else solved(lambda p: at_least(found, p), 0.025)
    high = 1.0 if found == runs else solved(lambda p: at_least(found + 1, p), 0.975)
    return low, high
