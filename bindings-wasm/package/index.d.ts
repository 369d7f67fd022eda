/** Finds verbatim and near-verbatim reproductions of registered works in texts, with evidence. */

export interface InitOptions {
  /**
   * Where the WebAssembly module is, or what it is; by default the file beside this package. It must be the build that `simd`
   * names.
   */
  wasm?: URL | string | Response | BufferSource | WebAssembly.Module;
  /** Which build to start: by default the one with 128-bit vectors, where they are supported. */
  simd?: boolean;
}

/**
 * Starts nagalm: to be awaited once before anything else; later calls wait for the same start. In Node the module is read from the
 * disk, elsewhere it is fetched and compiled while it comes.
 */
export function init(options?: InitOptions): Promise<void>;
/** The library's version, as it stands in every report. */
export const version: string;
/** Whether the build with 128-bit vectors was started. */
export function simd(): boolean;
/** Whether 128-bit vectors are supported here. */
export function hasSimd(): boolean;
/** Bytes of the module's memory, which never shrinks: of registries, and of what scanning needs. */
export function memoryBytes(): number;

/**
 * The kind of trouble: `input` (what the caller gave is wrong, or nagalm is not started), `corrupt` (damaged bytes), `version` (of a
 * newer format), `untrusted` (a signature), `limit` (too large), `io` (the module could not be fetched), `internal` (nagalm broke
 * down, which is a fault of its own: nothing runs from then on, and it has to be started in a new worker or a page that is loaded
 * again). The others are of a registry on disk and do not come up here.
 */
export type ErrorKind =
  | "input"
  | "corrupt"
  | "version"
  | "untrusted"
  | "limit"
  | "io"
  | "internal"
  | "model"
  | "not-found"
  | "exists"
  | "locked"
  | "other";

export class NagalmError extends Error {
  readonly name: "NagalmError";
  readonly kind: ErrorKind;
  constructor(kind: ErrorKind, message: string, options?: ErrorOptions);
}

/** A text with what is known about it: the JSON of the command line's `works.jsonl`. All other fields are kept. */
export interface Work {
  /** The identifier: a later work with the same one replaces the earlier. */
  work_id: string;
  text: string;
  title?: string | null;
  other_titles?: string[];
  /** BCP 47. */
  language?: string | null;
  creators?: { name: string; role?: string | null; ipi?: string | null; isni?: string | null }[];
  iswc?: string | null;
  isbn?: string | null;
  isrc?: string | null;
  iscc?: string | null;
  society?: string | null;
  rights_holder?: string | null;
  licences?: { licensee: string; purpose?: string | null; until?: string | null }[];
  reservations?: { scheme: string; value: string; source?: string | null; date?: string | null }[];
  [field: string]: unknown;
}

/** A work in short; of a sealed registry what it says of one. */
export interface WorkSummary {
  /** Missing where a sealed registry does not say it. */
  work_id?: string;
  title?: string;
  /** Their names; a sealed registry says none. */
  creators: string[];
  /** BCP 47. */
  language?: string;
  /** The work's number in a sealed registry. */
  work?: number;
}

/** A registry in numbers. */
export interface Info {
  works: number;
  /** Of all works; 0 of a sealed registry, which does not say. */
  words: number;
  text_bytes: number;
  segments: number;
  index_bytes: number;
  withdrawn: number;
  content_hash: string;
  format: number;
  unicode: string;
}

/** What a sealed registry says of itself. */
export interface SealInfo {
  profile: "public" | "contract";
  recipient: string;
  release: string;
  signer?: string;
  /** Hexadecimal. */
  signer_key?: string;
  signature: "trusted" | "valid" | "foreign" | "wrong" | "missing";
}

/** Which sealed registries are taken; by default those whose signature fits the key that they name. */
export interface OpenOptions {
  /** Public keys (64 hexadecimal digits): only what one of them signed is taken. */
  trust?: Iterable<string>;
  /** Whether it is taken whatever its signature; reports say so. */
  unverified?: boolean;
}

