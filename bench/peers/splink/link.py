"""Links R.csv and X.csv with Splink on DuckDB, as somebody would who knows Splink and the fields, and writes record_id,firm_id,confidence.

usage: link.py R.csv X.csv OUT.csv
"""

import json
import logging
import sys
import time

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

logging.disable(logging.WARNING)

# Width, case and blanks are put right beforehand, and O and I in codes: that much any user of Splink does.
TABLE = """
CREATE TABLE {table} AS
SELECT {id} AS unique_id,
       nullif(regexp_replace(translate(upper(translate(usci, '０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ', '0123456789ABCDEFGHJKLMNPQRTUWXY')), 'OI', '01'), '[^0-9A-Z]', '', 'g'), '') AS code,
       nullif(reg_no, '') AS reg_no,
       replace(regexp_replace(translate(name, '（）', '()'), '[ ()]', '', 'g'), '有限责任公司', '有限公司') AS name,
       nullif(address, '') AS address, nullif(legal_person, '') AS legal_person
FROM read_csv('{path}', all_varchar = true, header = true)
"""


def main(reference: str, records: str, out: str) -> None:
    started = time.time()
    con = duckdb.connect()
    con.execute(TABLE.format(table="firm", id="firm_id", path=reference))
    con.execute(TABLE.format(table="record", id="record_id", path=records))
    # An old registration number stands in the credit code's place.
    con.execute("UPDATE record SET reg_no = code WHERE length(code) = 15")
    api = DuckDBAPI(con)
    tables = [
        api.register("firm", dataset_display_name="a_firm"),
        api.register("record", dataset_display_name="b_record"),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("code"),
            block_on("reg_no"),
            block_on("substr(code, 9, 5)", "substr(code, 3, 6)"),
            block_on("right(code, 5)"),
            block_on("name"),
            block_on("legal_person", "left(name, 5)"),
            block_on("legal_person", "right(name, 6)"),
            block_on("address"),
        ],
        comparisons=[
            cl.DamerauLevenshteinAtThresholds("code", [1, 2]),
            cl.ExactMatch("reg_no"),
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("legal_person").configure(term_frequency_adjustments=True),
            cl.JaccardAtThresholds("address", [0.9, 0.7]),
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match([block_on("code"), block_on("name", "legal_person")], recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("code"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "legal_person"))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    con.execute(
        f"""
        COPY (
            WITH best AS (
                SELECT unique_id_r AS record_id, unique_id_l AS firm_id, match_probability AS confidence
                FROM {pairs.physical_name} WHERE match_probability >= 0.98
                QUALIFY row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) = 1
            )
            SELECT r.unique_id AS record_id, b.firm_id, b.confidence FROM record r LEFT JOIN best b ON b.record_id = r.unique_id
        ) TO '{out}' (HEADER)
        """
    )
    print(json.dumps({"seconds": time.time() - started}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
