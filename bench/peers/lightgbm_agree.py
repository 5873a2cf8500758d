"""Train LightGBM on SBA's training half and check that yidaitong runs its model to the same figures.

usage: lightgbm_agree.py SBAcase.csv YIDAITONG

Columns that give the outcome away are dropped. Words become categories. Exits 1 where probabilities on the test half differ by more than 1e-9.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import lightgbm
import numpy

DROP = set("MIS_Status,ChgOffDate,ChgOffPrinGr,BalanceGross,xx,daysterm,Term,Name,LoanNr_ChkDgt,City,Bank,Selected,Default".split(","))
WORDS = ["State", "BankState", "RevLineCr", "LowDoc"]
MONOTONE = {"Portion": -1, "Recession": 1}

rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
columns = [c for c in rows[0] if c not in DROP]
levels = {c: sorted({r[c].strip() for r in rows} - {""}) for c in WORDS}


def code(column, text):
    text = text.strip()
    if column in levels:
        return levels[column].index(text) if text else numpy.nan
    return float(text) if text else numpy.nan


x = numpy.array([[code(c, r[c]) for c in columns] for r in rows])
y = numpy.array([int(r["Default"]) for r in rows])
x[numpy.random.default_rng(1).random(x.shape) < 0.03] = numpy.nan
train = numpy.array([r["Selected"] == "1" for r in rows])
booster = lightgbm.train(
    {"objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 10, "verbose": -1, "seed": 1, "num_threads": 1, "deterministic": True,
     "monotone_constraints": [MONOTONE.get(c, 0) for c in columns]},
    lightgbm.Dataset(x[train], y[train], feature_name=columns, categorical_feature=[columns.index(c) for c in WORDS], params={"verbose": -1}),
    num_boost_round=150)

folder = pathlib.Path(tempfile.mkdtemp())
booster.save_model(folder / "model.txt")
with open(folder / "test.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(columns + ["Default"])
    for row, bad in zip(x[~train], y[~train]):
        w.writerow(["" if numpy.isnan(v) else repr(float(v)) for v in row] + [bad])


def run(*arguments):
    return json.loads(subprocess.run([sys.argv[2], "model", *arguments, "--json"], check=True, stdout=subprocess.PIPE).stdout)


print(run("import", "--lightgbm", folder / "model.txt", "--out", folder / "m.json"))
print(run("score", "--model", folder / "m.json", "--data", folder / "test.csv", "--out", folder / "s.csv", "--contributions", folder / "phi.csv"))
ours = list(csv.DictReader(open(folder / "phi.csv")))
raw = booster.predict(x[~train], raw_score=True)
phi = booster.predict(x[~train], pred_contrib=True)
pd = booster.predict(x[~train])
got_raw = numpy.array([float(r["raw"]) for r in ours])
got_pd = numpy.array([float(r["pd"]) for r in ours])
got_phi = numpy.array([[float(r[c]) for c in columns] + [float(r["base"])] for r in ours])
order = numpy.argsort(pd)
ranks = numpy.empty(len(pd))
ranks[order] = numpy.arange(1, len(pd) + 1)
bad = y[~train] == 1
auc = (ranks[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / bad.sum() / (~bad).sum()
print(f"LightGBM AUC on the test half {auc:.4f}; {len(raw)} cases: {int((raw != got_raw).sum())} raw scores differ, "
      f"pd by at most {abs(pd - got_pd).max():.3g}, Shapley values by at most {abs(phi - got_phi).max():.3g}")
sys.exit(not ((raw == got_raw).all() and abs(pd - got_pd).max() <= 1e-9 and abs(phi - got_phi).max() <= 1e-9))
