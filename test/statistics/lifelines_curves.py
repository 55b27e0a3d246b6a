"""Survival curves by lifelines. Reads a JSON list of {"ms": [...], "ways": [...]} (way 0: censored) from stdin, and writes a list of curves to stdout."""

import json
import sys
import warnings

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times, qth_survival_time

warnings.simplefilter("ignore")


def finite(values):
    return [float(value) if np.isfinite(value) else None for value in values]


def rounded(shares):
    # lifelines multiplies by adding logarithms, so 3/4 * 2/3 may come out just above one half.
    return shares.round(12)


def has_tied_ways(ms, ways):
    pairs = {(a, b) for a, b in zip(ms, ways) if b != 0}
    return len({a for a, _ in pairs}) < len(pairs)


def kaplan_meier(ms, ways):
    fitter = KaplanMeierFitter().fit(ms, [way != 0 for way in ways])
    survival, band = fitter.survival_function_.iloc[:, 0], fitter.confidence_interval_
    table = fitter.event_table
    interval = median_survival_times(rounded(band))
    quantile = {name: qth_survival_time(share, rounded(survival)) for name, share in [("p25", 0.75), ("median", 0.5), ("p75", 0.25), ("p90", 0.1)]}
    quantile["medianLower"], quantile["medianUpper"] = (float(interval[column].iloc[0]) for column in band.columns)
    return {
        "ms": finite(table.index),
        "atRisk": finite(table["at_risk"]),
        "events": finite(table["observed"]),
        "censored": finite(table["censored"]),
        "survival": finite(survival),
        "lower": finite(band.iloc[:, 0]),
        "upper": finite(band.iloc[:, 1]),
        "quantiles": {name: float(value) if np.isfinite(value) else None for name, value in quantile.items()},
    }


def aalen_johansen(ms, ways, way):
    fitter = AalenJohansenFitter().fit(ms, ways, event_of_interest=way)
    # lifelines calls the lower edge "upper": exp(-exp(x)) falls when x grows.
    upper, lower = (fitter.confidence_interval_.iloc[:, column] for column in (1, 0))
    return {"incidence": finite(fitter.cumulative_density_.iloc[:, 0]), "lower": finite(lower), "upper": finite(upper)}


def curve(case):
    ms, ways = case["ms"], case["ways"]
    result = kaplan_meier(ms, ways)
    # lifelines moves tied times of different ways by chance, and leaves out what happened at 0.
    if not has_tied_ways(ms, ways) and min(ms) > 0:
        result["ways"] = [aalen_johansen(ms, ways, way) for way in range(1, max(ways) + 1)]
    return result


json.dump([curve(case) for case in json.load(sys.stdin)], sys.stdout)
