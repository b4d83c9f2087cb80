//! What an import would do, without doing it.
//!
//! The files are read as for an import, and what they say is combined by the same rules with what
//! the store knows; nothing is written. What is kept meanwhile is each order's parts as bytes, so
//! memory grows with the files, about ten bytes a line.

use std::collections::{HashMap, HashSet};

use base::{Entropy, Error, Result};
use store::Cx;
use store::key::{ANONYMOUS_KEY, Sealer};
use tokio::sync::mpsc;

use super::batch::Batch;
use super::pace::{Pace, ROWS_MAX, Steps};
use super::reader::{self, AHEAD_MAX, Chunk, Opened};
use super::{Progress, Report, Request, session};
use crate::identity::rule::{Graph, Node, group, trust};
use crate::identity::{self, Key, Keyed};
use crate::order::{self, Figures, Sourced, rule};
use crate::record::Identifier;
use crate::{catalog, codec, fold, interaction, profile};

/// Says what an import of the files of `request` would do: into the shop of `cx`, or into a new
/// one when there is none.
///
/// # Errors
/// As an import's before its first row; what a file's own errors are.
pub async fn preview(
    cx: Option<&Cx>,
    request: &Request,
    entropy: &Entropy,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report> {
    let opened = session::open(request).await?;
    let total = opened.iter().map(|(table, ..)| table.progress().1).sum();
    let files: Vec<Opened> = (1..)
        .zip(opened.into_iter().zip(request.files.iter().cloned()))
        .map(|(source, ((table, bound, _), path))| {
            // Sources of the store are positive; those of a preview must not be taken for them.
            Opened { path, table, bound, import: 0, source: -source, skip: 0, part: 0 }
        })
        .collect();
    let sealer = match cx {
        Some(cx) => Sealer::open(&mut cx.read().await?, cx, &[], false).await?,
        None => Sealer::scratch(entropy),
    };
    let mut seen = Seen { cx, sealer: sealer.lend(ANONYMOUS_KEY), ..Seen::new(entropy) };
    let (sender, receiver) = mpsc::channel(AHEAD_MAX);
    let steps = Steps::new(Pace::Fixed(ROWS_MAX));
    let reading = session::blocking(move || reader::read_all(files, &steps, Ok, &sender));
    let (taken, read) = tokio::join!(seen.take_all(receiver, total, progress), reading);
    taken?;
    read?;
    seen.finish()
}

struct Seen<'a> {
    cx: Option<&'a Cx>,
    sealer: Sealer,
    report: Report,
    orders: HashMap<String, Vec<(i64, i64, Vec<u8>)>>,
    products: HashMap<String, i64>,
    people: HashMap<Key, usize>,
    /// Identifiers that facts are labelled by.
    labels: HashSet<usize>,
    graph: Graph,
    /// Hashes of rows that are no order's.
    rows: HashSet<Vec<u8>>,
}

