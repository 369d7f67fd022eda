"""Scans a folder of Parquet files on a Ray cluster; rows of the result are the outputs with their reports.

    python ray_scan.py REGISTRY OUTPUTS FOUND [--column text] [--actors 1]

REGISTRY lies where every machine finds it under the same path. Each actor opens it once, by path and content hash: one that changed
since this script saw it is refused.
"""

import argparse

import nagalm
import pyarrow as pa
import ray


class Scan:
    """An actor that holds a scanner."""

    def __init__(self, scanner: nagalm.Scanner, column: str):
        self.scanner, self.column = scanner, column

    def __call__(self, batch: pa.Table) -> pa.Table:
        return self.scanner.scan_arrow(batch, text=self.column).to_pyarrow()


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registry")
    parser.add_argument("outputs")
    parser.add_argument("found")
    parser.add_argument("--column", default="text")
    parser.add_argument("--actors", type=int, default=1, help="fewer than there are cores: reading and writing need some, too")
    options = parser.parse_args(arguments)
    # One thread an actor: Ray gives each a core.
    ray.init(runtime_env={"env_vars": {"RAYON_NUM_THREADS": "1"}})
    scanner = nagalm.Scanner(nagalm.Registry.open(options.registry, mapped=True))
    found = ray.data.read_parquet(options.outputs).map_batches(
        Scan,
        fn_constructor_args=(scanner, options.column),
        batch_format="pyarrow",
        batch_size=1000,
        compute=ray.data.ActorPoolStrategy(size=options.actors),
    )
    found.write_parquet(options.found)


if __name__ == "__main__":
    main()
