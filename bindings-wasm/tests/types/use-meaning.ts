// A program that uses all of the second module: compiled, never run.

import {
  type Found,
  type ModelInfo,
  type Neighbour,
  type NeighboursInfo,
  type Passage,
  type Work,
  Model,
  NagalmError,
  Neighbours,
  VectorIndex,
  hasSimd,
  init,
  memoryBytes,
  simd,
  version,
} from "nagalm/meaning";

export async function all(file: Blob, weights: Uint8Array, tokenizer: Uint8Array): Promise<string> {
  await init({ wasm: new URL("https://example.org/meaning-simd.wasm"), simd: hasSimd() });
  const index: VectorIndex = VectorIndex.fromVectors(new Float32Array([1, 0]), 2);
  const read = VectorIndex.fromBytes(index.toBytes());
  const streamed = await VectorIndex.fromStream(file.stream(), file.size);
  const found: Found = streamed.search(new Float32Array([0, 1]), 3, { exact: true });
  streamed.setWidth(200);
  const row: Float32Array | undefined = read.row(0);
  const bytes: number = read.bytes.searched + read.bytes.all + read.length + read.dimensions + memoryBytes();
  const model: Model = Model.fromBytes(weights, tokenizer, { name: "words", paraphrases: { mean: 0.7, deviation: 0.1 } });
  const told: ModelInfo = model.info();
  const works: Work[] = [{ work_id: "a", text: "la" }];
  const neighbours = Neighbours.fromTexts(new Set(works), model);
  const info: NeighboursInfo = neighbours.info();
  const passage: Passage | undefined = neighbours.nearest("text", 3)[0];
  const near: Neighbour | undefined = passage?.neighbours[0];
  const probability: number | undefined = near?.probability;
  const kind: string = new NagalmError("model", "message").kind;
  neighbours.free();
  return `${found.rows.length}${found.similarities.length}${found.each}${row}${bytes}${told.hash}${info.passages}${probability}${kind}${simd()}${version}`;
}