impl Seen<'_> {
    fn new(entropy: &Entropy) -> Self {
        Self {
            cx: None,
            sealer: Sealer::scratch(entropy),
            report: Report::default(),
            orders: HashMap::new(),
            products: HashMap::new(),
            people: HashMap::new(),
            labels: HashSet::new(),
            graph: Graph::default(),
            rows: HashSet::new(),
        }
    }

    async fn take_all(
        &mut self,
        mut chunks: mpsc::Receiver<Chunk<Batch>>,
        bytes_total: u64,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<()> {
        let (mut so_far, mut before) = (Progress { bytes_total, ..Progress::default() }, 0);
        while let Some(chunk) = chunks.recv().await {
            let data = i64::try_from(chunk.rows).unwrap_or(0) - i64::from(chunk.blank);
            let rejected = i64::try_from(chunk.rejects.len()).unwrap_or(0);
            self.report.rows_read += data;
            self.report.rows_rejected += rejected;
            let duplicate = self.take(chunk.batch).await?;
            self.report.rows_duplicate += duplicate;
            self.report.rows_accepted += data - rejected - duplicate;
            so_far.rows += chunk.rows;
            so_far.bytes_done = before + chunk.bytes_done;
            before += if chunk.last { chunk.bytes_done } else { 0 };
            progress(so_far);
        }
        Ok(())
    }

    /// Takes a batch; how many of its rows say nothing new.
    async fn take(&mut self, batch: Batch) -> Result<i64> {
        let mut duplicate = self.other_rows(&batch).await?;
        let products = self.products(&batch).await?;
        let names: Vec<&str> = batch.orders.iter().map(|one| one.external_id.as_str()).collect();
        let mut known = match self.cx {
            Some(cx) => order::parts_of_names(&mut cx.read().await?, &names).await?,
            None => HashMap::new(),
        };
        let place = (batch.source, batch.part);
        for group in batch.orders {
            for head in &group.heads {
                self.person(&head.said.buyer);
            }
            let new = fold::part(group, &products, &self.sealer, |_| None)?;
            let mut all = known.remove(&new.external_id).unwrap_or_default();
            let own = self.orders.entry(new.external_id.clone()).or_default();
            for (source, batch, body) in own.iter() {
                let part = codec::read(body)?;
                all.push(Sourced { source: *source, batch: *batch, part });
            }
            let twice = rule::duplicates(&all, place.0, &new);
            duplicate += i64::try_from(twice).unwrap_or(i64::MAX);
            own.push((place.0, place.1, codec::write(&new.part)?));
        }
        Ok(duplicate)
    }

    /// Product numbers as in the store; numbers below zero for articles that it does not know.
    async fn products(&mut self, batch: &Batch) -> Result<Vec<i64>> {
        let skus = batch.articles.iter().map(|article| article.sku.as_str());
        let unknown: Vec<&str> = skus.filter(|sku| !self.products.contains_key(*sku)).collect();
        if let Some(cx) = self.cx {
            let known = catalog::numbers(&mut cx.read().await?, &unknown).await?;
            self.products.extend(known);
        }
        let number = |article: &catalog::Article| {
            let next = -1 - i64::try_from(self.products.len()).unwrap_or(i64::MAX);
            *self.products.entry(article.sku.clone()).or_insert(next)
        };
        Ok(batch.articles.iter().map(number).collect())
    }

    /// Rows about people, products and what people do: how many say nothing new.
    async fn other_rows(&mut self, batch: &Batch) -> Result<i64> {
        for row in &batch.customers {
            self.person(&row.identifiers);
        }
        for row in &batch.interactions {
            self.person(&row.person);
        }
        let sealer = &self.sealer;
        let mut hashes = Vec::new();
        for row in &batch.customers {
            hashes.push(profile::hash(sealer, row));
        }
        hashes.extend(batch.products.iter().map(|row| catalog::hash(sealer, row)));
        hashes.extend(batch.interactions.iter().map(|row| interaction::hash(sealer, row)));
        let known = match self.cx {
            Some(cx) => known(cx, &hashes).await?,
            None => HashSet::new(),
        };
        let mut duplicate = 0;
        for hash in hashes {
            let twice = known.contains(&hash) || !self.rows.insert(hash);
            duplicate += i64::from(twice);
        }
        Ok(duplicate)
    }

    fn person(&mut self, identifiers: &[Identifier]) {
        let sealer = &self.sealer;
        let row = Keyed::new(sealer, identifiers, |one| identity::key(sealer, one));
        let Some(label) = &row.label else { return };
        let labelling = self.place(label);
        self.labels.insert(labelling);
        for (a, b) in row.links() {
            let link = (self.place(a), self.place(b), base::Time::from_micros(0));
            self.graph.links.push(link);
        }
    }

    /// The place of an identifier in the graph.
    fn place(&mut self, key: &Key) -> usize {
        let next = self.graph.nodes.len();
        let index = *self.people.entry(key.clone()).or_insert(next);
        if index == next {
            self.graph.nodes.push(Node { key: key.clone(), number: None, person: None });
        }
        index
    }

    fn finish(mut self) -> Result<Report> {
        let mut figures = Figures::default();
        for parts in self.orders.into_values() {
            let mut all = Vec::with_capacity(parts.len());
            for (source, batch, body) in parts {
                all.push(Sourced { source, batch, part: codec::read(&body)? });
            }
            figures.count(rule::state(&all).as_ref(), 1);
        }
        self.report.figures = figures;
        let known = |index: &usize| {
            let node = self.graph.nodes.get(*index);
            let named = node.is_some_and(|node| !trust(&node.key.namespace).anonymous);
            named && self.labels.contains(index)
        };
        let people = group(&self.graph).iter().filter(|one| one.iter().any(known)).count();
        self.report.customers = i64::try_from(people).map_err(|_| Error::bad("too many people"))?;
        Ok(self.report)
    }
}

async fn known(cx: &Cx, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    let mut tx = cx.read().await?;
    let mut known = profile::known_hashes(&mut tx, hashes).await?;
    known.extend(catalog::known_hashes(&mut tx, hashes).await?);
    known.extend(interaction::known_hashes(&mut tx, hashes).await?);
    Ok(known)
}
