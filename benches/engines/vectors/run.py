"""Plays hnswlib, usearch or faiss in `nagalm-bench neighbours`, on one thread.

    run.py ENGINE PASSAGES.npy QUERIES.npy ROWS

Says in a line of JSON what building took, then answers each line `COUNT FILE` of its input: searches for the ten nearest of the first
COUNT queries, writes them to FILE (u32, little-endian, ten a query), and says what that took.
"""

import json
import sys
import time

import numpy

K = 10


def hnswlib_engine(vectors):
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), M=16, ef_construction=200, random_seed=1)
    index.set_num_threads(1)
    index.add_items(vectors, num_threads=1)
    index.set_ef(128)
    return lambda queries: index.knn_query(queries, k=K, num_threads=1)[0], vectors.shape[1] * 4 + 16 * 2 * 4 + 16


def usearch_engine(vectors):
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="cos", dtype="i8", connectivity=16, expansion_add=128, expansion_search=128)
    index.add(numpy.arange(len(vectors)), vectors, threads=1)

    def search(queries):
        # Bytes alone stop at about 0.97: the best of them again in full precision, as all others that have it.
        found = index.search(queries, 32, threads=1).keys.astype(numpy.int64)
        nearness = numpy.einsum("qd,qkd->qk", queries, vectors[found])
        best = numpy.argsort(-nearness, axis=1, kind="stable")[:, :K]
        return numpy.take_along_axis(found, best, axis=1)

    def batches(queries):
        return numpy.concatenate([search(queries[at : at + 256]) for at in range(0, len(queries), 256)])

    return batches, index.memory_usage / len(vectors)


def faiss_engine(vectors):
    import faiss

    faiss.omp_set_num_threads(1)
    lists = 1024 if len(vectors) <= 300_000 else 4096
    index = faiss.index_factory(vectors.shape[1], f"IVF{lists},PQ96x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:: max(1, len(vectors) // (40 * lists))])
    index.add(vectors)
    parameters = faiss.IndexRefineSearchParameters(
        k_factor=16, base_index_params=faiss.IVFSearchParameters(nprobe=lists // 16)
    )
    return lambda queries: index.search(queries, K, params=parameters)[1], 48 + 8 + vectors.shape[1] * 4


ENGINES = {"hnswlib": hnswlib_engine, "usearch": usearch_engine, "faiss": faiss_engine}


def main():
    name, passages, queries, rows = sys.argv[1:]
    vectors = numpy.ascontiguousarray(numpy.load(passages, mmap_mode="r")[: int(rows)])
    queries = numpy.load(queries)
    begun = time.process_time()
    search, size = ENGINES[name](vectors)
    print(json.dumps({"seconds": time.process_time() - begun, "bytes": size}), flush=True)
    for line in sys.stdin:
        count, path = line.split(maxsplit=1)
        begun = time.process_time()
        found = search(queries[: int(count)])
        seconds = time.process_time() - begun
        numpy.asarray(found).astype("<u4").tofile(path.strip())
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
