"""Joins the lines that the candidates print into one document, one entry a candidate and encoder.

Usage: python collect.py THREADS <LINES >results.json
"""

import json
import re
import statistics
import subprocess
import sys

TEXTS = 512


def processor():
    with open("/proc/cpuinfo") as file:
        names = re.findall(r"model name\s*: (.*)", file.read())
    return {"processor": names[0], "cores": len(names)}


def joined(runs):
    fastest = min(run["milliseconds"]["min"] for run in runs)
    first = runs[0]
    return {
        "candidate": first["candidate"],
        "encoder": first["encoder"],
        "version": first.get("version"),
        "runs": len(runs),
        "steps_a_run": first["steps"],
        "milliseconds": {
            "min": round(fastest, 2),
            "median_of_best_run": round(min(run["milliseconds"]["median"] for run in runs), 2),
            "median_of_runs": round(statistics.median(run["milliseconds"]["median"] for run in runs), 2),
            "max": round(max(run["milliseconds"]["max"] for run in runs), 2),
        },
        "samples_per_second": round(TEXTS * 1e3 / fastest),
        "first_losses": first["first_losses"],
        "losses_after_12_steps": first["losses_after_12_steps"],
    }


def main():
    groups = {}
    for line in sys.stdin:
        run = json.loads(line)
        groups.setdefault((run["encoder"], run["candidate"]), []).append(run)
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    machine = processor() | {"threads": int(sys.argv[1]), "rustc": rustc.stdout.strip()}
    results = sorted(map(joined, groups.values()), key=lambda entry: (entry["encoder"], entry["milliseconds"]["min"]))
    json.dump({"machine": machine, "results": results}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
