//! Transformers in ONNX, run by fastembed as sentence-transformers runs them (Reimers, Gurevych, EMNLP 2019).

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastembed::{
    EmbeddingModel, InitOptionsUserDefined, OutputKey, Pooling, QuantizationMode, TextEmbedding,
    TokenizerFiles, UserDefinedEmbeddingModel,
};
use nagalm::{Embedder, Error, Model, Result, Spread};
use ort::environment::Environment;
use serde::Deserialize;

use crate::files::FilesHash;
use crate::{Source, failed};

/// Sessions at most: each holds the model's weights.
const SESSIONS: usize = 4;
/// Tokens of a passage that are read; what models of sentences are trained on. Passages are shorter.
const WINDOW: usize = 256;

/// How like each other vectors of the same verse in two translations are (King James 1611, Jewish Publication Society 1917), where
/// less than half of the words are the same.
const PARAPHRASES: &[(EmbeddingModel, Spread)] =
    &[(EmbeddingModel::AllMiniLML6V2, Spread { mean: 666, deviation: 151 })];

/// A model, several times over: each of its sessions runs on a part of the cores.
pub(crate) struct OnnxEmbedder {
    model: Model,
    sessions: Vec<Mutex<TextEmbedding>>,
    /// How often somebody had to wait for one.
    waits: AtomicUsize,
}

/// What is known of a model.
struct Known {
    of_fastembed: Option<EmbeddingModel>,
    pooling: Pooling,
    quantization: QuantizationMode,
    output: Option<OutputKey>,
    /// Where its graph may be.
    graphs: Vec<String>,
    further: Vec<String>,
}

impl OnnxEmbedder {
    pub(crate) fn open(source: &Source) -> Result<Self> {
        let environment = load_runtime(source.runtime.as_deref())?;
        let known = Known::of(&source.name, source.folder.as_deref())?;
        let found = Found::of(source, &known)?;
        let mut hash = FilesHash::default();
        let mut read = |path: &Path| {
            let bytes = std::fs::read(path).map_err(|e| failed(path, e))?;
            hash.add(&bytes);
            Ok::<_, Error>(bytes)
        };
        let graph = read(&found.graph)?;
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: read(&found.beside("tokenizer.json")?)?,
            config_file: read(&found.beside("config.json")?)?,
            special_tokens_map_file: read(&found.beside("special_tokens_map.json")?)?,
            tokenizer_config_file: read(&found.beside("tokenizer_config.json")?)?,
        };
        let mut definition = UserDefinedEmbeddingModel::new(graph, tokenizer_files)
            .with_pooling(known.pooling.clone())
            .with_quantization(known.quantization);
        definition.output_key = known.output.clone();
        for name in &known.further {
            let path = found.beside(name)?;
            let bytes = read(&path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            definition = definition.with_external_initializer(name, bytes);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = cores.min(SESSIONS);
        let session = |_| {
            let options = InitOptionsUserDefined::new()
                .with_environment(environment.clone())
                .with_max_length(WINDOW)
                .with_intra_threads(cores / count);
            let made = TextEmbedding::try_new_from_user_defined(definition.clone(), options);
            made.map(Mutex::new).map_err(|e| failed(&found.graph, e))
        };
        let sessions: Vec<Mutex<TextEmbedding>> = (0..count).map(session).collect::<Result<_>>()?;
        let spread = |(model, spread): &(EmbeddingModel, Spread)| {
            (Some(model) == known.of_fastembed.as_ref()).then_some(*spread)
        };
        let mut embedder = Self {
            model: Model {
                name: source.name.clone(),
                hash: hash.finish(),
                dimensions: 0,
                pooling: format!("{:?}", known.pooling).to_lowercase(),
                window: WINDOW,
                paraphrases: PARAPHRASES.iter().find_map(spread),
            },
            sessions,
            waits: AtomicUsize::new(0),
        };
        // What it says of its output's shape may be anything: what comes out is what counts.
        embedder.model.dimensions = embedder.embed(&["nagalm"])?.first().map_or(0, Vec::len);
        Ok(embedder)
    }

    /// A session that is free. Where none is, those who wait are shared among all.
    fn session(&self) -> MutexGuard<'_, TextEmbedding> {
        let free = self.sessions.iter().find_map(|session| session.try_lock().ok());
        free.unwrap_or_else(|| {
            let next = self.waits.fetch_add(1, Ordering::Relaxed) % self.sessions.len();
            self.sessions[next].lock().unwrap_or_else(PoisonError::into_inner)
        })
    }

    /// One passage at a time: on a processor that is faster than many at once, which have to be as long as the longest; and what
    /// comes out does not depend on the others.
    fn run(session: &mut TextEmbedding, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::with_capacity(passages.len());
        for passage in passages {
            // What a model does with a text that nobody thought of must end no one's process.
            let made = catch_unwind(AssertUnwindSafe(|| session.embed([passage], None)));
            let failed = |e: &dyn std::fmt::Display| Error::model(format!("the model failed: {e}"));
            vectors.extend(made.map_err(|_| failed(&"it panicked"))?.map_err(|e| failed(&e))?);
        }
        Ok(vectors)
    }
}

impl Embedder for OnnxEmbedder {
    fn model(&self) -> &Model {
        &self.model
    }

    fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
        let share = passages.len().div_ceil(self.sessions.len()).max(1);
        if share == 1 {
            return Self::run(&mut self.session(), passages);
        }
        std::thread::scope(|scope| {
            let parts =
                passages.chunks(share).map(|part| scope.spawn(|| Self::run(&mut self.session(), part)));
            let parts: Vec<_> = parts.collect();
            let mut vectors = Vec::with_capacity(passages.len());
            for part in parts {
                let made = part.join().map_err(|_| Error::model("the model failed: its thread ended"))?;
                vectors.extend(made?);
            }
            Ok(vectors)
        })
    }
}

