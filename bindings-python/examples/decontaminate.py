"""Takes out of a data set what repeats registered works.

    python decontaminate.py REGISTRY DATASET OUT [--column text] [--share 0.2] [--processes 2]

DATASET is a JSON-lines, CSV or Parquet file, or a folder that `datasets` saved; OUT is a folder that `datasets` loads again with
`load_from_disk`. A text goes out where more than this share of it lies in matches. What went out, and why, stands in OUT with
`-removed` behind its name.
"""

import argparse
import functools
from pathlib import Path

import datasets
import nagalm


def load(path: str) -> datasets.Dataset:
    """A data set from a file or a folder."""
    if Path(path).is_dir():
        return datasets.load_from_disk(path)
    kind = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}[Path(path).suffix]
    return datasets.load_dataset(kind, data_files=path, split="train")


def scanned(batch, scanner: nagalm.Scanner, column: str):
    """A batch of Arrow with the report's columns beside its own."""
    return scanner.scan_arrow(batch, text=column).to_pyarrow()


def decontaminate(data: datasets.Dataset, scanner: nagalm.Scanner, column: str, share: float, processes: int | None = None):
    """The texts that stay, as they came, and those that go, with what was found in them."""
    scan = functools.partial(scanned, scanner=scanner, column=column)
    # The scanner goes to other processes by path and content hash: each opens the registry once, mapped it is shared.
    found = data.with_format("arrow").map(scan, batched=True, batch_size=1000, num_proc=processes).with_format(None)

    def repeats(row):
        # What could not be scanned is not known to be clean.
        if row["error"] is not None:
            return True
        coverage = row["coverage"]
        return coverage is not None and coverage["matched"] > share * coverage["total"]

    goes = [repeats(row) for row in found.select_columns(["coverage", "error"])]
    stays = data.select([number for number, gone in enumerate(goes) if not gone])
    return stays, found.select([number for number, gone in enumerate(goes) if gone])


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registry")
    parser.add_argument("dataset")
    parser.add_argument("out")
    parser.add_argument("--column", default="text")
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--processes", type=int)
    options = parser.parse_args(arguments)
    scanner = nagalm.Scanner(nagalm.Registry.open(options.registry, mapped=True))
    data = load(options.dataset)
    stays, goes = decontaminate(data, scanner, options.column, options.share, options.processes)
    stays.save_to_disk(options.out)
    goes.save_to_disk(f"{options.out}-removed")
    print(f"{len(data):,} texts: {len(stays):,} stay, {len(goes):,} removed")


if __name__ == "__main__":
    main()
