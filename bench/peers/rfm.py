"""RFM in a peer: DuckDB or Polars over the Parquet files that the lake writes.

Reads one line from standard input for each run and answers each with one JSON line, so that two
engines take turns within one measurement. Before the first run it tries every query that it knows
twice and keeps the fastest. A run does the whole work: recency, frequency and money of every
customer, recency in days, the value cut points at ranks ceil(n*k/5), and customers and money of every cell. `check`
holds sums over all of it; equal sums mean that both sides did the same work.
"""

import argparse
import glob
import json
import sys
import time

DAY_MICROS = 86_400_000_000

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--engine", choices=["duckdb", "polars"], required=True)
parser.add_argument("--dir", required=True, help="folder with the Parquet files")
parser.add_argument("--customer", default="customer_no")
parser.add_argument("--order", default="order_no")
parser.add_argument("--line", default="line_no")
parser.add_argument("--time", default="placed_at")
parser.add_argument("--amount", default="amount_minor")


def rank(n, k):
    """Position, from 0, of the k-th of four cut points among n sorted values."""
    return -(-n * k // 5) - 1


def check(customers, sums, cuts, cells):
    """What both sides must agree on; `cells` are rows of r, f, m (1 to 5), customers, money."""
    return {
        "customers": customers,
        "recency": int(sums[0]),
        "frequency": int(sums[1]),
        "money": int(sums[2]),
        "cuts": [[int(cut) for cut in column] for column in cuts],
        "cells": len(cells),
        "cube": sum((r * 25 + f * 5 + m) * count for r, f, m, count, _ in cells),
        "cube_money": sum((r * 25 + f * 5 + m) * int(money) for r, f, m, _, money in cells),
    }


def duckdb_queries(args, files):
    import duckdb

    con = duckdb.connect()
    source = f"read_parquet({files!r})"
    kind = con.execute(f"select typeof({args.time}) from {source} limit 1").fetchone()[0]
    micros = f"max({args.time})" if kind == "BIGINT" else f"epoch_us(max({args.time}))"
    day = f"{micros} // {DAY_MICROS}"
    frequencies = {
        "filter": f"count(*) filter ({args.line} = 0)",
        "sum": f"sum(({args.line} = 0)::int)::bigint",
        "distinct": f"count(distinct {args.order})",
    }
    score = " + ".join
    scores = ", ".join(
        f"1 + {score(f'(c.{x} > cuts.{x}[{k}])::int' for k in range(1, 5))} as {x}{x}" for x in "rfm"
    )
    # Decimal fractions: DuckDB takes their ranks exactly.
    cuts = ", ".join(f"quantile_disc({x}, [0.2, 0.4, 0.6, 0.8]) as {x}" for x in "rfm")

    def aggregate(frequency):
        return (
            f"select {day} as r, {frequencies[frequency]} as f, sum({args.amount})::bigint as m"
            f" from {source} where {args.customer} is not null group by {args.customer}"
        )

    def run(frequency, temporary):
        if temporary:
            con.execute(f"create or replace temp table c as {aggregate(frequency)}")
            head = "with"
        else:
            head = f"with c as materialized ({aggregate(frequency)}),"
        rows = con.execute(
            f"{head} cuts as (select {cuts}, count(*) as n, sum(r)::bigint as sr,"
            " sum(f)::bigint as sf, sum(m)::bigint as sm from c),"
            f" s as (select {scores}, c.m as m from c, cuts),"
            " cells as (select rr, ff, mm, count(*) as n, sum(m)::bigint as money from s"
            " group by rr, ff, mm)"
            " select cells.*, cuts.* from cells, cuts"
        ).fetchall()
        _, _, _, _, _, *cut_points, n, sr, sf, sm = rows[0]
        return check(n, (sr, sf, sm), cut_points, [row[:5] for row in rows])

    return {
        f"{frequency}, {'temporary table' if temporary else 'one query'}": (
            lambda frequency=frequency, temporary=temporary: run(frequency, temporary)
        )
        for frequency in frequencies
        for temporary in (False, True)
    }


def polars_queries(args, files):
    import polars as pl

    frequencies = {
        "filter": (pl.col(args.line) == 0).sum(),
        "distinct": pl.col(args.order).n_unique(),
    }

    def run(frequency, engine):
        c = (
            pl.scan_parquet(files)
            .filter(pl.col(args.customer).is_not_null())
            .group_by(args.customer)
            .agg(
                pl.col(args.time).max().alias("r"),
                frequencies[frequency].cast(pl.Int64).alias("f"),
                pl.col(args.amount).sum().alias("m"),
            )
            .select(pl.col("r").cast(pl.Int64) // DAY_MICROS, "f", "m")
            .collect(engine=engine)
        )
        n = c.height
        ranks = [rank(n, k) for k in range(1, 5)]
        cuts = c.select(pl.all().sort().gather(ranks))
        sums = c.select(pl.all().sum()).row(0)
        scored = c.lazy().select(
            *(
                (1 + sum((pl.col(x) > cut).cast(pl.Int8) for cut in cuts[x])).alias(x + x)
                for x in "rfm"
            ),
            "m",
        )
        cells = scored.group_by("rr", "ff", "mm").agg(pl.len(), pl.col("m").sum()).collect()
        return check(n, sums, [cuts[x].to_list() for x in "rfm"], cells.rows())

    return {
        f"{frequency}, {engine}": (
            lambda frequency=frequency, engine=engine: run(frequency, engine)
        )
        for frequency in frequencies
        for engine in ("streaming", "in-memory")
    }


def timed(query):
    start = time.perf_counter()
    answer = query()
    return (time.perf_counter() - start) * 1000, answer


def main():
    args = parser.parse_args()
    files = glob.glob(f"{args.dir}/**/*.parquet", recursive=True)
    # The table's log has files of its own.
    files = sorted(file for file in files if "_delta_log" not in file)
    if not files:
        sys.exit(f"no Parquet file in {args.dir}")
    queries = {"duckdb": duckdb_queries, "polars": polars_queries}[args.engine](args, files)
    best = min(queries, key=lambda name: min(timed(queries[name])[0] for _ in range(2)))
    for _ in sys.stdin:
        elapsed, answer = timed(queries[best])
        line = {"work": "rfm", "figure": "elapsed", "value": elapsed, "unit": "ms"}
        print(json.dumps({**line, "query": best, "check": answer}), flush=True)


if __name__ == "__main__":
    main()