/// Loads the library of ONNX Runtime, of which nothing is known before.
fn load_runtime(library: Option<&Path>) -> Result<Environment> {
    // A process has one: whoever comes later takes it, whatever library it would have named.
    static LOADED: Mutex<Option<Environment>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*loaded {
        return Ok(environment.clone());
    }
    let missing = |why: String| {
        Error::model(format!(
            "the library of ONNX Runtime cannot be loaded: {why}. Install it (`pip install onnxruntime` brings one, in \
             onnxruntime/capi/libonnxruntime.so.*) and give its path with --onnxruntime or in ORT_DYLIB_PATH"
        ))
    };
    let path =
        library.map(Path::to_path_buf).or_else(|| std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from));
    // By its name alone the system looks where it has libraries.
    let path = path.unwrap_or_else(|| format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}").into());
    let begin = || {
        let builder = ort::init_from(&path).map_err(|e| e.to_string())?;
        builder.with_telemetry(false).build().map_err(|e| e.to_string())
    };
    // A library that is none of those that it can use may be told by a panic.
    match catch_unwind(AssertUnwindSafe(begin)) {
        Ok(Ok(environment)) => Ok(loaded.insert(environment).clone()),
        Ok(Err(e)) => Err(missing(e)),
        Err(_) => Err(missing(format!("{} is of another version", path.display()))),
    }
}

/// Letters and digits of a name, by which `all-MiniLM-L6-v2` is `AllMiniLML6V2`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

#[derive(Deserialize, Default)]
struct PoolingConfig {
    #[serde(default)]
    pooling_mode_cls_token: bool,
}

impl Known {
    fn of(name: &str, folder: Option<&Path>) -> Result<Self> {
        let info = TextEmbedding::list_supported_models()
            .into_iter()
            .find(|info| plain(&format!("{:?}", info.model)) == plain(name));
        let graphs = ["model.onnx", "onnx/model.onnx", "model_optimized.onnx"].map(String::from);
        if let Some(info) = info {
            return Ok(Self {
                pooling: TextEmbedding::get_default_pooling_method(&info.model).unwrap_or(Pooling::Mean),
                quantization: TextEmbedding::get_quantization_mode(&info.model),
                output: info.output_key,
                graphs: std::iter::once(info.model_file).chain(graphs).collect(),
                further: info.additional_files,
                of_fastembed: Some(info.model),
            });
        }
        let Some(folder) = folder else {
            let mut known: Vec<String> = TextEmbedding::list_supported_models()
                .iter()
                .map(|info| format!("{:?}", info.model))
                .collect();
            known.sort_unstable();
            return Err(Error::model(format!(
                "there is no model {name:?}: give the folder of its files with --model-dir, or one of {}",
                known.join(", ")
            )));
        };
        // As sentence-transformers says it.
        let pooling = std::fs::read(folder.join("1_Pooling/config.json")).unwrap_or_default();
        let pooling: PoolingConfig = serde_json::from_slice(&pooling).unwrap_or_default();
        let pooling = if pooling.pooling_mode_cls_token { Pooling::Cls } else { Pooling::Mean };
        Ok(Self {
            of_fastembed: None,
            pooling,
            quantization: QuantizationMode::None,
            output: None,
            graphs: graphs.to_vec(),
            further: Vec::new(),
        })
    }
}

/// Where a model's files are.
struct Found {
    graph: PathBuf,
    place: FoundPlace,
}

enum FoundPlace {
    Folder(PathBuf),
    #[cfg(feature = "hub")]
    Hub(Box<hf_hub::api::sync::ApiRepo>),
}

impl Found {
    fn of(source: &Source, known: &Known) -> Result<Self> {
        if let Some(folder) = &source.folder {
            let graph = known.graphs.iter().map(|name| folder.join(name)).find(|path| path.is_file());
            let graph = graph
                .ok_or_else(|| failed(folder, format!("it holds none of {}", known.graphs.join(", "))))?;
            return Ok(Self { graph, place: FoundPlace::Folder(folder.clone()) });
        }
        #[cfg(feature = "hub")]
        {
            let failed = |e: hf_hub::api::sync::ApiError| {
                Error::model(format!(
                    "the model {:?} cannot be had from the hub: {e}; give its folder with --model-dir",
                    source.name
                ))
            };
            let info = known.of_fastembed.as_ref().map(TextEmbedding::get_model_info);
            let Some(Ok(info)) = info else {
                return Err(Error::model(format!("the hub has no model {:?}", source.name)));
            };
            let repository = hf_hub::api::sync::Api::new().map_err(failed)?.model(info.model_code.clone());
            let graph = repository.get(&info.model_file).map_err(failed)?;
            Ok(Self { graph, place: FoundPlace::Hub(Box::new(repository)) })
        }
        #[cfg(not(feature = "hub"))]
        Err(Error::model(format!(
            "this build does not fetch models: give the folder with the files of {:?} with --model-dir, or build it with the \
             feature `hub`",
            source.name
        )))
    }

    fn beside(&self, name: &str) -> Result<PathBuf> {
        match &self.place {
            FoundPlace::Folder(folder) => Ok(folder.join(name)),
            #[cfg(feature = "hub")]
            FoundPlace::Hub(repository) => repository
                .get(name)
                .map_err(|e| Error::model(format!("{name} cannot be had from the hub: {e}"))),
        }
    }
}
