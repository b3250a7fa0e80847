"""The tables and the chart of a benchmark. Pure: from measurements to text."""

import html
import statistics

COLUMNS = (("wall", "s"), ("cpu", "s"), ("peak", "MB"))
RUNS = (("first", "Into an empty bucket"), ("again", "Again, nothing changed"), ("page", "One page changed"))
OURS = "deployflow"


def medians(samples):
    """Of [{wall, cpu, peak}, ...]; None without one."""
    if not samples:
        return None
    return {column: statistics.median(sample[column] for sample in samples) for column, _ in COLUMNS}


def spread(samples, column):
    values = [sample[column] for sample in samples]
    return f"{min(values):.2f} to {max(values):.2f}"


def cell(value, ours):
    text = f"{value:.2f}" if value < 100 else f"{value:.0f}"
    return text + (f" ({value / ours:.1f}×)" if ours else "")


def table(results, run):
    """One run (first, again) of one data set. results: tool -> {first: [...], again: [...], failed: text}"""
    base = medians(results.get(OURS, {}).get(run))
    lines = ["| tool | wall s | user+sys CPU s | peak MB | wall, least to most |", "|---|---:|---:|---:|---:|"]
    for tool, result in results.items():
        middle = medians(result.get(run))
        if middle is None:
            lines.append(f"| {tool} | {result.get('failed', 'not run')} | | | |")
            continue
        compared = base and tool != OURS
        cells = [cell(middle[column], base[column] if compared else None) for column, _ in COLUMNS]
        lines.append(f"| {tool} | " + " | ".join(cells) + f" | {spread(result[run], 'wall')} |")
        if run == "again" and (listing := medians(result.get("listing"))):
            cells = [cell(listing[column], None) for column, _ in COLUMNS]
            lines.append("| of it the listing | " + " | ".join(cells) + f" | {spread(result['listing'], 'wall')} |")
    return lines


def markdown(report):
    """The whole report; report: {about: [line], tools: {name: (version, note)}, sets: {title: results}}"""
    lines = ["# Benchmark", "", *report["about"], "", "| tool | version | how |", "|---|---|---|"]
    lines += [f"| {name} | {version} | {note} |" for name, (version, note) in report["tools"].items()]
    lines += ["", "Medians; in brackets how many times deployflow's.", "", "![chart](chart.svg)"]
    for title, results in report["sets"].items():
        for run, words in RUNS:
            if not any(result.get(run) for result in results.values()):
                continue
            lines += ["", f"## {title}: {words[0].lower() + words[1:]}", "", *table(results, run)]
    return "\n".join(lines) + "\n"


# --- Chart -----------------------------------------------------------------------------------------------------------

WIDTH, LEFT, BAR, ROW, PANEL = 960, 190, 14, 20, 220
STYLE = """text{font:12px sans-serif;fill:#222}.h{font-size:15px;font-weight:bold}.s{font-size:11px;fill:#666}
.o{fill:#1f6feb}.p{fill:#9aa4b2}@media(prefers-color-scheme:dark){text{fill:#ddd}.s{fill:#999}}"""


def bars(rows, column, unit, x, y):
    """One panel: a bar for each tool, the longest as wide as there is room."""
    longest = max(value[column] for _, value in rows) or 1
    out = [f'<text class="s" x="{x}" y="{y - 8}">{ {"wall": "wall", "cpu": "CPU", "peak": "peak memory"}[column]}, {unit}</text>']
    for number, (tool, value) in enumerate(rows):
        top = y + number * ROW
        width = max(1, value[column] / longest * (PANEL - 60))
        kind = "o" if tool.startswith(OURS) else "p"
        out.append(f'<rect class="{kind}" x="{x}" y="{top}" width="{width:.1f}" height="{BAR}"/>')
        out.append(f'<text class="s" x="{x + width + 4:.1f}" y="{top + 11}">{value[column]:.2f}</text>')
    return out


def chart(report):
    """An SVG with a block for each data set and run, three panels each."""
    body, y = [], 30
    for title, results in report["sets"].items():
        for run, words in RUNS:
            rows = [(tool, medians(result[run])) for tool, result in results.items() if result.get(run)]
            if not rows:
                continue
            body.append(f'<text class="h" x="10" y="{y}">{html.escape(title)}: {html.escape(words[0].lower() + words[1:])}</text>')
            y += 34
            for number, (tool, _) in enumerate(rows):
                body.append(f'<text x="{LEFT - 10}" y="{y + number * ROW + 11}" text-anchor="end">{html.escape(tool)}</text>')
            for panel, (column, unit) in enumerate(COLUMNS):
                body += bars(rows, column, unit, LEFT + panel * (PANEL + 30), y)
            y += len(rows) * ROW + 36
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}">'
        f"<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )
