"""Score a file of cases with pypmml and compare with the scores that stand in it.

usage: pmml.py CARD.pmml CASES.csv

CASES.csv has the card's columns and then points, pd and score as yidaitong computed them. Exits 1 where points or pd differ by more than 1e-9 or a
score differs at all.
"""
import csv
import sys

from pypmml import Model

model = Model.load(sys.argv[1])
words = {f.name for f in model.inputFields if f.dataType == "string"}
worst_points = worst_pd = 0.0
scores = cases = 0
for case in csv.DictReader(open(sys.argv[2], encoding="utf-8")):
    want = {k: float(case.pop(k)) for k in ("points", "pd", "score")}
    row = {k: (v if k in words else float(v)) if v != "" else None for k, v in case.items()}
    got = model.predict(row)
    worst_points = max(worst_points, abs(got["points"] - want["points"]))
    worst_pd = max(worst_pd, abs(got["pd"] - want["pd"]))
    scores += got["score"] != want["score"]
    cases += 1
model.close()
print(f"{cases} cases: points differ by at most {worst_points:.3g}, pd by {worst_pd:.3g}, {scores} scores differ")
sys.exit(not (cases and worst_points <= 1e-9 and worst_pd <= 1e-9 and scores == 0))
