//! Reads one Rust file as tokens: the paths it names, the macros it calls, where it says `unsafe`.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path in code, with `self` and `super` resolved to `crate::…`.
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Path {
    pub(super) fn text(&self) -> String {
        self.segments.join("::")
    }

    pub(super) fn starts_with(&self, prefix: &[&str]) -> bool {
        self.segments.len() >= prefix.len() && self.segments.iter().zip(prefix).all(|(a, b)| a == b)
    }

    /// The room of the core that this path leads into, if it is one through `crate`.
    pub(super) fn room(&self) -> Option<&str> {
        (self.segments[0] == "crate").then(|| self.segments.get(1).map(String::as_str)).flatten()
    }
}

/// What the rules need to know of a file.
pub(super) struct Source {
    /// First folder or file name below `src`: `text` for `text/fold.rs`, `scanner` for `scanner.rs`.
    pub(super) room: String,
    pub(super) paths: Vec<Path>,
    pub(super) macros: Vec<(String, usize)>,
    pub(super) unsafes: Vec<usize>,
    /// Keywords of the file's own items (`use`, `mod`, `const`, `fn`, …).
    pub(super) items: Vec<String>,
    /// Names that the file's own items make public: of use for the façade only.
    pub(super) public_names: Vec<String>,
}

impl Source {
    /// Reads `text` as the file `file` (relative to `src`).
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, String> {
        let tokens = TokenStream::from_str(text).map_err(|e| format!("not Rust: {e}"))?;
        let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let room = module[0].clone();
        if module.last().is_some_and(|last| last == "mod" || last == "lib" || last == "main") {
            module.pop();
        }
        let mut source = Self {
            room,
            paths: Vec::new(),
            macros: Vec::new(),
            unsafes: Vec::new(),
            items: Vec::new(),
            public_names: Vec::new(),
        };
        let tokens: Vec<_> = tokens.into_iter().collect();
        source.read_items(&tokens);
        source.read(&tokens, &mut module);
        Ok(source)
    }

    /// Walks tokens in order, into all groups but those of test code.
    fn read(&mut self, tokens: &[TokenTree], module: &mut Vec<String>) {
        let mut at = 0;
        while at < tokens.len() {
            if let Some(after) = test_item_end(tokens, at) {
                at = after;
                continue;
            }
            match &tokens[at] {
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    self.read(&inner, module);
                    at += 1;
                }
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    if name == "unsafe" {
                        self.unsafes.push(ident.span().start().line);
                    }
                    if let Some(inner) = inline_module(tokens, at) {
                        module.push(tokens[at + 1].to_string());
                        self.read(&inner, module);
                        module.pop();
                        at += 3;
                    } else if tokens.get(at + 1).is_some_and(|t| is(t, '!'))
                        && !tokens.get(at + 2).is_some_and(|t| is(t, '='))
                    {
                        self.macros.push((name, ident.span().start().line));
                        at += 2;
                    } else if at > 0 && is(&tokens[at - 1], '.') {
                        at += 1; // a field or method: no path begins here
                    } else {
                        at = self.read_path(tokens, at, &[], module);
                    }
                }
                _ => at += 1,
            }
        }
    }

    /// Reads a path from `at`, with `{…}` groups as in `use`; returns where it ends.
    fn read_path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        prefix: &[String],
        module: &mut Vec<String>,
    ) -> usize {
        let mut segments = prefix.to_vec();
        let line = tokens[at].span().start().line;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(ident)) => segments.push(ident.to_string()),
                Some(token) if is(token, '*') => segments.push("*".into()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| is(token, ',')).filter(|branch| !branch.is_empty()) {
                        self.read_path(branch, 0, &segments, module);
                    }
                    return at + 1;
                }
                // `Vec::<T>::new`: what comes before stands, what comes after is read as tokens of its own.
                _ => break,
            }
            at += 1;
            if tokens.get(at).is_some_and(|t| is(t, ':')) && tokens.get(at + 1).is_some_and(|t| is(t, ':')) {
                at += 2;
                continue;
            }
            break;
        }
        let segments = resolve(segments, module);
        if segments.len() > 1 {
            if tokens.get(at).is_some_and(|t| is(t, '!')) {
                let name = segments.last().expect("longer than one").clone();
                self.macros.push((name, line));
            }
            self.paths.push(Path { segments, line });
        }
        at
    }

    fn read_items(&mut self, tokens: &[TokenTree]) {
        const KEYWORDS: &[&str] = &[
            "use", "mod", "const", "fn", "struct", "enum", "impl", "trait", "static", "type", "union",
            "extern",
        ];
        let mut public = false;
        let mut at = 0;
        while at < tokens.len() {
            if let TokenTree::Ident(ident) = &tokens[at] {
                let name = ident.to_string();
                if name == "pub" {
                    // `pub(crate)` is not public.
                    public = !matches!(tokens.get(at + 1), Some(TokenTree::Group(_)));
                } else if KEYWORDS.contains(&&*name) {
                    // A `const fn` is a function, and `use` ends at its semicolon.
                    let end = (at..tokens.len())
                        .find(|&i| is(&tokens[i], ';') || (name != "use" && matches!(&tokens[i], TokenTree::Group(g) if g.delimiter() == Delimiter::Brace)))
                        .unwrap_or(tokens.len() - 1);
                    let is_const_fn =
                        name == "const" && tokens.get(at + 1).is_some_and(|t| t.to_string() == "fn");
                    self.items.push(if is_const_fn { "fn".into() } else { name.clone() });
                    if public {
                        last_names(&tokens[at + 1..=end], &mut self.public_names, name == "use");
                    }
                    public = false;
                    at = end;
                }
            }
            at += 1;
        }
    }
}

