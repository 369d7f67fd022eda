// A program that uses all of the package: compiled, never run.

import {
  type ErrorKind,
  type Info,
  type Match,
  type SealInfo,
  type Span,
  type Work,
  type WorkSummary,
  NagalmError,
  Registry,
  Report,
  Scanner,
  hasSimd,
  init,
  memoryBytes,
  simd,
  version,
} from "nagalm";

export async function all(file: Blob, module: WebAssembly.Module): Promise<string> {
  await init();
  await init({ wasm: new URL("https://example.org/simd.wasm"), simd: hasSimd() });
  await init({ wasm: module });
  const works: Work[] = [{ work_id: "a", text: "la", creators: [{ name: "b" }], shelf: 3 }];
  const made: Registry = Registry.fromTexts(new Set(works));
  const read = Registry.fromBytes(new Uint8Array(8), { trust: ["ab"], unverified: true });
  const streamed = await Registry.fromStream(file.stream(), file.size);
  const info: Info = made.info();
  const seal: SealInfo | undefined = read.sealInfo();
  const summaries: WorkSummary[] = streamed.works();
  const work: Work | undefined = made.work("a");
  const scanner = new Scanner(made, { max_evalue: 1e-6, min_words: 9, verbatim_only: true, quote: false, always_hash: false });
  const report: Report = scanner.scan("text", { id: 5, fields: { model: "m", more: [1] } });
  const unit: "utf16" = report.offset_unit;
  const match: Match | undefined = report.matches[0];
  const span: Span | undefined = match?.edits[0]?.output;
  const number: number = report.coverage.matched + (report.sealed?.matches[0]?.by_chance ?? 0) + memoryBytes();
  const model: unknown = report.model;
  try {
    scanner.free();
    made.free();
  } catch (e) {
    if (e instanceof NagalmError) {
      const kind: ErrorKind = e.kind;
      return kind;
    }
  }
  // @ts-expect-error: registries are made by their static methods.
  new Registry();
  // @ts-expect-error: a text is a string.
  scanner.scan(5);
  // @ts-expect-error: a work needs a text.
  Registry.fromTexts([{ work_id: "a" }]);
  const told: [string, string, boolean, string] = [version, made.contentHash, simd(), report.json()];
  return JSON.stringify([told, info, seal, summaries, work, unit, span, number, model]);
}
