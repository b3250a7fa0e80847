"""The tables of the comparison of checkers. Pure: from measurements to text."""

from report import COLUMNS, cell, medians

OURS = "deployflow"
SIGNS = {"place": "✓", "file": "(✓)", "other": "?", "nothing": "–"}
RUNS = (("first", "first time"), ("again", "again"), ("page", "one page changed"))


def planted_table(planted):
    tools = list(planted["good"])
    lines = ["| defect | " + " | ".join(tools) + " |", "|---|" + ":-:|" * len(tools)]
    total = 0
    found = dict.fromkeys(tools, 0)
    for group, rows in planted["groups"].items():
        lines.append(f"| **{group}** |" + " |" * len(tools))
        for name, verdicts in rows.items():
            lines.append(f"| {name} | " + " | ".join(SIGNS[verdicts[tool]] for tool in tools) + " |")
            total += 1
            for tool in tools:
                found[tool] += verdicts[tool] != "nothing"
    lines.append(f"| **found, of {total}** | " + " | ".join(f"**{found[tool]}**" for tool in tools) + " |")
    lines.append("| told of the good site | " + " | ".join(str(len(planted["good"][tool])) for tool in tools) + " |")
    return lines


def times_table(results):
    ours = results.get(OURS)
    ours = ours if isinstance(ours, dict) else None
    lines = ["| tool | wall s | user+sys CPU s | peak MB |", "|---|---:|---:|---:|"]
    for tool, got in results.items():
        if isinstance(got, str):
            lines.append(f"| {tool} | {got} | | |")
            continue
        cells = [cell(got[column], ours[column] if ours and tool != OURS else None) for column, _ in COLUMNS]
        lines.append(f"| {tool} | " + " | ".join(cells) + " |")
    return lines


def gumbo_table(sets):
    lines = ["| site | run | wall s | user+sys CPU s | peak MB |", "|---|---|---:|---:|---:|"]
    for title, results in sets.items():
        if "failed" in results:
            lines.append(f"| {title} | {results['failed']} | | | |")
            continue
        bare = medians(results["bare"])
        lines.append(f"| {title} | bare gumbo | " + " | ".join(cell(bare[column], None) for column, _ in COLUMNS) + " |")
        for run, words in RUNS:
            middle = medians(results[run])
            cells = [f"{middle[column]:.2f}" if middle[column] < 100 else f"{middle[column]:.0f}" for column, _ in COLUMNS]
            if run == "first":  # by round: the two ran one after the other
                for number, column in enumerate(("wall", "cpu")):
                    ratios = [a[column] / b[column] for a, b in zip(results["first"], results["bare"])]
                    cells[number] += f" ({min(ratios):.2f} to {max(ratios):.2f}×)"
            lines.append(f"| | deployflow, {words} | " + " | ".join(cells) + " |")
    return lines


def markdown(report):
    """report: {about: [line], tools: {name: (version, note)}, planted, times: {title: results}, gumbo: {title: results}}"""
    lines = ["# Checkers", "", *report["about"], "", "| tool | version | how |", "|---|---|---|"]
    lines += [f"| {name} | {version} | {note} |" for name, (version, note) in report["tools"].items()]
    if report["planted"]:
        lines += [
            "",
            "## Planted defects",
            "",
            "A small good site, and for each row a copy with that one defect. ✓ it names the file and the line (or the file, where no",
            "line is more right than another, or the tool tells none); (✓) the file at another line, or without one; ? it tells something",
            "that it does not tell of the good site, of another file; – nothing.",
            "",
            *planted_table(report["planted"]),
        ]
    for title, results in report["times"].items():
        lines += ["", f"## Time: {title}", "", "In brackets how many times deployflow's.", "", *times_table(results)]
    if report["gumbo"]:
        lines += [
            "",
            "## Beside bare gumbo",
            "",
            "Medians; in brackets the first time as a multiple of bare gumbo in the same round, least to most.",
            "",
            *gumbo_table(report["gumbo"]),
        ]
    return "\n".join(lines) + "\n"