/// Names that an item declares: for `use`, the last of each branch; otherwise the first identifier.
fn last_names(tokens: &[TokenTree], into: &mut Vec<String>, is_use: bool) {
    if !is_use {
        into.extend(tokens.iter().find(|t| matches!(t, TokenTree::Ident(_))).map(ToString::to_string));
        return;
    }
    let mut last = None;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => last = Some(ident.to_string()),
            TokenTree::Group(group) => {
                last = None;
                let inner: Vec<_> = group.stream().into_iter().collect();
                last_names(&inner, into, true);
            }
            token if is(token, ',') => into.extend(last.take()),
            _ => {}
        }
    }
    into.extend(last);
}

/// `self::` and `super::` as `crate::…`, seen from `module`.
fn resolve(segments: Vec<String>, module: &[String]) -> Vec<String> {
    let mut base: Vec<String> = module.to_vec();
    let mut rest = segments.iter().peekable();
    match rest.peek().map(|s| s.as_str()) {
        Some("self") if segments.len() > 1 => {
            rest.next();
        }
        Some("super") => {}
        _ => return segments,
    }
    while rest.peek().is_some_and(|s| *s == "super") {
        base.pop();
        rest.next();
    }
    std::iter::once("crate".to_owned()).chain(base).chain(rest.cloned()).collect()
}

/// The tokens of `mod name { … }` where that stands at `at`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<Vec<TokenTree>> {
    if tokens[at].to_string() != "mod" {
        return None;
    }
    match (tokens.get(at + 1)?, tokens.get(at + 2)?) {
        (TokenTree::Ident(_), TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            Some(group.stream().into_iter().collect())
        }
        _ => None,
    }
}

/// Where an item under `#[cfg(test)]` or `#[test]` at `at` ends: after its braces or its semicolon.
fn test_item_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let attribute = attribute(tokens, at)?;
    let is_test = match attribute.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(condition)] => {
            name == "cfg" && needs_test(condition.stream())
        }
        _ => false,
    };
    if !is_test {
        return None;
    }
    let mut end = at + 2;
    while end < tokens.len() {
        match &tokens[end] {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return Some(end + 1),
            token if is(token, ';') || is(token, ',') => return Some(end + 1),
            _ => end += 1,
        }
    }
    Some(end)
}

/// The tokens inside `#[…]` at `at`.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<Vec<TokenTree>> {
    match (&tokens[at], tokens.get(at + 1)?) {
        (hash, TokenTree::Group(group)) if is(hash, '#') && group.delimiter() == Delimiter::Bracket => {
            Some(group.stream().into_iter().collect())
        }
        _ => None,
    }
}

/// Whether a `cfg` condition holds in tests only: it names `test`, and not inside `not(…)` or `any(…)`.
fn needs_test(condition: TokenStream) -> bool {
    let tokens: Vec<_> = condition.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Ident(name) => name == "test",
        TokenTree::Group(group) => {
            let inside = at.checked_sub(1).map(|before| tokens[before].to_string());
            inside.as_deref() == Some("all") && needs_test(group.stream())
        }
        _ => false,
    })
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
