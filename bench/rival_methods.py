"""`python rival_methods.py METHOD FOLDER OUT`: the pairs that one method finds in records.jsonl.

Runs under a Python of its own and imports nothing of the product. One careful hand each; thresholds are the usual
ones of the library, or the best on another set, fixed beforehand. dedupe is trained on 800 labelled pairs.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

DEDUPE_SAMPLE = 1500  # records
DEDUPE_THRESHOLD = 0.8  # the best F1 among 10,000 other records (seed 41)
Row = dict[str, Any]
Pairs = Iterable[tuple[str, str]]
FORMS = re.compile(
    r"\b(a/?s|aps|i/s|p/s|k/s|ab|hb|kb|asa|ans|gmbh|co|kg|ag|ohg|sp|z|o|oo|sa|sarl|sas|sl|slu|ltd|plc|llp|llc|inc|"
    r"corp|bv|nv|vof|limited|incorporated|publ|and|og|und)\b"
)


def plain(text: str) -> str:
    """Lower case, no diacritics, no punctuation, no legal form."""
    text = text.lower().translate(str.maketrans("øæåł", "oaal"))
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = FORMS.sub(" ", re.sub(r"[.,\"()&]", "", text))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def site(row: Row) -> str:
    return re.sub(r"^(https?://)?(www\.)?", "", row["url"].lower()).split("/")[0]


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def exact(rows: list[Row], folder: Path) -> Pairs:
    blocks: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for kind, value in (("n", plain(row["name"])), ("t", digits(row["taxId"])), ("s", site(row))):
            if value:
                blocks.setdefault((kind, value), []).append(row["id"])
    return {pair for block in blocks.values() if len(block) <= 50 for pair in combinations(sorted(block), 2)}


def string_grouper(rows: list[Row], folder: Path) -> Pairs:
    import pandas
    from string_grouper import match_strings

    names = pandas.Series([plain(row["name"]) or row["name"] for row in rows])
    ids = pandas.Series([row["id"] for row in rows])
    found = match_strings(names, master_id=ids, min_similarity=0.8)
    left, right = found["left_id"], found["right_id"]
    return {(one, other) for one, other in zip(left, right, strict=True) if one < other}


def splink(rows: list[Row], folder: Path) -> Pairs:
    import pandas
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    frame = pandas.DataFrame([_flat(row) for row in rows])
    blocks = ["name", "site", "tax", "phone", "street", "head"]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("site"),
            cl.DamerauLevenshteinAtThresholds("tax", [1]),
            cl.ExactMatch("phone"),
            cl.ExactMatch("street"),
            cl.ExactMatch("post"),
        ],
        blocking_rules_to_generate_predictions=[block_on(name) for name in blocks],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("street"))
    found = linker.inference.predict(threshold_match_probability=0.95).as_pandas_dataframe()
    return zip(found["unique_id_l"], found["unique_id_r"], strict=True)


def _flat(row: Row) -> Row:
    name = plain(row["name"]) or None
    return {
        "unique_id": row["id"],
        "name": name,
        "head": (name or "")[:6] or None,
        "site": site(row) or None,
        "tax": digits(row["taxId"]) or None,
        "phone": digits(row["phone"])[-8:] or None,
        "street": plain(row["street"].split(",")[0]) or None,
        "post": row["postCode"] or None,
    }


def dedupe(rows: list[Row], folder: Path) -> Pairs:
    import dedupe as library
    from dedupe import variables

    flat = {row["id"]: {k: v for k, v in _flat(row).items() if k != "head"} for row in rows}
    fields = [
        variables.String("name"),
        variables.String("site", has_missing=True),
        variables.String("tax", has_missing=True),
        variables.Exact("phone", has_missing=True),
        variables.String("street", has_missing=True),
        variables.Exact("post", has_missing=True),
    ]
    for field in fields:  # indices of the texts take minutes, and `train` leaves them out
        field.predicates = [rule for rule in field.predicates if not hasattr(rule, "index")]
    random.seed(1)
    model = library.Dedupe(fields, num_cores=2)
    # As a training file: pairs marked later have to be among the records that the learner happened to draw. How
    # many pairs a rule lets through is estimated among some of the records; with all of them it takes minutes.
    labels = io.StringIO(json.dumps(_labels(flat, _gold(folder))))
    some = dict(random.sample(sorted(flat.items()), min(DEDUPE_SAMPLE, len(flat))))
    model.prepare_training(some, training_file=labels)
    model.train(recall=0.95, index_predicates=False)
    found: list[tuple[str, str]] = []
    for ids, _ in model.partition(flat, DEDUPE_THRESHOLD):
        found += combinations(sorted(ids), 2)
    return found


def _gold(folder: Path) -> list[tuple[str, str]]:
    with (folder / "gold.csv").open(encoding="utf-8", newline="") as lines:
        return [(line["id_a"], line["id_b"]) for line in csv.DictReader(lines)]


def _labels(flat: dict[str, Row], gold: list[tuple[str, str]]) -> Any:
    """400 true pairs, and 400 that share the beginning of their name but are none."""
    same = [(flat[one], flat[other]) for one, other in gold[:400]]
    true = {frozenset(pair) for pair in gold}
    ordered = sorted(flat, key=lambda name: flat[name]["name"] or "")
    near = [pair for pair in pairwise(ordered) if frozenset(pair) not in true]
    distinct = [(flat[one], flat[other]) for one, other in random.sample(near, min(400, len(near)))]
    return {"match": same, "distinct": distinct}


METHODS: dict[str, Callable[[list[Row], Path], Pairs]] = {
    "exact": exact,
    "string_grouper": string_grouper,
    "splink": splink,
    "dedupe": dedupe,
}


def main() -> None:
    method, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with (folder / "records.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = METHODS[method](rows, folder)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id_a", "id_b"))
        writer.writerows(found)


if __name__ == "__main__":
    main()
