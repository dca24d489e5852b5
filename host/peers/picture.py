"""A record as bars."""

import math

HEIGHT, LEFT, WIDEST = 26, 250, 360
OURS, OTHERS = "#c2410c", "#64748b"


def written(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bars(title, rows, unit, top):
    """Rows of (name, value) on a scale of powers of ten, from a tenth of the least."""
    least = min(value for _, value in rows) / 10
    scale = WIDEST / math.log10(max(value for _, value in rows) / least)
    parts = [f'<text x="8" y="{top + 22}" font-weight="bold">{title}</text>']
    for at, (name, value) in enumerate(rows):
        y, width = top + 36 + HEIGHT * at, scale * math.log10(value / least)
        colour = OURS if name.startswith("memt") else OTHERS
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{name}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{HEIGHT - 8}" fill="{colour}"/>'
            f'<text x="{LEFT + width + 6:.1f}" y="{y + 14}">{written(value)} {unit}</text>'
        )
    return "".join(parts), top + 44 + HEIGHT * len(rows)


def picture(record):
    asked = [(row["engine"], row["top_10_ms"]) for row in record["dense"] + record["lexical"] + record["fused"]]
    encoded = [(row["engine"], row["texts_per_second"]) for row in record["encoding"]]
    stored = [(row["engine"], row["add_batched_per_second"]) for row in record["store"]]
    cores = f"{record['cores']} cores (logarithmic)"
    parts, top = [], 0
    for title, rows, unit in [
        (f"Best 10 of {record['memories']:,} memories, {cores}", asked, "ms"),
        (f"Texts encoded a second, {cores}", encoded, "/s"),
        (f"Durable adds a second, {cores}", stored, "/s"),
    ]:
        part, top = bars(title, rows, unit, top)
        parts.append(part)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{top}" font-family="sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )
