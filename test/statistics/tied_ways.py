"""Cumulative incidences with ties by scikit-survival 0.28.0. Reads a JSON list of {"ms": [...], "ways": [...]} from stdin, and writes a list of curves to stdout.

This made `expected` in tied-ways.json: python tied_ways.py < cases.json. Its variance "Dinse_Approx" is that of lifelines, which cannot read tied ways.
"""

import json
import sys
import warnings

import numpy as np
from sksurv.nonparametric import cumulative_incidence_competing_risks

warnings.simplefilter("ignore")


def finite(values):
    return [float(value) if np.isfinite(value) else None for value in values]


def curve(case):
    times, incidence, band = cumulative_incidence_competing_risks(
        np.array(case["ways"]), np.array(case["ms"]), conf_type="log-log", var_type="Dinse_Approx"
    )
    # Where nobody is left at the end, its variance is a division by 0, and the bands at all times are none.
    longest = max(case["ms"])
    if all(way != 0 for ms, way in zip(case["ms"], case["ways"]) if ms == longest):
        band = np.full_like(band, np.nan)
    ways = [
        {"incidence": finite(incidence[way]), "lower": finite(band[way][0]), "upper": finite(band[way][1])}
        for way in range(1, len(incidence))
    ]
    return {"ms": finite(times), "ways": ways}


json.dump([curve(case) for case in json.load(sys.stdin)], sys.stdout)
