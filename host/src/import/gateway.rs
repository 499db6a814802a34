//! The configuration that is written.

use std::{collections::BTreeSet, fmt::Write};

use super::{
    java::Expression,
    router, template,
    toml_text::{Item, bare_or_quoted},
};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    /// What was translated, for the first line.
    pub(super) origin: String,
    pub(super) brokers: String,
    pub(super) pipelines: Vec<Pipeline>,
}

/// One pipeline.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipeline {
    pub(super) name: String,
    pub(super) comments: Vec<String>,
    pub(super) from: Vec<String>,
    pub(super) group: String,
    pub(super) to: Option<String>,
    pub(super) topics: Vec<String>,
    pub(super) dead_letter: Option<String>,
    pub(super) start: Option<String>,
    pub(super) consumer: Vec<(String, String)>,
    pub(super) producer: Vec<(String, String)>,
    pub(super) steps: Vec<Step>,
    /// How many headers hold texts that templates take from there.
    pub(super) texts: usize,
}

/// An interceptor, or what is said in the place of one.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Interceptor(Interceptor),
    Comment(String),
}

/// One interceptor.
#[derive(Clone, Debug)]
pub(super) struct Interceptor {
    pub(super) plugin: &'static str,
    /// What it stands for.
    pub(super) comment: String,
    /// More lines of comment.
    remarks: Vec<String>,
    pub(super) config: Vec<(String, Item)>,
}

impl Pipeline {
    /// Adds an interceptor.
    pub(super) fn push<const N: usize>(&mut self, plugin: &'static str, comment: &str, config: [(&str, Item); N]) {
        self.push_table(plugin, comment, config.map(|(key, item)| (key.to_owned(), item)).into());
    }

    /// The same with a table whose keys are found out one by one.
    pub(super) fn push_table(&mut self, plugin: &'static str, comment: &str, config: Vec<(String, Item)>) {
        self.steps.push(Step::Interceptor(Interceptor {
            plugin,
            comment: comment.to_owned(),
            remarks: Vec::new(),
            config,
        }));
    }

    /// Adds an entry to the list of the last interceptor where it is of this plugin and has nothing but that list, else
    /// an interceptor with this entry.
    pub(super) fn append(&mut self, plugin: &'static str, list: &str, comment: &str, entry: Item) {
        if let Some(Step::Interceptor(last)) = self.steps.last_mut()
            && last.plugin == plugin
            && let [(key, Item::List(entries))] = &mut last.config[..]
            && key == list
        {
            entries.push(entry);
            if last.comment != comment && !last.comment.ends_with(&format!(", {comment}")) {
                last.comment = format!("{}, {comment}", last.comment);
            }
            return;
        }
        self.push(plugin, comment, [(list, Item::List(vec![entry]))]);
    }

    /// Leaves the expression of which another was made above the last interceptor.
    pub(super) fn remark_original(&mut self, pattern: &str, written: &Expression) {
        if !written.is_same
            && let Some(Step::Interceptor(last)) = self.steps.last_mut()
        {
            last.remarks.push(format!("in Java: {pattern}"));
        }
    }

    /// Text in a template, `before_part` where a part stands right behind it. What weir would take for another system's
    /// notation comes from a header, which is removed in the end: `default` is the one text in which nothing looks foreign.
    pub(super) fn literal(&mut self, comment: &str, text: &str, before_part: bool) -> String {
        if !template::looks_foreign(text, before_part) {
            return template::literal(text);
        }
        self.add_text(comment, text)
    }

    /// Writes a text into a header of its own, and returns the part that names it.
    pub(super) fn add_text(&mut self, comment: &str, text: &str) -> String {
        self.texts += 1;
        let name = template::text_header(self.texts);
        let part = format!("{{{name}}}");
        let entry = Item::table([
            ("name", Some(name.into())),
            ("value", Some(part.as_str().into())),
            ("missing", Some(Item::table([("default", Some(text.into()))]))),
        ]);
        self.append("header-enricher", "headers", comment, entry);
        part
    }

    /// Leaves a comment at this place of the chain.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.steps.push(Step::Comment(text.into()));
    }

    /// Allows interceptors to route to this topic or pattern.
    pub(super) fn allow(&mut self, topic: &str) {
        if !self.topics.iter().any(|known| known == topic) {
            self.topics.push(topic.to_owned());
        }
    }
}

