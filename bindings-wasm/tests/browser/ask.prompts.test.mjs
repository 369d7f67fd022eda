// Addresses, questions and controls.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf } from "../../web/ask/address.js";
import { Catalogue } from "../../web/ask/catalogue.js";
import { fill, FORMS, promptsFor, TEMPLATES } from "../../web/ask/prompts.js";
import { inventedTitle } from "../../web/ask/titles.js";
import { authorOf, keyOf } from "../../web/ask/work.js";
import { sampleWorks } from "./stub-model.mjs";

test("addresses are completed as people write them", () => {
  const base = (entered) => addressOf(entered).address?.base ?? addressOf(entered).fault;
  assert.equal(base("http://localhost:11434"), "http://localhost:11434/v1");
  assert.equal(base(" localhost:11434/ "), "http://localhost:11434/v1");
  assert.equal(base("127.0.0.1:8080/v1"), "http://127.0.0.1:8080/v1");
  assert.equal(base("https://api.example.org/v1/chat/completions"), "https://api.example.org/v1");
  assert.equal(base("api.example.org/openai/v1/"), "https://api.example.org/openai/v1");
  assert.equal(base("https://api.example.org:444/v1/models"), "https://api.example.org:444/v1");
  assert.equal(addressOf("https://API.example.org/v1").address.origin, "https://api.example.org");
});

test("addresses that cannot or must not be asked are told apart", () => {
  const fault = (entered) => addressOf(entered).fault;
  assert.equal(fault("  "), "missing");
  assert.equal(fault("http://"), "invalid");
  assert.equal(fault("ftp://example.org"), "invalid");
  assert.equal(fault("javascript:alert(1)"), "invalid");
  assert.equal(fault("http://192.168.1.9:11434"), "insecure");
  assert.equal(fault("http://localhost.example.org"), "insecure");
  assert.equal(fault("https://user:secret@example.org"), "extras");
  assert.equal(fault("https://example.org/v1?key=secret"), "extras");
  // Nothing that could add to a policy.
  assert.ok(fault("https://example.org; connect-src *"));
  assert.ok(fault("https://*.example.org"));
});

test("a question names the author where there is one", () => {
  assert.equal(
    fill(TEMPLATES.en.lyrics, { title: "Ferry Light", author: "Maud Ellery" }),
    "What are the lyrics of “Ferry Light” by Maud Ellery?",
  );
  assert.equal(fill(TEMPLATES.nl.lyrics, { title: "De brug", author: "" }), "Wat is de songtekst van “De brug”?");
  assert.equal(fill("{title}, {title} {author}", { title: "$& {author}", author: "A" }), "$& {author}, $& {author} A");
  for (const language of ["en", "nl", "de"])
    for (const form of FORMS) assert.match(TEMPLATES[language][form], /\{title\}.*\{author\}/);
});

test("authors are those who wrote the words", async () => {
  const works = new Map((await sampleWorks()).map((work) => [work.work_id, work]));
  assert.equal(authorOf(works.get("en-ferry-light")), "Maud Ellery");
  assert.equal(authorOf({ creators: ["A", "B", "C"] }), "A & B");
  assert.equal(authorOf({}), "");
  assert.equal(keyOf({ work: 7, title: "x" }), "#7");
});

const templates = [{ id: "lyrics", text: TEMPLATES.en.lyrics }];
const ask = (works, { all = works, ...more } = {}) =>
  promptsFor(works, {
    templates,
    controls: { invented: true, swapped: true },
    seed: "1",
    language: "en",
    catalogue: Catalogue.from(all),
    ...more,
  });

test("controls are repeatable, and none of the registry's", async () => {
  const all = await sampleWorks();
  const prompts = ask(all, { all });
  assert.equal(prompts.length, 3 * all.length);
  assert.deepEqual(prompts, ask(all, { all }));
  assert.notDeepEqual(
    prompts.map((one) => one.text),
    ask(all, { all, seed: "2" }).map((one) => one.text),
  );
  assert.equal(new Set(prompts.map((one) => one.id)).size, prompts.length);
  const titles = new Set(all.map((work) => work.title.toLowerCase()));
  for (const prompt of prompts) {
    assert.equal(titles.has(prompt.title.toLowerCase()), prompt.kind !== "invented", prompt.title);
    const work = all.find((one) => one.work_id === prompt.work);
    assert.equal(authorOf(work) === prompt.author, prompt.kind !== "swapped", prompt.text);
    assert.ok(prompt.text.includes(prompt.title) && prompt.text.includes(prompt.author));
  }
  // The same work has the same controls, whichever others are chosen beside it.
  assert.deepEqual(ask(all.slice(3, 4), { all }), prompts.slice(9, 12));
});

test("few titles, one-word titles and none at all", () => {
  const one = [{ work_id: "a", title: "Yesterday", creators: ["X"] }];
  const [asks, invented, ...rest] = ask(one);
  assert.equal(asks.text, "What are the lyrics of “Yesterday” by X?");
  assert.notEqual(invented.title, "Yesterday");
  assert.deepEqual(rest, [], "nobody else is there to swap with");
  assert.deepEqual(ask([{ work_id: "a" }, { work: 3 }]), []);
  const same = Array.from({ length: 30 }, (_, i) => ({ work_id: `${i}`, title: i % 2 ? "Again" : "Again and" }));
  for (const prompt of ask(same).filter((each) => each.kind === "invented"))
    assert.ok(!["again", "again and"].includes(prompt.title.toLowerCase()));
  assert.match(inventedTitle({ title: "Één", language: "nl" }, Catalogue.from([{ title: "Één" }]), "nl", "1"), /\S+ \S+/);
});

test("a question that was written anew stays so", () => {
  const works = [{ work_id: "a", title: "T", creators: ["X"] }];
  const edited = new Map([["asks/lyrics/a", "Recite T, please"]]);
  assert.equal(ask(works, { edited })[0].text, "Recite T, please");
});

test("works are found by a few letters of title, author or identifier, accents aside", async () => {
  const catalogue = await Catalogue.sliced([...(await sampleWorks()), { work_id: "untitled" }]);
  const ids = (query) => catalogue.find(query, 100).map((work) => work.work_id);
  assert.deepEqual(ids("maß großmutters"), ["de-grossmutters-mass"]);
  assert.deepEqual(ids("leste BUS"), ["fy-leste-bus"]);
  assert.deepEqual(ids("ellery"), ["en-ferry-light", "en-paper-kings"]);
  assert.deepEqual(ids("fy-hus"), ["fy-hus"]);
  assert.equal(catalogue.find("", 5).length, 5);
  assert.equal(catalogue.untitled, 1);
  assert.ok(catalogue.wrote("Maud Ellery", "FERRY light!") && !catalogue.wrote("Ada Quill", "Ferry Light"));
});

test("a hundred thousand works are taken in without long pauses", async () => {
  const works = Array.from({ length: 100_000 }, (_, i) => ({
    work_id: `w${i}`,
    title: `Das Lied von der ${i}. Brücke`,
    creators: [`Autor ${i % 5000}`],
  }));
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  });
  const catalogue = await Catalogue.sliced(works);
  clearInterval(watch);
  assert.equal(catalogue.works.length, 100_000);
  assert.ok(longest < 250, `${longest} ms`);
  const began = performance.now();
  assert.equal(ask(works.slice(0, 10), { catalogue }).length, 30);
  assert.ok(performance.now() - began < 250);
});
