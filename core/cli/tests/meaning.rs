//! Search by meaning from end to end, with a static embedding of a dozen words.

#[allow(dead_code)]
mod command;

use command::{Folder, reports};

/// A model of model2vec's form: these words have vectors, pairs of them the same one.
fn model(folder: &Folder, name: &str) {
    let words = [
        "ship",
        "vessel",
        "sank",
        "foundered",
        "cold",
        "icy",
        "sea",
        "ocean",
        "sailors",
        "mariners",
        "prayed",
        "pleaded",
        "bread",
        "butter",
        "garden",
        "roses",
    ];
    let vocabulary: serde_json::Map<_, _> =
        std::iter::once("[UNK]").chain(words).zip(0..).map(|(word, id)| (word.into(), id.into())).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    folder.write(&format!("{name}/tokenizer.json"), tokenizer.to_string());
    folder.write(&format!("{name}/config.json"), r#"{"model_type": "model2vec"}"#);
    // One row a token: an unknown one is nothing, and each pair has a direction of its own, the last four words one each.
    let rows = 1 + words.len();
    let mut table = vec![0.0_f32; rows * 16];
    for row in 1..rows {
        table[row * 16 + if row <= 12 { (row - 1) / 2 } else { row - 6 }] = 1.0;
    }
    let bytes: Vec<u8> = table.iter().flat_map(|number| number.to_le_bytes()).collect();
    let header = format!(
        r#"{{"embeddings":{{"dtype":"F32","shape":[{rows},16],"data_offsets":[0,{}]}}}}"#,
        bytes.len()
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.extend_from_slice(&bytes);
    folder.write(&format!("{name}/model.safetensors"), file);
}

const WORKS: &str = r#"{"work_id": "ship", "title": "The Ship", "text": "The ship sank in the cold sea; the sailors prayed."}
{"work_id": "garden", "language": "en-GB", "society": "PRS", "text": "In the garden roses grew, and nobody had bread or butter."}
"#;

fn embedded() -> Folder {
    let folder = Folder::new();
    model(&folder, "m");
    folder.write("works.jsonl", WORKS);
    assert_eq!(folder.run(&["register", "r", "works.jsonl"]).code, 0);
    let done = folder.run(&["embed", "r", "--model", "words", "--model-dir", "m"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("2 texts got vectors, 0 had them"), "{}", done.stderr);
    folder
}

#[test]
fn what_is_retold_is_reported_apart() {
    let folder = embedded();
    folder.write("o.txt", "A vessel foundered on that icy ocean. Its mariners pleaded.");
    // Of so few works nothing is known of chance.
    let scan = ["scan", "r", "o.txt", "--meaning", "--model-dir", "m"];
    let done = folder.run(&scan);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stderr.contains("(0 matches), 1 paraphrase"), "{}", done.stderr);
    let report = &reports(&done.stdout)[0];
    let found = &report["meaning"]["matches"][0];
    assert_eq!((found["work_id"].as_str(), found["kind"].as_str()), (Some("ship"), Some("paraphrase")));
    assert_eq!(report["coverage"]["matched"], 0);
    assert_eq!(report["meaning"]["model"], "words");
    // In every form that a report has.
    for (file, part) in [("r.csv", "paraphrase,0,"), ("r.html", "close in meaning")] {
        let mut scan = scan.to_vec();
        scan.extend(["-o", file]);
        assert_eq!(folder.run(&scan).code, 1);
        let text = folder.read(file).to_lowercase();
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let mut scan = scan.to_vec();
    scan.extend(["-o", "r.jsonl"]);
    folder.run(&scan);
    let shown = folder.run(&["show", "r.jsonl"]).stdout;
    assert!(
        shown.contains("The Ship (ship), paraphrase") && shown.contains("no evidence of copying"),
        "{shown}"
    );
    // Without being asked it is not looked for.
    let plain = folder.run(&["scan", "r", "o.txt"]);
    assert_eq!(plain.code, 0);
    assert!(!plain.stdout.contains("meaning"));
}

#[test]
fn neighbours_are_told_however_far() {
    let folder = embedded();
    let done = folder.run_with(
        &["neighbours", "r", "-", "-k", "2", "--lines", "--model-dir", "m"],
        b"nobody speaks of roses in the garden\n\nthe vessel on the ocean was icy\n",
    );
    assert_eq!(done.code, 0, "{}", done.stderr);
    let lines = reports(&done.stdout);
    assert_eq!(lines.iter().map(|l| l["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3]);
    for (line, work) in lines.iter().zip(["garden", "ship"]) {
        let near = line["neighbours"].as_array().unwrap();
        assert_eq!((near.len(), near[0]["work_id"].as_str()), (2, Some(work)));
        assert!(near[0]["text"].as_str().unwrap().contains(work));
    }
}

#[test]
fn some_works_alone_are_searched() {
    let folder = embedded();
    folder.write("o.txt", "A vessel foundered on that icy ocean. Its mariners pleaded.");
    let among = |verb: &[&str], condition: &str| {
        let options = ["--model-dir", "m", "--among", condition];
        folder.run(&[verb, &options].concat())
    };
    let done = among(&["neighbours", "r", "o.txt"], "language=en");
    let near = reports(&done.stdout)[0]["neighbours"].as_array().unwrap().clone();
    assert!(near.iter().all(|near| near["work_id"] == "garden") && near.len() == 1, "{near:?}");
    let scan = ["scan", "r", "o.txt", "--meaning"];
    assert_eq!(among(&scan, "society=PRS").code, 0);
    let none = among(&scan, "society=GEMA");
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("--among"), "{}", none.stderr);
    assert_eq!(among(&["scan", "r", "o.txt"], "language=en").code, 2);
    assert!(among(&scan, "title=x").stderr.contains("language, society, rights_holder"));
}

#[test]
fn what_is_missing_is_said() {
    let folder = Folder::with_registry();
    model(&folder, "m");
    folder.write("o.txt", "Some text of more than five words.");
    folder.fails(
        &["scan", "works.nagalm", "o.txt", "--meaning", "--model-dir", "m"],
        &["no vectors", "nagalm embed"],
    );
    folder.fails(
        &["embed", "works.nagalm", "--model-dir", "nowhere", "--onnxruntime", "none.so"],
        &["none.so"],
    );
    folder.fails(&["embed", "nowhere", "--model-dir", "m"], &["no registry"]);
    // Damaged models.
    for (file, content) in [
        ("tokenizer.json", &b"{}"[..]),
        ("model.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\x7f{}"),
        ("model.safetensors", b""),
    ] {
        model(&folder, "m");
        folder.write(&format!("m/{file}"), content);
        folder.fails(&["embed", "works.nagalm", "--model", "words", "--model-dir", "m"], &[file]);
    }
}

#[test]
fn another_model_is_refused() {
    let folder = embedded();
    folder.write("m/tokenizer.json", folder.read("m/tokenizer.json") + "\n");
    folder.write("o.txt", "A vessel foundered on that icy ocean.");
    folder.fails(&["scan", "r", "o.txt", "--meaning", "--model-dir", "m"], &["were made with words"]);
    folder
        .fails(&["embed", "r", "--model", "words", "--model-dir", "m"], &["were made with words", "--again"]);
    assert_eq!(folder.run(&["embed", "r", "--model", "words", "--model-dir", "m", "--again"]).code, 0);
    assert_eq!(folder.run(&["scan", "r", "o.txt", "--meaning", "--model-dir", "m"]).code, 1);
}