/** Works and the index over them, or a sealed registry. It lies in the module's memory until it is freed. */
export class Registry {
  private constructor();
  /**
   * A registry made on the spot. Linear in the texts.
   *
   * @throws NagalmError `input` where a work is none; what the iterable throws.
   */
  static fromTexts(works: Iterable<Work>): Registry;
  /**
   * A registry from the bytes of its file, which are copied once.
   *
   * @throws NagalmError `corrupt`, `version`, `untrusted`; `limit` where there is no memory for it.
   */
  static fromBytes(bytes: Uint8Array, options?: OpenOptions): Registry;
  /**
   * The same from a stream of `size` bytes in all (`file.stream()` and `file.size`): what came need not be held anywhere else.
   *
   * @throws NagalmError as `fromBytes`; `input` where the size is another; what the stream throws.
   */
  static fromStream(stream: ReadableStream<Uint8Array>, size: number, options?: OpenOptions): Promise<Registry>;
  /** Hash over all works (BLAKE3, hexadecimal), in whatever order they came; of a sealed registry, of its file. */
  readonly contentHash: string;
  info(): Info;
  /** What a sealed registry says of itself; undefined where this one holds its works. */
  sealInfo(): SealInfo | undefined;
  /** All works, in short: by identifier, or of a sealed registry by number. */
  works(): WorkSummary[];
  /**
   * A work with its text; undefined where there is none with this identifier.
   *
   * @throws NagalmError `input` where the registry is sealed: it does not hold the works.
   */
  work(workId: string): Work | undefined;
  /** Gives its memory back, once no scanner needs it. Using it afterwards throws. */
  free(): void;
}

/** How to scan; what is not said is as the command line has it. Through a sealed registry only `always_hash` says anything. */
export interface Settings {
  /** Matches are reported up to this E-value: how many matches this good are expected by chance in one scan (0.0001). */
  max_evalue?: number;
  /** How many equal words in a row a match should have, or a little more with changes between them (8). */
  min_words?: number;
  /** Only passages that are equal word for word (false). */
  verbatim_only?: boolean;
  /** Whether matches carry both passages' text (true). */
  quote?: boolean;
  /** Whether reports without a match carry the SHA-256 of their text, too (true). */
  always_hash?: boolean;
}

/** Scans texts against one registry. */
export class Scanner {
  constructor(registry: Registry, settings?: Settings);
  /**
   * Scans one text. Linear in its length. A lone surrogate is read as U+FFFD, which is one unit of UTF-16 as well.
   *
   * `fields` (`prompt`, `model`, whatever JSON can write) travel through to the report; one that has the name of one of the
   * report's own goes under `input_NAME`.
   */
  scan(text: string, options?: { id?: string | number; fields?: Record<string, unknown> }): Report;
  /** Gives its memory back. Using it afterwards throws. */
  free(): void;
}

/** A part of a text in UTF-16 code units: `text.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/**
 * What was found in one text: the report's JSON, with offsets in UTF-16. The fields that came with the text stand beside these (but
 * for one that is called `json`, which only the line has).
 */
export class Report {
  private constructor();
  schema: string;
  id: string;
  offset_unit: "utf16";
  /** Whether all of the text was searched; if not, `not_searched` names the rest. */
  complete: boolean;
  not_searched?: Span[];
  /** SHA-256 of the text's UTF-8 bytes, hexadecimal. */
  text_sha256?: string;
  /** Content hash of the registry. */
  registry: string;
  version: string;
  coverage: { matched: number; total: number };
  /** By place in the text; no two share a word of it. */
  matches: Match[];
  /** For each work that is matched, how much of it came out; the largest share first. */
  works: { work_id: string; matched: number; share_of_work: number }[];
  /** What a sealed registry finds, in place of `matches`. */
  sealed?: SealInfo & { matches: SealedMatch[]; leads: SealedMatch[] };
  [field: string]: unknown;
  /** The report on one line, with offsets in code points: byte for byte what the command line writes. */
  json(): string;
}

/** Two aligned passages, one in the text (`output`) and one in a work (`source`). */
export interface Match {
  work_id: string;
  title?: string;
  kind: "verbatim" | "near-verbatim";
  output: Span;
  /** In the work's text. */
  source: Span;
  words: { matched: number; output: number; source: number };
  letters: { matched: number };
  /** Share of the longer passage's letters that are equal on both sides, 0 to 1. */
  identity: number;
  longest_run_words: number;
  bits: number;
  /** How many matches this good are expected by chance in one scan. */
  evalue: number;
  edits: { op: "equal" | "changed" | "inserted" | "deleted"; output: Span; source: Span }[];
  /** Other works that hold (nearly) the same passage. */
  also_in: string[];
  /** How the text writes the passage, where that is neither as in the work nor as texts mostly are. */
  tricks?: string[];
  quote?: { output: string; source: string };
}

/** A work of a sealed registry, some of whose grams (eight words in a row) stand in the text. */
export interface SealedMatch {
  work: number;
  work_id?: string;
  title?: string;
  /** From the first gram that was found to the last. */
  output: Span;
  /** What was found: grams that touch are one span. */
  passages: Span[];
  grams: number;
  words: number;
  /** How many works must be expected to have so many grams in the text because hashes agree by chance. */
  by_chance: number;
}