impl Gateway {
    /// A name that no pipeline has yet.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let wanted: String = wanted.chars().map(|letter| if is_name(letter) { letter } else { '-' }).collect();
        let wanted = if wanted.is_empty() { "imported".to_owned() } else { wanted };
        let is_free = |name: &str| self.pipelines.iter().all(|pipeline| pipeline.name != name);
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        std::iter::once(wanted.clone()).chain(numbered).find(|name| is_free(name)).unwrap_or(wanted)
    }

    /// Adds a pipeline, under a name that is free.
    pub(super) fn add(&mut self, mut pipeline: Pipeline) {
        pipeline.name = self.free_name(&pipeline.name);
        let mut known = BTreeSet::new();
        pipeline.from.retain(|topic| known.insert(topic.clone()));
        if pipeline.texts > 0 {
            let names = (1..=pipeline.texts).map(template::text_header).collect();
            pipeline.push("header-enricher", "Headers that only served templates", [("remove", names)]);
        }
        self.pipelines.push(pipeline);
    }

    /// Makes sure that no pipeline writes what it reads, and that no group reads a topic twice. Says what had to be
    /// changed for that.
    pub(super) fn separate(&mut self, mut say: impl FnMut(&str, String)) {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for pipeline in &mut self.pipelines {
            let own = pipeline.from.clone();
            let reads = |topic: &str| own.iter().any(|source| router::reads(source, topic));
            for topic in pipeline.to.iter_mut().chain(&mut pipeline.dead_letter).filter(|topic| reads(topic)) {
                let text =
                    format!("`{topic}` is read by the pipeline that writes it, a circle; it writes to `{topic}-out`");
                say(&pipeline.name, text);
                topic.push_str("-out");
            }
            pipeline.topics.retain(|topic| {
                let circle = reads(topic);
                if circle {
                    say(&pipeline.name, format!("`{topic}` is read by the pipeline that would write it, a circle"));
                }
                !circle
            });
            let shares = |(group, from): &(String, Vec<String>)| {
                let overlaps =
                    |topic: &String| from.iter().any(|other| router::reads(other, topic) || topic.starts_with('^'));
                *group == pipeline.group && pipeline.from.iter().any(overlaps)
            };
            if groups.iter().any(shares) {
                pipeline.group = format!("{}-{}", pipeline.group, pipeline.name);
            }
            groups.push((pipeline.group.clone(), pipeline.from.clone()));
        }
        for at in 0..self.pipelines.len() {
            if self.comes_back(at) {
                let pipeline = &mut self.pipelines[at];
                if let Some(topic) = &mut pipeline.to {
                    let text = format!(
                        "`{topic}` leads back to the topics of the pipeline, a circle; it writes to `{topic}-out`"
                    );
                    say(&pipeline.name, text);
                    topic.push_str("-out");
                }
            }
        }
    }

    /// Whether what a pipeline writes is read by another, and so on, until it is read by this one.
    fn comes_back(&self, start: usize) -> bool {
        let mut reached = vec![start];
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            for (other, pipeline) in self.pipelines.iter().enumerate() {
                let feeds = |topic: &str| pipeline.from.iter().any(|source| router::reads(source, topic));
                if self.pipelines[at].written_topics().any(feeds) {
                    if other == start {
                        return true;
                    }
                    if !reached.contains(&other) {
                        reached.push(other);
                    }
                }
            }
        }
        false
    }

    /// The text of `weir.toml`.
    pub(super) fn to_toml(&self) -> String {
        let mut text = String::new();
        comment(&mut text, &format!("Made by weir import from {}.", self.origin));
        let mut topics: Vec<&str> = self.pipelines.iter().flat_map(Pipeline::written_topics).collect();
        topics.sort_unstable();
        topics.dedup();
        if !topics.is_empty() {
            comment(&mut text, &format!("weir creates no topics. It writes to: {}", topics.join(", ")));
        }
        push(&mut text, format_args!("\n[kafka]\nbrokers = {}\n", Item::from(self.brokers.as_str())));
        for pipeline in &self.pipelines {
            pipeline.write(&mut text);
        }
        text
    }
}

impl Pipeline {
    fn written_topics(&self) -> impl Iterator<Item = &str> {
        let all = self.to.iter().chain(&self.topics).chain(&self.dead_letter);
        all.map(String::as_str)
    }

    fn write(&self, text: &mut String) {
        text.push('\n');
        for line in &self.comments {
            comment(text, line);
        }
        let name = bare_or_quoted(&self.name);
        let list = |topics: &[String]| topics.iter().cloned().collect::<Item>();
        push(text, format_args!("[pipelines.{name}]\nfrom = {}\n", list(&self.from)));
        push(text, format_args!("group = {}\n", Item::from(self.group.as_str())));
        for (key, value) in [("to", &self.to), ("dead_letter", &self.dead_letter), ("start", &self.start)] {
            if let Some(value) = value {
                push(text, format_args!("{key} = {}\n", Item::from(value.as_str())));
            }
        }
        if !self.topics.is_empty() {
            push(text, format_args!("topics = {}\n", list(&self.topics)));
        }
        for (key, options) in [("consumer", &self.consumer), ("producer", &self.producer)] {
            if !options.is_empty() {
                push(text, format_args!("\n[pipelines.{name}.{key}]\n"));
                for (option, value) in options {
                    push(text, format_args!("{} = {}\n", bare_or_quoted(option), Item::from(value.as_str())));
                }
            }
        }
        for step in &self.steps {
            match step {
                Step::Comment(line) => {
                    text.push('\n');
                    comment(text, line);
                }
                Step::Interceptor(interceptor) => interceptor.write(&name, text),
            }
        }
    }
}

impl Interceptor {
    fn write(&self, pipeline: &str, text: &mut String) {
        text.push('\n');
        if !self.comment.is_empty() {
            comment(text, &self.comment);
        }
        for remark in &self.remarks {
            comment(text, remark);
        }
        push(text, format_args!("[[pipelines.{pipeline}.interceptors]]\nplugin = {}\n", Item::from(self.plugin)));
        push(text, format_args!("[pipelines.{pipeline}.interceptors.config]\n"));
        for (key, item) in &self.config {
            push(text, format_args!("{} = {}\n", bare_or_quoted(key), item.laid_out()));
        }
    }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// A comment: control characters would end it, or are not allowed in one.
fn comment(text: &mut String, line: &str) {
    let clean: String = line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    push(text, format_args!("# {clean}\n"));
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}
